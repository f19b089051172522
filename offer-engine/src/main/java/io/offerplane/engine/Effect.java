package io.offerplane.engine;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.ask.Grant;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.maintenance.InverseOffer;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.offer.OperationState;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.ExecutorId;
import io.offerplane.engine.task.StatusReason;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Something to be done outside because of a command: a message to a framework or an agent, or news for whoever watches. */
public sealed interface Effect {

    /** Goes to a framework's stream; lost silently when it has none. */
    sealed interface ToFramework extends Effect {
        FrameworkId frameworkId();
    }

    /** Goes to an agent's shim; lost silently when it isn't connected, as the engine makes up for it on reregistration. */
    sealed interface ToAgent extends Effect {
        AgentId agentId();
    }

    /** News for object status, events and metrics; changes nothing. */
    sealed interface Notice extends Effect {}

    // --- to frameworks

    record SendOffers(FrameworkId frameworkId, List<Offer> offers) implements ToFramework {
        public SendOffers {
            offers = List.copyOf(offers);
        }
    }

    record RescindOffer(FrameworkId frameworkId, OfferId offerId) implements ToFramework {}

    /**
     * These will be ended soon, as a role lacks what it is guaranteed: YARN's preemption message. Mesos has no word for it, and its
     * frameworks hear of it when the tasks end.
     */
    record AnnounceReclaim(FrameworkId frameworkId, List<TaskId> tasks, RolePath role) implements ToFramework {
        public AnnounceReclaim {
            tasks = List.copyOf(tasks);
        }
    }

    /**
     * Containers that an application may start now.
     *
     * @param headroom what it could still get: what limits and others leave, at this moment
     */
    record GrantContainers(FrameworkId frameworkId, List<Grant> grants, ResourceQuantities headroom)
            implements ToFramework {
        public GrantContainers {
            grants = List.copyOf(grants);
        }
    }
    /** Asks for agents back; Mesos {@code INVERSE_OFFERS}. */
    record SendInverseOffers(FrameworkId frameworkId, List<InverseOffer> offers) implements ToFramework {
        public SendInverseOffers {
            offers = List.copyOf(offers);
        }
    }

    record RescindInverseOffer(FrameworkId frameworkId, OfferId offerId) implements ToFramework {}

    record SendUpdate(FrameworkId frameworkId, StatusUpdate update) implements ToFramework {}

    /** Mesos {@code FAILURE} with an agent only: it is lost. */
    record SendAgentFailure(FrameworkId frameworkId, AgentId agentId) implements ToFramework {}

    /** Mesos {@code FAILURE} with an executor: a custom one has ended. */
    record SendExecutorFailure(FrameworkId frameworkId, AgentId agentId, ExecutorId executorId, int waitStatus)
            implements ToFramework {}

    /** Mesos {@code MESSAGE} to a scheduler: bytes of its executor's. */
    record SendMessage(FrameworkId frameworkId, AgentId agentId, ExecutorId executorId, Payload data)
            implements ToFramework {}

    /**
     * How an operation with an id stands; Mesos {@code UPDATE_OPERATION_STATUS}.
     *
     * @param uuid names this status where it is to be acknowledged; it is sent again until then
     */
    record SendOperationStatus(
            FrameworkId frameworkId,
            String operationId,
            OperationState state,
            Optional<AgentId> agentId,
            Optional<String> message,
            Optional<UUID> uuid)
            implements ToFramework {}

    /** Mesos {@code ERROR}; the stream that is open at this moment is closed after it. */
    record SendError(FrameworkId frameworkId, String message) implements ToFramework {}

    /** Ends the framework's stream without a word. */
    record CloseStream(FrameworkId frameworkId) implements ToFramework {}

    // --- to agents

    /**
     * @param role whose share the task is charged to
     * @param framework as it stands now; the agent keeps it with the task
     */
    record LaunchTask(AgentId agentId, FrameworkId frameworkId, FrameworkSpec framework, RolePath role, TaskSpec task)
            implements ToAgent {}

