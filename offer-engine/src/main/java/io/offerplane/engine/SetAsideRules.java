package io.offerplane.engine;

import java.time.Duration;
import java.util.Objects;

/**
 * How agents are set aside for those whose tasks are too big for what others leave. YARN's container reservations, by time and with a bound.
 *
 * @param after how long somebody is passed over for want of room on any one agent before one is set aside; more than zero
 * @param patience how long one agent is kept before another is tried; more than zero
 * @param permille how many of the agents may be set aside at once, in thousandths, rounded up, though never all of them; 0 to 1,000, and 0 for
 *     none
 */
public record SetAsideRules(Duration after, Duration patience, int permille) {
    /** After a minute, for ten minutes each, a tenth of the agents. */
    public static final SetAsideRules DEFAULT = new SetAsideRules(Duration.ofMinutes(1), Duration.ofMinutes(10), 100);

    /** No agent ever. */
    public static final SetAsideRules NONE = new SetAsideRules(Duration.ofMinutes(1), Duration.ofMinutes(10), 0);

    public SetAsideRules {
        Objects.requireNonNull(after, "after");
        Objects.requireNonNull(patience, "patience");
        if (!after.isPositive() || !patience.isPositive()) {
            throw new IllegalArgumentException(
                    "set aside: after " + after + " for " + patience + " (expected: more than zero)");
        }
        if (permille < 0 || permille > 1000) {
            throw new IllegalArgumentException("set aside: " + permille + " thousandths (expected: 0 to 1000)");
        }
    }

    /** How many of so many agents may be set aside at once. */
    public int most(int agents) {
        return Math.clamp(Math.ceilDiv((long) agents * permille, 1000), 0, Math.max(0, agents - 1));
    }
}
