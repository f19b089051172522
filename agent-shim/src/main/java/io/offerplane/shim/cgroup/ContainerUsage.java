package io.offerplane.shim.cgroup;

import java.util.OptionalLong;

/**
 * What the kernel counts for one container.
 *
 * @param cpuUserNanos CPU time in user mode
 * @param cpuSystemNanos CPU time in the kernel
 * @param cpuShares weight, in version 1's scale of 1024 per core
 * @param cpuQuotaMicros run time allowed per period; absent when unlimited
 * @param cpuPeriodMicros length of the period
 * @param memoryBytes in use, cache included
 * @param memoryPeakBytes highest use seen
 * @param memoryLimitBytes hard limit; absent when unlimited
 * @param memoryRssBytes anonymous memory
 * @param memoryCacheBytes page cache
 * @param oomKills processes that the kernel killed for the lack of memory
 * @param pids processes and threads
 * @param pidsLimit how many there may be; absent when unlimited
 */
public record ContainerUsage(
        long cpuUserNanos,
        long cpuSystemNanos,
        long cpuShares,
        OptionalLong cpuQuotaMicros,
        long cpuPeriodMicros,
        long memoryBytes,
        long memoryPeakBytes,
        OptionalLong memoryLimitBytes,
        long memoryRssBytes,
        long memoryCacheBytes,
        long oomKills,
        long pids,
        OptionalLong pidsLimit) {}
