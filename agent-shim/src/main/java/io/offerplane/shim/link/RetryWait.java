package io.offerplane.shim.link;

import java.util.function.LongUnaryOperator;

/**
 * How long to wait before the next attempt: up to 0.1 s, 0.2 s, and so on to 2 s, each drawn from the upper half of what it may be, so that
 * a thousand shims don't come back in the same instant and none comes back at once. Safe for use by several threads.
 */
final class RetryWait {

    static final long FIRST_MILLIS = 100;
    static final long LONGEST_MILLIS = 2_000;

    private final LongUnaryOperator below;
    private long atMost = FIRST_MILLIS;

    /**
     * @param below gives a random number from 0 to its argument, exclusive
     */
    RetryWait(LongUnaryOperator below) {
        this.below = below;
    }

    /** An attempt has succeeded. */
    synchronized void reset() {
        atMost = FIRST_MILLIS;
    }

    /** Milliseconds until the next attempt after one more that failed. */
    synchronized long next() {
        long now = atMost;
        atMost = Math.min(LONGEST_MILLIS, now * 2);
        return drawn(now);
    }

    /** Milliseconds from the upper half of a given wait. */
    long drawn(long longest) {
        long half = longest / 2;
        return half + below.applyAsLong(longest - half + 1);
    }
}
