package io.offerplane.benchmarks;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Rounds of one shape, best, median and worst. A round says itself how long the measured part of it took, in nanoseconds.
 *
 * @param offers made in the median round, 0 where none are counted
 * @param y1 the yardstick, in nanoseconds, taken right after the rounds
 */
record Measurement(String shape, String sizes, long best, long median, long worst, int offers, double y1) {
    static final String HEAD = """
            | shape | agents x frameworks (or roles) | best ms | median ms | worst ms | median in Y1 | ns per offer | Y1 in ns |
            |---|---|---:|---:|---:|---:|---:|---:|
            """;

    private static final int ROUNDS_AT_LEAST = 11;
    private static final long WARM_NANOS = 2_000_000_000L;
    private static final long MEASURED_NANOS = 1_000_000_000L;
    private static final int YARDSTICK_STEPS = 200_000;
    private static final int YARDSTICK_TRIES = 10;

    /** The serial collector leaves up to a twentieth of the heap dead, except in one of so many collections of all. */
    private static final String COMPACTS_ONE_OF = "MarkSweepAlwaysCompactCount";

    /** How much a shape is worth: how many rounds at least, and for how long at least it warms up. */
    record Effort(int rounds, long warmNanos, long measuredNanos) {
        static final Effort FULL = new Effort(ROUNDS_AT_LEAST, WARM_NANOS, MEASURED_NANOS);
        static final Effort SHORT = new Effort(5, 300_000_000L, 300_000_000L);
    }

    static Measurement of(String shape, String sizes, int offers, Effort effort, LongSupplier round) {
        long warmUntil = BenchClock.nanos() + effort.warmNanos;
        long warm = round.getAsLong();
        while (BenchClock.nanos() < warmUntil) {
            warm += round.getAsLong();
        }
        require(warm >= 0, "warming up took " + warm + " ns");
        long[] times = new long[effort.rounds];
        int count = 0;
        for (long spent = 0; count < effort.rounds || spent < effort.measuredNanos; count++) {
            if (count == times.length) {
                times = Arrays.copyOf(times, 2 * count);
            }
            times[count] = round.getAsLong();
            spent += times[count];
            if (count >= 100 * effort.rounds) {
                count++;
                break;
            }
        }
        times = Arrays.copyOf(times, count);
        Arrays.sort(times);
        return new Measurement(shape, sizes, times[0], times[count / 2], times[count - 1], offers, yardstick());
    }

    double inY1() {
        return median / y1;
    }

    double nanosPerOffer() {
        return offers == 0 ? 0 : (double) median / offers;
    }

    String row() {
        return String.format(
                Locale.ROOT,
                "| %s | %s | %.3f | %.3f | %.3f | %,.0f | %s | %.0f |",
                shape,
                sizes,
                best / 1e6,
                median / 1e6,
                worst / 1e6,
                inY1(),
                offers == 0 ? "" : String.format(Locale.ROOT, "%.0f", nanosPerOffer()),
                y1);
    }

    String json() {
        return String.format(
                Locale.ROOT,
                "{\"shape\":\"%s\",\"sizes\":\"%s\",\"bestNs\":%d,\"medianNs\":%d,\"worstNs\":%d,\"offers\":%d,\"y1Ns\":%.1f,\"medianInY1\":%.0f}",
                shape,
                sizes,
                best,
                median,
                worst,
                offers,
                y1,
                inY1());
    }

    /** The best of several tries: what else runs here must not flatter the ratio. */
    static double yardstick() {
        Yardstick yardstick = new Yardstick();
        yardstick.fill();
        double best = Double.MAX_VALUE;
        for (int i = 0; i < YARDSTICK_TRIES; i++) {
            long start = BenchClock.nanos();
            double sum = 0;
            for (int step = 0; step < YARDSTICK_STEPS; step++) {
                sum += yardstick.y1();
            }
            require(sum > 0, "the yardstick adds up to " + sum);
            best = Math.min(best, (BenchClock.nanos() - start) / (double) YARDSTICK_STEPS);
        }
        return best;
    }

    /** What lives on the heap, in bytes, after as many collections as it takes for one that leaves nothing dead. */
    static long liveBytes() {
        HotSpotDiagnosticMXBean machine = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        int collections = Integer.parseInt(machine.getVMOption(COMPACTS_ONE_OF).getValue());
        for (int i = 0; i < collections; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise + ": the set-up is wrong");
        }
    }
}
