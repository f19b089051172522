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
        return of(held, totals.divisors());
    }

    /** The same, for who asks for many at a time. */
    static double of(long[] held, double[] divisors) {
        double largest = 0;
        for (int i = 0; i < held.length; i++) {
            double share = held[i] / divisors[i];
            if (share > largest) {
                largest = share;
            }
        }
        return largest;
    }
}
