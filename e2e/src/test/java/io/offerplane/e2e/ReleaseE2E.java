package io.offerplane.e2e;

import static io.offerplane.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.offerplane.e2e.client.PymesosScheduler;
import io.offerplane.e2e.cluster.CommandLine;
import io.offerplane.e2e.install.OfferplaneInstallation;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** The release's life: its own test, upgrade, rollback, and an end that leaves nothing stuck. The last of all classes. */
@OfferplaneOnCluster
@Order(100)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ReleaseE2E {
    private static final Duration SOON = Duration.ofMinutes(3);

    private final OfferplaneInstallation offerplane;

    ReleaseE2E(OfferplaneInstallation offerplane) {
        this.offerplane = offerplane;
    }

    @Test
    @Order(1)
    void helmTestRunsAMesosTask() {
        String said =
                helm("test", OfferplaneInstallation.RELEASE, "--timeout", "4m").output();

        assertThat(said).contains("Succeeded");
    }

    @Test
    @Order(2)
    void upgradeAndRollbackKeepTasksRunning() {
        try (PymesosScheduler framework = PymesosScheduler.framework(offerplane.master(), "upgraded")
                .tasks(4, 0.05, 32, "sleep 1000")
                .with("--stay", "--per-offer", "2", "--failover-timeout", "600", "--limit", "1200")
                .start()) {
            Set<String> tasks = framework.awaitTasks(4, "TASK_RUNNING", SOON);

            offerplane.helmUpgrade("--set", "operator.podAnnotations.upgrade=one,operator.logLevel=DEBUG");
            offerplane.awaitAgents(OfferplaneOnCluster.NODES);
            assertStillRunning(framework, tasks);

            helm("rollback", OfferplaneInstallation.RELEASE, "--wait", "--timeout", "5m")
                    .output();
            offerplane.awaitAgents(OfferplaneOnCluster.NODES);
            assertStillRunning(framework, tasks);
        }
    }

    private void assertStillRunning(PymesosScheduler framework, Set<String> tasks) {
        int seen = framework.journal().size();
        eventually("the framework hears of its tasks", SOON, () -> {
            framework.reconcile();
            assertThat(framework.journal().stream()
                            .skip(seen)
                            .filter(entry -> entry.is("update"))
                            .filter(entry -> entry.state().equals("TASK_RUNNING"))
                            .map(entry -> entry.taskId())
                            .collect(Collectors.toSet()))
                    .containsAll(tasks);
        });
        assertThat(framework.endedTasks()).isZero();
    }

    @Test
    @Order(3)
    void uninstallLeavesNothingStuck() {
        try (PymesosScheduler framework = PymesosScheduler.framework(offerplane.master(), "left-behind")
                .tasks(2, 0.05, 32, "sleep 1000")
                .with("--stay")
                .start()) {
            framework.awaitTasks(2, "TASK_RUNNING", SOON);

            offerplane.uninstall();

            framework.crash();
        }
        eventually("no pod is left", SOON, () -> assertThat(offerplane.list("pods"))
                .extracting(pod -> pod.at("/metadata/namespace").asText() + "/"
                        + pod.at("/metadata/name").asText())
                .noneMatch(name -> name.startsWith(OfferplaneInstallation.NAMESPACE + "/")));
        for (String kind : new String[] {"daemonsets", "deployments", "services", "poddisruptionbudgets"}) {
            assertThat(offerplane.list(kind)).as(kind).noneMatch(object -> object.at("/metadata/namespace")
                    .asText()
                    .equals(OfferplaneInstallation.NAMESPACE));
        }
        // The definitions stay, so that a user's objects survive; whatever is left can be deleted without anyone's
        // help.
        for (String kind : new String[] {"tasks", "frameworks", "agents", "queues", "agentpools"}) {
            offerplane
                    .cluster()
                    .kubectl("delete", kind + ".offerplane.io", "--all", "--all-namespaces", "--wait", "--timeout=5m")
                    // kubectl paces itself, and the whole suite has left its frameworks behind.
                    .within(Duration.ofMinutes(6))
                    .output();
        }
        offerplane
                .cluster()
                .kubectl("delete", "namespace", OfferplaneInstallation.NAMESPACE, "--wait", "--timeout=60s")
                .output();
        for (JsonNode node : offerplane.nodes().values()) {
            assertThat(node.path("metadata").toString())
                    .as("labels and taints of ours")
                    .doesNotContain("offerplane.io");
        }
    }

    private CommandLine helm(String... words) {
        return offerplane
                .cluster()
                .helm(words)
                .and("--namespace", OfferplaneInstallation.NAMESPACE)
                .within(Duration.ofMinutes(6));
    }
}
