package io.offerplane.engine.view;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.ask.Ask;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.maintenance.DrainConfig;
import io.offerplane.engine.maintenance.DrainState;
import io.offerplane.engine.maintenance.InverseAnswer;
import io.offerplane.engine.maintenance.InverseOffer;
import io.offerplane.engine.maintenance.MachineId;
import io.offerplane.engine.maintenance.MachineMode;
import io.offerplane.engine.maintenance.Unavailability;
import io.offerplane.engine.maintenance.Window;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.Rejection;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.Quota;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The whole state at one moment, in a fixed order. */
public record EngineView(
        Instant at,
        List<AgentView> agents,
        List<FrameworkView> frameworks,
        List<FrameworkView> completedFrameworks,
        List<RoleView> roles,
        List<Rejection> rejections,
        ScheduleView maintenance,
        Diagnoses diagnoses) {

    /** Without any maintenance, and where nobody waits. */
    public EngineView(
            Instant at,
            List<AgentView> agents,
            List<FrameworkView> frameworks,
            List<FrameworkView> completedFrameworks,
            List<RoleView> roles,
            List<Rejection> rejections) {
        this(at, agents, frameworks, completedFrameworks, roles, rejections, ScheduleView.EMPTY, Diagnoses.NONE);
    }

    /**
     * What is scheduled.
     *
     * @param windows as they were set, less the machines that are up again
     * @param machines those of the schedule, in order
     */
    public record ScheduleView(List<Window> windows, List<MachineView> machines) {
        public static final ScheduleView EMPTY = new ScheduleView(List.of(), List.of());
    }

    public record MachineView(MachineId id, MachineMode mode, Unavailability unavailability) {}

    /**
     * How an agent stands as to maintenance.
     *
     * @param deactivated an operator wants no offers of it
     * @param cordoned its node takes nothing new
     * @param down its machine is away
     * @param unavailability when it is to be away, by the schedule or by the cordon
     * @param answers the last of each framework that was asked to leave by then
     */
    public record MaintenanceView(
            boolean deactivated,
            boolean cordoned,
            boolean down,
            Optional<Unavailability> unavailability,
            List<InverseAnswer> answers,
            Optional<DrainView> drain) {
        public static final MaintenanceView NONE =
                new MaintenanceView(false, false, false, Optional.empty(), List.of(), Optional.empty());
    }

    /** @param since when the drain began */
    public record DrainView(DrainConfig config, DrainState state, Instant since) {}

    /**
     * An agent with its ledger: allocated and offered are never more than total plus shortfall.
     *
     * @param deactivated whether it is kept from being offered: by an operator, or as its node is cordoned
     * @param dynamic the dynamic reservations and the volumes, also those that the total has no room for at the moment: what must
     *     outlive the leader
     */
    public record AgentView(
            AgentId id,
            AgentSpec spec,
            Phase phase,
            boolean deactivated,
            Resources total,
            Resources dynamic,
            Resources allocated,
            Resources offered,
            Resources shortfall,
            Optional<Instant> registered,
            Optional<Instant> reregistered,
            MaintenanceView maintenance,
            Optional<SetAsideView> setAside) {

        /** Without any maintenance, and for all. */
        public AgentView(
                AgentId id,
                AgentSpec spec,
                Phase phase,
                boolean deactivated,
                Resources total,
                Resources dynamic,
                Resources allocated,
                Resources offered,
                Resources shortfall,
                Optional<Instant> registered,
                Optional<Instant> reregistered) {
            this(
                    id,
                    spec,
                    phase,
                    deactivated,
                    total,
                    dynamic,
                    allocated,
                    offered,
                    shortfall,
                    registered,
                    reregistered,
                    MaintenanceView.NONE,
                    Optional.empty());
        }

        /** Where an agent is in its life. */
        public enum Phase {
            /** Known from an earlier leader, not back yet. */
            RECOVERED,
            CONNECTED,
            DISCONNECTED,
            UNREACHABLE
        }
    }

    /**
     * For whom an agent is kept, as its tasks need more of one agent than others leave.
     *
     * @param need what must be free there before it gets it
     * @param until when another agent is tried
     */
    public record SetAsideView(FrameworkId frameworkId, RolePath role, ResourceQuantities need, Instant until) {}

    public record FrameworkView(
            FrameworkId id,
            FrameworkSpec spec,
            boolean connected,
            boolean active,
            boolean recovered,
            Instant registered,
            Optional<Instant> reregistered,
            Optional<Instant> unregistered,
            Optional<Instant> failoverDeadline,
            Set<RolePath> suppressedRoles,
            Resources allocated,
            Resources offered,
            List<Offer> offers,
            List<InverseOffer> inverseOffers,
            List<TaskView> tasks,
            List<TaskView> unreachableTasks,
            List<TaskView> completedTasks,
            OfferCounts offerCounts,
            int failovers,
            Optional<ApplicationView> application) {}

    /**
     * What a framework has asked for.
     *
     * @param pending with the counts that are left, most urgent first
     * @param avoided hosts that it wants nothing on
     * @param headroom what it could still get
     * @param admitted whether its role lets it hold containers by now, rather than wait until another application ends
     */
    public record ApplicationView(
            List<Ask> pending, Set<String> avoided, ResourceQuantities headroom, boolean admitted) {}

    /** Since the framework first subscribed under this leader. */
    public record OfferCounts(long sent, long accepted, long declined, long rescinded) {}

    /**
     * @param state the latest that is known
     * @param statuses one per state that it passed, oldest first
     */
    public record TaskView(
            FrameworkId frameworkId,
            TaskSpec spec,
            AgentId agentId,
            RolePath role,
            TaskState state,
            List<StatusUpdate> statuses) {}

    /**
     * @param consumed what counts towards the quota: what is reserved, used or not, and what tasks hold of free resources; while they are
     *     out, offers of free resources count as well
     * @param reserved for the role and those below it
     * @param share the dominant share of the role and all below it, 0 to 1
     * @param fairShare what it would have if all siblings took theirs, 0 to 1
     */
    public record RoleView(
            RolePath role,
            double weight,
            Quota quota,
            ResourceQuantities consumed,
            ResourceQuantities reserved,
            Resources allocated,
            Resources offered,
            double share,
            double fairShare,
            List<FrameworkId> frameworks) {}

    /** Counts of a framework's tasks by state, with no zeroes. */
    public static Map<TaskState, Integer> countByState(List<TaskView> tasks) {
        Map<TaskState, Integer> counts = new java.util.EnumMap<>(TaskState.class);
        tasks.forEach(task -> counts.merge(task.state(), 1, Integer::sum));
        return counts;
    }
}
