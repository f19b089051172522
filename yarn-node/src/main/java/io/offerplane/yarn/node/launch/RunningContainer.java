package io.offerplane.yarn.node.launch;

import java.util.concurrent.CompletableFuture;

/** A container's processes. */
public interface RunningContainer {
    /** Completes when the first process has ended and no other of the container is left. */
    CompletableFuture<Exit> exit();

    /**
     * How it ended.
     *
     * @param status 0 to 255, 128 + n for signal n
     * @param outOfMemory whether the kernel ended a process because the container had used up its memory
     */
    record Exit(int status, boolean outOfMemory) {}

    /** Sends a signal to all its processes; no effect when they are gone. */
    void signal(Signal signal);

    /** What can be sent. */
    enum Signal {
        QUIT,
        TERM,
        KILL
    }
}
