package io.offerplane.engine.simulation;

import java.util.Map;
import java.util.TreeMap;

/** Counts what was seen over many runs: a simulation that never meets a case proves nothing about it. */
final class Sightings {
    private final Map<String, Long> counts = new TreeMap<>();

    void see(Object thing) {
        see(thing.getClass().getSimpleName());
    }

    void see(String what) {
        counts.merge(what, 1L, Long::sum);
    }

    /** All that another run saw; runs may end at once. */
    synchronized void add(Sightings other) {
        other.counts.forEach((what, count) -> counts.merge(what, count, Long::sum));
    }

    long of(String what) {
        return counts.getOrDefault(what, 0L);
    }

    @Override
    public String toString() {
        return counts.toString();
    }
}
