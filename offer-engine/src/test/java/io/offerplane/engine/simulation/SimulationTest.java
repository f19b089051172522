package io.offerplane.engine.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.Decision;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Many seeds, each a run of its own. A failure prints how to run it again; {@code -Dsimulation.seed}, {@code -Dsimulation.seeds} and
 * {@code -Dsimulation.steps} choose.
 *
 * <p>Without them: seeds that are the same every day, and others that go through 10,000 in the course of two weeks. {@code make soak} runs
 * all 10,000.
 */
class SimulationTest {
    private static final int ALL = 10_000;
    private static final int SAME_EVERY_DAY = 300;
    private static final int OF_THE_DAY = 700;
    private static final int STEPS = Integer.getInteger("simulation.steps", 1000);
    private static final int PROGRESS = 500;

    /** Which seeds to run. */
    private static LongStream seeds() {
        Long first = Long.getLong("simulation.seed");
        Integer count = Integer.getInteger("simulation.seeds");
        if (first != null || count != null) {
            long from = first == null ? 1 : first;
            return LongStream.range(from, from + (count == null ? 1 : count));
        }
        long day = Long.getLong("simulation.day", LocalDate.now(ZoneOffset.UTC).toEpochDay());
        long from = 1 + SAME_EVERY_DAY + day * OF_THE_DAY % (ALL - SAME_EVERY_DAY - OF_THE_DAY);
        System.out.println("seeds 1 to " + SAME_EVERY_DAY + ", and those of the day " + from + " to "
                + (from + OF_THE_DAY - 1) + "; again: -Dsimulation.day=" + day);
        return LongStream.concat(LongStream.rangeClosed(1, SAME_EVERY_DAY), LongStream.range(from, from + OF_THE_DAY));
    }

    @Test
    void keepsEveryRuleUnderTroubleAndRecoversFromIt() {
        Sightings sightings = new Sightings();
        long[] seeds = seeds().toArray();
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
                    "RescindOffer",
                    "ReportTaskUnknown",
                    "ShutdownFramework",
                    "FrameworkRemoved",
                    "SendAgentFailure",
                    "KillTask",
                    "DeactivateAgent",
                    "UpdateFramework",
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
