package io.offerplane.benchmarks;

import io.offerplane.benchmarks.Measurement.Effort;
import io.offerplane.engine.Decision;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.Ranges;
import io.offerplane.engine.resource.Resources;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Shapes that Mesos' own allocator benchmarks measure, at their sizes, each in one JVM with the yardstick beside it, and what else is too long
 * for JMH. Prints best, median and worst round in milliseconds and in Y1, and each goal with its verdict.
 *
 * <p>Arguments choose shapes by the beginning of their names: decline, growth, idle, join, memory, many, apply, grid; none means all.
 */
public final class AllocatorScale {
    private static final double GROWTH = 1.5;

    private final BenchReport report = new BenchReport("scale");
    private final List<String> chosen;

    private AllocatorScale(List<String> chosen) {
        this.chosen = chosen;
    }

    public static void main(String[] arguments) throws IOException {
        new AllocatorScale(List.of(arguments)).run();
    }

    private void run() throws IOException {
        if (wants("memory")) {
            memory();
        }
        if (wants("decline")) {
            declines();
        }
        if (wants("growth")) {
            growth();
        }
        if (wants("idle")) {
            idle(10_000, 1_000);
            report.add(Goal.atMost(
                            "idle cycle, 10k agents, everything filtered",
                            "Y1",
                            "Mesos 900,000",
                            idle(10_000, 1).inY1(),
                            9_000)
                    .moonshot(450));
        }
        if (wants("join")) {
            report.add(Goal.atMost(
                            "1,000 agents join with 1,000 roles of one framework",
                            "M Y1",
                            "Mesos 11",
                            join(1_000, 1_000).inY1() / 1e6,
                            0.22)
                    .moonshot(0.022));
        }
        if (wants("many")) {
            new ManyFrameworks(report).run();
        }
        if (wants("apply")) {
            new ApplyThroughput(report).run();
        }
        if (wants("grid")) {
            new CycleGrid(report).run();
        }
        report.write();
    }

    private boolean wants(String name) {
        return chosen.isEmpty() || chosen.stream().anyMatch(name::startsWith);
    }

    private void declines() {
        Measurement middle = decline(10_000, 1_000, OfferMarket.Tree.ONE_ROLE);
        Measurement large = decline(20_000, 2_000, OfferMarket.Tree.ONE_ROLE);
        decline(50_000, 5_000, OfferMarket.Tree.ONE_ROLE);
        decline(10_000, 1_000, OfferMarket.Tree.THREE_LEVELS);
        decline("every agent of another size, ", 10_000, 1_000, OfferMarket.Tree.ONE_ROLE, new Motley());
        decline("every agent of another size, ", 50_000, 5_000, OfferMarket.Tree.ONE_ROLE, new Motley());
        String cycle = "DeclineOffers, one cycle, ";
        report.add(Goal.atMost(cycle + "10k x 1k", "M Y1", "Mesos 4.5", middle.inY1() / 1e6, 0.23)
                .moonshot(0.045));
        report.add(Goal.atMost(cycle + "20k x 2k", "M Y1", "Mesos 12.6", large.inY1() / 1e6, 0.63)
                .moonshot(0.13));
    }

    private void growth() {
        OfferGrowth growth = new OfferGrowth(report)
                .with(1_000, 100)
                .with(20_000, 2_000)
                .with(50_000, 5_000)
                .run();
        String cost = "growth of cost per offer, 1k x 100 to ";
        report.add(Goal.atMost(cost + "20k x 2k", "ratio", "Mesos 2.5", growth.to(1), GROWTH));
        report.add(Goal.dream(cost + "50k x 5k", "ratio", "", growth.to(2), GROWTH));
    }

    private Measurement decline(int agents, int frameworks, OfferMarket.Tree tree) {
        return decline("", agents, frameworks, tree, OfferMarket::fresh);
    }

