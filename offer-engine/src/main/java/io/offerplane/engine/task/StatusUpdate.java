package io.offerplane.engine.task;

import io.offerplane.engine.Payload;
import io.offerplane.engine.agent.AgentId;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * One word about a task; Mesos {@code TaskStatus}.
 *
 * @param uuid present exactly when the framework must acknowledge: only updates that come from an agent have one
 * @param unreachableTime set with UNREACHABLE, and with LOST where that stands for it
 * @param details the serialised {@code mesos.v1.TaskStatus} that the agent made (data, labels, container status,
 *     limitation, health). Updates made here have none, except for answers to reconciliation: they carry those of the last
 *     update, of which health, checks and container status count. Where both speak, the fields of this record hold
 */
public record StatusUpdate(
        TaskId taskId,
        TaskState state,
        Optional<AgentId> agentId,
        Optional<ExecutorId> executorId,
        StatusSource source,
        Optional<StatusReason> reason,
        Optional<String> message,
        Optional<UUID> uuid,
        Instant timestamp,
        Optional<Instant> unreachableTime,
        Payload details) {
    public StatusUpdate {
        Objects.requireNonNull(taskId, "taskId");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(agentId, "agentId");
        Objects.requireNonNull(executorId, "executorId");
        Objects.requireNonNull(source, "source");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(uuid, "uuid");
        Objects.requireNonNull(timestamp, "timestamp");
        Objects.requireNonNull(unreachableTime, "unreachableTime");
        Objects.requireNonNull(details, "details");
    }
}
