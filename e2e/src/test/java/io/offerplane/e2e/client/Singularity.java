package io.offerplane.e2e.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.curator.test.TestingServer;

/**
 * HubSpot's Singularity 1.5.0 with a ZooKeeper of its own, driven by its REST API. Speaks the v1 scheduler API in protobuf.
 *
 * <p>Needs no root and no database; listens on free ports of 127.0.0.1. Closing it ends both; the framework's tasks stay, as
 * its failover timeout is eleven days: remove requests first.
 */
public final class Singularity implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> OPENED_PACKAGES = List.of(
            "java.lang", "java.lang.reflect", "java.util", "java.net", "java.io", "java.time", "java.util.concurrent");

    private final Process process;
    private final TestingServer zooKeeper;
    private final Path log;
    private final URI api;
    private final HttpClient http = HttpClient.newHttpClient();

    private Singularity(Process process, TestingServer zooKeeper, Path log, int port) {
        this.process = process;
        this.zooKeeper = zooKeeper;
        this.log = log;
        this.api = URI.create("http://127.0.0.1:" + port + "/singularity/api/");
    }

    /** What the REST API answered. The body is null JSON where it was not JSON. */
    public record Answer(int status, JsonNode body) {}

    /** Starts it against the master at this {@code host:port}; it is subscribed some seconds later. */
    public static Singularity start(String master) {
        TestingServer zooKeeper = null;
        try {
            Path jar = Clients.singularityJar();
            Path folder = Files.createTempDirectory(
                            Files.createDirectories(Path.of("target", "clients")), "singularity-")
                    .toAbsolutePath();
            zooKeeper = new TestingServer(true);
            int port = freePort();
            String unique = UUID.randomUUID().toString().substring(0, 8);
            Path configuration = folder.resolve("singularity.yaml");
            Files.writeString(configuration, """
                    server:
                      type: simple
                      applicationContextPath: /singularity
                      connector: {type: http, port: %1$d, bindHost: 127.0.0.1}
                      requestLog: {appenders: []}
                    mesos:
                      master: "%2$s"
                      defaultCpus: 0.1
                      defaultMemory: 32
                      frameworkName: Singularity
                      frameworkId: Singularity-%4$s
                      frameworkFailoverTimeout: 1000000
                    zookeeper: {quorum: "localhost:%3$d", zkNamespace: singularity-%4$s}
                    ui: {baseUrl: "http://127.0.0.1:%1$d/singularity"}
                    logging: {level: INFO}
                    """.formatted(port, master, zooKeeper.getPort(), unique));
            // From JDK 14 on its ZooKeeper client looks up "localhost/<unresolved>"; this gives that name an address.
            // The file
            // replaces every other way of looking up names, so the machine's own name must be in it too.
            Path hosts = folder.resolve("hosts");
            String machine =
                    Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
            Files.writeString(hosts, "127.0.0.1 localhost localhost/<unresolved> " + machine + "\n");
            List<String> words = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx500m",
                    "-Dzookeeper.sasl.client=false",
                    "-Djdk.net.hosts.file=" + hosts,
                    "--enable-native-access=ALL-UNNAMED"));
            OPENED_PACKAGES.forEach(name -> words.addAll(List.of("--add-opens", "java.base/" + name + "=ALL-UNNAMED")));
            words.addAll(List.of("-jar", jar.toString(), "server", configuration.toString()));
            Path log = folder.resolve("singularity.log");
            Process process = new ProcessBuilder(words)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            return new Singularity(process, zooKeeper, log, port);
        } catch (Exception e) {
            closeQuietly(zooKeeper);
            throw new IllegalStateException("Singularity could not be started", e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    public Answer get(String path) {
        return send(request(path).GET());
    }

    public Answer post(String path, String json) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    public Answer put(String path, String json) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(json)));
    }

    public Answer delete(String path) {
        return send(request(path).DELETE());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(api.resolve(path)).timeout(Duration.ofSeconds(30));
    }

    private Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), parse(response.body()));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Singularity does not answer" + (process.isAlive() ? "" : ", it ended") + "; log: " + log, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking Singularity", e);
        }
    }

    private static JsonNode parse(String body) {
        try {
            return JSON.readTree(body);
        } catch (IOException notJson) {
            return JSON.getNodeFactory().textNode(body);
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        http.close();
        closeQuietly(zooKeeper);
    }

    private static void closeQuietly(@org.jspecify.annotations.Nullable TestingServer server) {
        if (server != null) {
            try {
                server.close();
            } catch (IOException e) {
                throw new UncheckedIOException("ZooKeeper's folder could not be removed", e);
            }
        }
    }
}
