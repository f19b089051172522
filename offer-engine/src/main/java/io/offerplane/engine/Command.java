package io.offerplane.engine;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.ask.Ask;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.maintenance.DrainConfig;
import io.offerplane.engine.maintenance.MachineId;
import io.offerplane.engine.maintenance.Unavailability;
import io.offerplane.engine.maintenance.Window;
import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.offer.Operation;
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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Everything that can happen to the engine. Each carries the time at which it happened; times never go backwards.
 *
 * <p>Commands that name something unknown are answered, never thrown at: see {@link Decision}.
 */
public sealed interface Command {
    Instant at();

    // --- time

    /** Time has passed: expiries fall due, and a waiting allocation cycle runs. */
    record Tick(Instant at) implements Command {}

    // --- queues

    /** A Queue object says this weight (above zero, default 1) for the role. If it is another than before, all offers are rescinded. */
    record SetRoleWeight(RolePath role, double weight, Instant at) implements Command {}

    /** The Queue object is gone: back to weight 1. Whoever subscribed to the role keeps it. */
    record ClearRoleWeight(RolePath role, Instant at) implements Command {}

    /**
     * Guarantees and limits, from Queue objects or from Mesos {@code UPDATE_QUOTA}: all or none of them.
     *
     * @param force whether guarantees may exceed what there is, and limits lie below what is held
     */
    record SetQuotas(List<RoleQuota> quotas, boolean force, Instant at) implements Command {
        public SetQuotas {
            quotas = List.copyOf(quotas);
        }

        /** One role's; {@link Quota#NONE} takes it away. */
        public record RoleQuota(RolePath role, Quota quota) {}
    }

    /**
     * What may be taken from a role, and those below it that say nothing themselves, for guarantees of others.
     *
     * @param policy empty for that of the role above; without any, tasks stay
     */
    record SetReclaimPolicy(RolePath role, Optional<ReclaimPolicy> policy, Instant at) implements Command {}

    /**
     * How frameworks of a role share what it has from here on.
     *
     * @param policy empty for fair order without limits
     */
    record SetQueuePolicy(RolePath role, Optional<QueuePolicy> policy, Instant at) implements Command {}

    // --- recovery of a new leader's knowledge, before anything else of that name

    /** An agent that an earlier leader admitted and that has not come back yet: questions about its tasks stay unanswered. */
    record RecoverAgent(AgentId agentId, AgentSpec spec, Instant at) implements Command {}

    /**
     * What had been reserved dynamically on a recovered agent, and the volumes made there: {@code AgentView.dynamic} as an earlier leader
     * last showed it. Must come before the agent registers.
     */
    record RecoverReservations(AgentId agentId, Resources dynamic, Instant at) implements Command {}

    /**
     * A framework that an earlier leader knew: inactive until it subscribes again.
     *
     * @param failoverDeadline when it is removed if it has not come back; empty means it waits for ever
     */
    record RecoverFramework(FrameworkId frameworkId, FrameworkSpec spec, Optional<Instant> failoverDeadline, Instant at)
            implements Command {}

    /** A framework that was torn down or timed out under an earlier leader: its id is refused for good. */
    record RecoverRemovedFramework(FrameworkId frameworkId, Instant at) implements Command {}

    /** An agent that was removed under an earlier leader: it may not register again. */
    record RecoverRemovedAgent(AgentId agentId, Instant at) implements Command {}

    // --- agents

    /**
     * An agent's shim has connected, for the first time or again.
     *
     * @param total what Kubernetes has granted the claim, and so all there is to offer
     * @param connection the number of the link's stream; a later one is higher
     * @param tasks every task that the node still holds or has unacknowledged updates for
     * @param frameworks the frameworks of those tasks, so that an unknown one can be adopted
     */
    record RegisterAgent(
            AgentId agentId,
            AgentSpec spec,
            Resources total,
            List<HeldTask> tasks,
            List<HeldFramework> frameworks,
            long connection,
            Instant at)
            implements Command {
        public RegisterAgent {
            tasks = List.copyOf(tasks);
            frameworks = List.copyOf(frameworks);
        }
    }

    /**
     * A task that a registering agent holds.
     *
     * @param state the latest that happened to it
     * @param forwarded the update at the head of its stream, not acknowledged yet
     */
    record HeldTask(
            FrameworkId frameworkId, TaskSpec task, RolePath role, TaskState state, Optional<StatusUpdate> forwarded) {}

    /** A framework as a registering agent remembers it. */
    record HeldFramework(FrameworkId frameworkId, FrameworkSpec spec) {}

    /**
     * The claim was resized, or the pool says other attributes. A total below what is allocated and offered first takes back
     * offers; what remains over is a shortfall that the agent's view shows.
     */
    record UpdateAgent(AgentId agentId, AgentSpec spec, Resources total, Instant at) implements Command {}

    /** No new offers of this agent; Mesos {@code DEACTIVATE_AGENT}. Offers that are out are rescinded; tasks stay. */
    record DeactivateAgent(AgentId agentId, Instant at) implements Command {}

