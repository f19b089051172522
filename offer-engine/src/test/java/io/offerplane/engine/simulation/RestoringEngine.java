package io.offerplane.engine.simulation;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.EngineConfig;
import io.offerplane.engine.EngineSnapshot;
import io.offerplane.engine.OfferEngine;
import io.offerplane.engine.recording.Recorder;
import io.offerplane.engine.recording.Recording;
import io.offerplane.engine.recording.Recordings;
import io.offerplane.engine.recording.Recordings.JavaExpression;
import io.offerplane.engine.view.EngineView;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * An engine that is restored from its own snapshot now and then. Old and new then run side by side for some commands, and must decide alike;
 * after that the new one goes on alone.
 */
final class RestoringEngine {
    private static final int ONE_IN = 1_000;
    private static final int SIDE_BY_SIDE = 40;

    private final EngineConfig config;
    private final SplittableRandom chance;
    private OfferEngine engine;
    private @Nullable OfferEngine restored;
    private int left;
    private @Nullable Recorder recorder;

    RestoringEngine(EngineConfig config) {
        this.config = config;
        chance = new SplittableRandom(config.seed());
        engine = new OfferEngine(config);
    }

    Decision apply(Command command) {
        if (restored == null && chance.nextInt(ONE_IN) == 0) {
            byte[] bytes = Recordings.SNAPSHOTS.encode(engine.snapshot());
            restored = OfferEngine.restore(config, Recordings.SNAPSHOTS.decode(bytes));
            left = SIDE_BY_SIDE;
        }
        Decision decision = engine.apply(command);
        if (recorder != null) {
            recorder.add(command, decision);
        }
        if (restored != null) {
            compare(restored, command, decision);
        }
        return decision;
    }

    private void compare(OfferEngine other, Command command, Decision decision) {
        Decision otherDecision = other.apply(command);
        if (!otherDecision.equals(decision)) {
            throw new AuditFailure(
                    "restore equals run", command + " leads to " + decision + " and, restored, to " + otherDecision);
        }
        if (--left == 0) {
            EngineSnapshot before = engine.snapshot();
            EngineSnapshot after = other.snapshot();
            if (!before.equals(after)) {
                throw new AuditFailure("restore equals run", "state is " + before + " and, restored, " + after);
            }
            engine = other;
            restored = null;
        }
    }

    /** From here on. */
    void record() {
        recorder = new Recorder(config, Optional.of(engine.snapshot()), JavaExpression::new);
    }

    Recording recording() {
        return Objects.requireNonNull(recorder, "record() comes first").recording();
    }

    EngineView view(Instant at) {
        return engine.view(at);
    }

    Optional<Instant> nextDue() {
        return engine.nextDue();
    }
}
