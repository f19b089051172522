package io.offerplane.benchmarks;

import io.offerplane.engine.Command;
import io.offerplane.engine.Effect;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.task.TaskState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Whether a large cluster fits into a small heap and stays there: an hour of cycles, in which tasks end and others take their place. Run it with
 * the heap that it is to fit into; what lives after a collection is sampled every five minutes of that hour. A run that ends has fitted.
 *
 * <p>Each framework wants its part of the tasks. One that has them declines what else it was offered and suppresses; one that lost some revives, as soon as
 * {@value #REVIVE_SECONDS} seconds have passed since any did, as schedulers that hold back their revives do.
 *
 * <p>Arguments: agents, frameworks, tasks; 50,000, 5,000 and 500,000 if there are none.
 */
public final class HeapRun {
    private static final int HOUR_SECONDS = 3_600;
    private static final int SAMPLE_SECONDS = 300;
    private static final int LIFE_SECONDS = 600;
    private static final int REVIVE_SECONDS = 10;
    private static final int INFO_BYTES = 320;
    private static final int TASKS_PER_ACCEPT = 10;
    private static final int TASK_CPUS = 2;
    private static final int FILL_CYCLES_AT_MOST = 1_000;

    /** What a scheduler that says nothing refuses for: {@code Filters.refuse_seconds} in mesos.proto. */
    private static final double REFUSE_SECONDS = 5;

    /** What is taken for steady. */
    private static final double DRIFT_PERCENT = 2;

    private static final double GOAL_GIB = 2;

    private final BenchReport report = new BenchReport("heap");
    private final int agents;
    private final int frameworks;
    private final int tasks;
    private final OfferMarket market;
    private final TaskLives lives;
    private final List<TaskLives.Life> running = new ArrayList<>();

    /** By framework, how many tasks it lacks. */
    private final Map<FrameworkId, Integer> missing = new HashMap<>();

    private long offers;
    private final SplittableRandom random = new SplittableRandom(1);

    private HeapRun(int agents, int frameworks, int tasks) {
        this.agents = agents;
        this.frameworks = frameworks;
        this.tasks = tasks;
        this.market = new OfferMarket(agents, frameworks, OfferMarket.Tree.THREE_LEVELS);
        this.lives = new TaskLives(market, TASK_CPUS, 4_096, INFO_BYTES);
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
        long start = System.nanoTime();
        fill();
        report.text(String.format(
                Locale.ROOT,
                "%,d agents, %,d frameworks, %,d running tasks with %d bytes of description each; a task lives for %d s on average%n",
                agents,
                frameworks,
                running.size(),
                INFO_BYTES,
                LIFE_SECONDS));
        report.text("""
                | simulated minutes | live MiB | running | offers so far | launched so far | seconds of work |
                |---:|---:|---:|---:|---:|---:|""");
        List<Double> samples = new ArrayList<>();
        for (int second = 0; second <= HOUR_SECONDS; second++) {
            endSome();
            if (second % REVIVE_SECONDS == 0) {
                missing.keySet().forEach(market::revive);
            }
            cycle();
            if (second % SAMPLE_SECONDS == 0) {
                samples.add(sample(second, start));
            }
        }
        judge(samples);
        report.write();
    }

    /** Until each framework has its part: the tasks, shared out evenly. */
    private void fill() {
        List<FrameworkId> all = market.frameworks();
        for (int i = 0; i < tasks; i++) {
            missing.merge(all.get(i % all.size()), 1, Integer::sum);
        }
        for (int cycles = 0; !missing.isEmpty(); cycles++) {
            Measurement.require(cycles < FILL_CYCLES_AT_MOST, running.size() + " tasks run after all cycles");
            cycle();
        }
    }

    /** Any of the tasks, so many that a task lives for its time on average. */
    private void endSome() {
        int ending = Math.max(1, tasks / LIFE_SECONDS);
        for (int i = 0; i < ending; i++) {
            int index = random.nextInt(running.size());
            TaskLives.Life ended = running.get(index);
            running.set(index, running.getLast());
            running.removeLast();
            lives.report(ended, TaskState.FINISHED);
            missing.merge(ended.framework(), 1, Integer::sum);
        }
    }

    private void cycle() {
        for (Effect.SendOffers sent : OfferMarket.offers(market.cycle())) {
            answer(sent);
        }
    }

    /** As many tasks as the framework lacks, on the first offers; those that start tell that they run. */
    private void answer(Effect.SendOffers sent) {
        FrameworkId framework = sent.frameworkId();
        int lacks = missing.getOrDefault(framework, 0);
        List<OfferId> useless = new ArrayList<>();
        offers += sent.offers().size();
        for (Offer offer : sent.offers()) {
            int fit = (int) (offer.resources().scalars().milli("cpus") / (TASK_CPUS * 1_000));
            int starting = Math.min(Math.min(TASKS_PER_ACCEPT, lacks), fit);
            if (starting == 0) {
                useless.add(offer.id());
                continue;
            }
            for (TaskLives.Life life : lives.launch(offer, starting, REFUSE_SECONDS)) {
                lives.report(life, TaskState.RUNNING);
                running.add(life);
            }
            lacks -= starting;
        }
        if (!useless.isEmpty()) {
            market.apply(new Command.DeclineOffers(framework, useless, Optional.of(REFUSE_SECONDS), market.now()));
        }
        if (lacks == 0) {
            missing.remove(framework);
            market.suppress(framework);
        } else {
            missing.put(framework, lacks);
        }
    }

    private double sample(int second, long start) {
        double mib = Measurement.liveBytes() / 1048576.0;
        long seconds = (System.nanoTime() - start) / 1_000_000_000L;
        report.record(
                String.format(
                        Locale.ROOT,
                        "| %d | %.1f | %,d | %,d | %,d | %d |",
                        second / 60,
                        mib,
                        running.size(),
                        offers,
                        lives.launched(),
                        seconds),
                String.format(
                        Locale.ROOT,
                        "{\"minute\":%d,\"liveMib\":%.1f,\"running\":%d,\"offers\":%d,\"launched\":%d,\"workSeconds\":%d}",
                        second / 60,
                        mib,
                        running.size(),
                        offers,
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
                "heap (-Xmx) of " + what, "GiB", "", Runtime.getRuntime().maxMemory() / 1073741824.0, GOAL_GIB));
        report.add(Goal.atMost("most that lives of it", "GiB", "", largest / 1024, GOAL_GIB));
        report.add(Goal.atMost(
                "steady: drift of the live heap in the last three quarters of an hour", "%", "", drift, DRIFT_PERCENT));
    }
}
