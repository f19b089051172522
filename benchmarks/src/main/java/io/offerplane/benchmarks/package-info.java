/**
 * JMH benchmarks: how long the engine's decisions take. Figures are compared within one run; none is asserted. Start at {@link
 * io.offerplane.benchmarks.AllocationCycleBenchmark}; {@code make bench} or {@code dev/bench engine} runs them all.
 */
@NullMarked
package io.offerplane.benchmarks;

import org.jspecify.annotations.NullMarked;
