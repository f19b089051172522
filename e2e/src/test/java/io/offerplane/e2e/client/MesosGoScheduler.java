package io.offerplane.e2e.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * mesos-go's example scheduler, unchanged: it serves its executor over HTTP, has each agent start one, hands it tasks and ends by itself
 * when all have finished. Speaks the v1 API, with framework messages acknowledged by its driver.
 */
public final class MesosGoScheduler implements AutoCloseable {
    private final Process process;
    private final Path log;

    private MesosGoScheduler(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Starts it.
     *
     * @param master {@code host:port}
     * @param address of this machine, as nodes reach it
     * @param codec {@code protobuf} or {@code json}
     * @param options more of its own
     */
    public static MesosGoScheduler start(String master, String address, String codec, String... options) {
        Path programs = Clients.mesosGo();
        try {
            Path log = Files.createTempFile(Files.createDirectories(Path.of("target", "clients")), "mesos-go-", ".log");
            List<String> words = new ArrayList<>(List.of(
                    programs.resolve("example-scheduler").toString(),
                    "-url=http://" + master + "/api/v1/scheduler",
                    "-executor=" + programs.resolve("example-executor"),
                    "-server.address=" + address,
                    "-metrics.port=" + freePort(),
                    "-codec=" + codec,
                    "-failoverTimeout=120s",
                    "-verbose"));
            words.addAll(List.of(options));
            return new MesosGoScheduler(
                    new ProcessBuilder(words)
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start(),
                    log);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start mesos-go's example scheduler", e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Waits until it has ended by itself, and returns its exit code. */
    public int awaitEnd(Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(
                        "mesos-go's scheduler goes on after " + limit + "; the end of " + log + ":\n" + tail());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for mesos-go's scheduler", e);
        }
    }

    /** What it wrote so far. */
    public List<String> lines() {
        try {
            return Files.readAllLines(log);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + log, e);
        }
    }

    private String tail() {
        List<String> lines = lines();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
