package io.offerplane.engine.role;

import java.time.Duration;
import java.util.Objects;

/**
 * Whether what a role holds beyond its guarantee may be taken back for roles that have less than they are guaranteed; YARN's preemption.
 *
 * @param allowed whether its tasks may be ended for that; what is only offered is taken back in any case
 * @param grace how long tasks are left after they were told, to end by themselves or to be given back; zero or more
 */
public record ReclaimPolicy(boolean allowed, Duration grace) {
    /** Tasks stay. */
    public static final ReclaimPolicy NONE = new ReclaimPolicy(false, Duration.ZERO);

    public ReclaimPolicy {
        Objects.requireNonNull(grace, "grace");
        if (grace.isNegative()) {
            throw new IllegalArgumentException("grace: " + grace + " (expected: zero or more)");
        }
    }
}
