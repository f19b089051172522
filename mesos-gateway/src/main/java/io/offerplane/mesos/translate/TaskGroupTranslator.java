package io.offerplane.mesos.translate;

import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Operation;
import io.offerplane.engine.task.TaskSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.mesos.v1.Protos;

/** Mesos {@code LAUNCH_GROUP}, with what is wrong with it. Source: Mesos 1.11 master/validation.cpp, namespace group. */
public final class TaskGroupTranslator {
    private static final String ID_SET = "The `id` field cannot be set on LAUNCH_GROUP operations";

    /** As much as the link to an agent takes at once, with room for what is beside: each task brings the executor along. */
    private static final long MAX_BYTES = 6L << 20;

    private TaskGroupTranslator() {}

    /**
     * A group as the engine takes it; each task brings the executor, as Mesos' master has it. Never fails: faults travel along, and
     * the engine answers them in their order.
     *
     * @param launch with at least one task
     * @param hasId whether the operation has an id, which launches can't have
     */
    public static Operation.LaunchGroup fromProto(
            Protos.Offer.Operation.LaunchGroup launch, boolean hasId, FrameworkId frameworkId) {
        Protos.ExecutorInfo executor = launch.getExecutor().hasFrameworkId()
                ? launch.getExecutor()
                : launch.getExecutor().toBuilder()
                        .setFrameworkId(Protos.FrameworkID.newBuilder().setValue(frameworkId.value()))
                        .build();
        long bytes = (long) executor.getSerializedSize() * launch.getTaskGroup().getTasksCount()
                + launch.getTaskGroup().getSerializedSize();
        List<TaskSpec> tasks = new ArrayList<>();
        for (Protos.TaskInfo task : launch.getTaskGroup().getTasksList()) {
            tasks.add(TaskTranslator.inGroup(task, executor, frameworkId));
        }
        Optional<String> fault = hasId ? Optional.of(ID_SET) : executorFault(executor, frameworkId, bytes);
        return new Operation.LaunchGroup(
                tasks,
                fault.or(() -> differing(launch.getTaskGroup(), executor, frameworkId))
                        .or(() -> mixed(launch.getTaskGroup())));
    }

    private static Optional<String> differing(
            Protos.TaskGroupInfo group, Protos.ExecutorInfo executor, FrameworkId frameworkId) {
        return group.getTasksList().stream()
                .filter(Protos.TaskInfo::hasExecutor)
                .filter(task -> !TaskTranslator.normalised(task, frameworkId)
                        .getExecutor()
                        .equals(executor))
                .findFirst()
                .map(task -> "The `ExecutorInfo` of task '" + task.getTaskId().getValue()
                        + "' is different from executor '"
                        + executor.getExecutorId().getValue() + "'");
    }

    private static Optional<String> mixed(Protos.TaskGroupInfo group) {
        long kinds = group.getTasksList().stream()
                .map(TaskValidation::sharesCgroups)
                .distinct()
                .count();
        return kinds > 1
                ? Optional.of(
                        "If set, the value of 'share_cgroups' must be the same for all tasks in each task group and"
                                + " under a single executor")
                : Optional.empty();
    }

    private static Optional<String> executorFault(Protos.ExecutorInfo executor, FrameworkId frameworkId, long bytes) {
        if (bytes > MAX_BYTES) {
            return Optional.of("Task group is too large: its tasks, each with the executor, are " + bytes
                    + " bytes, of at most " + MAX_BYTES);
        }
        ResourceTranslator.Parsed resources = ResourceTranslator.fromProto(executor.getResourcesList());
        return TaskTranslator.foreignExecutorFault(executor, frameworkId)
                .or(() -> TaskTranslator.diskFault(executor.getResourcesList()))
                .or(() -> TaskValidation.groupExecutorFault(executor, resources.resources()));
    }
}
