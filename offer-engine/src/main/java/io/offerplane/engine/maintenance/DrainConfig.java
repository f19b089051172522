package io.offerplane.engine.maintenance;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How an agent is to be emptied; Mesos {@code DrainConfig}.
 *
 * @param maxGracePeriod the most that a task is given to end, whatever its own kill policy says; empty leaves it to that
 * @param markGone whether the agent is removed for good once it is empty
 */
public record DrainConfig(Optional<Duration> maxGracePeriod, boolean markGone) {
    public DrainConfig {
        Objects.requireNonNull(maxGracePeriod, "maxGracePeriod");
    }
}
