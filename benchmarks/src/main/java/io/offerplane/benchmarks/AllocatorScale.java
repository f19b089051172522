package io.offerplane.benchmarks;

import io.offerplane.engine.Decision;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shapes that Mesos' own allocator benchmarks measure, at their sizes, each in one JVM with the yardstick beside it: rounds that are too
 * long for JMH. Prints best, median and worst round in milliseconds and in Y1, and writes {@code scale.md} and {@code scale.json} into
 * the folder that {@code -Dbenchmarks.out} names.
 *
 * <p>Arguments choose shapes by the beginning of their names; none means all.
 */
public final class AllocatorScale {
    private static final int ROUNDS = 15;
    private static final int WARMUPS = 15;

    private final List<Result> results = new ArrayList<>();
    private final List<String> chosen;

    /** One line of the table; times in nanoseconds. */
    private record Result(String shape, String sizes, long best, long median, long worst, double y1) {
        double inY1() {
            return median / y1;
        }
    }

    private AllocatorScale(List<String> chosen) {
        this.chosen = chosen;
    }

    public static void main(String[] arguments) throws IOException {
        AllocatorScale scale = new AllocatorScale(List.of(arguments));
        for (int[] size : new int[][] {{1_000, 100}, {10_000, 1_000}, {20_000, 2_000}, {50_000, 5_000}}) {
            scale.decline(size[0], size[1], OfferMarket.Tree.ONE_ROLE);
        }
        scale.decline(10_000, 1_000, OfferMarket.Tree.THREE_LEVELS);
        scale.idle(10_000, 1);
        scale.idle(10_000, 1_000);
        scale.join(1_000, 1_000);
        scale.memory(10_000, 1_000);
        scale.write();
    }

    /** Every agent is offered, and declined without a filter; the cycle is measured. Mesos: DeclineOffers. */
    private void decline(int agents, int frameworks, OfferMarket.Tree tree) {
        if (isLeftOut("decline")) {
            return;
        }
        OfferMarket market = new OfferMarket(agents, frameworks, tree);
        Decision[] last = {market.cycle()};
        List<Long> declines = new ArrayList<>();
        measure("decline: a cycle, " + tree.text, agents + " x " + frameworks, () -> {
            long start = System.nanoTime();
            market.decline(last[0], 0);
            declines.add(System.nanoTime() - start);
            start = System.nanoTime();
            last[0] = market.cycle();
            long took = System.nanoTime() - start;
            require(OfferMarket.countOffers(last[0]), agents);
            return took;
        });
        int[] round = {declines.size() - ROUNDS};
        measured(
                "decline: all offers come back, " + tree.text,
                agents + " x " + frameworks,
                () -> declines.get(round[0]++));
    }

    /** Everything is filtered; a cycle that has nothing new. */
    private void idle(int agents, int frameworks) {
        if (isLeftOut("idle")) {
            return;
        }
        OfferMarket market = new OfferMarket(agents, frameworks, OfferMarket.Tree.ONE_ROLE);
        if (frameworks == 1) {
            market.decline(market.cycle(), 86_400);
        } else {
            market.suppressAll();
            market.cycle();
        }
        measure("idle cycle, all filtered", agents + " x " + frameworks, () -> {
            long start = System.nanoTime();
            Decision decision = market.cycle();
            long took = System.nanoTime() - start;
            require(OfferMarket.countOffers(decision), 0);
            return took;
        });
    }

    /** Agents join one by one, a cycle after each, with one framework in as many roles. Mesos: DeclineOffers with 1,000 roles. */
    private void join(int agents, int roles) {
        if (isLeftOut("join")) {
            return;
        }
        measure("agents join, a cycle each, roles of one framework", agents + " x " + roles, () -> {
            OfferMarket market = OfferMarket.ofOneFramework(roles);
            market.cycle();
            long start = System.nanoTime();
            for (int i = 0; i < agents; i++) {
                market.join();
                market.tick();
            }
            long took = System.nanoTime() - start;
            return took;
        });
    }

    private void memory(int agents, int frameworks) {
        if (isLeftOut("memory")) {
            return;
        }
        long before = used();
        OfferMarket market = new OfferMarket(agents, frameworks, OfferMarket.Tree.ONE_ROLE);
        market.cycle();
        long offered = used() - before;
        require(market.agents(), agents);
        System.out.printf(
                Locale.ROOT,
                "memory, %d x %d, all offered: %.2f KiB per agent%n",
                agents,
                frameworks,
                offered / 1024.0 / agents);
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private boolean isLeftOut(String name) {
        return !chosen.isEmpty() && chosen.stream().noneMatch(name::startsWith);
    }

    private void measure(String shape, String sizes, LongSupplier round) {
        long warm = 0;
        for (int i = 0; i < WARMUPS; i++) {
            warm += round.getAsLong();
        }
        require(warm >= 0 ? 1 : 0, 1);
        measured(shape, sizes, round);
    }

    private void measured(String shape, String sizes, LongSupplier round) {
        long[] times = new long[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            times[i] = round.getAsLong();
        }
        Arrays.sort(times);
        Result result = new Result(shape, sizes, times[0], times[ROUNDS / 2], times[ROUNDS - 1], yardstick());
        results.add(result);
        System.out.println(line(result));
    }

    /** The best of several tries, in nanoseconds: what else runs here must not flatter the ratio. */
    private static double yardstick() {
        Yardstick yardstick = new Yardstick();
        yardstick.fill();
        double best = Double.MAX_VALUE;
        int steps = 200_000;
        for (int i = 0; i < 10; i++) {
            long start = System.nanoTime();
            double sum = 0;
            for (int step = 0; step < steps; step++) {
                sum += yardstick.y1();
            }
            require(sum > 0 ? 1 : 0, 1);
            best = Math.min(best, (System.nanoTime() - start) / (double) steps);
        }
        return best;
    }

    private static String line(Result result) {
        return String.format(
                Locale.ROOT,
                "| %s | %s | %.3f | %.3f | %.3f | %,.0f | %.0f |",
                result.shape,
                result.sizes,
                result.best / 1e6,
                result.median / 1e6,
                result.worst / 1e6,
                result.inY1(),
                result.y1);
    }

    private void write() throws IOException {
        Path folder = Path.of(System.getProperty("benchmarks.out", "benchmarks/target"));
        Files.createDirectories(folder);
        StringBuilder table = new StringBuilder(
                "| shape | agents x frameworks (or roles) | best ms | median ms | worst ms | median in Y1 | Y1 in ns |\n|---|---|---:|---:|---:|---:|---:|\n");
        StringBuilder json = new StringBuilder("[");
        for (Result result : results) {
            table.append(line(result)).append('\n');
            json.append(json.length() == 1 ? "" : ",")
                    .append(String.format(
                            Locale.ROOT,
                            "%n{\"shape\":\"%s\",\"sizes\":\"%s\",\"bestNs\":%d,\"medianNs\":%d,\"worstNs\":%d,\"y1Ns\":%.1f,\"medianInY1\":%.0f}",
                            result.shape,
                            result.sizes,
                            result.best,
                            result.median,
                            result.worst,
                            result.y1,
                            result.inY1()));
        }
        Files.writeString(folder.resolve("scale.md"), table);
        Files.writeString(folder.resolve("scale.json"), json.append("\n]\n"));
    }

    private static void require(int counted, int expected) {
        if (counted != expected) {
            throw new IllegalStateException(counted + " were counted, not " + expected + ": the set-up is wrong");
        }
    }
}
