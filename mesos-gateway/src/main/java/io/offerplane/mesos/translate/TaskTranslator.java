package io.offerplane.mesos.translate;

import com.google.protobuf.InvalidProtocolBufferException;
import io.offerplane.engine.Payload;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.task.ExecutorId;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import java.util.List;
import java.util.Optional;
import org.apache.mesos.v1.Protos;

/** Mesos {@code TaskInfo}, with what is wrong with it. */
public final class TaskTranslator {
    private TaskTranslator() {}

    /** A task as the engine takes it. Never fails: faults travel in the spec, and the engine answers them in their order. */
    public static TaskSpec fromProto(Protos.TaskInfo given, FrameworkId frameworkId) {
        Protos.TaskInfo task = normalised(given, frameworkId);
        ResourceTranslator.Parsed parsed = ResourceTranslator.fromProto(task.getResourcesList());
        ResourceTranslator.Parsed executorParsed =
                ResourceTranslator.fromProto(task.getExecutor().getResourcesList());
        Optional<String> fault = TaskValidation.fault(task, parsed.resources())
                .or(() -> foreignExecutorFault(task, frameworkId))
                .or(() -> volumeFault(task.getResourcesList()))
                .or(() -> volumeFault(task.getExecutor().getResourcesList()));
        Optional<TaskSpec.ExecutorSpec> executor = task.hasExecutor()
                ? Optional.of(new TaskSpec.ExecutorSpec(
                        new ExecutorId(task.getExecutor().getExecutorId().getValue()),
                        executorParsed.resources(),
                        Payload.copyOf(task.getExecutor().toByteArray())))
                : Optional.empty();
        return new TaskSpec(
                new TaskId(task.getTaskId().getValue()),
                task.getName(),
                new AgentId(task.getAgentId().getValue()),
                parsed.resources(),
                executor,
                fault,
                parsed.fault().or(executorParsed::fault),
                Payload.copyOf(task.toByteArray()));
    }

    /** What fails the whole group that the task is in, in Mesos' words, or empty. */
    public static Optional<String> faultInGroup(TaskSpec task) {
        return TaskValidation.idFault(task.taskId().value())
                .or(task::resourceFault)
                .or(task::fault)
                .map(fault -> "Task '" + task.taskId() + "' is invalid: " + fault);
    }

    /** The task as its framework sent it. */
    public static Protos.TaskInfo toProto(TaskSpec task) {
        try {
            return Protos.TaskInfo.parseFrom(task.info().toByteArray());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("task " + task.taskId() + ": its info is no TaskInfo", e);
        }
    }

    /** What Mesos fills in before it looks at a task. */
    private static Protos.TaskInfo normalised(Protos.TaskInfo task, FrameworkId frameworkId) {
        Protos.TaskInfo.Builder builder = task.toBuilder();
        if (task.hasExecutor() && !task.getExecutor().hasFrameworkId()) {
            builder.getExecutorBuilder()
                    .setFrameworkId(Protos.FrameworkID.newBuilder().setValue(frameworkId.value()));
        }
        if (task.hasHealthCheck()) {
            builder.setHealthCheck(TaskValidation.withInferredType(task.getHealthCheck()));
        }
        return builder.build();
    }

    /** A task that ran beside its volume rather than on it would lose what it writes. In Mesos' words where it has any. */
    private static Optional<String> volumeFault(List<Protos.Resource> resources) {
        return resources.stream()
                .filter(Protos.Resource::hasDisk)
                .map(Protos.Resource::getDisk)
                .findFirst()
                .map(disk -> {
                    if (disk.hasPersistence()) {
                        return "Task uses persistent volume '"
                                + disk.getPersistence().getId() + "', which the agents of this master can't mount yet";
                    }
                    if (disk.hasVolume()) {
                        return "Task uses invalid resources: Invalid DiskInfo: Non-persistent volume not supported";
                    }
                    return disk.hasSource()
                            ? "Task uses a disk with a source, which no agent of this master has"
                            : "Task uses invalid resources: Invalid DiskInfo: DiskInfo is set but empty";
                });
    }

    private static Optional<String> foreignExecutorFault(Protos.TaskInfo task, FrameworkId frameworkId) {
        if (!task.hasExecutor()
                || task.getExecutor().getFrameworkId().getValue().equals(frameworkId.value())) {
            return Optional.empty();
        }
        return Optional.of("ExecutorInfo has an invalid FrameworkID (Actual: "
                + task.getExecutor().getFrameworkId().getValue() + " vs Expected: " + frameworkId.value() + ")");
    }
}
