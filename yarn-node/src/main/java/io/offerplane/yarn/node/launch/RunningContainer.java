package io.offerplane.yarn.node.launch;

import java.util.concurrent.CompletableFuture;

/** A container's processes. */
public interface RunningContainer {
    /** Completes with the exit status when the first process has ended and no other of the container is left: 0 to 255, 128 + n for signal n. */
    CompletableFuture<Integer> exit();

    /** Sends a signal to all its processes; no effect when they are gone. */
    void signal(Signal signal);

    /** What can be sent. */
    enum Signal {
        QUIT,
        TERM,
        KILL
    }
}
