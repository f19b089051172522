package io.offerplane.engine;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.ask.Ask;
import io.offerplane.engine.fairness.Account;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.maintenance.DrainConfig;
import io.offerplane.engine.maintenance.DrainState;
import io.offerplane.engine.maintenance.InverseAnswer;
import io.offerplane.engine.maintenance.InverseOffer;
import io.offerplane.engine.maintenance.MachineId;
import io.offerplane.engine.maintenance.Unavailability;
import io.offerplane.engine.maintenance.Window;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.QueuePolicy;
import io.offerplane.engine.role.Quota;
import io.offerplane.engine.role.ReclaimPolicy;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.ExecutorId;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import io.offerplane.engine.view.EngineView.AgentView.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * All that an engine knows between two commands, as immutable values: {@link OfferEngine#restore} makes an engine of it that decides as the one
 * decides that it was taken from. What can be worked out from the rest (sums of agents, orders of sorters) is not in it.
 *
 * <p>Things that others point at stand in the lists {@link #frameworks}, {@link #subscriptions} and {@link #tasks}, and are named by their
 * places there.
 *
 * @param now the time of the last command
 * @param random the state of the one random source
 * @param counters what the next ids are counted from
 * @param setAsideRound when those who are passed over are looked after again
 * @param setAsides agents that are kept for somebody, oldest first
 * @param reclaimed places of tasks that are being taken back, oldest first
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
        Map<RolePath, ReclaimPolicy> reclaimPolicies,
        Map<RolePath, QueuePolicy> queuePolicies,
        Optional<Slot> reclaimRound,
        Optional<Slot> setAsideRound,
        List<SetAsideState> setAsides,
        List<Integer> reclaimed,
        List<FrameworkState> frameworks,
        List<Integer> living,
        List<CompletedFramework> completed,
        List<FrameworkId> removedFrameworks,
        List<SubscriptionState> subscriptions,
        List<RoleState> roles,
        List<TaskRecord> tasks,
        List<AgentState> agents,
        List<AgentId> goneAgents,
        List<OfferState> offers,
        List<InverseOfferState> inverseOffers,
        ScheduleState maintenance) {
    public EngineSnapshot {
        weights = Collections.unmodifiableSortedMap(new TreeMap<>(weights));
        quotas = Collections.unmodifiableSortedMap(new TreeMap<>(quotas));
        reclaimPolicies = Collections.unmodifiableSortedMap(new TreeMap<>(reclaimPolicies));
        setAsides = List.copyOf(setAsides);
        queuePolicies = Collections.unmodifiableSortedMap(new TreeMap<>(queuePolicies));
        reclaimed = List.copyOf(reclaimed);
        frameworks = List.copyOf(frameworks);
        living = List.copyOf(living);
        completed = List.copyOf(completed);
        removedFrameworks = List.copyOf(removedFrameworks);
        subscriptions = List.copyOf(subscriptions);
        roles = List.copyOf(roles);
        tasks = List.copyOf(tasks);
        agents = List.copyOf(agents);
        goneAgents = List.copyOf(goneAgents);
        offers = List.copyOf(offers);
        inverseOffers = List.copyOf(inverseOffers);
    }

    /** The numbers that were given out last, plus one. */
    public record Counters(long offers, long frameworks, long operations, long containers, long timetable) {}

    /**
     * What the next cycle is to visit; single agents carry their own marks.
     *
     * @param places how many agents there have been
     * @param asking frameworks that ask
     */
    public record Agenda(boolean allAtOnce, Optional<Instant> lastInterval, int places, Askers asking) {}

    /**
     * Places of frameworks that ask.
     *
     * @param atOnce those that have asked for something new
     * @param heldBack those that limits forbade to serve
     * @param atInterval those of them whom limits may allow more by now
     */
    public record Askers(List<Integer> atOnce, List<Integer> heldBack, List<Integer> atInterval) {
        public Askers {
            atOnce = List.copyOf(atOnce);
            heldBack = List.copyOf(heldBack);
            atInterval = List.copyOf(atInterval);
        }
    }

    /** @param down of the machines in the windows, those that are down */
    public record ScheduleState(List<Window> windows, List<MachineId> down) {}

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
            List<OperationRecord> operations,
            Optional<ApplicationState> application) {
        public FrameworkState {
            subscriptions = List.copyOf(subscriptions);
            tasks = List.copyOf(tasks);
            unreachableTasks = List.copyOf(unreachableTasks);
            completedTasks = List.copyOf(completedTasks);
            operations = List.copyOf(operations);
        }

        /** How often what has happened to it. */
        public record Counts(
                int failovers, long offersSent, long offersAccepted, long offersDeclined, long offersRescinded) {}
    }

    /** Of a framework that asks for containers. */
    public record ApplicationState(
            List<AskState> asks,
            List<String> avoided,
            List<TaggedState> tagged,
            boolean fresh,
            boolean admitted,
            Optional<Slot> relaxation) {
        public ApplicationState {
            asks = List.copyOf(asks);
            avoided = List.copyOf(avoided);
            tagged = List.copyOf(tagged);
        }
    }

    /**
     * @param hosts how many are left to be granted on each, and likewise racks
     */
    public record AskState(Ask ask, Instant since, int left, Map<String, Integer> hosts, Map<String, Integer> racks) {
        public AskState {
            hosts = Collections.unmodifiableSortedMap(new TreeMap<>(hosts));
            racks = Collections.unmodifiableSortedMap(new TreeMap<>(racks));
        }
    }

    /** A container that carries tags. */
    public record TaggedState(TaskId container, Set<String> tags, String host, String rack) {
        public TaggedState {
            tags = Collections.unmodifiableSortedSet(new TreeSet<>(tags));
        }
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
            Account account,
            Optional<InVain> inVain,
            Waiting waiting) {}

    /**
     * How somebody stands that hands back all it is offered, or is passed over.
     *
     * @param passedOverSince since when others have taken what was too little for it
     * @param refusedWhole all that the largest agent has that it handed back whole
     * @param keptInVain agents that were set aside for it and never had the room
     */
    public record Waiting(
            Optional<Instant> passedOverSince, ResourceQuantities refusedWhole, List<AgentId> keptInVain) {
        public Waiting {
            keptInVain = List.copyOf(keptInVain);
        }
    }

    /** An agent that is kept for somebody. */
    public record SetAsideState(AgentId agentId, int subscription, ResourceQuantities need, Instant until) {}

    /** How often in a row somebody handed back what it was offered, when last, and until when others come before it. */
    public record InVain(int times, Instant last, Optional<Instant> restsUntil) {}

    /**
     * @param used what counts towards quotas
     * @param own the account of the frameworks of the role itself
     */
    public record RoleState(
            RolePath role, Account account, Account own, ResourceQuantities used, List<Integer> members) {
        public RoleState {
            members = List.copyOf(members);
        }
    }

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
            List<StatusUpdate> statuses,
            Optional<ReclaimState> reclaim) {
        public TaskRecord {
            statuses = List.copyOf(statuses);
        }
    }

    /**
     * A task that is being taken back.
     *
     * @param role who lacks what it holds
     */
    public record ReclaimState(RolePath role, Optional<Slot> deadline) {}

    public record ExecutorName(FrameworkId framework, ExecutorId executor) {}

    public record ExecutorState(ExecutorName name, TaskSpec.ExecutorSpec spec, int charged, int liveTasks) {}

    public record FilterState(Resources refused, Slot expiry) {}

    public record FiltersState(int subscription, List<FilterState> filters) {
        public FiltersState {
            filters = List.copyOf(filters);
        }
    }

    /** @param message what frameworks are told when it doesn't come back */
    public record Patience(Slot slot, String message) {}

    /** Whether and when a cycle is to visit it. */
    public record Visits(boolean atInterval, boolean atOnce, boolean heldBack) {}

    /** @param ordinal its place in the order of arrival */
    public record AgentState(
            AgentId id,
            int ordinal,
            AgentSpec spec,
            Resources granted,
            Resources dynamic,
            Resources oversubscribed,
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
            Visits visits,
            Upkeep upkeep) {
        public AgentState {
            tasks = List.copyOf(tasks);
            unreachableTasks = List.copyOf(unreachableTasks);
            executors = List.copyOf(executors);
            filters = List.copyOf(filters);
        }

        /** Its three sums. */
        public record Ledger(Resources total, Resources allocated, Resources offered) {}
    }

    /** How an agent stands as to maintenance. */
    public record Upkeep(
            boolean cordoned,
            Optional<Unavailability> cordonedFor,
            boolean down,
            List<TaskName> writtenOff,
            Optional<Unavailability> unavailability,
            List<InverseRefusal> refusals,
            List<InverseAnswer> answers,
            Optional<DrainRecord> drain) {}

    public record TaskName(FrameworkId framework, TaskId task) {}

    public record InverseRefusal(int framework, Slot expiry) {}

    public record DrainRecord(DrainConfig config, Instant since, DrainState state) {}

    /** In the order in which they were made. */
    public record InverseOfferState(InverseOffer offer, int framework, Optional<Slot> timeout) {}

    public record OfferState(Offer offer, int subscription, Optional<Slot> timeout) {}
}
