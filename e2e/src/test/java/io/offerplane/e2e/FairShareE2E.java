package io.offerplane.e2e;

import static io.offerplane.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fabric8.kubernetes.api.model.Quantity;
import io.offerplane.e2e.client.PymesosScheduler;
import io.offerplane.e2e.install.OfferplaneInstallation;
import java.time.Duration;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Queues share by their weights. */
@OfferplaneOnCluster
@Order(50)
final class FairShareE2E {
    private static final double CPUS = 0.1;

    private final OfferplaneInstallation offerplane;

    FairShareE2E(OfferplaneInstallation offerplane) {
        this.offerplane = offerplane;
    }

    @Test
    void twoFrameworksWithEndlessDemandHoldWhatTheirQueuesWeigh() {
        offerplane.apply("""
                apiVersion: offerplane.io/v1alpha1
                kind: Queue
                metadata: {name: light}
                spec: {path: root.light, weight: "1"}
                ---
                apiVersion: offerplane.io/v1alpha1
                kind: Queue
                metadata: {name: heavy}
                spec: {path: root.heavy, weight: "2"}
                """);
        try (PymesosScheduler light = endless("light");
                PymesosScheduler heavy = endless("heavy")) {
            light.awaitTasks(10, "TASK_FINISHED", Duration.ofMinutes(2));
            heavy.awaitTasks(20, "TASK_FINISHED", Duration.ofMinutes(2));

            // From now on tasks stay: once the last short one has ended, what each holds no longer changes.
            light.become("sleep 1000");
            heavy.become("sleep 1000");

            eventually("they hold 1:2 within one task's size, of all that there is", Duration.ofMinutes(2), () -> {
                double lightHolds = light.tasksIn("TASK_RUNNING").size() * CPUS;
                double heavyHolds = heavy.tasksIn("TASK_RUNNING").size() * CPUS;
                double all = lightHolds + heavyHolds;
                assertThat(all)
                        .as("nothing lies idle but what is too small for a task on each node")
                        .isGreaterThan(claimedCpus() - OfferplaneOnCluster.NODES * CPUS);
                // light's fair share is 1/3 of all, heavy's 2/3
                assertThat(lightHolds).isCloseTo(all / 3, within(CPUS));
                assertThat(heavyHolds).isCloseTo(all * 2 / 3, within(CPUS));
            });
        } finally {
            offerplane.delete("queues.offerplane.io", "light");
            offerplane.delete("queues.offerplane.io", "heavy");
        }
    }

    private PymesosScheduler endless(String role) {
        return PymesosScheduler.framework(offerplane.master(), "endless-" + role)
                .tasks(0, CPUS, 32, "sleep 0.$((RANDOM % 9))5; sleep 1")
                .with("--role", role)
                // One task an offer, and the rest of it back at once, so that the allocator decides about each task.
                .with("--per-offer", "1", "--refuse-seconds", "0", "--stay")
                .start();
    }

    private double claimedCpus() {
        return offerplane.agents().values().stream()
                .mapToDouble(agent -> Quantity.getAmountInBytes(new Quantity(
                                agent.at("/status/claim/granted/cpu").asText()))
                        .doubleValue())
                .sum();
    }
}
