package io.offerplane.shim.container;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * The end of a container.
 *
 * @param status of the task's command
 * @param outOfMemory present when the kernel killed one of its processes for the lack of memory
 */
public record ContainerExit(WaitStatus status, Optional<OutOfMemory> outOfMemory) {

    /**
     * The kernel's figures at the time.
     *
     * @param limitBytes the hard limit; absent when there was none and the node or claim itself ran out
     * @param peakBytes the highest use seen
     * @param statistics the kernel's memory statistics of the group, as it printed them
     */
    public record OutOfMemory(OptionalLong limitBytes, long peakBytes, String statistics) {}
}
