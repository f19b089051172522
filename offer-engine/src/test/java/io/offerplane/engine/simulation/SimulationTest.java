package io.offerplane.engine.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.Decision;
import io.offerplane.engine.recording.Recording;
import io.offerplane.engine.recording.Recordings.JavaExpression;
import io.offerplane.engine.recording.Replay;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Many seeds, each a run of its own: those that {@link Seeds} chooses; {@code make soak} runs all. A failure prints
 * how to run it again; {@code -Dsimulation.steps} says how long trouble lasts.
 */
class SimulationTest {
    private static final int STEPS = Integer.getInteger("simulation.steps", 1000);
    private static final int PROGRESS = 500;

    /** One run of so many is recorded and replayed. */
    private static final int REPLAYED = 20;

    @Test
    void keepsEveryRuleUnderTroubleAndRecoversFromIt() {
        Sightings sightings = new Sightings();
        long[] seeds = Seeds.chosen().toArray();
        AtomicInteger done = new AtomicInteger();
        // Each run stays on one thread; the runs share the cores.
        try (var cores = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            List<Future<?>> runs = Arrays.stream(seeds)
                    .<Future<?>>mapToObj(seed -> cores.submit(() -> {
                        Sightings own = new Sightings();
                        run(seed, own);
                        sightings.add(own);
                        if (done.incrementAndGet() % PROGRESS == 0) {
                            System.out.println(done + " of " + seeds.length + " seeds are done");
                        }
                    }))
                    .toList();
            try {
                for (Future<?> run : runs) {
                    run.get();
                }
            } catch (ExecutionException failure) {
                cores.shutdownNow();
                throw new AssertionError(failure.getCause().getMessage(), failure.getCause());
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        System.out.println(seeds.length + " seeds of " + STEPS + " steps; seen: " + sightings);
        if (seeds.length >= 100) {
            for (String rare : List.of(
                    "crash",
                    "replay",
                    "RescindOffer",
                    "ReportTaskUnknown",
                    "ShutdownFramework",
                    "FrameworkRemoved",
                    "SendAgentFailure",
                    "KillTask",
                    "SetQueuePolicy",
                    "DeactivateAgent",
                    "UpdateFramework",
                    "SendInverseOffers",
                    "RescindInverseOffer",
                    "AcceptInverseOffers",
                    "DeclineInverseOffers",
                    "StartMaintenance",
                    "StopMaintenance",
                    "DrainTask",
                    "SendAgentAway",
                    "RemoveAgent")) {
                assertThat(sightings.of(rare))
                        .as("times that %s was seen", rare)
                        .isPositive();
            }
        }
    }

    @Test
    void runsTheSameFromTheSameSeed() {
        for (long seed = 1; seed <= 5; seed++) {
            assertThat(history(seed)).isEqualTo(history(seed));
        }
    }

    /** Every decision of a run, as text. */
    private static String history(long seed) {
        StringBuilder history = new StringBuilder();
        UnaryOperator<Decision> recorder = decision -> {
            history.append(decision).append('\n');
            return decision;
        };
        new Simulation(seed, recorder, new Sightings()).run(300);
        return history.toString();
    }

    private static void run(long seed, Sightings sightings) {
        try {
            Simulation simulation = new Simulation(seed, UnaryOperator.identity(), sightings);
            if (seed % REPLAYED == 0) {
                simulation.recording();
            }
            simulation.run(STEPS);
            if (seed % REPLAYED == 0) {
                simulation.recordings().forEach(SimulationTest::replay);
                sightings.see("replay");
            }
        } catch (RuntimeException failure) {
            throw new AssertionError(
                    "seed " + seed + " failed; again: dev/mvn -pl offer-engine -am test -Dtest=SimulationTest"
                            + " -Dsurefire.failIfNoSpecifiedTests=false -Dsimulation.seed=" + seed
                            + " -Dsimulation.steps=" + STEPS,
                    failure);
        }
    }

    private static void replay(Recording recording) {
        Replay.firstDifference(recording, JavaExpression::new).ifPresent(difference -> {
            throw new AuditFailure("replay equals run", difference.toString());
        });
    }
}
