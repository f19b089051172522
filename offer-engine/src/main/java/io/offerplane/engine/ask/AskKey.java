package io.offerplane.engine.ask;

import java.util.Comparator;

/**
 * Names one of an application's asks; YARN {@code SchedulerRequestKey}.
 *
 * @param priority the lower, the more urgent within the application
 * @param allocationId tells asks of one priority apart; 0 where the application doesn't
 */
public record AskKey(int priority, long allocationId) implements Comparable<AskKey> {
    private static final Comparator<AskKey> ORDER =
            Comparator.comparingInt(AskKey::priority).thenComparingLong(AskKey::allocationId);

    @Override
    public int compareTo(AskKey other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return allocationId == 0 ? "priority " + priority : "priority " + priority + ", allocation " + allocationId;
    }
}
