package io.offerplane.e2e;

import static io.offerplane.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.offerplane.e2e.client.JournalEntry;
import io.offerplane.e2e.client.PymesosScheduler;
import io.offerplane.e2e.install.OfferplaneInstallation;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Tasks outlive the shim: its crash, its pod, and its upgrade. */
@OfferplaneOnCluster
@Order(80)
final class ShimRestartE2E {
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final String SHIM = "io.offerplane.shim.Main";

    private final OfferplaneInstallation offerplane;

    ShimRestartE2E(OfferplaneInstallation offerplane) {
        this.offerplane = offerplane;
    }

    @Test
    void fiftyTasksOutliveTheShimsProcess() {
        int count = 50;
        try (PymesosScheduler framework = PymesosScheduler.framework(offerplane.master(), "fifty")
                .tasks(count, 0.02, 32, "sleep 1000")
                .with("--stay", "--per-offer", "25", "--kill-grace", "5")
                .start()) {
            Set<String> tasks = framework.awaitTasks(count, "TASK_RUNNING", SOON);
            Map<String, Set<Long>> before = processesByContainer(framework, tasks);

            offerplane.nodes().keySet().forEach(node -> offerplane.killProcess(offerplane.shimPod(node), SHIM));

            awaitShimsAfter(framework);
            assertThat(processesByContainer(framework, tasks))
                    .as("the very same processes run on")
                    .isEqualTo(before);
            assertThat(framework.tasksIn("TASK_RUNNING")).isEqualTo(tasks);

            // All later updates arrive: of tasks that are killed now, and of new ones.
            framework.killAll();
            assertThat(framework.awaitTasks(count, "TASK_KILLED", SOON)).isEqualTo(tasks);
            assertThat(endsOf(framework, tasks)).as("each told once").hasSize(count);
        }
    }

    @Test
    void aTaskThatEndsWhileTheShimIsAwayIsReportedWhenItIsBack() {
        String node = offerplane.nodes().keySet().iterator().next();
        String agentId = offerplane.agents().get(node).at("/status/agentId").asText();
        try (PymesosScheduler framework = PymesosScheduler.framework(offerplane.master(), "unwatched")
                .tasks(10, 0.02, 32, "sleep 6; exit $(( {n} % 2 ))")
                .with("--stay")
                .start()) {
            Set<String> tasks = framework.awaitTasks(10, "TASK_RUNNING", SOON);
            assertThat(agentId).isNotEmpty();

            offerplane.nodes().keySet().forEach(each -> offerplane.killProcess(offerplane.shimPod(each), SHIM));

            eventually("all ends are reported, with their outcome", SOON, () -> {
                Map<String, String> latest = framework.latestStates();
                for (String task : tasks) {
                    boolean odd = Integer.parseInt(task.substring(task.lastIndexOf('-') + 1)) % 2 == 1;
                    assertThat(latest.get(task)).as(task).isEqualTo(odd ? "TASK_FAILED" : "TASK_FINISHED");
                }
            });
            assertThat(endsOf(framework, tasks)).hasSize(10);
        }
    }

    @Test
    void tasksOutliveTheShimsPod() {
        try (PymesosScheduler framework = PymesosScheduler.framework(offerplane.master(), "pod-gone")
                .tasks(10, 0.05, 32, "sleep 1000")
                .with("--stay", "--per-offer", "5", "--kill-grace", "5")
                .start()) {
            Set<String> tasks = framework.awaitTasks(10, "TASK_RUNNING", SOON);
            Map<String, Set<Long>> before = processesByContainer(framework, tasks);

            for (String node : offerplane.nodes().keySet()) {
                offerplane.kubectl(
                        "delete",
                        "pod",
                        offerplane.shimPod(node).at("/metadata/name").asText(),
                        "--wait");
            }

            awaitShimsAfter(framework);
            assertThat(processesByContainer(framework, tasks)).isEqualTo(before);
            framework.killAll();
            assertThat(framework.awaitTasks(10, "TASK_KILLED", SOON)).isEqualTo(tasks);
        }
    }

    /** The shims are back when both agents are Active and a new task runs on each. */
    private void awaitShimsAfter(PymesosScheduler framework) {
        offerplane
                .nodes()
                .keySet()
                .forEach(node -> eventually("the shim of " + node + " is back", SOON, () -> {
                    JsonNode pod = offerplane.shimPod(node);
                    assertThat(pod.at("/status/containerStatuses/0/ready").asBoolean())
                            .isTrue();
                }));
        offerplane.awaitAgents(OfferplaneOnCluster.NODES);
        try (PymesosScheduler probe = PymesosScheduler.framework(offerplane.master(), "probe")
                .tasks(2, 0.05, 32, "true")
                .with("--per-offer", "1")
                .start()) {
            assertThat(probe.awaitEnd(SOON).at("/latest").toString()).isEqualTo("{\"TASK_FINISHED\":2}");
        }
        assertThat(framework.entries("error")).isEmpty();
    }

    private Map<String, Set<Long>> processesByContainer(PymesosScheduler framework, Set<String> tasks) {
        Map<String, String> nodes = new LinkedHashMap<>();
        offerplane
                .agents()
                .forEach((node, agent) -> nodes.put(agent.at("/status/agentId").asText(), node));
        Map<String, Set<Long>> processes = new LinkedHashMap<>();
        // One look at each node: fifty would take their time.
        nodes.forEach((agentId, node) -> {
            List<String> containers = framework.updates().stream()
                    .filter(update -> update.state().equals("TASK_RUNNING") && tasks.contains(update.taskId()))
                    .filter(update -> update.text("/status/agent_id/value").equals(agentId))
                    .map(update -> update.text("/status/container_status/container_id/value"))
                    // The master's own word about a task, such as after an agent's return, names no container.
                    .filter(container -> !container.isEmpty())
                    .distinct()
                    .toList();
            String lines = offerplane
                    .onNode(
                            node,
                            "for c in " + String.join(" ", containers)
                                    + "; do for p in $(find /sys/fs/cgroup -type d -name \"$c\" -exec find {} -name cgroup.procs \\;"
                                    + " | xargs -r grep -h .); do echo \"$c $p\"; done; done")
                    .output();
            containers.forEach(container -> processes.put(container, new HashSet<>()));
            lines.lines()
                    .map(line -> line.split(" ", -1))
                    .forEach(words -> processes.get(words[0]).add(Long.valueOf(words[1])));
        });
        assertThat(processes).hasSize(tasks.size());
        assertThat(processes.values()).as("every task has a process").noneMatch(Set::isEmpty);
        return processes;
    }

    private static List<JournalEntry> endsOf(PymesosScheduler framework, Set<String> tasks) {
        return framework.updates().stream()
                .filter(update -> tasks.contains(update.taskId()))
                .filter(update -> PymesosScheduler.isTerminal(update.state()) && !update.repeated())
                .toList();
    }
}
