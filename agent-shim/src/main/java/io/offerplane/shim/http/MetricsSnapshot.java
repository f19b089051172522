package io.offerplane.shim.http;

import io.offerplane.shim.Agent;
import io.offerplane.shim.executor.Executors;
import io.offerplane.shim.task.HeldTasks;
import io.offerplane.shim.task.Sandboxes;
import io.offerplane.shim.task.TaskStatuses;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Mesos' agent metrics, as far as what they count exists here. Counters begin with the shim's process. */
final class MetricsSnapshot {

    private static final Logger log = LoggerFactory.getLogger(MetricsSnapshot.class);

    private static final List<TaskState> LIVING =
            List.of(TaskState.TASK_STAGING, TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_KILLING);

    private static final List<TaskState> ENDED = List.of(
            TaskState.TASK_FINISHED,
            TaskState.TASK_FAILED,
            TaskState.TASK_KILLED,
            TaskState.TASK_LOST,
            TaskState.TASK_GONE);

    private final Agent agent;
    private final SystemFigures system;
    private final Clock clock;

    MetricsSnapshot(Agent agent, SystemFigures system, Clock clock) {
        this.agent = agent;
        this.system = system;
        this.clock = clock;
    }

    /** By name, in order. */
    Map<String, Double> values() {
        Map<String, Double> values = new TreeMap<>();
        HeldFrameworks held = HeldFrameworks.of(agent);
        values.put("slave/registered", agent.isRegistered() ? 1.0 : 0.0);
        values.put("slave/uptime_secs", (clock.millis() - agent.startedMillis()) / 1000.0);
        values.put("slave/frameworks_active", (double) held.live().size());
        tasks(values);
        executors(values, held);
        resources(
                values,
                AgentResources.of(agent.claim(), agent.oversubscription().resources(), held));
        sandboxes(values);
        system.values().forEach((name, value) -> values.put("system/" + name, value));
        return values;
    }

    private void tasks(Map<String, Double> values) {
        List<HeldTasks.View> views = agent.tasks().views();
        for (TaskState state : LIVING) {
            values.put(name(state), (double)
                    views.stream().filter(view -> view.state() == state).count());
        }
        long updates = 0;
        for (TaskState state : TaskState.values()) {
            updates += agent.tasks().streams().taken(state);
        }
        for (TaskState state : ENDED) {
            values.put(name(state), (double) agent.tasks().streams().taken(state));
        }
        values.put("slave/valid_status_updates", (double) updates);
    }

    private static String name(TaskState state) {
        return "slave/tasks_" + state.name().substring("TASK_".length()).toLowerCase(Locale.ROOT);
    }

    /** A command task counts as its executor, which runs as long as it does. */
    private void executors(Map<String, Double> values, HeldFrameworks held) {
        Map<Executors.Stage, Double> stages = new TreeMap<>();
        for (Executors.Stage stage : Executors.Stage.values()) {
            stages.put(stage, 0.0);
        }
        agent.executors().views().forEach(executor -> stages.merge(executor.stage(), 1.0, Double::sum));
        for (HeldFrameworks.Executor executor : held.executors()) {
            if (!executor.isCustom()) {
                Stream.concat(executor.queued().stream(), executor.launched().stream())
                        .filter(task -> !TaskStatuses.isTerminal(task.state()))
                        .forEach(task -> stages.merge(
                                task.state() == TaskState.TASK_STAGING
                                        ? Executors.Stage.REGISTERING
                                        : Executors.Stage.RUNNING,
                                1.0,
                                Double::sum));
            }
        }
        values.put(
                "slave/executors_preempted", (double) agent.oversubscription().preempted());
        stages.forEach(
                (stage, count) -> values.put("slave/executors_" + stage.name().toLowerCase(Locale.ROOT), count));
    }

    private static void resources(Map<String, Double> values, AgentResources resources) {
        for (String name : List.of("cpus", "gpus", "mem", "disk")) {
            for (boolean revocable : new boolean[] {false, true}) {
                double total = sum(resources.total(), name, revocable);
                double used = sum(resources.allocated(), name, revocable);
                String prefix = "slave/" + name + (revocable ? "_revocable_" : "_");
                values.put(prefix + "total", total);
                values.put(prefix + "used", used);
                values.put(prefix + "percent", total <= 0 ? 0.0 : used / total);
            }
        }
    }

    private static double sum(List<Resource> resources, String name, boolean revocable) {
        return AgentResources.sum(resources.stream().filter(resource -> resource.hasRevocable() == revocable), name);
    }

    private void sandboxes(Map<String, Double> values) {
        Sandboxes.Collected collected = agent.sandboxes().collected();
        values.put("gc/path_removals_pending", (double) collected.waiting());
        values.put("gc/path_removals_succeeded", (double) collected.removed());
        values.put("gc/path_removals_failed", (double) collected.failed());
        try {
            values.put(
                    "slave/executor_directory_max_allowed_age_secs",
                    agent.sandboxes().maxAge().toMillis() / 1000.0);
        } catch (IOException e) {
            log.debug("Cannot measure the disk", e);
        }
    }

    /** {@code /metrics/snapshot}. */
    byte[] page() {
        return Json.object(json -> {
            for (var value : values().entrySet()) {
                Json.number(json, value.getKey(), value.getValue());
            }
        });
    }
}
