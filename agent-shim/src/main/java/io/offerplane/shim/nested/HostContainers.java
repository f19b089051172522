package io.offerplane.shim.nested;

import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ContainerName;
import io.offerplane.shim.executor.Executors;
import io.offerplane.shim.task.HeldTasks;
import io.offerplane.shim.task.HostContainer;
import java.util.Optional;

/** The containers of tasks and executors that others may be started in. */
public final class HostContainers {
    private final HeldTasks tasks;
    private final Executors executors;

    public HostContainers(HeldTasks tasks, Executors executors) {
        this.tasks = tasks;
        this.executors = executors;
    }

    /**
     * One that is there.
     *
     * @throws ContainerLaunchException when the node has lost what it stands on
     */
    public Optional<HostContainer> find(ContainerName name) throws ContainerLaunchException, InterruptedException {
        Optional<HostContainer> executor = executors.host(name);
        return executor.isPresent() ? executor : tasks.host(name);
    }

    /** Whether something is left of it, also before this shim has taken it up. */
    boolean exists(ContainerName name) {
        return executors.hosts(name) || tasks.hosts(name);
    }
}
