package io.offerplane.engine;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.offer.OperationState;
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

    record KillTask(AgentId agentId, FrameworkId frameworkId, TaskId taskId, Optional<Duration> gracePeriod)
            implements ToAgent {}

    /** Bytes of a scheduler's for its executor. */
    record MessageExecutor(AgentId agentId, FrameworkId frameworkId, ExecutorId executorId, Payload data)
            implements ToAgent {}

    record ShutdownExecutor(AgentId agentId, FrameworkId frameworkId, ExecutorId executorId) implements ToAgent {}

    /** End all of the framework's tasks here and forget their updates: it is gone. */
    record ShutdownFramework(AgentId agentId, FrameworkId frameworkId) implements ToAgent {}

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

    /** An allocation cycle ran. */
    record CycleFinished(int agentsVisited, int offersMade, int rejections) implements Notice {}
}
