package io.offerplane.engine;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A task as the engine knows it: two states, as news of it travels in steps. */
final class Task {
    /** More states than a task passes, unless its agent comes and goes: then the oldest are let go. */
    private static final int STATUSES_KEPT = 16;

    final TaskSpec spec;
    final AgentId agentId;

    /** The latest that is known; decides what it holds. */
    TaskState state;

    /** Who is charged for it; another after its framework has left and joined the role again while it was out of reach. */
    Subscription charged;

    /** The custom executor that it runs in, as long as it holds resources. */
    @Nullable
    Executor executor;

    /**
     * Its agent came back with it after the framework had started another of that name elsewhere: nobody asks for this one any
     * more, so it is ended without a word.
     */
    boolean superseded;

    /** Whether its resources are on the books. */
    boolean holdsResources;

    /** The last word sent to the framework, or that would have been if it had been there. */
    @Nullable
    StatusUpdate forwarded;

    /** The framework was asked to kill it, so the agent must hear of that even after a break. */
    boolean killRequested;

    Optional<Duration> killGracePeriod = Optional.empty();

    /** It is being taken back; kept by {@link ReclaimPolicies}. */
    @Nullable
    Reclaim reclaim;

    private @Nullable UUID unacknowledged;

    /** What the framework was told before {@link #forwarded}, the last of each state. Most tasks that run have none: there are a great many of those. */
    private List<StatusUpdate> earlier = List.of();

    Task(TaskSpec spec, Subscription charged, AgentId agentId, @Nullable Executor executor, TaskState state) {
        this.spec = spec;
        this.charged = charged;
        this.agentId = agentId;
        this.executor = executor;
        this.state = state;
    }

    TaskId id() {
        return spec.taskId();
    }

    Framework framework() {
        return charged.framework;
    }

    Agent.TaskKey key() {
        return new Agent.TaskKey(framework().id, id());
    }

    /** What the framework knows of it. */
    TaskState forwardedState() {
        return forwarded == null ? state : forwarded.state();
    }

    void forward(StatusUpdate update) {
        StatusUpdate last = forwarded;
        forwarded = update;
        unacknowledged = update.uuid().orElse(null);
        if (last == null || last.state() == update.state()) {
            return;
        }
        if (earlier.isEmpty()) {
            earlier = new ArrayList<>(1);
        } else if (earlier.size() == STATUSES_KEPT - 1) {
            earlier.removeFirst();
        }
        earlier.add(last);
    }

    /** Whether the framework's acknowledgement of this update is still due. */
    boolean awaits(UUID uuid) {
        return uuid.equals(unacknowledged);
    }

    boolean awaitsAcknowledgement() {
        return unacknowledged != null;
    }

    void acknowledged() {
        unacknowledged = null;
    }

    Optional<UUID> unacknowledged() {
        return Optional.ofNullable(unacknowledged);
    }

    /** As a snapshot has it. */
    void restore(Optional<StatusUpdate> forwardedThen, Optional<UUID> unacknowledgedThen, List<StatusUpdate> all) {
        forwarded = forwardedThen.orElse(null);
        unacknowledged = unacknowledgedThen.orElse(null);
        earlier = all.size() < 2 ? List.of() : new ArrayList<>(all.subList(0, all.size() - 1));
    }

    /** All that the framework was told, the last of each state, oldest first. */
    List<StatusUpdate> statuses() {
        StatusUpdate last = forwarded;
        if (last == null) {
            return List.of();
        }
        List<StatusUpdate> all = new ArrayList<>(earlier);
        all.add(last);
        return List.copyOf(all);
    }
}
