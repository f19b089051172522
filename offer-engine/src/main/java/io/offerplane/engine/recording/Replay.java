package io.offerplane.engine.recording;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.OfferEngine;
import io.offerplane.engine.framework.AttributeConstraint.TextPattern;
import java.util.Optional;
import java.util.function.Function;

/** Has an engine do once more what was recorded. */
public final class Replay {
    private Replay() {}

    /**
     * Where a replay first decided otherwise.
     *
     * @param step counted from 0
     * @param decision what it decided this time
     */
    public record Difference(int step, Command command, Decision decision) {}

    /** Replays all of it, up to the first difference. */
    public static Optional<Difference> firstDifference(Recording recording, Function<String, TextPattern> compiler) {
        DecisionDigest digest = new DecisionDigest(compiler);
        OfferEngine engine = recording
                .from()
                .map(snapshot -> OfferEngine.restore(recording.config(), snapshot))
                .orElseGet(() -> new OfferEngine(recording.config()));
        for (int step = 0; step < recording.steps().size(); step++) {
            Recording.Step recorded = recording.steps().get(step);
            Decision decision = engine.apply(recorded.command());
            if (digest.of(decision) != recorded.digest()) {
                return Optional.of(new Difference(step, recorded.command(), decision));
            }
        }
        return Optional.empty();
    }
}
