package io.offerplane.engine.fairness;

/** The number that DRF equalises: the largest part of any one scalar resource that somebody holds. */
public final class DominantShare {
    private DominantShare() {}

    /**
     * The largest of {@code held / total} over all scalars that the cluster has. What nobody has any of, and what isn't shared by fairness, doesn't count.
     *
     * @param held thousandths, by the numbers of {@code totals}; may be shorter than they go
     */
    public static double of(long[] held, ClusterTotals totals) {
        double largest = 0;
        for (int i = 0; i < held.length; i++) {
            long total = totals.shared(i);
            if (held[i] > 0 && total > 0) {
                largest = Math.max(largest, (double) held[i] / total);
            }
        }
        return largest;
    }
}
