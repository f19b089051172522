package io.offerplane.shim.nested;

import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ContainerName;
import io.offerplane.shim.container.ContainerRuntime.Signal;
import io.offerplane.shim.task.HostContainer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.mesos.v1.agent.Protos.Response.WaitContainer;

/** What was started within a container by the agent's API. Safe for use by several threads. */
sealed interface Nested permits NestedRun, SessionRun {

    ContainerName name();

    /** How it ended, when nothing of it is left but its sandbox. */
    CompletableFuture<WaitContainer> end();

    default boolean hasEnded() {
        return end().isDone();
    }

    /** Sends all its processes a signal. One that is only being started is ended, whatever the signal, as in Mesos. */
    void signal(Signal signal);

    /** It, for what is to lie in it; empty while it isn't there. */
    Optional<HostContainer> host() throws ContainerLaunchException, InterruptedException;
}
