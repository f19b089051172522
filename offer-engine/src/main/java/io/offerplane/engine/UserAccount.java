package io.offerplane.engine;

import java.util.Arrays;

/** What all frameworks of one user hold in one role. */
final class UserAccount {
    /** How many of them compete. */
    int competing;

    private long[] held = new long[0];

    /** In thousandths, by a number of {@link io.offerplane.engine.fairness.ClusterTotals}. */
    long held(int number) {
        return number < held.length ? held[number] : 0;
    }

    /** Adds amounts, or takes them off, by sign. */
    void move(long[] amounts, int sign) {
        if (held.length < amounts.length) {
            held = Arrays.copyOf(held, amounts.length);
        }
        for (int i = 0; i < amounts.length; i++) {
            held[i] += sign * amounts[i];
        }
    }
}
