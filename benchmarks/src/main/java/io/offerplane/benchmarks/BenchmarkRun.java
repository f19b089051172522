package io.offerplane.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs the benchmarks, always with the {@link Yardstick} among them, and writes {@code jmh.json} and {@code jmh.md} into the folder
 * that {@code -Dbenchmarks.out} names. Takes JMH's own arguments.
 */
public final class BenchmarkRun {
    private BenchmarkRun() {}

    public static void main(String[] arguments) throws RunnerException, CommandLineOptionException, IOException {
        Path folder = Path.of(System.getProperty("benchmarks.out", "benchmarks/target"));
        Files.createDirectories(folder);
        CommandLineOptions given = new CommandLineOptions(arguments);
        OptionsBuilder options = new OptionsBuilder();
        options.parent(given)
                .resultFormat(ResultFormatType.JSON)
                .result(folder.resolve("jmh.json").toString());
        if (!given.getIncludes().isEmpty()) {
            given.getIncludes().forEach(options::include);
            options.include(Yardstick.class.getSimpleName());
        }
        String table = table(new Runner(options.build()).run());
        Files.writeString(folder.resolve("jmh.md"), table);
        System.out.println();
        System.out.println(table);
    }

    private static String table(Collection<RunResult> results) {
        double yardstick = results.stream()
                .filter(result -> result.getParams().getBenchmark().contains(Yardstick.class.getSimpleName()))
                .mapToDouble(result -> result.getPrimaryResult().getScore())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("the yardstick gave no result: is it excluded?"));
        StringBuilder text = new StringBuilder("| benchmark | sizes | ms | +- | in Y1 |\n|---|---|---:|---:|---:|\n");
        for (RunResult result : results) {
            String name = result.getParams().getBenchmark();
            double score = result.getPrimaryResult().getScore();
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %.5f | %.5f | %,.0f |%n",
                    name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1),
                    sizes(result),
                    score,
                    result.getPrimaryResult().getScoreError(),
                    score / yardstick));
        }
        return text.toString();
    }

    private static String sizes(RunResult result) {
        return result.getParams().getParamsKeys().stream()
                .map(key -> result.getParams().getParam(key) + " " + key)
                .collect(Collectors.joining(", "));
    }
}
