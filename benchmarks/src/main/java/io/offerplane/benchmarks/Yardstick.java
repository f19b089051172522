package io.offerplane.benchmarks;

import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Y1: pop, update and push on a binary heap of 1,000 boxed shares. What a machine needs for that stands for the machine, so that
 * figures from different ones, divided by it, can be compared.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class Yardstick {
    private static final int SHARES = 1_000;

    private final PriorityQueue<Double> heap = new PriorityQueue<>(SHARES);

    @Setup
    public void fill() {
        heap.clear();
        for (int i = 0; i < SHARES; i++) {
            heap.add(i / (double) SHARES);
        }
    }

    /** The least share grows by a step that takes it among the others, never twice to the same place. */
    @Benchmark
    public double y1() {
        double least = heap.remove();
        heap.add(least + 0.731 + least * 1e-3);
        return least;
    }
}
