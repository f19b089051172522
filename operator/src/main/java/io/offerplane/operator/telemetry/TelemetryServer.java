package io.offerplane.operator.telemetry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * Serves {@code GET /metrics} and {@code GET /healthz/<probe>}. A probe answers 200 {@code ok}, or 503 with the fault.
 *
 * <p>Apart from Mesos' port, so that it can stay closed to clients, and answers while that one is flooded.
 */
public final class TelemetryServer implements AutoCloseable {
    private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";
    private static final String PLAIN_TEXT = "text/plain; charset=utf-8";

    private final HttpServer server;

    private TelemetryServer(HttpServer server) {
        this.server = server;
    }

    /**
     * @param port 0 for any free one
     * @param metrics the whole text, made anew for each scrape
     * @throws UncheckedIOException when the port can't be had
     */
    public static TelemetryServer start(int port, Supplier<String> metrics, List<Probe> probes) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(port), 16);
            server.setExecutor(Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("telemetry-", 0).factory()));
            server.createContext(
                    "/", exchange -> answer(exchange, 404, PLAIN_TEXT, "There are /metrics and /healthz.\n"));
            server.createContext("/metrics", exchange -> answer(exchange, 200, PROMETHEUS_TEXT, metrics.get()));
            for (Probe probe : probes) {
                server.createContext("/healthz/" + probe.name(), exchange -> {
                    Optional<String> fault = probe.fault().get();
                    answer(exchange, fault.isEmpty() ? 200 : 503, PLAIN_TEXT, fault.orElse("ok") + "\n");
                });
            }
            server.start();
            return new TelemetryServer(server);
        } catch (IOException failed) {
            throw new UncheckedIOException("telemetry.port: " + port + " can't be listened on", failed);
        }
    }

    /** The port that is listened on. */
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private static void answer(HttpExchange exchange, int code, String type, String text) throws IOException {
        try (exchange) {
            if (!exchange.getRequestMethod().equals("GET")) {
                exchange.getResponseHeaders().set("Allow", "GET");
                exchange.sendResponseHeaders(405, -1);
                return;
            }
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(code, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
