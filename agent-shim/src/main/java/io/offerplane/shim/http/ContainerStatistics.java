package io.offerplane.shim.http;

import io.offerplane.shim.cgroup.ContainerUsage;
import io.offerplane.shim.cgroup.ContainerUsage.BlockDevice;
import io.offerplane.shim.cgroup.ContainerUsage.Traffic;
import io.offerplane.shim.container.ContainerLimits;
import io.offerplane.shim.isolator.DiskQuota;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.mesos.v1.Protos.CgroupInfo.Blkio;
import org.apache.mesos.v1.Protos.Device;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.ResourceStatistics;

/**
 * What the kernel counts for a container, under Mesos' names and in its units: seconds and bytes. Fields that nothing here measures
 * stay unset. Source of the meanings: Mesos 1.11's cgroups isolators.
 */
final class ContainerStatistics {

    private static final double NANOS = 1e9;

    private ContainerStatistics() {}

    /**
     * The figures.
     *
     * @param allocated what the container was given, of which the CPU limit follows where the kernel enforces none
     * @param disk what its sandbox held when its quota was last checked
     * @param at when they were read
     */
    static ResourceStatistics of(
            ContainerUsage usage, List<Resource> allocated, Optional<DiskQuota.Usage> disk, Instant at) {
        double cpus = AgentResources.sum(allocated.stream(), "cpus");
        ContainerUsage.Memory memory = usage.memory();
        ResourceStatistics.Builder statistics = ResourceStatistics.newBuilder()
                .setTimestamp(at.toEpochMilli() / 1000.0)
                .setProcesses(count(usage.processes()))
                .setThreads(count(usage.pids()))
                .setCpusUserTimeSecs(usage.cpuUserNanos() / NANOS)
                .setCpusSystemTimeSecs(usage.cpuSystemNanos() / NANOS)
                .setCpusSoftLimit(cpus)
                .setCpusLimit(
                        usage.cpuQuotaMicros().isPresent()
                                ? usage.cpuQuotaMicros().getAsLong() / (double) Math.max(1, usage.cpuPeriodMicros())
                                : cpus)
                .setMemTotalBytes(usage.memoryBytes())
                .setMemSoftLimitBytes(memory.softLimit().orElseGet(() -> softLimit(allocated)))
                .setMemRssBytes(usage.memoryRssBytes())
                .setMemAnonBytes(usage.memoryRssBytes())
                .setMemCacheBytes(usage.memoryCacheBytes())
                .setMemFileBytes(usage.memoryCacheBytes());
        usage.throttling().ifPresent(throttling -> statistics
                .setCpusNrPeriods(count(throttling.periods()))
                .setCpusNrThrottled(count(throttling.throttledPeriods()))
                .setCpusThrottledTimeSecs(throttling.throttledNanos() / NANOS));
        usage.memoryLimitBytes().ifPresent(statistics::setMemLimitBytes);
        memory.withSwap().ifPresent(statistics::setMemTotalMemswBytes);
        memory.mappedFile().ifPresent(statistics::setMemMappedFileBytes);
        memory.unevictable().ifPresent(statistics::setMemUnevictableBytes);
        memory.swap().ifPresent(statistics::setMemSwapBytes);
        disk.ifPresent(held -> statistics.setDiskUsedBytes(held.usedBytes()).setDiskLimitBytes(held.quotaBytes()));
        if (!usage.blockDevices().isEmpty()) {
            statistics.setBlkioStatistics(blkio(usage.blockDevices()));
        }
        return statistics.build();
    }

    /** The proto counts these in 32 bits. */
    private static int count(long value) {
        return (int) Math.min(value, 0xFFFF_FFFFL);
    }

    private static long softLimit(List<Resource> allocated) {
        return Math.max(
                (long) (AgentResources.sum(allocated.stream(), "mem") * (1 << 20)), ContainerLimits.MIN_MEMORY_BYTES);
    }

    private static Blkio.Statistics blkio(List<BlockDevice> devices) {
        Blkio.Statistics.Builder statistics = Blkio.Statistics.newBuilder();
        for (BlockDevice device : devices) {
            Blkio.Throttling.Statistics.Builder one = statistics
                    .addThrottlingBuilder()
                    .setDevice(Device.Number.newBuilder()
                            .setMajorNumber(device.major())
                            .setMinorNumber(device.minor()));
            operations(device.requests()).forEach(one::addIoServiced);
            operations(device.bytes()).forEach(one::addIoServiceBytes);
        }
        return statistics.build();
    }

    private static List<Blkio.Value> operations(Traffic traffic) {
        return List.of(
                value(Blkio.Operation.READ, traffic.read()),
                value(Blkio.Operation.WRITE, traffic.written()),
                value(Blkio.Operation.DISCARD, traffic.discarded()),
                value(Blkio.Operation.TOTAL, traffic.read() + traffic.written() + traffic.discarded()));
    }

    private static Blkio.Value value(Blkio.Operation operation, long value) {
        return Blkio.Value.newBuilder().setOp(operation).setValue(value).build();
    }
}
