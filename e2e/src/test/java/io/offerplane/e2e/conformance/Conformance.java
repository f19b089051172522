package io.offerplane.e2e.conformance;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The suite from the command line, behind {@code e2e/conformance}: plays all or some scenarios against a master and shows
 * where it differs from what Mesos 1.11.0 did, or records what the oracle does.
 */
final class Conformance {
    private Conformance() {}

    static Path scenarioFolder() {
        Path module = Path.of("src/test/resources/conformance");
        return Files.isDirectory(module) ? module : Path.of("e2e").resolve(module);
    }

    static Path recordingOf(Path folder, Scenario scenario) {
        return folder.resolve(scenario.id() + ".mesos.txt");
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<String> names = new ArrayList<>();
        URI base = null;
        boolean record = false;
        boolean show = false;
        for (String argument : arguments) {
            switch (argument) {
                case "--record" -> record = true;
                case "--show" -> show = true;
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
            System.err.println("usage: conformance URL [--show] [--record] [PREFIX...]");
            System.exit(2);
            return;
        }
        double patience = Double.parseDouble(System.getProperty("conformance.patience", "1"));
        Path folder = scenarioFolder();
        int different = 0;
        int played = 0;
        long start = System.nanoTime();
        for (Scenario scenario : Scenario.readAll(folder)) {
            if (!names.isEmpty() && names.stream().noneMatch(scenario.id()::startsWith)) {
                continue;
            }
            played++;
            long began = System.nanoTime();
            History history = ScenarioRunner.play(base, scenario, patience);
            Path recording = recordingOf(folder, scenario);
            List<String> diff = Files.exists(recording)
                    ? HistoryDiff.between(History.read(recording).lines(), history.lines())
                    : List.of("+ (nothing recorded)");
            if (record) {
                if (history.stopped().isEmpty()) {
                    history.write(recording);
                } else {
                    System.out.println("NOT RECORDED " + scenario.id() + ": "
                            + history.stopped().get());
                }
            }
            different += diff.isEmpty() ? 0 : 1;
            System.out.printf(
                    "%-9s %-45s %4d ms%n",
                    diff.isEmpty() ? "same" : "DIFFERENT", scenario.id(), (System.nanoTime() - began) / 1_000_000);
            diff.forEach(line -> System.out.println("    " + line));
            if (show) {
                history.lines().forEach(line -> System.out.println("    | " + line));
            }
        }
        System.out.printf(
                "%d scenarios in %.1f s: %d same, %d different%n",
                played, (System.nanoTime() - start) / 1e9, played - different, different);
        System.exit(different == 0 || record ? 0 : 1);
    }
}
