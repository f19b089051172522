package io.offerplane.shim.task;

import java.util.Optional;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.TaskInfo;

/**
 * Which tasks may run in a container that was made before anything of them was known: those that ask for nothing of their container but limits. Their
 * user, environment, files, checks and times come later and are no hindrance.
 */
final class WarmFit {

    private WarmFit() {}

    /** Why a task's container has to be made for it; empty when any container of the pool's own root filesystem will do. */
    static Optional<String> hindrance(TaskInfo task) {
        if (task.hasExecutor()) {
            return Optional.of("it runs in an executor, or within the control group of one");
        }
        if (task.getResourcesList().stream().anyMatch(r -> r.getDisk().hasPersistence())) {
            return Optional.of("its persistent volume is a mount");
        }
        return task.hasContainer() ? hindrance(task.getContainer()) : Optional.empty();
    }

    private static Optional<String> hindrance(ContainerInfo container) {
        // Docker's container always has an image.
        if (container.getType() != ContainerInfo.Type.MESOS
                || container.getMesos().hasImage()) {
            return Optional.of("it has an image of its own");
        }
        if (container.getVolumesCount() > 0) {
            return Optional.of("its volumes are mounts");
        }
        if (container.hasLinuxInfo()) {
            return Optional.of(
                    "its capabilities, namespaces, shared memory or system calls are the container's from its start");
        }
        if (container.hasRlimitInfo()) {
            return Optional.of("its limits of processes are set before its first one runs");
        }
        if (container.hasHostname()) {
            return Optional.of("its host name is a namespace's");
        }
        return container.hasTtyInfo() ? Optional.of("its terminal is there from its start") : Optional.empty();
    }
}
