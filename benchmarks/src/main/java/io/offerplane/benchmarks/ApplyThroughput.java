package io.offerplane.benchmarks;

import io.offerplane.engine.Effect;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.task.TaskState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Lives of tasks per second through the engine on one thread: {@code ACCEPT}, RUNNING, its acknowledgement, FINISHED, its acknowledgement, and the
 * cycles that make the offers, with all that it takes to make the commands. Each life has an {@code ACCEPT} of its own.
 *
 * <p>What is judged is 10,000 agents and 1,000 frameworks in one role, the size and tree at which Mesos' own allocator is quoted beside the goals. A life is
 * five operations: both readings of the goal are shown, by the operation and by the life. The other shapes are shown beside it.
 */
final class ApplyThroughput {
    private static final double GOAL = 100_000;

    /** Of the machine that the goal is for, in nanoseconds: lives per second say nothing without it. */
    private static final double GOAL_Y1 = 124;

    private static final int COMMANDS_PER_LIFE = 5;
    private static final int WINDOWS = 9;
    private static final long WINDOW_NANOS = 1_000_000_000L;
    private static final long WARM_NANOS = 4_000_000_000L;

    private final BenchReport report;

    ApplyThroughput(BenchReport report) {
        this.report = report;
    }

    void run() {
        report.text("""
                | through apply, one thread | agents x frameworks | worst | median | best | commands/s, median |
                |---|---|---:|---:|---:|---:|""");
        run(1_000, 100, OfferMarket.Tree.ONE_ROLE);
        run(1_000, 100, OfferMarket.Tree.THREE_LEVELS);
        double judged = run(10_000, 1_000, OfferMarket.Tree.ONE_ROLE);
        String what = "accept-launch-finish through apply, one core, 10k x 1k, one role";
        double y1 = Measurement.yardstick();
        double there = judged * y1 / GOAL_Y1;
        report.text(String.format(
                Locale.ROOT,
                "%nThe goals below are for a machine whose Y1 is %.0f ns; here it is %.0f ns.",
                GOAL_Y1,
                y1));
        report.add(Goal.atLeast(what, "operations/s at Y1 = 124 ns", "", there * COMMANDS_PER_LIFE, GOAL));
        report.add(Goal.atLeast(what + ", a whole life as one operation", "lives/s at Y1 = 124 ns", "", there, GOAL));
    }

    private double run(int agents, int frameworks, OfferMarket.Tree tree) {
        OfferMarket market = new OfferMarket(agents, frameworks, tree);
        TaskLives lives = new TaskLives(market, 1, 1_024, 300);
        List<TaskLives.Life> running = new ArrayList<>();
        double[] rates = new double[WINDOWS];
        long warmUntil = BenchClock.nanos() + WARM_NANOS;
        int window = -1;
        long windowStart = BenchClock.nanos();
        long windowLives = 0;
        while (window < WINDOWS) {
            List<TaskLives.Life> started = new ArrayList<>();
            for (Effect.SendOffers sent : OfferMarket.offers(market.cycle())) {
                for (Offer offer : sent.offers()) {
                    started.addAll(lives.launch(offer, 1, 0));
                }
            }
            started.forEach(life -> lives.report(life, TaskState.RUNNING));
            running.forEach(life -> lives.report(life, TaskState.FINISHED));
            windowLives += running.size();
            running = started;
            long now = BenchClock.nanos();
            if (window < 0 ? now > warmUntil : now - windowStart >= WINDOW_NANOS) {
                if (window >= 0) {
                    rates[window] = windowLives * 1e9 / (now - windowStart);
                }
                window++;
                windowStart = now;
                windowLives = 0;
            }
        }
        Arrays.sort(rates);
        double median = rates[WINDOWS / 2];
        report.record(
                String.format(
                        Locale.ROOT,
                        "| lives of tasks per second, %s | %d x %d | %,.0f | %,.0f | %,.0f | %,.0f |",
                        tree.text,
                        agents,
                        frameworks,
                        rates[0],
                        median,
                        rates[WINDOWS - 1],
                        median * COMMANDS_PER_LIFE),
                String.format(
                        Locale.ROOT,
                        "{\"tree\":\"%s\",\"agents\":%d,\"frameworks\":%d,\"livesPerSecond\":[%.0f,%.0f,%.0f]}",
                        tree.text,
                        agents,
                        frameworks,
                        rates[0],
                        median,
                        rates[WINDOWS - 1]));
        return median;
    }
}
