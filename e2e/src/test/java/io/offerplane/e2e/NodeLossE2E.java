package io.offerplane.e2e;

import static io.offerplane.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.offerplane.e2e.client.JournalEntry;
import io.offerplane.e2e.client.PymesosScheduler;
import io.offerplane.e2e.cluster.TestCluster.Power;
import io.offerplane.e2e.install.OfferplaneInstallation;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A node that loses its power is given up after its timeout, and is welcome when it comes back. */
@OfferplaneOnCluster
@Order(90)
@Tag("burn-in")
final class NodeLossE2E {
    private static final Duration LONG = Duration.ofMinutes(4);

    private final OfferplaneInstallation offerplane;

    NodeLossE2E(OfferplaneInstallation offerplane) {
        this.offerplane = offerplane;
    }

    @Test
    void aNodeWithoutPowerBecomesUnreachableAndReturns() {
        Power power = offerplane.cluster().power();
        assumeTrue(power instanceof Power.Switchable, "this cluster's nodes cannot be switched off");
        Power.Switchable switches = (Power.Switchable) power;
        String lost = List.copyOf(offerplane.nodes().keySet()).getLast();
        String lostAgent = offerplane.agents().get(lost).at("/status/agentId").asText();
        try (PymesosScheduler framework = PymesosScheduler.framework(offerplane.master(), "aware")
                .tasks(6, 0.1, 32, "sleep 1000")
                .with("--stay", "--per-offer", "3", "--failover-timeout", "300")
                .with("--capability", "PARTITION_AWARE")
                .start()) {
            Set<String> tasks = framework.awaitTasks(6, "TASK_RUNNING", LONG);
            Set<String> onLost = framework.updates().stream()
                    .filter(update -> update.text("/status/agent_id/value").equals(lostAgent))
                    .map(JournalEntry::taskId)
                    .collect(Collectors.toSet());
            assertThat(onLost).isNotEmpty();

            switches.kill(lost);
            try {
                eventually("the agent is Unreachable", LONG, () -> assertThat(offerplane
                                .agents()
                                .get(lost)
                                .at("/status/phase")
                                .asText())
                        .isEqualTo("Unreachable"));
                assertThat(framework.awaitTasks(onLost.size(), "TASK_UNREACHABLE", LONG))
                        .isEqualTo(onLost);
                assertThat(framework.tasksIn("TASK_RUNNING"))
                        .as("tasks on the other node run on")
                        .hasSize(tasks.size() - onLost.size());
            } finally {
                switches.start(lost);
            }

            offerplane.awaitAgents(OfferplaneOnCluster.NODES);
            eventually("its tasks are known to have ended", LONG, () -> assertThat(framework.latestStates())
                    .allSatisfy((task, state) -> assertThat(PymesosScheduler.isTerminal(state))
                            .as("%s of %s", state, task)
                            .isEqualTo(onLost.contains(task))));
            double back = System.currentTimeMillis() / 1000.0;
            framework.await(
                    "the node is offered again",
                    LONG,
                    entry -> entry.is("offer") && entry.agentId().equals(lostAgent) && entry.at() > back);
        }
    }
}
