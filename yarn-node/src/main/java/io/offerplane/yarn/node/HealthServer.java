package io.offerplane.yarn.node;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;

/** The kubelet's questions: {@code GET /healthz/live} and {@code /healthz/ready}, answered 200 {@code ok}, or 503 with the fault. */
final class HealthServer implements AutoCloseable {
    private static final int BACKLOG = 16;

    private final HttpServer server;

    /**
     * @param address port 0 for any free one
     * @param unready why the node can't take containers, asked on every request
     */
    HealthServer(InetSocketAddress address, Supplier<Optional<String>> unready) throws IOException {
        server = HttpServer.create(address, BACKLOG);
        server.createContext("/", exchange -> answer(exchange, 404, "There are /healthz/live and /healthz/ready.\n"));
        server.createContext("/healthz/live", exchange -> answer(exchange, 200, "ok\n"));
        server.createContext("/healthz/ready", exchange -> {
            Optional<String> fault = unready.get();
            answer(exchange, fault.isEmpty() ? 200 : 503, fault.orElse("ok") + "\n");
        });
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, int code, String text) throws IOException {
        try (exchange) {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
            exchange.sendResponseHeaders(code, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
