package io.offerplane.shim.task;

import io.offerplane.shim.container.ContainerName;

/** The containers that were started within those of tasks and executors. */
public interface InnerContainers {

    /** For whom there are none. */
    InnerContainers NONE = _ -> {};

    /**
     * Ends all that lie in a container, and forgets them. To be called when that one is a {@link HostContainer} no more, before it is removed.
     * Returns when nothing of them is left.
     *
     * @throws InterruptedException when the shim stops; the next one does it
     */
    void endWithin(ContainerName container) throws InterruptedException;
}
