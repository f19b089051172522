package io.offerplane.shim.task;

import io.offerplane.shim.journal.ExecutorKey;
import io.offerplane.shim.journal.TaskKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.mesos.v1.Protos.Resource;
import org.jspecify.annotations.Nullable;

/**
 * A container that runs or is being started, for those who weigh what it takes.
 *
 * @param cgroup its control group; empty when there never was one
 * @param executor the custom executor that it is of; absent for a task's own
 * @param tasks that live in it
 * @param resources its own and its tasks'
 * @param acceptedAtMillis when the latest of its tasks was accepted, in milliseconds of the epoch; 0 without any
 */
public record HeldContainer(
        String containerId,
        String cgroup,
        Optional<ExecutorKey> executor,
        List<TaskKey> tasks,
        List<Resource> resources,
        long acceptedAtMillis) {

    public HeldContainer {
        tasks = List.copyOf(tasks);
        resources = List.copyOf(resources);
    }

    /**
     * A custom executor's.
     *
     * @param tasks what its tasks hold of it; null while it has none
     */
    public static HeldContainer ofExecutor(
            ExecutorKey executor,
            String containerId,
            String cgroup,
            List<Resource> resources,
            @Nullable HeldContainer tasks) {
        HeldContainer own = new HeldContainer(containerId, cgroup, Optional.of(executor), List.of(), resources, 0);
        return tasks == null ? own : own.with(tasks);
    }

    /** Together with what others hold of it. */
    HeldContainer with(HeldContainer more) {
        List<TaskKey> allTasks = new ArrayList<>(tasks);
        allTasks.addAll(more.tasks);
        List<Resource> allResources = new ArrayList<>(resources);
        allResources.addAll(more.resources);
        return new HeldContainer(
                containerId,
                cgroup,
                executor,
                allTasks,
                allResources,
                Math.max(acceptedAtMillis, more.acceptedAtMillis));
    }
}
