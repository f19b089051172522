package io.offerplane.engine;

import io.offerplane.engine.maintenance.DrainConfig;
import io.offerplane.engine.maintenance.DrainState;
import java.time.Instant;

/** How an agent is being emptied. */
final class Drain {
    final DrainConfig config;
    final Instant since;
    DrainState state = DrainState.DRAINING;

    Drain(DrainConfig config, Instant since) {
        this.config = config;
        this.since = since;
    }
}
