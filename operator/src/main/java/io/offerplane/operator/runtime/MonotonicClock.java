package io.offerplane.operator.runtime;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/** The wall clock, except that it stands still where that would step back: the engine's time never goes backwards. */
public final class MonotonicClock implements InstantSource {
    private final InstantSource wall;
    private final AtomicReference<Instant> latest;

    public MonotonicClock(InstantSource wall) {
        this.wall = wall;
        this.latest = new AtomicReference<>(wall.instant());
    }

    @Override
    public Instant instant() {
        Instant now = wall.instant();
        return latest.accumulateAndGet(now, (before, next) -> next.isAfter(before) ? next : before);
    }
}
