package io.offerplane.shim.executor;

import io.offerplane.shim.container.ContainerLimits;
import io.offerplane.shim.task.NodeIdentity;
import java.util.Collection;
import java.util.OptionalLong;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.TaskInfo;

/**
 * What the kernel holds an executor's container to: its own resources and those of all its live tasks, as Mesos' agent does.
 * Weight and soft limit follow the tasks both ways; the hard memory limit only grows, since what a finished task left in
 * memory would otherwise end the others. Source: the cgroups memory isolator's {@code update}.
 */
final class ExecutorLimits {

    private ExecutorLimits() {}

    /** @param before the hard memory limit so far, in bytes; absent when there was none yet */
    static ContainerLimits of(
            NodeIdentity node, ExecutorInfo executor, Collection<TaskInfo> tasks, OptionalLong before) {
        TaskInfo.Builder all = TaskInfo.newBuilder().addAllResources(executor.getResourcesList());
        tasks.forEach(task -> all.addAllResources(task.getResourcesList()));
        ContainerLimits limits = ContainerLimits.of(all.buildPartial(), node.hardCpu(), node.pids());
        OptionalLong hard = limits.memoryLimitBytes();
        if (hard.isPresent() && before.isPresent()) {
            hard = OptionalLong.of(Math.max(hard.getAsLong(), before.getAsLong()));
        }
        return new ContainerLimits(
                limits.cpuShares(), limits.cpuQuotaMicros(), hard, limits.memoryReservationBytes(), limits.pids());
    }
}
