package io.offerplane.e2e;

import static io.offerplane.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.offerplane.e2e.client.JournalEntry;
import io.offerplane.e2e.client.PymesosScheduler;
import io.offerplane.e2e.install.KernelLimits;
import io.offerplane.e2e.install.OfferplaneInstallation;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** The main job: an unmodified framework's tasks run on the nodes, within limits that the kernel holds. */
@OfferplaneOnCluster
@Order(20)
final class ManyTasksE2E {
    private static final Duration SOON = Duration.ofSeconds(90);

    private final OfferplaneInstallation offerplane;

    ManyTasksE2E(OfferplaneInstallation offerplane) {
        this.offerplane = offerplane;
    }

    private PymesosScheduler.Options framework(String name) {
        return PymesosScheduler.framework(offerplane.master(), name);
    }

    @Test
    void tasksLandOnBothNodesAndTheKernelHoldsThemToWhatWasAccepted() {
        double cpus = 0.25;
        double megabytes = 96;
        try (PymesosScheduler framework = framework("two-nodes")
                .tasks(4, cpus, megabytes, "sleep 1000")
                .with("--stay", "--per-offer", "2")
                .start()) {
            Set<String> tasks = framework.awaitTasks(4, "TASK_RUNNING", SOON);
            Map<String, String> nodes = nodesByAgent();
            Set<String> nodesUsed = new HashSet<>();

            for (String task : tasks) {
                JournalEntry running = running(framework, task);
                String node = nodes.get(running.text("/status/agent_id/value"));
                nodesUsed.add(node);
                String podUid = offerplane.claimPod(node).at("/metadata/uid").asText();

                KernelLimits limits =
                        offerplane.kernelLimits(node, running.text("/status/container_status/container_id/value"));

                assertThat(limits.cgroup().replace('_', '-'))
                        .as("it runs within the claim")
                        .contains("pod" + podUid);
                assertThat(limits.memoryBytes()).hasValue((long) megabytes << 20);
                // 0.25 cpus * 1024; version 2's weights are coarser than shares by a factor of 26.
                assertThat(limits.cpuShares()).isBetween(256L - 26, 256L + 26);
                assertThat(limits.processes()).isNotEmpty();
            }
            assertThat(nodesUsed).isEqualTo(offerplane.nodes().keySet());

            framework.killAll();
            framework.awaitTasks(4, "TASK_KILLED", SOON);
            for (String task : tasks) {
                JournalEntry running = running(framework, task);
                String node = nodes.get(running.text("/status/agent_id/value"));
                eventually("the kernel has forgotten " + task, Duration.ofSeconds(30), () -> assertThat(offerplane
                                .onNode(
                                        node,
                                        "find /sys/fs/cgroup -type d -name '"
                                                + running.text("/status/container_status/container_id/value") + "'")
                                .output())
                        .isEmpty());
            }
        }
    }

    @Test
    void aTaskOverItsMemoryLimitIsReportedWithLimitAndPeak() {
        // tail keeps all of a line that never ends.
        try (PymesosScheduler framework = framework("over-limit")
                .tasks(1, 0.2, 64, "tail /dev/zero")
                .with("--stay")
                .start()) {
            JournalEntry failed = framework.await(
                    "the task is ended",
                    SOON,
                    entry -> entry.is("update") && PymesosScheduler.isTerminal(entry.state()));

            assertThat(failed.state()).isEqualTo("TASK_FAILED");
            assertThat(failed.text("/status/reason")).isEqualTo("REASON_CONTAINER_LIMITATION_MEMORY");
            assertThat(failed.text("/status/source")).isEqualTo("SOURCE_AGENT");
            assertThat(failed.text("/status/message"))
                    .startsWith("Memory limit exceeded: Requested: 64MB Maximum Used: 6");
            JsonNode limitation = failed.line().at("/status/limitation/resources/0");
            assertThat(limitation.path("name").asText()).isEqualTo("mem");
            assertThat(limitation.at("/scalar/value").asDouble()).isBetween(60.0, 64.1);
        }
    }

    @Test
    void aTaskGetsItsEnvironmentItsArtifactAndItsSandbox() {
        try (PymesosScheduler framework = framework("furnished")
                .tasks(
                        1,
                        0.1,
                        32,
                        "test \"$GREETING\" = hello && test -s version && test -n \"$MESOS_SANDBOX\" && echo well > kept && test -s \"$MESOS_SANDBOX/kept\"")
                .with("--env", "GREETING=hello")
                .with("--uri", "http://" + offerplane.master() + "/version")
                .start()) {
            // The artifact is called as the last part of its address.
            JsonNode summary = framework.awaitEnd(SOON);
            assertThat(summary.at("/latest").toString()).isEqualTo("{\"TASK_FINISHED\":1}");
        }
    }

    @Test
    void aThousandShortTasksAllFinishExactlyOnce() {
        int count = 1000;
        try (PymesosScheduler framework = framework("thousand")
                .tasks(count, 0.05, 32, "true")
                .with("--refuse-seconds", "0")
                .with("--limit", "900")
                .start()) {
            JsonNode summary = framework.awaitEnd(Duration.ofMinutes(16));

            assertThat(framework.launched()).hasSize(count).doesNotHaveDuplicates();
            assertThat(framework.tasksIn("TASK_FINISHED")).as("%s", summary).hasSize(count);
            Map<String, Integer> ends = new LinkedHashMap<>();
            framework.updates().stream()
                    .filter(update -> PymesosScheduler.isTerminal(update.state()) && !update.repeated())
                    .forEach(update -> ends.merge(update.taskId(), 1, Integer::sum));
            assertThat(ends).as("ends of each task").hasSize(count);
            assertThat(ends.values()).as("nothing ends twice").containsOnly(1);
            assertThat(summary.at("/per_agent")).as("both nodes took part").hasSize(OfferplaneOnCluster.NODES);
        }
    }

    private static JournalEntry running(PymesosScheduler framework, String task) {
        List<JournalEntry> running = framework.updates(task).stream()
                .filter(update -> update.state().equals("TASK_RUNNING"))
                .toList();
        assertThat(running).as("TASK_RUNNING of %s", task).isNotEmpty();
        return running.getFirst();
    }

    private Map<String, String> nodesByAgent() {
        Map<String, String> nodes = new LinkedHashMap<>();
        offerplane
                .agents()
                .forEach((node, agent) -> nodes.put(agent.at("/status/agentId").asText(), node));
        return nodes;
    }
}
