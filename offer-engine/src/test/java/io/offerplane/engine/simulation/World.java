package io.offerplane.engine.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/** Virtual time and chance, both out of the seed. */
final class World {
    final SplittableRandom random;
    boolean troubled = true;

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparing(Event::at).thenComparingLong(Event::sequence));
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private long nextSequence;

    private record Event(Instant at, long sequence, Runnable action) {}

    World(long seed) {
        random = new SplittableRandom(seed);
    }

    Instant now() {
        return now;
    }

    void after(double seconds, Runnable action) {
        at(now.plus(Duration.ofNanos((long) (seconds * 1e9))), action);
    }

    void at(Instant time, Runnable action) {
        events.add(new Event(time.isBefore(now) ? now : time, nextSequence++, action));
    }

    /** Lets the next thing happen. */
    void step() {
        Event event = events.remove();
        now = event.at();
        event.action().run();
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    /** Like {@link #chance}, and never once the faults have stopped. */
    boolean trouble(double probability) {
        return troubled && chance(probability);
    }

    double between(double low, double high) {
        return low + random.nextDouble() * (high - low);
    }

    int upTo(int limit) {
        return random.nextInt(limit);
    }
}