    /** Undoes deactivation and a drain that is over; Mesos {@code REACTIVATE_AGENT}. */
    record ActivateAgent(AgentId agentId, Instant at) implements Command {}

    /** Deactivates the agent and ends its tasks; Mesos {@code DRAIN_AGENT}. */
    record DrainAgent(AgentId agentId, DrainConfig config, Instant at) implements Command {}

    /**
     * The agent's node takes nothing new. Offers that are out are rescinded; tasks stay.
     *
     * @param unavailability when the node is to be empty: frameworks with tasks there are asked to leave; empty asks nobody
     */
    record CordonAgent(AgentId agentId, Optional<Unavailability> unavailability, Instant at) implements Command {}

    record UncordonAgent(AgentId agentId, Instant at) implements Command {}

    // --- maintenance

    /** All that is scheduled from here on; Mesos {@code UPDATE_MAINTENANCE_SCHEDULE}. Machines that are down must stay in it. */
    record UpdateMaintenanceSchedule(List<Window> windows, Instant at) implements Command {
        public UpdateMaintenanceSchedule {
            windows = List.copyOf(windows);
        }
    }

    /** Scheduled machines go down, with all that runs there; Mesos {@code START_MAINTENANCE}. */
    record StartMaintenance(List<MachineId> machines, Instant at) implements Command {
        public StartMaintenance {
            machines = List.copyOf(machines);
        }
    }

    /** Machines that were down are up again, and out of the schedule; Mesos {@code STOP_MAINTENANCE}. */
    record StopMaintenance(List<MachineId> machines, Instant at) implements Command {
        public StopMaintenance {
            machines = List.copyOf(machines);
        }
    }

    /**
     * What there is on the agent beside its grant for as long as nobody else needs it, as the node reckons; Mesos {@code UpdateSlaveMessage} with
     * oversubscribed resources. Offers that hold such resources are rescinded; which tasks hold too much by now is told as news.
     *
     * @param resources revocable ones only; what was said before counts no longer
     */
    record SetOversubscribed(AgentId agentId, Resources resources, Instant at) implements Command {}

    /**
     * The link to the shim broke. Its offers are rescinded; after the reregistration timeout it is unreachable.
     *
     * @param connection the stream that broke; ignored when another has taken its place
     */
    record DisconnectAgent(AgentId agentId, long connection, Instant at) implements Command {}

    /** The shim is silent beyond patience: its tasks become UNREACHABLE (or LOST) until it returns. */
    record MarkAgentUnreachable(AgentId agentId, Instant at) implements Command {}

    /** The node is gone for good: its tasks are GONE_BY_OPERATOR (or LOST), and it may not return. */
    record RemoveAgent(AgentId agentId, String cause, Instant at) implements Command {}

    /**
     * An agent tells of one of its tasks.
     *
     * @param latestState the state that the task is in by now, perhaps beyond this update; decides what it holds
     */
    record UpdateTask(AgentId agentId, FrameworkId frameworkId, StatusUpdate update, TaskState latestState, Instant at)
            implements Command {}

    /**
     * An operator reserves, unreserves, or makes, ends or resizes volumes; Mesos {@code RESERVE_RESOURCES} and its kin. Offers that hold
     * what it takes are rescinded.
     */
    record ChangeResources(AgentId agentId, Operation.Change change, Instant at) implements Command {}

    // --- frameworks

    /**
     * A framework subscribes; its stream is open from here on. Mesos {@code SUBSCRIBE}.
     *
     * @param frameworkId empty on a first subscription; an id never seen is adopted
     * @param connection the number of its stream, which a later {@link DisconnectFramework} names; a later one is higher
     */
    record Subscribe(
            Optional<FrameworkId> frameworkId,
            FrameworkSpec spec,
            Set<RolePath> suppressedRoles,
            long connection,
            Instant at)
            implements Command {
        public Subscribe {
            suppressedRoles = Set.copyOf(suppressedRoles);
        }
    }

    /** Mesos {@code UPDATE_FRAMEWORK}: other roles, name or timeout, in place. */
    record UpdateFramework(FrameworkId frameworkId, FrameworkSpec spec, Set<RolePath> suppressedRoles, Instant at)
            implements Command {
        public UpdateFramework {
            suppressedRoles = Set.copyOf(suppressedRoles);
        }
    }

    /**
     * The framework's stream broke; its failover time starts.
     *
     * @param connection the stream that broke; ignored when another has taken its place
     */
    record DisconnectFramework(FrameworkId frameworkId, long connection, Instant at) implements Command {}

    /** Mesos {@code TEARDOWN}, by the framework or by an operator: it ends, with all its tasks. */
    record TeardownFramework(FrameworkId frameworkId, Instant at) implements Command {}

    /**
     * Mesos {@code ACCEPT}.
     *
     * @param refuseSeconds as sent, or empty for the default of 5: how long what is left over isn't offered to it again
     */
    record AcceptOffers(
            FrameworkId frameworkId,
            List<OfferId> offerIds,
            List<Operation> operations,
            Optional<Double> refuseSeconds,
            Instant at)
            implements Command {
        public AcceptOffers {
            offerIds = List.copyOf(offerIds);
            operations = List.copyOf(operations);
        }
    }

