/**
 * What the cluster holds, from informer caches: nodes, pods, and our own objects. Reads only; nobody's rules live here.
 *
 * <p>Start at {@link io.offerplane.operator.cluster.ClusterCaches}.
 */
@NullMarked
package io.offerplane.operator.cluster;

import org.jspecify.annotations.NullMarked;
