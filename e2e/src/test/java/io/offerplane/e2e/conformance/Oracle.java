package io.offerplane.e2e.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real Mesos 1.11.0 with agents, from {@code e2e/oracle}, as a child process on loopback. */
final class Oracle implements AutoCloseable {
    private static final int START_LIMIT_SECONDS = 60;
    private static final int SETUP_LIMIT_MINUTES = 15;
    /** Allocations come ten times as often as by default, so that scenarios need not wait for them. */
    private static final Map<String, String> FLAGS =
            Map.of("MESOS_ALLOCATION_INTERVAL", "100ms", "MESOS_ATTRIBUTES", "rack:a");

    private final Process process;
    private final URI base;

    private Oracle(Process process, URI base) {
        this.process = process;
        this.base = base;
    }

    /**
     * Sets it up if need be and starts it on free ports, with its log in {@code target/oracle.log}.
     *
     * @param agents how many agents
     * @param resources of each agent, in Mesos' text form
     */
    static Oracle start(int agents, String resources) throws IOException, InterruptedException {
        Path kit = Files.isDirectory(Path.of("oracle")) ? Path.of("oracle") : Path.of("e2e/oracle");
        Path log = Files.createDirectories(kit.resolveSibling("target")).resolve("oracle.log");
        Process setup = new ProcessBuilder(
                        kit.resolve("setup.sh").toAbsolutePath().toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!setup.waitFor(SETUP_LIMIT_MINUTES, TimeUnit.MINUTES) || setup.exitValue() != 0) {
            throw new IOException("the oracle cannot be set up: " + Files.readString(log));
        }
        int port = freePorts(agents + 1);
        ProcessBuilder builder = new ProcessBuilder(
                        kit.resolve("start.sh").toAbsolutePath().toString(),
                        String.valueOf(port),
                        String.valueOf(agents),
                        resources)
                .redirectError(log.toFile());
        builder.environment().putAll(FLAGS);
        Process process = builder.start();
        Oracle oracle = new Oracle(process, URI.create("http://127.0.0.1:" + port));
        try {
            oracle.awaitReady(log);
        } catch (IOException | InterruptedException failed) {
            oracle.close();
            throw failed;
        }
        return oracle;
    }

    URI base() {
        return base;
    }

    private void awaitReady(Path log) throws IOException, InterruptedException {
        // The reader ends with the process, whose end closes the pipe.
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_LIMIT_SECONDS);
        while (System.nanoTime() < deadline && process.isAlive()) {
            if (output.ready() && output.readLine().startsWith("ready")) {
                return;
            }
            Thread.sleep(50);
        }
        throw new IOException("the oracle did not start: see " + log);
    }

    /** The first of so many neighbouring ports that are free now. */
    private static int freePorts(int count) throws IOException {
        Exception failure = null;
        for (int attempt = 0; attempt < 50; attempt++) {
            List<ServerSocket> held = new ArrayList<>();
            try {
                ServerSocket first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                held.add(first);
                for (int next = 1; next < count; next++) {
                    held.add(new ServerSocket(first.getLocalPort() + next, 1, InetAddress.getLoopbackAddress()));
                }
                return first.getLocalPort();
            } catch (IOException | IllegalArgumentException taken) {
                failure = taken;
            } finally {
                held.forEach(Oracle::closeQuietly);
            }
        }
        throw new IOException("no " + count + " neighbouring ports are free", failure);
    }

    private static void closeQuietly(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(15, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
