package io.offerplane.engine.maintenance;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * When a machine is to be away; Mesos {@code Unavailability}.
 *
 * @param start may have passed
 * @param duration empty for no known end
 */
public record Unavailability(Instant start, Optional<Duration> duration) {
    public Unavailability {
        Objects.requireNonNull(start, "start");
        Objects.requireNonNull(duration, "duration");
    }

    public static Unavailability from(Instant start) {
        return new Unavailability(start, Optional.empty());
    }
}
