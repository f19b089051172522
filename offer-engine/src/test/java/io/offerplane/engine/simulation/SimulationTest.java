package io.offerplane.engine.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.Decision;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Many seeds, each a run of its own. A failure prints how to run it again; {@code -Dsimulation.seed}, {@code -Dsimulation.seeds} and
 * {@code -Dsimulation.steps} choose.
 */
class SimulationTest {
    private static final long FIRST_SEED = Long.getLong("simulation.seed", 1);
    private static final int SEEDS =
            Integer.getInteger("simulation.seeds", System.getProperty("simulation.seed") == null ? 1000 : 1);
    private static final int STEPS = Integer.getInteger("simulation.steps", 1000);

    @Test
    void keepsEveryRuleUnderTroubleAndRecoversFromIt() {
        Sightings sightings = new Sightings();
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
            run(seed, sightings);
        }
        System.out.println(SEEDS + " seeds of " + STEPS + " steps; seen: " + sightings);
        if (SEEDS >= 100) {
            for (String rare : List.of(
                    "crash",
                    "RescindOffer",
                    "ReportTaskUnknown",
                    "ShutdownFramework",
                    "FrameworkRemoved",
                    "SendAgentFailure",
                    "KillTask",
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
            new Simulation(seed, UnaryOperator.identity(), sightings).run(STEPS);
        } catch (RuntimeException failure) {
            throw new AssertionError(
                    "seed " + seed
                            + " failed; again: dev/mvn -pl offer-engine test -Dtest=SimulationTest -Dsimulation.seed="
                            + seed + " -Dsimulation.steps=" + STEPS,
                    failure);
        }
    }
}
