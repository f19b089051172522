/**
 * Where a cluster for tests comes from: the port {@link io.offerplane.e2e.cluster.ClusterProvider} and its three providers.
 *
 * <p>Nothing here knows Offerplane; it hands out a kubeconfig, takes images, and cuts a node's power where it can.
 * Start at {@link io.offerplane.e2e.cluster.ClusterProviders}.
 */
@NullMarked
package io.offerplane.e2e.cluster;

import org.jspecify.annotations.NullMarked;
