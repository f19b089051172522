package io.offerplane.mesos.translate;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.offerplane.engine.Payload;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.task.ExecutorId;
import io.offerplane.engine.task.StatusReason;
import io.offerplane.engine.task.StatusSource;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskState;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.apache.mesos.v1.Protos;

/** Mesos {@code TaskStatus}. */
public final class StatusTranslator {
    private StatusTranslator() {}

    /** The update for the wire: what the agent said of it, under the fields that the engine decides. */
    public static Protos.TaskStatus toProto(StatusUpdate update) {
        Protos.TaskStatus.Builder status = Protos.TaskStatus.newBuilder();
        if (!update.details().isEmpty()) {
            try {
                status.mergeFrom(update.details().toByteArray());
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalArgumentException("task " + update.taskId() + ": its details are no TaskStatus", e);
            }
            status.clearAgentId()
                    .clearExecutorId()
                    .clearReason()
                    .clearMessage()
                    .clearUuid()
                    .clearUnreachableTime();
            if (update.source() == StatusSource.MASTER) {
                // An answer of the master's own shows health, checks and the container, but not what an update brought
                // with it.
                status.clearData().clearLabels().clearLimitation();
            }
        }
        status.setTaskId(Protos.TaskID.newBuilder().setValue(update.taskId().value()))
                .setState(state(update.state()))
                .setSource(source(update.source()))
                .setTimestamp(seconds(update.timestamp()));
        update.agentId()
                .ifPresent(id -> status.setAgentId(Protos.AgentID.newBuilder().setValue(id.value())));
        update.executorId()
                .ifPresent(id ->
                        status.setExecutorId(Protos.ExecutorID.newBuilder().setValue(id.value())));
        update.reason().ifPresent(reason -> status.setReason(reason(reason)));
        update.message().ifPresent(status::setMessage);
        update.uuid().ifPresent(uuid -> status.setUuid(bytes(uuid)));
        update.unreachableTime()
                .ifPresent(at ->
                        status.setUnreachableTime(Protos.TimeInfo.newBuilder().setNanoseconds(nanoseconds(at))));
        return status.build();
    }

    /**
     * An agent's status as the engine takes it.
     *
     * @param now the time of a status that names none
     */
    public static StatusUpdate fromProto(Protos.TaskStatus status, Instant now) {
        return new StatusUpdate(
                new TaskId(status.getTaskId().getValue()),
                state(status.getState()),
                status.hasAgentId()
                        ? Optional.of(new AgentId(status.getAgentId().getValue()))
                        : Optional.empty(),
                status.hasExecutorId()
                        ? Optional.of(new ExecutorId(status.getExecutorId().getValue()))
                        : Optional.empty(),
                status.hasSource() ? source(status.getSource()) : StatusSource.AGENT,
                status.hasReason() ? Optional.of(reason(status.getReason())) : Optional.empty(),
                status.hasMessage() ? Optional.of(status.getMessage()) : Optional.empty(),
                uuid(status.getUuid()),
                status.hasTimestamp() ? instant(status.getTimestamp(), now) : now,
                status.hasUnreachableTime()
                        ? Optional.of(Instant.ofEpochSecond(
                                0, status.getUnreachableTime().getNanoseconds()))
                        : Optional.empty(),
                Payload.copyOf(status.toByteArray()));
    }

    /** The 16 bytes of a UUID as Mesos carries it; empty for any other length. */
    public static Optional<UUID> uuid(ByteString bytes) {
        if (bytes.size() != 16) {
            return Optional.empty();
        }
        ByteBuffer buffer = bytes.asReadOnlyByteBuffer();
        return Optional.of(new UUID(buffer.getLong(), buffer.getLong()));
    }

    public static ByteString bytes(UUID uuid) {
        ByteBuffer buffer = ByteBuffer.allocate(16);
        buffer.putLong(uuid.getMostSignificantBits());
        buffer.putLong(uuid.getLeastSignificantBits());
        return ByteString.copyFrom(buffer.flip());
    }

    public static Protos.TaskState state(TaskState state) {
        return Protos.TaskState.valueOf(state.wireName());
    }

    public static TaskState state(Protos.TaskState state) {
        return TaskState.valueOf(state.name().substring("TASK_".length()));
    }

    /** Seconds since the epoch, as every time on Mesos' JSON is written. */
    public static double seconds(Instant at) {
        return at.getEpochSecond() + at.getNano() / 1e9;
    }

    static long nanoseconds(Instant at) {
        return Math.addExact(Math.multiplyExact(at.getEpochSecond(), 1_000_000_000L), at.getNano());
    }

    private static Instant instant(double seconds, Instant otherwise) {
        if (!(Math.abs(seconds) < 1e11)) {
            return otherwise;
        }
        double whole = Math.floor(seconds);
        return Instant.ofEpochSecond((long) whole, (long) ((seconds - whole) * 1e9));
    }

    private static Protos.TaskStatus.Source source(StatusSource source) {
        return Protos.TaskStatus.Source.valueOf("SOURCE_" + source.name());
    }

    private static StatusSource source(Protos.TaskStatus.Source source) {
        return StatusSource.valueOf(source.name().substring("SOURCE_".length()));
    }

    private static Protos.TaskStatus.Reason reason(StatusReason reason) {
        return Protos.TaskStatus.Reason.valueOf("REASON_" + reason.name());
    }

    private static StatusReason reason(Protos.TaskStatus.Reason reason) {
        return StatusReason.valueOf(reason.name().substring("REASON_".length()));
    }
}
