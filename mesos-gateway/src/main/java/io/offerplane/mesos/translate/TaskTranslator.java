package io.offerplane.mesos.translate;

import com.google.protobuf.InvalidProtocolBufferException;
import io.offerplane.engine.Payload;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.task.ExecutorId;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.mesos.v1.Protos;

/** Mesos {@code TaskInfo}, with what is wrong with it. */
public final class TaskTranslator {
    private TaskTranslator() {}

    /** A task as the engine takes it. Never fails: faults travel in the spec, and the engine answers them in their order. */
    public static TaskSpec fromProto(Protos.TaskInfo given, FrameworkId frameworkId) {
        Protos.TaskInfo task = normalised(given, frameworkId);
        ResourceTranslator.Parsed parsed = ResourceTranslator.fromProto(task.getResourcesList());
        Optional<String> fault = TaskValidation.fault(task, parsed.resources())
                .or(() -> TaskValidation.executorFault(task))
                .or(() -> foreignExecutorFault(task.getExecutor(), frameworkId))
                .or(() -> diskFault(task.getResourcesList()))
                .or(() -> diskFault(task.getExecutor().getResourcesList()))
                .or(() -> duplicateFault(task))
                .or(() -> shareFault(task));
        return spec(task, parsed, fault);
    }

    /**
     * A task of a group, which is to run in the executor; as {@link #fromProto}, with what fails the group in Mesos' words.
     *
     * @param executor with its framework's id
     */
    static TaskSpec inGroup(Protos.TaskInfo given, Protos.ExecutorInfo executor, FrameworkId frameworkId) {
        Protos.TaskInfo own = normalised(given, frameworkId);
        Protos.TaskInfo task = own.toBuilder().setExecutor(executor).build();
        ResourceTranslator.Parsed parsed = ResourceTranslator.fromProto(task.getResourcesList());
        Optional<String> fault = TaskValidation.fault(task, parsed.resources())
                .or(() -> TaskValidation.groupFault(own))
                .or(() -> diskFault(task.getResourcesList()))
                .or(() -> duplicateFault(task));
        return spec(task, parsed, fault);
    }

    private static TaskSpec spec(Protos.TaskInfo task, ResourceTranslator.Parsed parsed, Optional<String> fault) {
        ResourceTranslator.Parsed executorParsed =
                ResourceTranslator.fromProto(task.getExecutor().getResourcesList());
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

    /** The task as its framework sent it. */
    public static Protos.TaskInfo toProto(TaskSpec task) {
        try {
            return Protos.TaskInfo.parseFrom(task.info().toByteArray());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("task " + task.taskId() + ": its info is no TaskInfo", e);
        }
    }

    /** What Mesos fills in before it looks at a task. */
    static Protos.TaskInfo normalised(Protos.TaskInfo task, FrameworkId frameworkId) {
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
    static Optional<String> diskFault(List<Protos.Resource> resources) {
        return resources.stream()
                .filter(Protos.Resource::hasDisk)
                .map(Protos.Resource::getDisk)
                .flatMap(disk -> diskFault(disk).stream())
                .findFirst();
    }

    private static Optional<String> diskFault(Protos.Resource.DiskInfo disk) {
        if (disk.hasSource()) {
            return Optional.of("Task uses a disk with a source, which no agent of this master has");
        }
        if (disk.hasPersistence()) {
            return disk.hasVolume()
                    ? Optional.empty()
                    : Optional.of(
                            "Task uses invalid resources: Invalid DiskInfo: Expecting 'volume' to be set for persistent volume");
        }
        return Optional.of("Task uses invalid resources: Invalid DiskInfo: "
                + (disk.hasVolume() ? "Non-persistent volume not supported" : "DiskInfo is set but empty"));
    }

    /** A volume is used whole, so by a task and its executor together once. Source: {@code validateUniquePersistenceID}. */
    private static Optional<String> duplicateFault(Protos.TaskInfo task) {
        return duplicate(task.getResourcesList())
                .map(fault -> "Task uses duplicate persistence ID: " + fault)
                .or(() -> duplicate(task.getExecutor().getResourcesList())
                        .map(fault -> "Executor uses duplicate persistence ID: " + fault))
                .or(() -> duplicate(Stream.concat(
                                        task.getResourcesList().stream(),
                                        task.getExecutor().getResourcesList().stream())
                                .toList())
                        .map(fault -> "Task and its executor use duplicate persistence ID: " + fault));
    }

    private static Optional<String> duplicate(List<Protos.Resource> resources) {
        Set<String> seen = new HashSet<>();
        return resources.stream()
                .filter(resource -> resource.getDisk().hasPersistence())
                .filter(resource -> !seen.add(TermsTranslator.reservedFor(resource)
                        + ' '
                        + resource.getDisk().getPersistence().getId()))
                .findFirst()
                .map(resource ->
                        "Persistence ID '" + resource.getDisk().getPersistence().getId() + "' is not unique");
    }

    static Optional<String> foreignExecutorFault(Protos.ExecutorInfo executor, FrameworkId frameworkId) {
        String named = executor.getFrameworkId().getValue();
        return !executor.hasFrameworkId() || named.equals(frameworkId.value())
                ? Optional.empty()
                : Optional.of("ExecutorInfo has an invalid FrameworkID (Actual: " + named + " vs Expected: "
                        + frameworkId.value() + ")");
    }

    private static Optional<String> shareFault(Protos.TaskInfo task) {
        Protos.LinuxInfo linux = task.getContainer().getLinuxInfo();
        if (!linux.hasShareCgroups() || linux.getShareCgroups()) {
            return Optional.empty();
        }
        return Optional.of("Only tasks in a task group may have 'share_cgroups' set to 'false'");
    }
}
