package io.offerplane.operator.status;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** So many writes a second, with a second's worth saved up at most. News may also use a reserve of as many again. Thread-safe. */
final class WriteBudget {
    private final int perSecond;
    private final InstantSource clock;
    private double tokens;
    private Instant filled;

    WriteBudget(int perSecond, InstantSource clock) {
        if (perSecond < 1) {
            throw new IllegalArgumentException("status writes per second: " + perSecond + " (expected: 1 or more)");
        }
        this.perSecond = perSecond;
        this.clock = clock;
        this.tokens = perSecond;
        this.filled = clock.instant();
    }

    synchronized boolean take(boolean isNews) {
        Instant now = clock.instant();
        double elapsed = Duration.between(filled, now).toNanos() / 1e9;
        if (elapsed > 0) {
            tokens = Math.min(perSecond, tokens + elapsed * perSecond);
            filled = now;
        }
        double least = isNews ? 1.0 - perSecond : 1.0;
        if (tokens < least) {
            return false;
        }
        tokens -= 1;
        return true;
    }
}