    /**
     * An application says what it still wants; YARN {@code AllocateRequest}. Asks that aren't named stay as they are.
     *
     * @param avoid hosts that it wants nothing on from here on; {@code noLongerAvoid} undoes that
     */
    record UpdateAsks(
            FrameworkId frameworkId, List<Ask> asks, List<String> avoid, List<String> noLongerAvoid, Instant at)
            implements Command {
        public UpdateAsks {
            asks = List.copyOf(asks);
            avoid = List.copyOf(avoid);
            noLongerAvoid = List.copyOf(noLongerAvoid);
        }
    }

    /** An application gives containers back, started or not; those that aren't its own, or unknown, are ignored. */
    record ReleaseContainers(FrameworkId frameworkId, List<TaskId> containers, Instant at) implements Command {
        public ReleaseContainers {
            containers = List.copyOf(containers);
        }
    }

    /** Mesos {@code DECLINE}. Unknown offers are ignored. */
    record DeclineOffers(FrameworkId frameworkId, List<OfferId> offerIds, Optional<Double> refuseSeconds, Instant at)
            implements Command {
        public DeclineOffers {
            offerIds = List.copyOf(offerIds);
        }
    }

    /** Mesos {@code ACCEPT_INVERSE_OFFERS}: it will have left by then, as far as it can. Unknown ones are ignored. */
    record AcceptInverseOffers(
            FrameworkId frameworkId, List<OfferId> offerIds, Optional<Double> refuseSeconds, Instant at)
            implements Command {
        public AcceptInverseOffers {
            offerIds = List.copyOf(offerIds);
        }
    }

    /** Mesos {@code DECLINE_INVERSE_OFFERS}. */
    record DeclineInverseOffers(
            FrameworkId frameworkId, List<OfferId> offerIds, Optional<Double> refuseSeconds, Instant at)
            implements Command {
        public DeclineInverseOffers {
            offerIds = List.copyOf(offerIds);
        }
    }

    /** Mesos {@code REVIVE}: forget filters and suppression of these roles, of all when empty. */
    record Revive(FrameworkId frameworkId, List<RolePath> roles, Instant at) implements Command {
        public Revive {
            roles = List.copyOf(roles);
        }
    }

    /** Mesos {@code SUPPRESS}: no offers for these roles, for all when empty, until revived. */
    record Suppress(FrameworkId frameworkId, List<RolePath> roles, Instant at) implements Command {
        public Suppress {
            roles = List.copyOf(roles);
        }
    }

    /** Mesos {@code KILL}. An unknown task is answered like a question about it. */
    record KillTask(
            FrameworkId frameworkId,
            TaskId taskId,
            Optional<AgentId> agentId,
            Optional<Duration> gracePeriod,
            Instant at)
            implements Command {}

    /** Mesos {@code SHUTDOWN}: end an executor with all its tasks. */
    record ShutdownExecutor(FrameworkId frameworkId, AgentId agentId, ExecutorId executorId, Instant at)
            implements Command {}

    /** Mesos {@code MESSAGE} of a scheduler: bytes for one of its executors. Lost where nobody takes them. */
    record MessageExecutor(FrameworkId frameworkId, AgentId agentId, ExecutorId executorId, Payload data, Instant at)
            implements Command {}

    /** Bytes from an executor for its scheduler. Lost where nobody takes them. */
    record MessageFramework(AgentId agentId, FrameworkId frameworkId, ExecutorId executorId, Payload data, Instant at)
            implements Command {}

    /**
     * A custom executor has ended; its tasks' updates come by themselves.
     *
     * @param waitStatus as wait(2) encodes it, -1 when nobody saw it end
     */
    record ExecutorExited(AgentId agentId, FrameworkId frameworkId, ExecutorId executorId, int waitStatus, Instant at)
            implements Command {}

    /** Mesos {@code ACKNOWLEDGE}. */
    record AcknowledgeUpdate(FrameworkId frameworkId, AgentId agentId, TaskId taskId, UUID uuid, Instant at)
            implements Command {}

    /** Mesos {@code ACKNOWLEDGE_OPERATION_STATUS}. */
    record AcknowledgeOperation(FrameworkId frameworkId, String operationId, UUID uuid, Instant at)
            implements Command {}

    /** Mesos {@code RECONCILE_OPERATIONS}: how these operations stand, all when empty. */
    record ReconcileOperations(FrameworkId frameworkId, List<Asked> operations, Instant at) implements Command {
        public ReconcileOperations {
            operations = List.copyOf(operations);
        }

        /** One operation asked about, with its agent where the framework knows it. */
        public record Asked(String operationId, Optional<AgentId> agentId) {}
    }

    /** Mesos {@code RECONCILE}: the state of these tasks, of all when empty. */
    record ReconcileTasks(FrameworkId frameworkId, List<Question> tasks, Instant at) implements Command {
        public ReconcileTasks {
            tasks = List.copyOf(tasks);
        }

        /** One task asked about, with its agent where the framework knows it. */
        public record Question(TaskId taskId, Optional<AgentId> agentId) {}
    }
}
