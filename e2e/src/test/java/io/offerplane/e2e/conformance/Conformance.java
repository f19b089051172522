package io.offerplane.e2e.conformance;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/**
 * The suite from the command line, behind {@code e2e/conformance}: plays all or some scenarios against a master and shows
 * where it differs from what Mesos 1.11.0 did, or records what the oracle does.
 */
final class Conformance {
    private Conformance() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<String> names = new ArrayList<>();
        URI base = null;
        boolean record = false;
        boolean show = false;
        boolean mesos = false;
        for (String argument : arguments) {
            switch (argument) {
                case "--record" -> record = true;
                case "--show" -> show = true;
                case "--mesos" -> mesos = true;
                default -> {
                    if (base == null) {
                        base = URI.create(argument.contains("://") ? argument : "http://" + argument);
                    } else {
                        names.add(argument);
                    }
                }
            }
        }
        if (base == null) {
            System.err.println("usage: conformance URL [--show] [--mesos] [--record] [PREFIX...]");
            System.exit(2);
            return;
        }
        double patience = Double.parseDouble(System.getProperty("conformance.patience", "1"));
        ConformanceSuite suite = mesos ? ConformanceSuite.load().withoutDifferences() : ConformanceSuite.load();
        List<Verdict> verdicts = new ArrayList<>();
        long start = System.nanoTime();
        for (Scenario scenario : suite.scenarios()) {
            if (!names.isEmpty() && names.stream().noneMatch(scenario.id()::startsWith)) {
                continue;
            }
            if (record) {
                record(suite, scenario, base, patience, show);
            } else {
                verdicts.add(play(suite, scenario, base, patience, show));
            }
        }
        long failed = verdicts.stream().filter(verdict -> !verdict.passes()).count();
        if (!record) {
            System.out.printf(
                    "%d scenarios in %.1f s: %d as Mesos does or explained, %d different%n",
                    verdicts.size(), (System.nanoTime() - start) / 1e9, verdicts.size() - failed, failed);
        }
        System.exit(failed == 0 ? 0 : 1);
    }

    private static Verdict play(ConformanceSuite suite, Scenario scenario, URI base, double patience, boolean show)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        History history = ScenarioRunner.play(base, scenario, patience);
        Verdict verdict = suite.judge(scenario, history, (System.nanoTime() - start) / 1_000_000);
        System.out.printf("%-16s %-45s %5d ms%n", verdict.word(), scenario.id(), verdict.millis());
        verdict.unexplained().forEach(line -> System.out.println("    " + line));
        if (show) {
            history.lines().forEach(line -> System.out.println("    | " + line));
        }
        return verdict;
    }

    private static void record(ConformanceSuite suite, Scenario scenario, URI base, double patience, boolean show)
            throws IOException, InterruptedException {
        History history = ScenarioRunner.play(base, scenario, patience);
        System.out.println(
                history.stopped().map(reason -> "NOT recorded: " + reason).orElse("recorded") + " " + scenario.id());
        if (history.stopped().isEmpty()) {
            history.write(suite.recordingOf(scenario));
        }
        if (show || history.stopped().isPresent()) {
            history.lines().forEach(line -> System.out.println("    | " + line));
        }
    }
}
