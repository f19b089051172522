package io.offerplane.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What a run has measured. Prints each line as it comes, and writes {@code NAME.json}, {@code NAME.md} and, for the table of goals that is made of
 * several runs, {@code NAME.goals} into the folder that {@code -Dbenchmarks.out} names.
 */
final class BenchReport {
    private final String name;
    private final List<Measurement> measurements = new ArrayList<>();
    private final List<Goal> goals = new ArrayList<>();

    /** Tables of other shapes, as Markdown. */
    private final List<String> texts = new ArrayList<>();

    /** Beside them as JSON. */
    private final List<String> records = new ArrayList<>();

    BenchReport(String name) {
        this.name = name;
        say("# " + name + ": " + circumstances());
    }

    static String circumstances() {
        return String.format(
                Locale.ROOT,
                "%s, load %.2f, %d processors, Java %s, heap %d MiB",
                BenchClock.text(),
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                Runtime.getRuntime().availableProcessors(),
                Runtime.version(),
                Runtime.getRuntime().maxMemory() >> 20);
    }

    void say(String line) {
        System.out.println(line);
    }

    Measurement add(Measurement measurement) {
        measurements.add(measurement);
        say(measurement.row());
        return measurement;
    }

    void add(Goal goal) {
        goals.add(goal);
        say(goal.row());
    }

    /** A line of a table of its own, under the head that came with an earlier {@link #text}. */
    void record(String row, String json) {
        texts.add(row);
        records.add(json);
        say(row);
    }

    /** A paragraph, or the head of a table whose lines follow by {@link #record}. */
    void text(String markdown) {
        // Without a line between them, two tables are one.
        texts.add("\n" + markdown);
        say(markdown);
    }

    void write() throws IOException {
        Path folder = Path.of(System.getProperty("benchmarks.out", "benchmarks/target"));
        Files.createDirectories(folder);
        String rows = measurements.isEmpty()
                ? ""
                : "\n" + Measurement.HEAD
                        + measurements.stream().map(row -> row.row() + "\n").collect(Collectors.joining());
        String more = texts.stream().map(text -> text.stripTrailing() + "\n").collect(Collectors.joining());
        Files.writeString(folder.resolve(name + ".md"), "## " + name + "\n\n" + circumstances() + "\n" + rows + more);
        Files.writeString(
                folder.resolve(name + ".goals"),
                goals.stream().map(goal -> goal.row() + "\n").collect(Collectors.joining()));
        Files.writeString(
                folder.resolve(name + ".json"),
                "{\"circumstances\":\"" + circumstances() + "\",\n\"measurements\":["
                        + lines(measurements.stream().map(Measurement::json).toList()) + "],\n\"records\":["
                        + lines(records) + "],\n\"goals\":["
                        + lines(goals.stream().map(Goal::json).toList()) + "]}\n");
    }

    private static String lines(List<String> objects) {
        return objects.isEmpty() ? "" : "\n" + String.join(",\n", objects) + "\n";
    }
}
