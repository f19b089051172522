package io.offerplane.shim.task;

import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ContainerSpec;
import io.offerplane.shim.journal.TaskKey;
import io.offerplane.shim.journal.v1.KillCause;
import io.offerplane.shim.journal.v1.Launch;
import java.time.Duration;
import java.util.Optional;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;

/** A task on its way, whoever takes it there: a container of its own, or a custom executor that it shares with others. */
public interface TaskLife {

    TaskKey key();

    /** As it is, or will be, in the journal. */
    Launch launch();

    FrameworkInfo framework();

    TaskInfo task();

    TaskState latest();

    /** Ids of command tasks and of their executors are the same. */
    default String executorId() {
        return key().taskId();
    }

    default boolean isTerminal() {
        return TaskStatuses.isTerminal(latest());
    }

    /** True when nothing but the sandbox, and perhaps unacknowledged updates, is left. */
    boolean isRemoved();

    /** True when the framework is gone and no update is wanted. */
    boolean isUnwanted();

    /** The container as far as measuring it goes. */
    ContainerSpec handle();

    /**
     * The container with all that it was started with; empty while it isn't there.
     *
     * @throws ContainerLaunchException when the node has lost what it stands on
     */
    default Optional<ContainerSpec> running() throws ContainerLaunchException, InterruptedException {
        return Optional.empty();
    }

    /** Goes the way from wherever it is to its end. On interruption everything stays as it is, for the next shim. */
    void run() throws InterruptedException;

    /** The node was rebooted, so nothing runs any more. */
    void endByReboot() throws InterruptedException;

    /**
     * Asks the task to end. Comes from any thread at any time.
     *
     * @param grace between asking and forcing
     */
    void kill(KillCause cause, Duration grace);

    /** The task could not even be written down. */
    void refuse(String message);

    /** The grace period of a kill that names none. */
    Duration ownGrace();
}
