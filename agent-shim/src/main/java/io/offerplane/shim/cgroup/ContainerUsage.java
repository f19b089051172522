package io.offerplane.shim.cgroup;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the kernel counts for one container.
 *
 * @param cpuUserNanos CPU time in user mode
 * @param cpuSystemNanos CPU time in the kernel
 * @param cpuShares weight, in version 1's scale of 1024 per core
 * @param cpuQuotaMicros run time allowed per period; absent when unlimited
 * @param cpuPeriodMicros length of the period
 * @param throttling how often the quota was used up; absent where the kernel doesn't count that
 * @param memoryBytes in use, cache included
 * @param memoryPeakBytes highest use seen
 * @param memoryLimitBytes hard limit; absent when unlimited
 * @param memoryRssBytes anonymous memory
 * @param memoryCacheBytes page cache
 * @param memory what else is known of it
 * @param oomKills processes that the kernel killed for the lack of memory
 * @param processes of the container
 * @param pids processes and threads
 * @param pidsLimit how many there may be; absent when unlimited
 * @param blockDevices traffic with disks, by device; empty where the kernel doesn't count it
 * @param pressure how much its processes had to wait, by what for; without what the kernel doesn't measure
 */
public record ContainerUsage(
        long cpuUserNanos,
        long cpuSystemNanos,
        long cpuShares,
        OptionalLong cpuQuotaMicros,
        long cpuPeriodMicros,
        Optional<Throttling> throttling,
        long memoryBytes,
        long memoryPeakBytes,
        OptionalLong memoryLimitBytes,
        long memoryRssBytes,
        long memoryCacheBytes,
        Memory memory,
        long oomKills,
        long processes,
        long pids,
        OptionalLong pidsLimit,
        List<BlockDevice> blockDevices,
        Map<Pressure.Kind, Pressure> pressure) {
    public ContainerUsage {
        blockDevices = List.copyOf(blockDevices);
        pressure = Map.copyOf(pressure);
    }

    /**
     * How the quota was kept.
     *
     * @param periods in which the container wanted to run
     * @param throttledPeriods of those, in which it had to wait
     * @param throttledNanos how long its threads waited together
     */
    public record Throttling(long periods, long throttledPeriods, long throttledNanos) {}

    /**
     * Kinds of memory, in bytes; absent is what the kernel doesn't tell.
     *
     * @param softLimit what is kept for it when memory gets scarce; absent also when nothing is
     * @param mappedFile part of the page cache that processes have mapped
     * @param unevictable what can't be paged out
     * @param swap swapped out
     * @param withSwap in use, swap included
     */
    public record Memory(
            OptionalLong softLimit,
            OptionalLong mappedFile,
            OptionalLong unevictable,
            OptionalLong swap,
            OptionalLong withSwap) {}

    /**
     * Traffic with one device since the container began.
     *
     * @param major the device's number, first half
     * @param minor second half
     * @param bytes by kind of request
     * @param requests by kind of request
     */
    public record BlockDevice(int major, int minor, Traffic bytes, Traffic requests) {}

    /** An amount by kind of request. */
    public record Traffic(long read, long written, long discarded) {
        /** Nothing yet. */
        static final Traffic NONE = new Traffic(0, 0, 0);
    }
}
