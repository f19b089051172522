package io.offerplane.shim.supervise;

import io.offerplane.shim.container.ContainerLimits;
import io.offerplane.shim.container.ContainerSpec;
import io.offerplane.shim.container.ContainerWishes;
import io.offerplane.shim.container.LaunchOrder;
import io.offerplane.shim.container.RootFilesystem;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * What all containers made ahead have in common.
 *
 * @param rootfs that they stand on
 * @param pids processes and threads that each may have
 */
record SlotModel(RootFilesystem rootfs, OptionalLong pids) {

    /**
     * Such a container, until a task has it.
     *
     * @param sandbox a folder that will be some task's
     */
    ContainerSpec container(SlotPool.Slot slot, Path sandbox) {
        return ContainerSpec.handle(slot.id(), slot.cgroup(), sandbox, rootfs, ContainerLimits.least(pids));
    }

    /** Whether such a container can become the one that is wanted. */
    boolean serves(ContainerSpec wanted) {
        return wanted.wishes().equals(ContainerWishes.NONE)
                && wanted.rootfs().equals(rootfs)
                && wanted.limits().pids().equals(pids)
                && LaunchOrder.canSay(wanted);
    }
}
