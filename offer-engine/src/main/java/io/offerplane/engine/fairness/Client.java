package io.offerplane.engine.fairness;

import java.util.Arrays;
import java.util.Comparator;

/**
 * Someone who competes for resources: a role among its siblings, or a framework within a role.
 *
 * <p>Holds numbers only. They are changed by the {@link Sorter} that orders it.
 */
public abstract class Client {
    /** Share by weight first, then how often it was chosen, then its path by its {@link PathOrder}: no two clients of a sorter are equal. */
    static final Comparator<Client> ORDER = (left, right) -> {
        int byShare = Double.compare(left.share, right.share);
        if (byShare != 0) {
            return byShare;
        }
        int byAllocations = Long.compare(left.allocations, right.allocations);
        return byAllocations != 0 ? byAllocations : Long.compare(left.rank, right.rank);
    };

    private final String path;
    private long[] held = new long[0];
    private double weight = 1.0;
    private double share;
    private long allocations;
    private long rank;

    protected Client(String path) {
        this.path = path;
    }

    public final String path() {
        return path;
    }

    public final double weight() {
        return weight;
    }

    /** The dominant share as of now, 0 to 1 unless more is held than there is; not divided by the weight. */
    public final double dominantShare(ClusterTotals totals) {
        return DominantShare.of(held, totals);
    }

    /**
     * What it would be without some of what is held, zero where that is more than there is.
     *
     * @param amounts thousandths, by the numbers of {@code totals}
     */
    public final double dominantShareWithout(long[] amounts, ClusterTotals totals) {
        long[] left = held.clone();
        for (int i = 0; i < left.length && i < amounts.length; i++) {
            left[i] = Math.max(0, left[i] - amounts[i]);
        }
        return DominantShare.of(left, totals);
    }

    /** What a snapshot keeps of it. */
    public final Account account(ClusterTotals totals) {
        return new Account(totals.quantities(held), allocations);
    }

    /** Goes on from an account of a snapshot; before it competes. */
    public final void resume(Account account, ClusterTotals totals) {
        held = totals.vector(account.held());
        allocations = account.allocations();
    }

    /** Whether nothing is on its account. */
    public final boolean holdsNothing() {
        for (long amount : held) {
            if (amount != 0) {
                return false;
            }
        }
        return true;
    }

    final double share() {
        return share;
    }

    final long allocations() {
        return allocations;
    }

    /** Goes up with the path among those who are sorted together. */
    final long rank() {
        return rank;
    }

    final void rank(long newRank) {
        rank = newRank;
    }

    /**
     * Works it out anew, and gives it.
     *
     * @param divisors those of the totals, as of now
     */
    final double updateShare(double[] divisors) {
        share = DominantShare.of(held, divisors) / weight;
        return share;
    }

    final void weigh(double newWeight) {
        weight = newWeight;
    }

    final void add(long[] amounts) {
        if (held.length < amounts.length) {
            held = Arrays.copyOf(held, amounts.length);
        }
        for (int i = 0; i < amounts.length; i++) {
            held[i] += amounts[i];
        }
        allocations++;
    }

    final void subtract(long[] amounts) {
        for (int i = 0; i < amounts.length; i++) {
            if (amounts[i] == 0) {
                continue;
            }
            if (i >= held.length || held[i] < amounts[i]) {
                throw new IllegalArgumentException("release by " + path + ": " + amounts[i]
                        + " thousandths of scalar " + i + " (expected: at most what it holds, "
                        + (i < held.length ? held[i] : 0) + ")");
            }
            held[i] -= amounts[i];
        }
    }
}
