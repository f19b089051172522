package io.offerplane.engine.simulation;

import java.time.Duration;
import java.time.Instant;

/** One connection: delivers in order, late, and not at all once it is broken. Both directions share its fate. */
final class Stream {
    final long number;
    private final World world;
    private final double slowest;
    private boolean open = true;
    private Instant lastThere = Instant.MIN;
    private Instant lastBack = Instant.MIN;

    Stream(World world, long number) {
        this.world = world;
        this.number = number;
        this.slowest = world.trouble(0.2) ? 3.0 : 0.05;
    }

    boolean isOpen() {
        return open;
    }

    void close() {
        open = false;
    }

    void toEngine(Runnable delivery) {
        lastThere = send(lastThere, delivery);
    }

    void fromEngine(Runnable delivery) {
        lastBack = send(lastBack, delivery);
    }

    private Instant send(Instant last, Runnable delivery) {
        Instant earliest = world.now().plus(Duration.ofNanos((long) (world.between(0, slowest) * 1e9)));
        Instant at = earliest.isBefore(last) ? last : earliest;
        world.at(at, () -> {
            if (open) {
                delivery.run();
            }
        });
        return at;
    }
}
