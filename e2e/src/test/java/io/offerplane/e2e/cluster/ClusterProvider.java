package io.offerplane.e2e.cluster;

import java.util.Optional;

/** Somewhere that a cluster for tests comes from. */
public interface ClusterProvider {
    /** The value of the system property {@code e2e.cluster} that chooses this provider. */
    String name();

    /** Empty if {@link #start} has what it needs; else what is missing and what would put it right, in one sentence. */
    Optional<String> obstacle();

    /**
     * Starts a cluster, or finds it running.
     *
     * @param nodes how many worker nodes are wanted; a provider that has another number says so in its failure
     * @throws ClusterUnavailable if there is an obstacle, or the cluster does not come up
     */
    TestCluster start(int nodes);
}
