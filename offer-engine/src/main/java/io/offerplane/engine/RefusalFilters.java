package io.offerplane.engine;

import io.offerplane.engine.resource.Resources;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What one framework in one role has refused of one agent, while its refuse times run. */
final class RefusalFilters {
    /** Beyond this the one that ends first makes room: a client may not fill the memory with refusals. */
    private static final int KEPT = 32;

    private final List<Filter> filters = new ArrayList<>(1);

    /** Holds while {@code now < until}. */
    record Filter(Resources refused, Instant until, Timetable.Entry expiry) {}

    /** Whether an offer of these would bring nothing beyond what was refused. */
    boolean block(Resources resources, Instant now) {
        for (Filter filter : filters) {
            if (filter.until().isAfter(now) && filter.refused().contains(resources)) {
                return true;
            }
        }
        return false;
    }

    /** Whether another filter already refuses as much for as long. */
    boolean cover(Resources refused, Instant until) {
        for (Filter filter : filters) {
            if (!filter.until().isBefore(until) && filter.refused().contains(refused)) {
                return true;
            }
        }
        return false;
    }

    /** Adds a filter and returns those that it makes pointless. */
    List<Filter> add(Filter filter) {
        List<Filter> dropped = new ArrayList<>();
        for (Filter old : filters) {
            if (!old.until().isAfter(filter.until()) && filter.refused().contains(old.refused())) {
                dropped.add(old);
            }
        }
        filters.removeAll(dropped);
        if (filters.size() == KEPT) {
            Filter shortest = filters.getFirst();
            for (Filter old : filters) {
                shortest = old.until().isBefore(shortest.until()) ? old : shortest;
            }
            filters.remove(shortest);
            dropped.add(shortest);
        }
        filters.add(filter);
        return dropped;
    }

    /** One of a snapshot, in its order. */
    void restore(Filter filter) {
        filters.add(filter);
    }

    void removeUntil(Instant now) {
        filters.removeIf(filter -> !filter.until().isAfter(now));
    }

    boolean isEmpty() {
        return filters.isEmpty();
    }

    List<Filter> all() {
        return filters;
    }
}
