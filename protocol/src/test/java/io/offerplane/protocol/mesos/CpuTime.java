package io.offerplane.protocol.mesos;

import java.lang.management.ManagementFactory;

/** What this thread has worked, which a busy machine doesn't lengthen. */
final class CpuTime {
    private CpuTime() {}

    static long nanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
