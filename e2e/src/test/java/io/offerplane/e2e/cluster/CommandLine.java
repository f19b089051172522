package io.offerplane.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One run of a program to its end, with a time limit. Immutable; each {@code with…} gives a changed copy. */
public record CommandLine(List<String> words, Map<String, String> environment, Duration limit) {
    public CommandLine {
        words = List.copyOf(words);
        environment = Map.copyOf(environment);
    }

    public static CommandLine of(String... words) {
        return new CommandLine(List.of(words), Map.of(), Duration.ofMinutes(2));
    }

    public static CommandLine of(List<String> words) {
        return new CommandLine(words, Map.of(), Duration.ofMinutes(2));
    }

    public CommandLine and(String... more) {
        List<String> all = new ArrayList<>(words);
        all.addAll(List.of(more));
        return new CommandLine(all, environment, limit);
    }

    public CommandLine with(String variable, String value) {
        Map<String, String> all = new LinkedHashMap<>(environment);
        all.put(variable, value);
        return new CommandLine(words, all, limit);
    }

    public CommandLine within(Duration newLimit) {
        return new CommandLine(words, environment, newLimit);
    }

    /** What a program left behind. Standard error is apart from standard output. */
    public record Outcome(int exitCode, String out, String err) {}

    /**
     * Runs the program and returns whatever its exit code is.
     *
     * @throws AssertionError if it cannot be started or does not end within the limit
     */
    public Outcome run() {
        try {
            Path out = Files.createTempFile("offerplane-out", ".log");
            Path err = Files.createTempFile("offerplane-err", ".log");
            try {
                ProcessBuilder builder = new ProcessBuilder(words)
                        .redirectInput(ProcessBuilder.Redirect.from(
                                Path.of("/dev/null").toFile()))
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile());
                builder.environment().putAll(environment);
                Process process = builder.start();
                if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.descendants().forEach(ProcessHandle::destroyForcibly);
                    process.destroyForcibly();
                    throw new AssertionError("%s did not end within %s; so far it said:%n%s%s"
                            .formatted(text(), limit, read(out), read(err)));
                }
                return new Outcome(process.exitValue(), read(out), read(err));
            } finally {
                Files.deleteIfExists(out);
                Files.deleteIfExists(err);
            }
        } catch (IOException e) {
            throw new AssertionError("cannot run " + text() + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while running " + text(), e);
        }
    }

    /** Runs the program, wants exit code 0, and returns its standard output without the last line end. */
    public String output() {
        Outcome outcome = run();
        if (outcome.exitCode() != 0) {
            throw new AssertionError(
                    "%s ended with %d:%n%s%s".formatted(text(), outcome.exitCode(), outcome.err(), outcome.out()));
        }
        return outcome.out().stripTrailing();
    }

    private String text() {
        return String.join(" ", words);
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
