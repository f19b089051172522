package io.offerplane.benchmarks;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Effect;
import io.offerplane.engine.ask.Ask;
import io.offerplane.engine.ask.AskKey;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Containers per second that applications get by asking: 40 applications in four queues ask for 1,000 each, and the cycles that follow grant them
 * all. As a ratio to what the better of Hadoop's schedulers did in the same run with the same jobs on the same agents, if {@code sls.json} tells. There
 * nodes and masters beat once per second and the JVM starts cold, which is part of what it measures; so its best second is shown, too.
 */
public final class AskScale {
    private static final int APPLICATIONS = 40;
    private static final int QUEUES = 4;
    private static final int CONTAINERS = 1_000;
    private static final int ROUNDS = 7;
    private static final int CYCLES_AT_MOST = 1_000;
    private static final double GOAL = 10;
    private static final List<String> SCHEDULERS = List.of("capacity", "fair");
    private static final Pattern MEASURED = Pattern.compile("\"(\\w+)\": \\{\"rate\": ([\\d.]+), \"peak\": ([\\d.]+)}");
    private static final ResourceQuantities SIZE =
            ResourceQuantities.of(Map.of("cpus", Quantity.of(1), "mem", Quantity.of(1_024)));

    private final BenchReport report = new BenchReport("asks");

    private AskScale() {}

    public static void main(String[] arguments) throws IOException {
        new AskScale().run();
    }

    private void run() throws IOException {
        report.text("""
                | containers granted per second | agents | worst | median | best | cycles |
                |---|---:|---:|---:|---:|---:|""");
        double large = measure(200, 256, 262_144);
        measure(1_000, 64, 65_536);
        measure(10_000, 32, 32_768);
        Path sls = Path.of(System.getProperty("benchmarks.out", "benchmarks/target"))
                .resolve("sls.json");
        if (Files.exists(sls)) {
            compare(large, Files.readString(sls));
        } else {
            report.say("Hadoop's figures are missing: dev/bench sls measures both");
        }
        report.write();
    }

    private double measure(int agents, int cpus, int mem) {
        double[] rates = new double[ROUNDS];
        int[] cycles = {0};
        for (int i = -2; i < ROUNDS; i++) {
            double rate = rate(agents, cpus, mem, cycles);
            if (i >= 0) {
                rates[i] = rate;
            }
        }
        Arrays.sort(rates);
        double median = rates[ROUNDS / 2];
        report.record(
                String.format(
                        Locale.ROOT,
                        "| %d applications in %d queues, %,d each | %,d | %,.0f | %,.0f | %,.0f | %d |",
                        APPLICATIONS,
                        QUEUES,
                        CONTAINERS,
                        agents,
                        rates[0],
                        median,
                        rates[ROUNDS - 1],
                        cycles[0]),
                String.format(
                        Locale.ROOT,
                        "{\"shape\":\"asks\",\"agents\":%d,\"perSecond\":[%.0f,%.0f,%.0f],\"cycles\":%d}",
                        agents,
                        rates[0],
                        median,
                        rates[ROUNDS - 1],
                        cycles[0]));
        return median;
    }

    /** From the first ask to the last grant, cycles one after the other. */
    private static double rate(int agents, int cpus, int mem, int[] cycles) {
        OfferMarket market = new OfferMarket(
                agents,
                0,
                OfferMarket.Tree.ONE_ROLE,
                () -> Resources.scalars(Map.of("cpus", Quantity.of(cpus), "mem", Quantity.of(mem))));
        List<FrameworkId> applications = new ArrayList<>();
        for (int i = 0; i < APPLICATIONS; i++) {
            applications.add(market.submit("application" + i, "queue" + i % QUEUES));
        }
        market.cycle();
        long start = BenchClock.nanos();
        for (FrameworkId application : applications) {
            market.apply(new Command.UpdateAsks(
                    application,
                    List.of(Ask.anywhere(new AskKey(1, 0), SIZE, CONTAINERS)),
                    List.of(),
                    List.of(),
                    market.now()));
        }
        int granted = 0;
        cycles[0] = 0;
        while (granted < APPLICATIONS * CONTAINERS) {
            Measurement.require(cycles[0]++ < CYCLES_AT_MOST, granted + " containers were granted after all cycles");
            granted += count(market.cycle());
        }
        return granted * 1e9 / (BenchClock.nanos() - start);
    }

    private static int count(Decision decision) {
        int grants = 0;
        for (Effect effect : decision.effects()) {
            if (effect instanceof Effect.GrantContainers granted) {
                grants += granted.grants().size();
            }
        }
        return grants;
    }

    /** What there is of Hadoop's figures is shown; they are judged by if both schedulers had a run that counts, for the better of them is meant. */
    private void compare(double ours, String sls) {
        report.text("""
                | Hadoop's schedulers, containers granted per second in the same run | from 5 % to 95 % of them | in the best second | ours is so many times the former | and the latter |
                |---|---:|---:|---:|---:|""");
        Map<String, Double> rates = new TreeMap<>();
        Matcher matcher = MEASURED.matcher(sls);
        while (matcher.find()) {
            String name = matcher.group(1);
            double rate = Double.parseDouble(matcher.group(2));
            double peak = Double.parseDouble(matcher.group(3));
            rates.put(name, rate);
            report.record(
                    String.format(
                            Locale.ROOT,
                            "| %s | %,.0f | %,.0f | %.1f | %.1f |",
                            name,
                            rate,
                            peak,
                            ours / rate,
                            ours / peak),
                    String.format(
                            Locale.ROOT,
                            "{\"shape\":\"hadoop-sls\",\"scheduler\":\"%s\",\"perSecond\":%.0f,\"peak\":%.0f}",
                            name,
                            rate,
                            peak));
        }
        String reference = SCHEDULERS.stream()
                .map(name -> rates.containsKey(name)
                        ? String.format(Locale.ROOT, "%s %,.0f/s", name, rates.get(name))
                        : name + ": no run that counts")
                .collect(Collectors.joining(", "));
        double best = rates.keySet().containsAll(SCHEDULERS) ? Collections.max(rates.values()) : Double.NaN;
        report.add(Goal.atLeast(
                "containers by asking, 200 large agents, over the best of Hadoop's schedulers",
                "ratio",
                reference,
                ours / best,
                GOAL));
    }
}
