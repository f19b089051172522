package io.offerplane.benchmarks;

import io.offerplane.benchmarks.Measurement.Effort;
import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Effect;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.task.TaskState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One cycle at every size, as it is in the course of work: of the offers of the last cycle some were declined, with a filter of five seconds, and
 * a task was launched on each of the others, whose predecessors have ended. Only the cycle is measured.
 */
final class CycleGrid {
    private static final int[] AGENTS = {1_000, 5_000, 10_000, 50_000};
    private static final int[] FRAMEWORKS = {1, 100, 1_000};
    private static final int[] DECLINED_PERCENT = {0, 50, 95};
    private static final double REFUSE_SECONDS = 5;
    private static final double TASK_CPUS = 4;
    private static final double TASK_MEM = 8_192;

    private final BenchReport report;

    CycleGrid(BenchReport report) {
        this.report = report;
    }

    void run() {
        report.text("""
                | cycle | agents x frameworks | declined | best ms | median ms | worst ms | offers | ns per offer | median in Y1 | KiB per agent |
                |---|---|---:|---:|---:|---:|---:|---:|---:|---:|""");
        for (int agents : AGENTS) {
            for (int frameworks : FRAMEWORKS) {
                for (OfferMarket.Tree tree : List.of(OfferMarket.Tree.ONE_ROLE, OfferMarket.Tree.THREE_LEVELS)) {
                    for (int declined : DECLINED_PERCENT) {
                        run(agents, frameworks, tree, declined);
                    }
                }
            }
        }
    }

    private void run(int agents, int frameworks, OfferMarket.Tree tree, int declinedPercent) {
        long before = Measurement.liveBytes();
        OfferMarket market = new OfferMarket(agents, frameworks, tree);
        TaskLives lives = new TaskLives(market, TASK_CPUS, TASK_MEM, 0);
        Round round = new Round(market, lives, declinedPercent);
        Measurement measured =
                Measurement.of("cycle, " + tree.text, agents + " x " + frameworks, 0, Effort.SHORT, round::cycle);
        long bytes = Measurement.liveBytes() - before;
        int offers = round.offers;
        double perAgent = bytes / 1024.0 / market.agents();
        report.record(
                String.format(
                        Locale.ROOT,
                        "| %s | %d x %d | %d %% | %.3f | %.3f | %.3f | %d | %.0f | %,.0f | %.2f |",
                        tree.text,
                        agents,
                        frameworks,
                        declinedPercent,
                        measured.best() / 1e6,
                        measured.median() / 1e6,
                        measured.worst() / 1e6,
                        offers,
                        (double) measured.median() / Math.max(1, offers),
                        measured.inY1(),
                        perAgent),
                String.format(
                        Locale.ROOT,
                        "{\"tree\":\"%s\",\"agents\":%d,\"frameworks\":%d,\"declinedPercent\":%d,\"offers\":%d,\"kibPerAgent\":%.2f,\"cycle\":%s}",
                        tree.text,
                        agents,
                        frameworks,
                        declinedPercent,
                        offers,
                        perAgent,
                        measured.json()));
    }

    /** What happens between two cycles, and a cycle. */
    private static final class Round {
        private final OfferMarket market;
        private final TaskLives lives;
        private final int declinedPercent;
        private List<TaskLives.Life> running = new ArrayList<>();
        private Decision last;

        /** Of the last cycle. */
        private int offers;

        Round(OfferMarket market, TaskLives lives, int declinedPercent) {
            this.market = market;
            this.lives = lives;
            this.declinedPercent = declinedPercent;
            this.last = market.cycle();
        }

        long cycle() {
            List<TaskLives.Life> started = new ArrayList<>();
            int number = 0;
            for (Effect.SendOffers sent : OfferMarket.offers(last)) {
                List<OfferId> declined = new ArrayList<>();
                for (Offer offer : sent.offers()) {
                    // 37 has no divisor in common with 100: spread evenly, and the same in each run.
                    if (number++ * 37 % 100 < declinedPercent) {
                        declined.add(offer.id());
                    } else {
                        started.addAll(lives.launch(offer, 1, 0));
                    }
                }
                if (!declined.isEmpty()) {
                    market.apply(new Command.DeclineOffers(
                            sent.frameworkId(), declined, Optional.of(REFUSE_SECONDS), market.now()));
                }
            }
            running.forEach(life -> lives.report(life, TaskState.FINISHED));
            running = started;
            long start = BenchClock.nanos();
            last = market.cycle();
            long took = BenchClock.nanos() - start;
            offers = OfferMarket.countOffers(last);
            return took;
        }
    }
}
