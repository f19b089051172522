/**
 * Measurements on a cluster with the chart installed, run by {@code benchmarks/cluster/run}.
 *
 * <p>Figures of one run are compared with each other and never with another machine's. Start at {@link
 * io.offerplane.e2e.bench.ClusterBenchmark}.
 */
@NullMarked
package io.offerplane.e2e.bench;

import org.jspecify.annotations.NullMarked;
