package io.offerplane.mesos;

import io.offerplane.engine.Effect;
import io.offerplane.engine.task.StatusReason;
import io.offerplane.engine.task.TaskState;
import io.offerplane.mesos.http.HttpCounters;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What the gateway has counted since it started, for telemetry and {@code /metrics/snapshot}. Names are bounded: Mesos' call and
 * event types, states and reasons. Safe for any thread.
 */
public final class GatewayMetrics {
    private final HttpCounters http = new HttpCounters();
    private final Map<String, LongAdder> calls = new ConcurrentSkipListMap<>();
    private final Map<String, LongAdder> events = new ConcurrentSkipListMap<>();
    private final Map<String, LongAdder> taskEnds = new ConcurrentSkipListMap<>();
    private final Map<String, LongAdder> taskReasons = new ConcurrentSkipListMap<>();
    private final LongAdder refusedCalls = new LongAdder();
    private final LongAdder busy = new LongAdder();

    /** Of the wire. */
    public HttpCounters http() {
        return http;
    }

    /** Valid scheduler calls by Mesos' name, such as {@code ACCEPT}. */
    public Map<String, LongAdder> calls() {
        return calls;
    }

    /** Events sent to frameworks by Mesos' name, such as {@code OFFERS}. */
    public Map<String, LongAdder> events() {
        return events;
    }

    /** Tasks that reached a terminal state, by the state's name. */
    public Map<String, LongAdder> taskEnds() {
        return taskEnds;
    }

    /** Tasks that reached a state for a reason, by Mesos' metric name, such as {@code task_failed/reason_executor_terminated}. */
    public Map<String, LongAdder> taskReasons() {
        return taskReasons;
    }

    /** Scheduler calls answered with a 4xx. */
    public LongAdder refusedCalls() {
        return refusedCalls;
    }

    /** Calls answered 503 because the engine's queue was full. */
    public LongAdder busy() {
        return busy;
    }

    public static long count(Map<String, LongAdder> counters, String name) {
        LongAdder counter = counters.get(name);
        return counter == null ? 0 : counter.sum();
    }

    void called(String type) {
        increment(calls, type);
    }

    void sent(String type) {
        increment(events, type);
    }

    void observe(Effect.Notice notice) {
        if (notice instanceof Effect.TaskTransition transition) {
            TaskState state = transition.to();
            if (state.isTerminal()) {
                increment(taskEnds, state.name());
            }
            transition.reason().ifPresent(reason -> increment(taskReasons, metric(state, reason)));
        }
    }

    private static String metric(TaskState state, StatusReason reason) {
        return ("task_" + state.name() + "/reason_" + reason.name()).toLowerCase(java.util.Locale.ROOT);
    }

    private static void increment(Map<String, LongAdder> counters, String name) {
        counters.computeIfAbsent(name, n -> new LongAdder()).increment();
    }
}
