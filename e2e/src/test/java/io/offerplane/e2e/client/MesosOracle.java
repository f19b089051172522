package io.offerplane.e2e.client;

import io.offerplane.e2e.Eventually;
import io.offerplane.e2e.cluster.CommandLine;
import io.offerplane.e2e.cluster.RepositoryRoot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A real Mesos 1.11.0 with two agents in a process of its own ({@code e2e/oracle}); or, with {@code -De2e.master=host:port}, any
 * master that runs already.
 */
public final class MesosOracle implements AutoCloseable {
    private final @Nullable Process process;
    private final String address;

    private MesosOracle(@Nullable Process process, String address) {
        this.process = process;
        this.address = address;
    }

    public static MesosOracle start() {
        String running = System.getProperty("e2e.master");
        if (running != null && !running.isBlank()) {
            return new MesosOracle(null, running);
        }
        Path kit = RepositoryRoot.find().resolve("e2e/oracle");
        CommandLine.of(kit.resolve("setup.sh").toString())
                .within(Duration.ofMinutes(5))
                .output();
        int port = threeFreePorts();
        try {
            Path log = Files.createTempFile(Files.createDirectories(Path.of("target", "clients")), "mesos-", ".log");
            ProcessBuilder builder = new ProcessBuilder(kit.resolve("start.sh").toString(), Integer.toString(port), "2")
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment().put("MESOS_ALLOCATION_INTERVAL", "200ms");
            Process process = builder.start();
            MesosOracle oracle = new MesosOracle(process, "127.0.0.1:" + port);
            Eventually.eventually(
                    "Mesos has both agents, log " + log,
                    Duration.ofSeconds(60),
                    () -> MasterState.of(oracle.address).agents().size(),
                    agents -> agents == 2);
            return oracle;
        } catch (IOException e) {
            throw new UncheckedIOException("Mesos could not be started", e);
        }
    }

    /** The master takes a port, and its agents the two above it. */
    private static int threeFreePorts() {
        IOException last = null;
        for (int attempt = 0; attempt < 50; attempt++) {
            try (ServerSocket first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                int port = first.getLocalPort();
                new ServerSocket(port + 1, 1, InetAddress.getLoopbackAddress()).close();
                new ServerSocket(port + 2, 1, InetAddress.getLoopbackAddress()).close();
                return port;
            } catch (IOException taken) {
                last = taken;
            }
        }
        throw new IllegalStateException("no three free ports in a row", last);
    }

    public String address() {
        return address;
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroy();
            try {
                if (!process.waitFor(20, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}
