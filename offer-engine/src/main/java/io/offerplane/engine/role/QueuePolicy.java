package io.offerplane.engine.role;

import java.util.Objects;
import java.util.Optional;

/**
 * How those in one role share what the role has, and how many may: what YARN's CapacityScheduler sets of a leaf queue. Holds for frameworks of the role itself, not
 * for roles below it.
 *
 * @param ordering in which order frameworks of the role choose
 * @param minimumUserLimitPercent what each user is sure of while several want something, in hundredths of what the role has; 1 to 100, and 100 for
 *     no such rule. YARN's {@code minimum-user-limit-percent}
 * @param userLimitPercent the most that one user ever holds, in hundredths of what the role is guaranteed; more than zero. YARN's
 *     {@code user-limit-factor}, times 100
 * @param maxApplications how many applications there may be, started or not; more are refused. YARN's {@code maximum-applications}
 * @param maxRunningApplications how many of them may hold containers; others wait until one ends. YARN's {@code max-parallel-apps}
 * @param masterPercent the most that masters of applications hold together, in hundredths of what the role may have; one master always
 *     may. YARN's {@code maximum-am-resource-percent}, times 100
 */
public record QueuePolicy(
        Ordering ordering,
        int minimumUserLimitPercent,
        Optional<Integer> userLimitPercent,
        Optional<Integer> maxApplications,
        Optional<Integer> maxRunningApplications,
        Optional<Integer> masterPercent) {
    /** Fair order, and no limits. */
    public static final QueuePolicy NONE =
            new QueuePolicy(Ordering.FAIR, 100, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    public QueuePolicy {
        Objects.requireNonNull(ordering, "ordering");
        require("minimum user limit", minimumUserLimitPercent, 1, 100);
        userLimitPercent.ifPresent(percent -> require("user limit", percent, 1, Integer.MAX_VALUE));
        maxApplications.ifPresent(count -> require("applications", count, 0, Integer.MAX_VALUE));
        maxRunningApplications.ifPresent(count -> require("running applications", count, 0, Integer.MAX_VALUE));
        masterPercent.ifPresent(percent -> require("masters", percent, 0, 100));
    }

    private static void require(String what, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: " + least + " to " + most + ")");
        }
    }

    /** Whether users are held to a limit. */
    public boolean limitsUsers() {
        return minimumUserLimitPercent < 100 || userLimitPercent.isPresent();
    }

    /** Which framework of a role chooses first. */
    public enum Ordering {
        /** Who holds least; Mesos' order, and YARN's {@code fair}. */
        FAIR,
        /** Who is of higher priority, then who came first; YARN's {@code fifo}. */
        FIFO,
        /** Who is of higher priority, then who holds least. */
        PRIORITY
    }
}
