package io.offerplane.operator.smoke;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A framework's side of Mesos' v1 scheduler API, in JSON: one streaming response with events, one request for each call. Events are
 * read by a thread of their own and wait for {@link #nextEvent}.
 */
public final class SchedulerConnection implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String JSON_TYPE = "application/json";
    private static final int MAX_EVENT_BYTES = 64 * 1024 * 1024;

    private final HttpClient http;
    private final URI endpoint;
    private final Optional<String> authorization;
    private final String streamId;
    private final String frameworkId;
    private final InputStream body;
    private final BlockingQueue<JsonNode> events = new LinkedBlockingQueue<>();
    private volatile boolean ended;

    /** The master answered something else than was hoped for. */
    public static final class UnexpectedAnswer extends IOException {
        private final int status;

        UnexpectedAnswer(int status, String text) {
            super(status + " " + text.strip());
            this.status = status;
        }

        public int status() {
            return status;
        }
    }

    /** A principal with its secret. */
    public record Credential(String principal, String secret) {}

    private SchedulerConnection(
            HttpClient http, URI endpoint, Optional<String> authorization, String streamId, InputStream body)
            throws IOException {
        this.http = http;
        this.endpoint = endpoint;
        this.authorization = authorization;
        this.streamId = streamId;
        this.body = body;
        JsonNode subscribed = readEvent(body);
        if (!subscribed.path("type").asText().equals("SUBSCRIBED")) {
            throw new IOException("the first event is " + subscribed + " (expected: SUBSCRIBED)");
        }
        this.frameworkId =
                subscribed.path("subscribed").path("framework_id").path("value").asText();
        Thread.ofVirtual().name("events").start(this::readEvents);
    }

    /**
     * Subscribes, following redirects to the leader.
     *
     * @param master such as {@code http://offerplane:5050}
     * @param frameworkInfo Mesos' FrameworkInfo
     * @throws UnexpectedAnswer for any answer but 200
     */
    public static SchedulerConnection subscribe(URI master, ObjectNode frameworkInfo, Optional<Credential> credential)
            throws IOException, InterruptedException {
        HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .followRedirects(HttpClient.Redirect.ALWAYS)
                .build();
        Optional<String> authorization = credential.map(given -> "Basic "
                + Base64.getEncoder()
                        .encodeToString((given.principal() + ":" + given.secret()).getBytes(StandardCharsets.UTF_8)));
        ObjectNode call = JSON.createObjectNode().put("type", "SUBSCRIBE");
        if (frameworkInfo.has("id")) {
            call.set("framework_id", frameworkInfo.get("id"));
        }
        call.putObject("subscribe").set("framework_info", frameworkInfo);
        HttpRequest.Builder request = HttpRequest.newBuilder(master.resolve("/api/v1/scheduler"))
                .header("Content-Type", JSON_TYPE)
                .header("Accept", JSON_TYPE)
                .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(call)));
        authorization.ifPresent(value -> request.header("Authorization", value));
        HttpResponse<InputStream> response = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() != 200) {
            try (InputStream text = response.body()) {
                throw new UnexpectedAnswer(
                        response.statusCode(), new String(text.readNBytes(4096), StandardCharsets.UTF_8));
            }
        }
        String streamId = response.headers()
                .firstValue("Mesos-Stream-Id")
                .orElseThrow(() -> new IOException("the answer bears no Mesos-Stream-Id"));
        return new SchedulerConnection(
                http, response.uri(), authorization, streamId, new BufferedInputStream(response.body()));
    }

    public String frameworkId() {
        return frameworkId;
    }

    /**
     * Sends a call of this framework's.
     *
     * @param call without its framework id
     * @throws UnexpectedAnswer for any answer but 202
     */
    public void call(ObjectNode call) throws IOException, InterruptedException {
        call.putObject("framework_id").put("value", frameworkId);
        HttpRequest.Builder request = HttpRequest.newBuilder(endpoint)
                .timeout(Duration.ofSeconds(10))
                .header("Content-Type", JSON_TYPE)
                .header("Mesos-Stream-Id", streamId)
                .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(call)));
        authorization.ifPresent(value -> request.header("Authorization", value));
        HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 202) {
            throw new UnexpectedAnswer(response.statusCode(), response.body());
        }
    }

    /** The next event but heartbeats; empty when none came in that time, or the stream has ended. */
    public Optional<JsonNode> nextEvent(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            JsonNode event = events.poll(Math.min(100, Math.max(1, patience.toMillis())), TimeUnit.MILLISECONDS);
            if (event != null) {
                return Optional.of(event);
            }
            if (ended || System.nanoTime() >= deadline) {
                return Optional.ofNullable(events.poll());
            }
        }
    }

    /** Whether the master has closed the stream. */
    public boolean isEnded() {
        return ended;
    }

    @Override
    public void close() {
        try {
            body.close();
        } catch (IOException alreadyBroken) {
            ended = true;
        }
        http.shutdownNow();
    }

    private void readEvents() {
        try {
            while (true) {
                JsonNode event = readEvent(body);
                if (!event.path("type").asText().equals("HEARTBEAT")) {
                    events.add(event);
                }
            }
        } catch (IOException streamEnded) {
            ended = true;
        }
    }

    /** RecordIO: the length in decimal digits, a line feed, then so many bytes. */
    private static JsonNode readEvent(InputStream stream) throws IOException {
        int length = 0;
        for (int digit = stream.read(); digit != '\n'; digit = stream.read()) {
            if (digit < 0) {
                throw new EOFException("the stream has ended");
            }
            if (digit < '0' || digit > '9' || length > MAX_EVENT_BYTES) {
                throw new IOException("broken RecordIO from the master: byte " + digit + " in a length");
            }
            length = length * 10 + (digit - '0');
        }
        byte[] record = stream.readNBytes(length);
        if (record.length < length) {
            throw new EOFException("the stream has ended within an event");
        }
        return JSON.readTree(record);
    }
}
