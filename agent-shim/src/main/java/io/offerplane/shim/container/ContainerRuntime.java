package io.offerplane.shim.container;

import io.offerplane.shim.cgroup.ContainerUsage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeoutException;

/**
 * Runs containers that outlive this process. Every operation may be repeated after a crash at any point in the middle of it,
 * and then ends in the same state. Methods block; safe for use by several threads, one at a time per container.
 */
public interface ContainerRuntime {

    /**
     * Chooses the id of a container that is about to be written down, and started after that. For a plain one, that of a container that was made
     * ahead, if there is one: it starts faster, and is otherwise like any.
     *
     * @param cgroup in which the container's own will lie; empty when there is none
     * @param plain whether the container will wish for nothing beside limits, in the pool's own root filesystem
     */
    default String newId(String cgroup, boolean plain) {
        return UUID.randomUUID().toString();
    }

    /** Takes an id of {@link #newId} back that was not written down. */
    default void abandon(String id) {}

    /**
     * A folder that a container made ahead has mounted as its sandbox. Whoever makes the sandbox is to move this folder to where that belongs. Empty when
     * the container has none, or not any more.
     */
    default Optional<Path> preparedSandbox(String id) {
        return Optional.empty();
    }

    /**
     * Brings a container to life, from whatever an earlier attempt left: nothing, a created container, a running one or one
     * that ended already, which is then not started again.
     *
     * @throws ContainerLaunchException when it can't run; what there is of it is left to {@link #remove}
     */
    void start(ContainerSpec spec) throws ContainerLaunchException, InterruptedException;

    /**
     * Sets a running container's limits to the spec's; nothing happens when it doesn't run.
     *
     * @throws IOException when the kernel or the runtime won't have them
     */
    void update(ContainerSpec spec) throws IOException, InterruptedException;

    /** Waits for the end of a container that was started. A container that vanished has {@link WaitStatus.Unknown}. */
    ContainerExit awaitExit(ContainerSpec spec) throws InterruptedException;

    /**
     * Runs a program beside a running container's own, with the spec's user, environment and limits, and waits for its end. What it says is dropped.
     * When this returns or throws, nothing of it runs.
     *
     * @param purpose a short name in lower case; for one purpose a container has one program at a time, and one that an earlier shim left is ended
     * @param timeout the most that it may take; zero means for ever
     * @throws TimeoutException when it took longer
     * @throws IOException when it can't be run, as when the container has ended
     */
    WaitStatus exec(ContainerSpec spec, String purpose, Program program, Duration timeout)
            throws IOException, TimeoutException, InterruptedException;

    /**
     * Has a program join a running container, with the spec's user, environment and limits, in the container's own namespaces. Returns when it is
     * about to start; it lasts no longer than this process.
     *
     * @param terminal its size where the program is to have one
     * @throws IOException when it can't be run, as when the container has ended
     */
    ContainerSession join(ContainerSpec spec, Program program, Optional<ContainerSession.WindowSize> terminal)
            throws IOException, InterruptedException;

    /** Sends a signal to every process of a running container; nothing happens when there is none. */
    void signal(ContainerSpec spec, Signal signal);

    /**
     * Ends what is left of a container and removes every trace but its sandbox: processes, control groups, runtime state, files.
     *
     * @throws IOException naming what could not be removed; worth another try later
     */
    void remove(ContainerSpec spec) throws IOException, InterruptedException;

    /**
     * Makes a control group that containers' own lie in, or changes its limits. A hard memory limit that it has is only raised, since what
     * is in memory would not fit otherwise.
     *
     * @param cgroup relative to the root of each hierarchy, with a leading slash
     */
    void enclose(String cgroup, ContainerLimits limits) throws IOException;

    /** Removes what {@link #enclose} made, when no container is in it any more; absent is fine. */
    void release(String cgroup) throws IOException;

    /** What a container has used so far; absent when it has no control group. */
    Optional<ContainerUsage> usage(ContainerSpec spec);

    /** What can be sent to a container. */
    enum Signal {
        /** Asks to end. */
        TERM(15),
        HUP(1),
        INT(2),
        QUIT(3),
        USR1(10),
        /** Ends all processes at once; output written before is kept. */
        KILL(9);

        private final int number;

        Signal(int number) {
            this.number = number;
        }

        /** The kernel's. */
        public int number() {
            return number;
        }

        /** The one with the kernel's number, if it can be sent. */
        public static Optional<Signal> of(int number) {
            return Arrays.stream(values())
                    .filter(signal -> signal.number == number)
                    .findFirst();
        }
    }
}
