package io.offerplane.shim.container;

import java.util.List;
import java.util.Optional;

/**
 * What a container has beside what all have, already found allowed.
 *
 * @param volumes none within another
 * @param limits at most one of a type; the usual ones hold for types that aren't here
 * @param capabilities absent: the usual ones for root, none for others
 * @param sharedMemory whose, and how much
 * @param hostname absent: the node's
 * @param systemCalls which are let through
 */
public record ContainerWishes(
        List<Volume> volumes,
        List<ResourceLimit> limits,
        Optional<CapabilitySets> capabilities,
        SharedMemory sharedMemory,
        Optional<Hostname> hostname,
        SystemCalls systemCalls) {

    /** Nothing beside what all have. */
    public static final ContainerWishes NONE = new ContainerWishes(
            List.of(), List.of(), Optional.empty(), SharedMemory.USUAL, Optional.empty(), new SystemCalls.Usual());

    public ContainerWishes {
        volumes = List.copyOf(volumes);
        limits = List.copyOf(limits);
    }

    /**
     * A host name of the container's own.
     *
     * @param name at most 64 characters
     * @param address that it stands for in the container's {@code /etc/hosts}
     */
    public record Hostname(String name, String address) {}
}