    /**
     * Tasks that start all or not at all.
     *
     * @param role whose share the tasks are charged to
     * @param framework as it stands now; the agent keeps it with the tasks
     * @param tasks each with the same executor
     */
    record LaunchTaskGroup(
            AgentId agentId, FrameworkId frameworkId, FrameworkSpec framework, RolePath role, List<TaskSpec> tasks)
            implements ToAgent {
        public LaunchTaskGroup {
            tasks = List.copyOf(tasks);
        }
    }

    record KillTask(AgentId agentId, FrameworkId frameworkId, TaskId taskId, Optional<Duration> gracePeriod)
            implements ToAgent {}

    /**
     * The agent is being emptied: end this task, with {@code REASON_AGENT_DRAINING}.
     *
     * @param maxGracePeriod the most that its own kill policy may give it; empty leaves it to that
     * @param gone whether its end is to be {@code TASK_GONE_BY_OPERATOR}, as the agent is removed afterwards and its framework knows the state
     */
    record DrainTask(
            AgentId agentId, FrameworkId frameworkId, TaskId taskId, Optional<Duration> maxGracePeriod, boolean gone)
            implements ToAgent {}

    /** Bytes of a scheduler's for its executor. */
    record MessageExecutor(AgentId agentId, FrameworkId frameworkId, ExecutorId executorId, Payload data)
            implements ToAgent {}

    record ShutdownExecutor(AgentId agentId, FrameworkId frameworkId, ExecutorId executorId) implements ToAgent {}

    /** End all of the framework's tasks here and forget their updates: it is gone. */
    record ShutdownFramework(AgentId agentId, FrameworkId frameworkId) implements ToAgent {}

    /**
     * The persistent volumes there are on the agent: the content of any other is nobody's any more. Sent when it registers and when one is
     * destroyed. Source: the agent's checkpointed resources in Mesos, which are sent whole, too.
     *
     * @param volumes by their terms, with their disk
     */
    record KeepVolumes(AgentId agentId, Resources volumes) implements ToAgent {}

    /** The agent was removed for good: its link ends, and it need not try again. */
    record SendAgentAway(AgentId agentId, String message) implements ToAgent {}

    record AcknowledgeUpdate(AgentId agentId, FrameworkId frameworkId, TaskId taskId, UUID uuid) implements ToAgent {}

    /**
     * The agent registered without a task that was sent to it: it answers with a terminal update of its own,
     * {@code state} (GONE, or LOST for those who don't know it) and {@code Reconciliation: task unknown to the agent}.
     */
    record ReportTaskUnknown(AgentId agentId, FrameworkId frameworkId, TaskId taskId, TaskState state)
            implements ToAgent {}

    // --- news

    /** Subscribed, disconnected, renamed, or its counts moved. */
    record FrameworkChanged(FrameworkId frameworkId) implements Notice {}

    /** Its id is refused from now on. */
    record FrameworkRemoved(FrameworkId frameworkId, String cause) implements Notice {}

    record AgentChanged(AgentId agentId) implements Notice {}

    record TaskTransition(
            FrameworkId frameworkId,
            TaskId taskId,
            AgentId agentId,
            RolePath role,
            Optional<TaskState> from,
            TaskState to,
            Optional<StatusReason> reason)
            implements Notice {}

    /**
     * Tasks hold more revocable resources of the agent than there still are.
     *
     * @param by how much more
     * @param tasks those that would have to end for that to be over, the latest first
     */
    record RevocableTasksExceed(AgentId agentId, Resources by, List<HeldBy> tasks) implements Notice {
        public RevocableTasksExceed {
            tasks = List.copyOf(tasks);
        }

        /** One task. */
        public record HeldBy(FrameworkId frameworkId, TaskId taskId) {}
    }

    /** An allocation cycle ran. */
    record CycleFinished(int agentsVisited, int offersMade, int rejections) implements Notice {}
}
