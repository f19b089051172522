package io.offerplane.mesos.master;

import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.task.TaskState;
import io.offerplane.engine.view.EngineView;
import io.offerplane.engine.view.EngineView.AgentView;
import io.offerplane.engine.view.EngineView.FrameworkView;
import io.offerplane.mesos.GatewayMetrics;
import io.offerplane.mesos.Leadership;
import io.offerplane.mesos.MasterIdentity;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The numbers of {@code /metrics/snapshot}, by the names that people chart. Safe for any thread. */
final class MetricsSnapshot {
    /** Mesos' counters of messages, by the call that they count. */
    private static final Map<String, String> MESSAGES = Map.ofEntries(
            Map.entry("messages_register_framework", "SUBSCRIBE"),
            Map.entry("messages_unregister_framework", "TEARDOWN"),
            Map.entry("messages_launch_tasks", "ACCEPT"),
            Map.entry("messages_decline_offers", "DECLINE"),
            Map.entry("messages_revive_offers", "REVIVE"),
            Map.entry("messages_suppress_offers", "SUPPRESS"),
            Map.entry("messages_kill_task", "KILL"),
            Map.entry("messages_status_update_acknowledgement", "ACKNOWLEDGE"),
            Map.entry("messages_reconcile_tasks", "RECONCILE"),
            Map.entry("messages_reconcile_operations", "RECONCILE_OPERATIONS"),
            Map.entry("messages_framework_to_executor", "MESSAGE"),
            Map.entry("messages_resource_request", "REQUEST"));

    private final Supplier<MasterIdentity> identity;
    private final Leadership leadership;
    private final GatewayMetrics metrics;

    MetricsSnapshot(Supplier<MasterIdentity> identity, Leadership leadership, GatewayMetrics metrics) {
        this.identity = identity;
        this.leadership = leadership;
        this.metrics = metrics;
    }

    /** @param view empty on a replica that doesn't lead, which knows of no agents */
    Map<String, Double> values(Optional<EngineView> view) {
        Map<String, Double> values = new TreeMap<>();
        values.put("master/elected", leadership.isLeader() ? 1.0 : 0.0);
        values.put(
                "master/uptime_secs",
                Duration.between(identity.get().started(), Instant.now()).toMillis() / 1000.0);
        MESSAGES.forEach(
                (name, call) -> values.put("master/" + name, (double) GatewayMetrics.count(metrics.calls(), call)));
        double updates = GatewayMetrics.count(metrics.events(), "UPDATE");
        values.put("master/messages_status_update", updates);
        values.put("master/valid_status_updates", updates);
        values.put("master/dropped_messages", (double) metrics.refusedCalls().sum());
        values.put("master/event_queue_messages", 0.0);
        values.put("master/event_queue_dispatches", 0.0);
        values.put("master/event_queue_http_requests", 0.0);
        for (TaskState state : TaskState.values()) {
            if (state.isTerminal()) {
                values.put("master/tasks_" + lower(state), (double)
                        GatewayMetrics.count(metrics.taskEnds(), state.name()));
            }
        }
        metrics.taskReasons().forEach((name, count) -> values.put("master/" + name, (double) count.sum()));
        view.ifPresent(seen -> ofView(seen, values));
        system(values);
        return values;
    }

    private static void ofView(EngineView view, Map<String, Double> values) {
        Resources total = Resources.EMPTY;
        Resources used = Resources.EMPTY;
        for (AgentView agent : view.agents()) {
            if (StateJson.isRegistered(agent)) {
                total = total.plus(agent.total());
                used = used.plus(agent.allocated());
            }
        }
        for (String name : List.of("cpus", "gpus", "mem", "disk")) {
            putShare(name, "", total.nonRevocable(), used.nonRevocable(), values);
            putShare(name, "_revocable", total.revocable(), used.revocable(), values);
        }
        agents(view, values);
        frameworks(view, values);
        view.roles()
                .forEach(role ->
                        values.put("allocator/mesos/roles/" + role.role().value() + "/shares/dominant", role.share()));
    }

    private static void putShare(
            String name, String kind, Resources total, Resources used, Map<String, Double> values) {
        double all = total.scalars().get(name).units();
        double taken = used.scalars().get(name).units();
        values.put("master/" + name + kind + "_total", all);
        values.put("master/" + name + kind + "_used", taken);
        values.put("master/" + name + kind + "_percent", all == 0 ? 0 : taken / all);
    }

    private static void agents(EngineView view, Map<String, Double> values) {
        double active = 0;
        double connected = 0;
        double registered = 0;
        double unreachable = 0;
        double reregistrations = 0;
        double registrations = 0;
        for (AgentView agent : view.agents()) {
            registrations += agent.registered().isPresent() ? 1 : 0;
            reregistrations += agent.reregistered().isPresent() ? 1 : 0;
            active += StateJson.isActive(agent) ? 1 : 0;
            connected += agent.phase() == AgentView.Phase.CONNECTED ? 1 : 0;
            registered += StateJson.isRegistered(agent) ? 1 : 0;
            unreachable += agent.phase() == AgentView.Phase.UNREACHABLE ? 1 : 0;
        }
        // Of the agents that are known now, the last of each: more is not counted.
        values.put("master/slave_registrations", registrations);
        values.put("master/slave_reregistrations", reregistrations);
        values.put("master/slaves_active", active);
        values.put("master/slaves_inactive", registered - active);
        values.put("master/slaves_connected", connected);
        values.put("master/slaves_disconnected", registered - connected);
        values.put("master/slaves_unreachable", unreachable);
    }

    private static void frameworks(EngineView view, Map<String, Double> values) {
        double active = 0;
        double connected = 0;
        double offers = 0;
        Map<TaskState, Integer> tasks = new java.util.EnumMap<>(TaskState.class);
        for (FrameworkView framework : view.frameworks()) {
            active += framework.active() ? 1 : 0;
            connected += framework.connected() ? 1 : 0;
            offers += framework.offers().size();
            EngineView.countByState(framework.tasks())
                    .forEach((state, count) -> tasks.merge(state, count, Integer::sum));
            EngineView.countByState(framework.unreachableTasks())
                    .forEach((state, count) -> tasks.merge(state, count, Integer::sum));
        }
        double all = view.frameworks().size();
        values.put("master/frameworks_active", active);
        values.put("master/frameworks_inactive", all - active);
        values.put("master/frameworks_connected", connected);
        values.put("master/frameworks_disconnected", all - connected);
        values.put("master/outstanding_offers", offers);
        for (TaskState state : List.of(
                TaskState.STAGING, TaskState.STARTING, TaskState.RUNNING, TaskState.KILLING, TaskState.UNREACHABLE)) {
            values.put("master/tasks_" + lower(state), (double) tasks.getOrDefault(state, 0));
        }
    }

    private static void system(Map<String, Double> values) {
        OperatingSystemMXBean system = ManagementFactory.getOperatingSystemMXBean();
        values.put("system/cpus_total", (double) system.getAvailableProcessors());
        values.put("system/load_1min", Math.max(0, system.getSystemLoadAverage()));
        if (system instanceof com.sun.management.OperatingSystemMXBean memory) {
            values.put("system/mem_total_bytes", (double) memory.getTotalMemorySize());
            values.put("system/mem_free_bytes", (double) memory.getFreeMemorySize());
        }
    }

    private static String lower(TaskState state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
