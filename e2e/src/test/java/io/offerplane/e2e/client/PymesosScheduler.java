package io.offerplane.e2e.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.offerplane.e2e.Eventually;
import io.offerplane.e2e.cluster.RepositoryRoot;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A framework on pymesos 0.3.15: {@code clients/pymesos_scheduler.py} in a process of its own. What it writes is kept in the
 * order of arrival; commands go to its standard input. Closing it tears the framework down if it still runs.
 *
 * <p>May be read and commanded from any thread.
 */
public final class PymesosScheduler implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> TERMINAL = Set.of(
            "TASK_FINISHED",
            "TASK_FAILED",
            "TASK_KILLED",
            "TASK_ERROR",
            "TASK_LOST",
            "TASK_DROPPED",
            "TASK_GONE",
            "TASK_GONE_BY_OPERATOR");
    private static final Duration FIRST_CONTACT = Duration.ofSeconds(60);

    private final String name;
    private final Process process;
    private final BufferedWriter commands;
    private final Path log;
    private final List<JournalEntry> journal = new CopyOnWriteArrayList<>();
    private final Thread reader;

    private PymesosScheduler(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.commands = process.outputWriter(StandardCharsets.UTF_8);
        this.reader = Thread.ofVirtual().name("journal of " + name).start(this::read);
    }

    /** What a framework is to be; passed on as the script's options, which its {@code --help} explains. */
    public static final class Options {
        private final List<String> words = new ArrayList<>();
        private final String name;

        private Options(String master, String name) {
            this.name = name;
            words.addAll(List.of("--master", master, "--name", name));
        }

        /** Adds an option without or with a value, such as {@code "--tasks", "5"}. */
        public Options with(String... more) {
            words.addAll(List.of(more));
            return this;
        }

        public Options tasks(int count, double cpus, double memoryMegabytes, String command) {
            return with("--tasks", Integer.toString(count))
                    .with("--cpus", Double.toString(cpus))
                    .with("--mem", Double.toString(memoryMegabytes))
                    .with("--command", command);
        }

        public PymesosScheduler start() {
            return PymesosScheduler.start(name, words);
        }
    }

    /** A framework for the master at this {@code host:port}. */
    public static Options framework(String master, String name) {
        return new Options(master, name);
    }

    private static PymesosScheduler start(String name, List<String> options) {
        Path script = RepositoryRoot.find().resolve("e2e/src/test/resources/clients/pymesos_scheduler.py");
        List<String> words =
                new ArrayList<>(List.of(Clients.pymesosPython().toString(), script.toString(), "--verbose"));
        words.addAll(options);
        try {
            Path folder = Files.createDirectories(Path.of("target", "clients"));
            Path log = Files.createTempFile(folder, name + "-", ".log");
            // Kept for whoever looks into a failure afterwards.
            words.addAll(List.of("--journal", log.toString().replaceAll("log$", "jsonl")));
            Process process =
                    new ProcessBuilder(words).redirectError(log.toFile()).start();
            return new PymesosScheduler(name, process, log);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start pymesos", e);
        }
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode node = JSON.readTree(line);
                journal.add(new JournalEntry(
                        node.path("t").asDouble(), node.path("event").asText(), node));
            }
        } catch (IOException e) {
            journal.add(new JournalEntry(
                    0, "error", JSON.createObjectNode().put("message", "journal broke off: " + e.getMessage())));
        }
    }

    // What it was told.

    /** All entries so far, in the order of arrival. */
    public List<JournalEntry> journal() {
        return List.copyOf(journal);
    }

    public List<JournalEntry> entries(String event) {
        return journal.stream().filter(entry -> entry.is(event)).toList();
    }

    public List<JournalEntry> updates() {
        return entries("update");
    }

    public List<JournalEntry> updates(String taskId) {
        return journal.stream()
                .filter(entry -> entry.is("update") && entry.taskId().equals(taskId))
                .toList();
    }

    /** Every task that an update told of, with the state of the latest update. */
    public Map<String, String> latestStates() {
        Map<String, String> latest = new LinkedHashMap<>();
        updates().forEach(update -> latest.put(update.taskId(), update.state()));
        return latest;
    }

    public Set<String> tasksIn(String state) {
        Set<String> tasks = new HashSet<>();
        latestStates().forEach((task, latest) -> {
            if (latest.equals(state)) {
                tasks.add(task);
            }
        });
        return tasks;
    }

    /** Ids of all tasks that it ever sent off. */
    public List<String> launched() {
        return entries("launch").stream()
                .flatMap(entry -> entry.texts("task_ids").stream())
                .toList();
    }

    public long endedTasks() {
        return latestStates().values().stream().filter(TERMINAL::contains).count();
    }

    public static boolean isTerminal(String state) {
        return TERMINAL.contains(state);
    }

    // Waiting.

    /** Waits for an entry that satisfies the condition, and returns the first. */
    public JournalEntry await(String what, Duration limit, Predicate<JournalEntry> condition) {
        return Eventually.eventually(
                        name + ": " + what,
                        limit,
                        () -> {
                            Optional<JournalEntry> found =
                                    journal.stream().filter(condition).findFirst();
                            if (found.isEmpty() && !process.isAlive()) {
                                throw new IllegalStateException("the framework ended: " + tail());
                            }
                            return found;
                        },
                        Optional::isPresent)
                .orElseThrow();
    }

    public String awaitSubscribed() {
        return await("subscribed", FIRST_CONTACT, entry -> entry.is("subscribed"))
                .text("/framework_id");
    }

    /** Waits until so many tasks are in this state by their latest update. */
    public Set<String> awaitTasks(int count, String state, Duration limit) {
        return Eventually.eventually(
                name + ": " + count + " tasks in " + state + " (journal ends " + tail() + ")",
                limit,
                () -> tasksIn(state),
                tasks -> tasks.size() >= count);
    }

    /** Waits for the program's own end, and returns its summary. */
    public JsonNode awaitEnd(Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(name + " still runs after " + limit.toSeconds() + " s: " + tail());
            }
            reader.join(Duration.ofSeconds(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + name, e);
        }
        return entries("summary").stream()
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " ended without a summary: " + tail()))
                .line();
    }

    // Commanding.

    public void kill(String taskId) {
        command("kill " + taskId);
    }

    public void killAll() {
        command("kill-all");
    }

    public void launch(int count) {
        command("launch " + count);
    }

    public void launch(int count, double cpus, double memoryMegabytes, String taskCommand) {
        command("launch " + count + " " + cpus + " " + memoryMegabytes + " " + taskCommand);
    }

    /** What every further task runs. */
    public void become(String taskCommand) {
        command("become " + taskCommand);
    }

    public void reconcile(String... taskIds) {
        command(("reconcile " + String.join(" ", taskIds)).strip());
    }

    /** Stops launching; offers are declined from now on. */
    public void hold() {
        command("hold");
    }

    /** Disconnects without TEARDOWN: the failover timeout begins. */
    public JsonNode leave() {
        command("leave");
        return awaitEnd(Duration.ofSeconds(60));
    }

    public JsonNode teardown() {
        command("teardown");
        return awaitEnd(Duration.ofSeconds(60));
    }

    private void command(String line) {
        try {
            synchronized (commands) {
                commands.write(line);
                commands.newLine();
                commands.flush();
            }
        } catch (IOException e) {
            throw new AssertionError(name + " takes no command (" + line + "), it ended: " + tail(), e);
        }
    }

    /** SIGKILL: the framework is gone without a word. */
    public void crash() {
        process.destroyForcibly();
        awaitExit();
    }

    private void awaitExit() {
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String tail() {
        List<JournalEntry> now = journal();
        return now.subList(Math.max(0, now.size() - 3), now.size()) + ", log " + log;
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            try {
                teardown();
            } catch (AssertionError e) {
                process.destroyForcibly();
            }
        }
    }
}
