package io.offerplane.engine.recording;

import io.offerplane.engine.Command;
import io.offerplane.engine.EngineConfig;
import io.offerplane.engine.EngineSnapshot;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What an engine was told, in order, and what it decided, as digests: enough to have another one decide the same.
 *
 * @param from where it began, or empty when it began with nothing
 */
public record Recording(EngineConfig config, Optional<EngineSnapshot> from, List<Step> steps) {
    public Recording {
        Objects.requireNonNull(config, "config");
        Objects.requireNonNull(from, "from");
        steps = List.copyOf(steps);
    }

    /**
     * One command.
     *
     * @param digest of the decision's bytes
     */
    public record Step(Command command, long digest) {}
}
