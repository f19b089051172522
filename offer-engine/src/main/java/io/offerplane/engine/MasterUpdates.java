package io.offerplane.engine;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.task.ExecutorId;
import io.offerplane.engine.task.StatusReason;
import io.offerplane.engine.task.StatusSource;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import java.time.Instant;
import java.util.Optional;

/** Status updates that are made here rather than on a node: source MASTER, and without uuid, as nobody repeats them. */
final class MasterUpdates {
    private final Cluster cluster;

    MasterUpdates(Cluster cluster) {
        this.cluster = cluster;
    }

    /** About a task that is on the books. */
    StatusUpdate about(
            Task task, TaskState state, StatusReason reason, String message, Optional<Instant> unreachableTime) {
        return update(
                task.id(),
                Optional.of(task.agentId),
                task.spec.executor().map(TaskSpec.ExecutorSpec::executorId),
                state,
                reason,
                message,
                unreachableTime,
                Payload.EMPTY);
    }

    /** About a task by name. */
    StatusUpdate about(TaskId task, Optional<AgentId> agent, TaskState state, StatusReason reason, String message) {
        return update(task, agent, Optional.empty(), state, reason, message, Optional.empty(), Payload.EMPTY);
    }

    StatusUpdate update(
            TaskId task,
            Optional<AgentId> agent,
            Optional<ExecutorId> executor,
            TaskState state,
            StatusReason reason,
            String message,
            Optional<Instant> unreachableTime,
            Payload details) {
        return new StatusUpdate(
                task,
                state,
                agent,
                executor,
                StatusSource.MASTER,
                Optional.of(reason),
                Optional.of(message),
                Optional.empty(),
                cluster.now,
                unreachableTime,
                details);
    }

    /** Sends an update, if there is a stream to send it on. */
    void send(Framework framework, StatusUpdate update) {
        if (framework.connected) {
            cluster.outbox.add(new Effect.SendUpdate(framework.id, update));
        }
    }
}
