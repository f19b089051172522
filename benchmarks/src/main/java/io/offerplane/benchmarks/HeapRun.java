package io.offerplane.benchmarks;

import io.offerplane.engine.Effect;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.task.TaskState;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/**
 * Whether a large cluster fits into a small heap and stays there: an hour of cycles, in which tasks end and others take their place. Run it with
 * the heap that it is to fit into; what lives after a collection is sampled every five minutes of that hour. A run that ends has fitted.
 *
 * <p>Arguments: agents, frameworks, tasks; 50,000, 5,000 and 500,000 if there are none.
 */
public final class HeapRun {
    private static final int HOUR_SECONDS = 3_600;
    private static final int SAMPLE_SECONDS = 300;
    private static final int INFO_BYTES = 320;
    private static final int TASKS_PER_ACCEPT = 10;
    private static final double DRIFT_GOAL_PERCENT = 2;
    private static final double GOAL_GIB = 2;

    private final BenchReport report = new BenchReport("heap");
    private final int agents;
    private final int frameworks;
    private final int tasks;
    private final Deque<TaskLives.Life> running = new ArrayDeque<>();

    private HeapRun(int agents, int frameworks, int tasks) {
        this.agents = agents;
        this.frameworks = frameworks;
        this.tasks = tasks;
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length == 0) {
            new HeapRun(50_000, 5_000, 500_000).run();
        } else {
            new HeapRun(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]), Integer.parseInt(arguments[2]))
                    .run();
        }
    }

    private void run() throws IOException {
        OfferMarket market = new OfferMarket(agents, frameworks, OfferMarket.Tree.THREE_LEVELS);
        TaskLives lives = new TaskLives(market, 2, 4_096, INFO_BYTES);
        // A task lives for ten minutes, so that six generations pass in an hour.
        int endingPerSecond = Math.max(1, tasks / 600);
        long start = System.nanoTime();
        while (running.size() < tasks) {
            fill(market, lives, 60);
        }
        report.text(String.format(
                Locale.ROOT,
                "%,d agents, %,d frameworks, %,d running tasks with %d bytes of description each; %,d tasks end per second%n",
                agents,
                frameworks,
                running.size(),
                INFO_BYTES,
                endingPerSecond));
        report.text("""
                | simulated minutes | live MiB | launched so far | seconds of work |
                |---:|---:|---:|---:|""");
        List<Double> samples = new ArrayList<>();
        for (int second = 0; second <= HOUR_SECONDS; second++) {
            if (second % SAMPLE_SECONDS == 0) {
                samples.add(sample(second, lives, start));
            }
            for (int i = 0; i < endingPerSecond; i++) {
                lives.report(running.removeFirst(), TaskState.FINISHED);
            }
            fill(market, lives, 1);
        }
        judge(samples);
        report.write();
    }

    /** A cycle, and as many tasks on its offers as are missing; those that start tell that they run. */
    private void fill(OfferMarket market, TaskLives lives, int refuseSeconds) {
        for (Effect.SendOffers sent : OfferMarket.offers(market.cycle())) {
            for (Offer offer : sent.offers()) {
                int missing = Math.min(TASKS_PER_ACCEPT, tasks - running.size());
                int fit = (int) (offer.resources().scalars().milli("cpus") / 2_000);
                for (TaskLives.Life life : lives.launch(offer, Math.min(missing, fit), refuseSeconds)) {
                    lives.report(life, TaskState.RUNNING);
                    running.addLast(life);
                }
            }
        }
    }

    private double sample(int second, TaskLives lives, long start) {
        double mib = Measurement.liveBytes() / 1048576.0;
        long seconds = (System.nanoTime() - start) / 1_000_000_000L;
        report.record(
                String.format(Locale.ROOT, "| %d | %.1f | %,d | %d |", second / 60, mib, lives.launched(), seconds),
                String.format(
                        Locale.ROOT,
                        "{\"minute\":%d,\"liveMib\":%.1f,\"launched\":%d,\"workSeconds\":%d}",
                        second / 60,
                        mib,
                        lives.launched(),
                        seconds));
        return mib;
    }

    /** The first quarter of an hour fills what is remembered of ended tasks; from there on it is to stay as it is. */
    private void judge(List<Double> samples) {
        List<Double> steady = samples.subList(samples.size() / 4, samples.size());
        double drift = (steady.getLast() / steady.getFirst() - 1) * 100;
        double largest = samples.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        String what = String.format(Locale.ROOT, "%,d agents, %,d tasks, %,d frameworks", agents, tasks, frameworks);
        report.add(Goal.atMost(
                "heap (-Xmx) of " + what, "GiB", "", Runtime.getRuntime().maxMemory() / 1073741824.0, GOAL_GIB, 1));
        report.add(Goal.atMost("most that lives of it", "GiB", "", largest / 1024, GOAL_GIB, 1));
        report.add(Goal.atMost(
                "drift of the live heap in the last three quarters of an hour",
                "%",
                "",
                drift,
                DRIFT_GOAL_PERCENT,
                0.2));
    }
}
