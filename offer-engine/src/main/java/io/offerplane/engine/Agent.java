package io.offerplane.engine;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.task.ExecutorId;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.view.EngineView.AgentView.Phase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An agent as the engine knows it, with all that is on it. */
final class Agent {
    record TaskKey(FrameworkId framework, TaskId task) {}

    record ExecutorKey(FrameworkId framework, ExecutorId executor) {}

    final AgentId id;

    /** Its place in the order of arrival, from which the shuffle of every cycle starts. */
    final int ordinal;

    final AgentLedger ledger = new AgentLedger();
    final Map<TaskKey, Task> tasks = new LinkedHashMap<>();

    /** Those that it had when it was given up; empty unless it is unreachable. */
    final Map<TaskKey, Task> unreachableTasks = new LinkedHashMap<>();

    final Map<ExecutorKey, Executor> executors = new LinkedHashMap<>();

    /** Oldest first. */
    final List<OutstandingOffer> offers = new ArrayList<>(1);

    final Map<Subscription, RefusalFilters> filters = new LinkedHashMap<>();

    AgentSpec spec;
    Phase phase = Phase.RECOVERED;
    boolean deactivated;

    /** Whether the command at hand has changed it; kept by {@link Outbox}. */
    boolean changed;

    long connection = Long.MIN_VALUE;
    Optional<Instant> registered = Optional.empty();
    Optional<Instant> reregistered = Optional.empty();
    Optional<Instant> unreachableSince = Optional.empty();
    Timetable.@Nullable Entry patience;

    Agent(AgentId id, int ordinal, AgentSpec spec) {
        this.id = id;
        this.ordinal = ordinal;
        this.spec = spec;
    }

    /** Whether offers of it may go out. */
    boolean isOfferable() {
        return phase == Phase.CONNECTED && !deactivated;
    }

    boolean isConnected() {
        return phase == Phase.CONNECTED;
    }

    /** Whether its total counts in the cluster's. */
    boolean isCounted() {
        return phase == Phase.CONNECTED || phase == Phase.DISCONNECTED;
    }
}
