package io.offerplane.shim.container;

/**
 * A container's System V and POSIX shared memory, semaphores and message queues.
 *
 * @param ofAgent whether they are those of the agent's own namespace, and with them {@code /dev/shm}
 * @param bytes size of the container's own {@code /dev/shm}, which counts as its memory
 */
public record SharedMemory(boolean ofAgent, long bytes) {

    /** A namespace of its own, of the size that containers usually have. */
    public static final SharedMemory USUAL = new SharedMemory(false, 64L << 20);
}