    /** The cycle is measured. */
    private Measurement decline(
            String what, int agents, int frameworks, OfferMarket.Tree tree, Supplier<Resources> totals) {
        DeclineRounds rounds = new DeclineRounds(agents, frameworks, tree, totals);
        List<Long> declines = new ArrayList<>();
        String sizes = agents + " x " + frameworks;
        Measurement cycle =
                report.add(Measurement.of("decline: a cycle, " + what + tree.text, sizes, agents, Effort.FULL, () -> {
                    long took = rounds.next();
                    declines.add(rounds.declining());
                    return took;
                }));
        long[] sorted = declines.stream()
                .skip(declines.size() / 2)
                .mapToLong(Long::longValue)
                .sorted()
                .toArray();
        report.add(new Measurement(
                "decline: all offers come back, " + what + tree.text,
                sizes,
                sorted[0],
                sorted[sorted.length / 2],
                sorted[sorted.length - 1],
                agents,
                cycle.y1()));
        return cycle;
    }

    /** What no two agents have alike. */
    private static final class Motley implements Supplier<Resources> {
        private int number;

        @Override
        public Resources get() {
            number++;
            return Resources.scalars(Map.of(
                            "cpus", Quantity.of(8 + number % 64),
                            "mem", Quantity.of(32_768 + number),
                            "disk", Quantity.of(1_000_000 + number)))
                    .plus(Resources.ranges("ports", Ranges.of(31_000, 32_000 + number)));
        }
    }

    /** Everything is filtered; a cycle that has nothing new. */
    private Measurement idle(int agents, int frameworks) {
        OfferMarket market = new OfferMarket(agents, frameworks, OfferMarket.Tree.ONE_ROLE);
        if (frameworks == 1) {
            // Cycles are an interval apart, and there are a great many of them.
            market.decline(market.cycle(), 365 * 86_400);
        } else {
            market.suppressAll();
            market.cycle();
        }
        return report.add(Measurement.of(
                "idle cycle, " + (frameworks == 1 ? "all filtered" : "all suppressed"),
                agents + " x " + frameworks,
                0,
                Effort.SHORT,
                () -> {
                    long start = BenchClock.nanos();
                    Decision decision = market.cycle();
                    long took = BenchClock.nanos() - start;
                    require(OfferMarket.countOffers(decision), 0);
                    return took;
                }));
    }

    /** Agents join one by one, a cycle after each, with one framework in as many roles. Mesos: DeclineOffers with 1,000 roles. */
    private Measurement join(int agents, int roles) {
        return report.add(Measurement.of(
                "agents join, a cycle each, roles of one framework", agents + " x " + roles, 0, Effort.FULL, () -> {
                    OfferMarket market = OfferMarket.ofOneFramework(roles);
                    market.cycle();
                    long start = BenchClock.nanos();
                    for (int i = 0; i < agents; i++) {
                        market.join();
                        market.tick();
                    }
                    return BenchClock.nanos() - start;
                }));
    }

    private void memory() {
        report.text("""
                | memory, all offered | agents x frameworks | KiB per agent |
                |---|---|---:|""");
        double alike = memory("agents alike", 10_000, 1_000, OfferMarket::fresh);
        memory("every agent of another size", 10_000, 1_000, new Motley());
        memory("agents alike", 50_000, 5_000, OfferMarket::fresh);
        report.add(Goal.atMost("memory per agent, 10k x 1k", "KiB", "Mesos 48", alike, 5)
                .moonshot(1));
    }

    private double memory(String what, int agents, int frameworks, Supplier<Resources> totals) {
        long before = Measurement.liveBytes();
        OfferMarket market = new OfferMarket(agents, frameworks, OfferMarket.Tree.ONE_ROLE, totals);
        require(OfferMarket.countOffers(market.cycle()), agents);
        double perAgent = (Measurement.liveBytes() - before) / 1024.0 / market.agents();
        Measurement.require(perAgent > 0, "an agent takes " + perAgent + " KiB");
        String row = String.format(Locale.ROOT, "| %s | %d x %d | %.2f |", what, agents, frameworks, perAgent);
        report.record(
                row,
                String.format(
                        Locale.ROOT,
                        "{\"shape\":\"memory\",\"what\":\"%s\",\"agents\":%d,\"frameworks\":%d,\"kibPerAgent\":%.2f}",
                        what,
                        agents,
                        frameworks,
                        perAgent));
        return perAgent;
    }

    private static void require(int counted, int expected) {
        Measurement.require(counted == expected, counted + " were counted, not " + expected);
    }
}
