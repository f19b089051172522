package io.offerplane.e2e.conformance;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** All scenarios, played against one master and judged by what was recorded from Mesos 1.11.0 and what is explained. */
public final class ConformanceSuite {
    private final Path folder;
    private final List<Scenario> scenarios;
    private final Differences differences;

    private ConformanceSuite(Path folder, List<Scenario> scenarios, Differences differences) {
        this.folder = folder;
        this.scenarios = scenarios;
        this.differences = differences;
    }

    /** Reads the scenarios, their recordings and docs/differences.md, from the module's folder or the repository's. */
    public static ConformanceSuite load() throws IOException {
        Path module = Files.isDirectory(Path.of("src/test/resources/conformance")) ? Path.of("") : Path.of("e2e");
        Path folder = module.resolve("src/test/resources/conformance");
        return new ConformanceSuite(
                folder,
                Scenario.readAll(folder),
                Differences.read(module.toAbsolutePath().getParent().resolve("docs/differences.md")));
    }

    /** The same, with nothing explained: for Mesos itself. */
    ConformanceSuite withoutDifferences() {
        return new ConformanceSuite(folder, scenarios, Differences.parse(List.of()));
    }

    List<Scenario> scenarios() {
        return scenarios;
    }

    Differences differences() {
        return differences;
    }

    Path recordingOf(Scenario scenario) {
        return folder.resolve(scenario.id() + ".mesos.txt");
    }

    /** What Mesos did. */
    List<String> recorded(Scenario scenario) throws IOException {
        return History.read(recordingOf(scenario)).lines();
    }

    /**
     * Plays one scenario.
     *
     * @param base {@code http://host:port} of the master
     * @param patience by how much to multiply all limits of waiting, for slow systems
     */
    Verdict play(Scenario scenario, URI base, double patience) throws IOException, InterruptedException {
        long start = System.nanoTime();
        History history = ScenarioRunner.play(base, scenario, patience);
        return judge(scenario, history, (System.nanoTime() - start) / 1_000_000);
    }

    Verdict judge(Scenario scenario, History history, long millis) throws IOException {
        return differences.judge(scenario, HistoryDiff.between(recorded(scenario), history.lines()), millis);
    }

    /** Plays all scenarios, one after the other, and writes the table. */
    public List<Verdict> playAll(URI base, double patience, Path table) throws IOException, InterruptedException {
        List<Verdict> verdicts = new ArrayList<>();
        for (Scenario scenario : scenarios) {
            verdicts.add(play(scenario, base, patience));
        }
        writeTable(verdicts, table);
        return List.copyOf(verdicts);
    }

    static void writeTable(List<Verdict> verdicts, Path table) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("| scenario | about | Mesos 1.11.0 | Offerplane |");
        lines.add("|---|---|---|---|");
        for (Verdict verdict : verdicts) {
            lines.add("| " + verdict.scenario() + " | " + verdict.title().replace("|", "\\|") + " | recorded | "
                    + verdict.word() + " |");
        }
        lines.add("");
        lines.add(verdicts.size() + " scenarios: "
                + verdicts.stream()
                        .filter(verdict -> verdict.word().equals("same"))
                        .count() + " same, "
                + verdicts.stream()
                        .filter(verdict ->
                                verdict.passes() && !verdict.explainedBy().isEmpty())
                        .count()
                + " explained, "
                + verdicts.stream().filter(verdict -> !verdict.passes()).count() + " unexplained");
        Files.createDirectories(table.toAbsolutePath().getParent());
        Files.write(table, lines);
    }
}
