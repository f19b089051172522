package io.offerplane.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * Time as the wall shows it, or with {@code -Dbenchmarks.clock=cpu} as this thread has used it: for development on a machine that is not quiet. What
 * is judged is the wall's.
 */
final class BenchClock {
    private static final boolean CPU = "cpu".equals(System.getProperty("benchmarks.clock"));
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private BenchClock() {}

    static long nanos() {
        return CPU ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
    }

    static String text() {
        return CPU ? "this thread's own time" : "wall clock";
    }
}
