package io.offerplane.yarn.gateway.process;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Answers the kubelet's probes: 200 or 503, and a line that says why. */
final class ProbeServer implements AutoCloseable {
    private static final int OK = 200;
    private static final int UNAVAILABLE = 503;

    /**
     * What a probe finds.
     *
     * @param why a line for people, also where all is well
     */
    record Finding(boolean isWell, String why) {}

    private final HttpServer server;

    private ProbeServer(HttpServer server) {
        this.server = server;
    }

    /** @throws IOException when the port can't be had */
    static ProbeServer start(InetSocketAddress address, Supplier<Finding> live, Supplier<Finding> ready)
            throws IOException {
        HttpServer server = HttpServer.create(address, 0);
        server.setExecutor(Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("probe-", 0).factory()));
        server.createContext("/healthz/live", exchange -> answer(exchange, live.get()));
        server.createContext("/healthz/ready", exchange -> answer(exchange, ready.get()));
        server.start();
        return new ProbeServer(server);
    }

    int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, Finding finding) throws IOException {
        try (exchange) {
            byte[] text = (finding.why() + "\n").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
            exchange.sendResponseHeaders(finding.isWell() ? OK : UNAVAILABLE, text.length);
            try (OutputStream body = exchange.getResponseBody()) {
                body.write(text);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
