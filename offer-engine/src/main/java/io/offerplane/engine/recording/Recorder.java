package io.offerplane.engine.recording;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.EngineConfig;
import io.offerplane.engine.EngineSnapshot;
import io.offerplane.engine.framework.AttributeConstraint.TextPattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Takes down what an engine is told and decides. Grows with every command until it is let go. */
public final class Recorder {
    private final EngineConfig config;
    private final Optional<EngineSnapshot> from;
    private final DecisionDigest digest;
    private final List<Recording.Step> steps = new ArrayList<>();

    /** @param from where the engine stands by now; empty when it is new */
    public Recorder(EngineConfig config, Optional<EngineSnapshot> from, Function<String, TextPattern> compiler) {
        this.config = config;
        this.from = from;
        digest = new DecisionDigest(compiler);
    }

    public void add(Command command, Decision decision) {
        steps.add(new Recording.Step(command, digest.of(decision)));
    }

    public Recording recording() {
        return new Recording(config, from, steps);
    }
}
