package io.offerplane.e2e.conformance;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;

/** A master of a few lines: offers two agents, and answers the first launch with the updates it was given. */
final class ScriptedMaster implements AutoCloseable {
    static final String ID = "821fc0df-4ea2-4f66-8416-27a59a5c3f7e";

    private final CountDownLatch launched = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final HttpServer server;
    private final String offerId;
    private final List<String> updates;

    ScriptedMaster(String offerId, String... updates) throws IOException {
        this.offerId = offerId;
        this.updates = List.of(updates);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/api/v1/scheduler", this::answer);
        server.start();
    }

    URI base() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** All calls but SUBSCRIBE, as they came. */
    List<String> calls() {
        return List.copyOf(calls);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String call = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        if (call.contains("\"SUBSCRIBE\"")) {
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.getResponseHeaders().add("Mesos-Stream-Id", "11111111-2222-4333-8444-555555555555");
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream stream = exchange.getResponseBody()) {
                events(stream);
            }
            return;
        }
        calls.add(call);
        exchange.sendResponseHeaders(202, -1);
        exchange.close();
        if (call.contains("\"ACCEPT\"")) {
            launched.countDown();
        }
    }

    private void events(OutputStream stream) throws IOException {
        write(stream, "{\"type\":\"SUBSCRIBED\",\"subscribed\":{\"framework_id\":{\"value\":\"" + ID + "-0001\"}}}");
        write(stream, "{\"type\":\"HEARTBEAT\"}");
        write(
                stream,
                "{\"type\":\"OFFERS\",\"offers\":{\"offers\":[" + offer(offerId, "S0") + "," + offer(ID + "-O6", "S1")
                        + "]}}");
        try {
            launched.await();
            for (String state : updates) {
                write(
                        stream,
                        "{\"type\":\"UPDATE\",\"update\":{\"status\":{\"task_id\":{\"value\":\"t1\"},\"state\":\""
                                + state
                                + "\",\"source\":\"SOURCE_EXECUTOR\",\"uuid\":\"MDEyMzQ1Njc4OWFiY2RlZg==\"}}}");
            }
            ended.await();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static String offer(String id, String agent) {
        return "{\"id\":{\"value\":\"" + id + "\"},\"agent_id\":{\"value\":\"" + ID + "-" + agent
                + "\"},\"resources\":[{\"name\":\"cpus\",\"type\":\"SCALAR\",\"scalar\":{\"value\":4.0}}]}";
    }

    private static void write(OutputStream stream, String event) throws IOException {
        stream.write((event.getBytes(StandardCharsets.UTF_8).length + "\n" + event).getBytes(StandardCharsets.UTF_8));
        stream.flush();
    }

    @Override
    public void close() {
        ended.countDown();
        launched.countDown();
        server.stop(0);
    }
}
