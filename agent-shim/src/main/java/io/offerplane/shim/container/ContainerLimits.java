package io.offerplane.shim.container;

import java.util.Map;
import java.util.OptionalLong;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.Value;

/**
 * What the kernel holds a container to, computed from a task's resources as Mesos' cgroup isolators do, less the command
 * executor's own share: here no executor runs beside the command, so the limits are what the framework accepted.
 *
 * @param cpuShares weight, 1024 per core, at least 2; 0 means the kernel's own
 * @param cpuQuotaMicros run time per {@link #CPU_PERIOD_MICROS}; absent means none
 * @param memoryLimitBytes hard limit; absent means none
 * @param memoryReservationBytes soft limit; 0 means none
 * @param pids how many processes and threads; absent means none
 */
public record ContainerLimits(
        long cpuShares,
        OptionalLong cpuQuotaMicros,
        OptionalLong memoryLimitBytes,
        long memoryReservationBytes,
        OptionalLong pids) {

    /** Of a container that has those of the one around it. */
    public static final ContainerLimits NONE =
            new ContainerLimits(0, OptionalLong.empty(), OptionalLong.empty(), 0, OptionalLong.empty());

    /** Mesos' CPU_CFS_PERIOD. */
    public static final long CPU_PERIOD_MICROS = 100_000;

    /** Mesos' MIN_MEMORY. */
    public static final long MIN_MEMORY_BYTES = 32L << 20;

    private static final long MIN_CPU_SHARES = 2;
    private static final long CPU_SHARES_PER_CORE = 1024;
    private static final long REVOCABLE_CPU_SHARES_PER_CORE = 10;
    private static final long MIN_QUOTA_MICROS = 1000;

    /**
     * As little as a container can do with.
     *
     * @param pids how many processes and threads it may have
     */
    public static ContainerLimits least(OptionalLong pids) {
        return new ContainerLimits(MIN_CPU_SHARES, OptionalLong.empty(), OptionalLong.of(MIN_MEMORY_BYTES), 0, pids);
    }

    /**
     * Limits for a task. Revocable cpus weigh little and are a ceiling in any case, also for the task's own limit.
     *
     * @param hardCpu whether its cpus are also a ceiling, as under Mesos' {@code --cgroups_enable_cfs}
     * @param pids how many processes and threads it may have
     */
    public static ContainerLimits of(TaskInfo task, boolean hardCpu, OptionalLong pids) {
        double cpus = 0;
        double megabytes = 0;
        boolean revocable = false;
        for (Resource resource : task.getResourcesList()) {
            if (resource.getType() != Value.Type.SCALAR) {
                continue;
            }
            switch (resource.getName()) {
                case "cpus" -> {
                    cpus += resource.getScalar().getValue();
                    revocable |= resource.hasRevocable();
                }
                case "mem" -> megabytes += resource.getScalar().getValue();
                default -> {}
            }
        }
        long perCore = revocable ? REVOCABLE_CPU_SHARES_PER_CORE : CPU_SHARES_PER_CORE;
        long memory = bytes(megabytes);
        Map<String, Value.Scalar> asked = task.getLimitsMap();
        // A container of the claim that takes more than it was lent may use up the quota of the whole claim, where
        // shares don't count.
        OptionalLong quota = hardCpu || revocable ? quota(cpus) : OptionalLong.empty();
        Value.Scalar cpuLimit = asked.get("cpus");
        if (cpuLimit != null && !revocable) {
            quota = quota(cpuLimit.getValue());
        }
        OptionalLong limit = OptionalLong.of(memory);
        Value.Scalar memoryLimit = asked.get("mem");
        if (memoryLimit != null) {
            limit = Double.isInfinite(memoryLimit.getValue())
                    ? OptionalLong.empty()
                    : OptionalLong.of(Math.max(memory, bytes(memoryLimit.getValue())));
        }
        return new ContainerLimits(Math.max((long) (perCore * cpus), MIN_CPU_SHARES), quota, limit, memory, pids);
    }

    private static long bytes(double megabytes) {
        return Math.max((long) (megabytes * (1 << 20)), MIN_MEMORY_BYTES);
    }

    private static OptionalLong quota(double cpus) {
        return Double.isInfinite(cpus)
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max((long) (cpus * CPU_PERIOD_MICROS), MIN_QUOTA_MICROS));
    }
}
