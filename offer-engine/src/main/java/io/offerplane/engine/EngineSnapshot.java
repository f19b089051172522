package io.offerplane.engine;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.fairness.Account;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.Quota;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.ExecutorId;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import io.offerplane.engine.view.EngineView.AgentView.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * All that an engine knows between two commands, as values: {@link OfferEngine#restore} makes an engine of it that decides as the one
 * decides that it was taken from. What can be worked out from the rest (sums of agents, orders of sorters) is not in it.
 *
 * <p>Things that others point at stand in the lists {@link #frameworks}, {@link #subscriptions} and {@link #tasks}, and are named by their
 * places there.
 *
 * @param now the time of the last command
 * @param random the state of the one random source
 * @param counters what the next ids are counted from
 * @param living places of frameworks that live, in their order
 */
public record EngineSnapshot(
        Instant now,
        long random,
        Counters counters,
        Agenda agenda,
        boolean ownMinimums,
        Map<RolePath, Double> weights,
        Map<RolePath, Quota> quotas,
        List<FrameworkState> frameworks,
        List<Integer> living,
        List<CompletedFramework> completed,
        List<FrameworkId> removedFrameworks,
        List<SubscriptionState> subscriptions,
        List<RoleState> roles,
        List<TaskRecord> tasks,
        List<AgentState> agents,
        List<AgentId> goneAgents,
        List<OfferState> offers) {

    /** The numbers that were given out last, plus one. */
    public record Counters(long offers, long frameworks, long operations, long timetable) {}

    /** What the next cycle is to visit; single agents carry their own marks. */
    public record Agenda(boolean allAtOnce, Optional<Instant> lastInterval) {}

    /**
     * Something in the timetable.
     *
     * @param sequence its place among those of the same time
     */
    public record Slot(Instant at, long sequence) {}

    /** @param tasks places of its tasks, in order; likewise the others */
    public record FrameworkState(
            FrameworkId id,
            FrameworkSpec spec,
            boolean connected,
            boolean recovered,
            long connection,
            Instant registered,
            Optional<Instant> reregistered,
            Optional<Instant> failoverDeadline,
            Optional<Slot> failover,
            Counts counts,
            List<Integer> subscriptions,
            List<Integer> tasks,
            List<Integer> unreachableTasks,
            List<Integer> completedTasks,
            List<OperationRecord> operations) {
        /** How often what has happened to it. */
        public record Counts(
                int failovers, long offersSent, long offersAccepted, long offersDeclined, long offersRescinded) {}
    }

    public record CompletedFramework(int framework, Instant at) {}

    /**
     * The end of an operation that waits to be acknowledged.
     *
     * @param patience until the repetition after the next
     */
    public record OperationRecord(String id, AgentId agentId, UUID uuid, Slot repeat, Duration patience) {}

    /** @param isMember whether its role counts it among its own */
    public record SubscriptionState(
            int framework,
            RolePath role,
            boolean wanted,
            boolean suppressed,
            boolean competing,
            boolean isMember,
            Account account) {}

    /**
     * @param used what counts towards quotas
     * @param own the account of the frameworks of the role itself
     */
    public record RoleState(
            RolePath role, Account account, Account own, ResourceQuantities used, List<Integer> members) {}

    /** @param executor the executor that it runs in, as long as it holds resources there */
    public record TaskRecord(
            TaskSpec spec,
            AgentId agentId,
            TaskState state,
            int charged,
            Optional<ExecutorName> executor,
            boolean superseded,
            boolean holdsResources,
            Optional<StatusUpdate> forwarded,
            Optional<UUID> unacknowledged,
            boolean killRequested,
            Optional<Duration> killGracePeriod,
            List<StatusUpdate> statuses) {}

    public record ExecutorName(FrameworkId framework, ExecutorId executor) {}

    public record ExecutorState(ExecutorName name, TaskSpec.ExecutorSpec spec, int charged, int liveTasks) {}

    public record FilterState(Resources refused, Slot expiry) {}

    public record FiltersState(int subscription, List<FilterState> filters) {}

    /** @param message what frameworks are told when it doesn't come back */
    public record Patience(Slot slot, String message) {}

    /** Whether and when a cycle is to visit it. */
    public record Visits(boolean atInterval, boolean atOnce, boolean heldBack) {}

    public record AgentState(
            AgentId id,
            AgentSpec spec,
            Resources granted,
            Resources dynamic,
            Phase phase,
            boolean deactivated,
            long connection,
            Optional<Instant> registered,
            Optional<Instant> reregistered,
            Optional<Instant> unreachableSince,
            Optional<Patience> patience,
            Ledger ledger,
            List<Integer> tasks,
            List<Integer> unreachableTasks,
            List<ExecutorState> executors,
            List<FiltersState> filters,
            Visits visits) {
        /** Its three sums. */
        public record Ledger(Resources total, Resources allocated, Resources offered) {}
    }

    public record OfferState(Offer offer, int subscription, Optional<Slot> timeout) {}
}
