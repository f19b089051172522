package io.offerplane.e2e.client;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A plain v1 scheduler client in JSON, for measuring: it adds as little of its own as it can. Not a client under test.
 *
 * <p>Events wait in a queue with the time of their arrival; calls may come from any thread and block until they are answered.
 */
public final class SchedulerSession implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_EVENT_BYTES = 64 << 20;

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final URI endpoint;
    private final String streamId;
    private final InputStream stream;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final String frameworkId;

    /**
     * One event.
     *
     * @param arrivedNanos {@link System#nanoTime} when its last byte had been read
     */
    public record Event(long arrivedNanos, JsonNode json) {
        public String type() {
            return json.path("type").asText();
        }
    }

    private SchedulerSession(URI endpoint, ObjectNode frameworkInfo) throws IOException, InterruptedException {
        this.endpoint = endpoint;
        ObjectNode subscribe = JSON.createObjectNode().put("type", "SUBSCRIBE");
        subscribe.putObject("subscribe").set("framework_info", frameworkInfo);
        HttpResponse<InputStream> answer = http.send(
                HttpRequest.newBuilder(endpoint)
                        .header("Content-Type", "application/json")
                        .header("Accept", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(subscribe)))
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        if (answer.statusCode() != 200) {
            throw new IOException("SUBSCRIBE answered " + answer.statusCode() + ": "
                    + new String(answer.body().readAllBytes(), StandardCharsets.UTF_8));
        }
        this.streamId = answer.headers().firstValue("Mesos-Stream-Id").orElse("");
        this.stream = answer.body();
        JsonNode first = readEvent(stream);
        this.frameworkId = first.at("/subscribed/framework_id/value").asText();
        Thread.ofPlatform().daemon().name("events of " + frameworkId).start(this::readEvents);
    }

    /** Subscribes a framework of this name at {@code host:port}. */
    public static SchedulerSession subscribe(String master, String name) {
        ObjectNode info =
                JSON.createObjectNode().put("user", "root").put("name", name).put("failover_timeout", 0.0);
        try {
            return new SchedulerSession(URI.create("http://" + master + "/api/v1/scheduler"), info);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot subscribe at " + master, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while subscribing", e);
        }
    }

    private void readEvents() {
        try {
            while (true) {
                JsonNode event = readEvent(stream);
                events.add(new Event(System.nanoTime(), event));
            }
        } catch (IOException ended) {
            events.add(new Event(
                    System.nanoTime(),
                    JSON.createObjectNode().put("type", "STREAM_ENDED").put("message", String.valueOf(ended))));
        }
    }

    private static JsonNode readEvent(InputStream in) throws IOException {
        int length = 0;
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < '0' || next > '9' || length > MAX_EVENT_BYTES) {
                throw next < 0 ? new EOFException("the stream ended") : new IOException("not RecordIO: byte " + next);
            }
            length = length * 10 + (next - '0');
        }
        return JSON.readTree(in.readNBytes(length));
    }

    public String frameworkId() {
        return frameworkId;
    }

    /** The next event, or empty after the limit. */
    public Optional<Event> next(Duration limit) {
        try {
            return Optional.ofNullable(events.poll(limit.toNanos(), TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** A call of this type for this framework, to be filled in and given to {@link #send}. */
    public ObjectNode call(String type) {
        ObjectNode call = JSON.createObjectNode().put("type", type);
        call.putObject("framework_id").put("value", frameworkId);
        return call;
    }

    /** Sends a call and wants {@code 202 Accepted}. */
    public void send(ObjectNode call) {
        try {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(endpoint)
                            .header("Content-Type", "application/json")
                            .header("Mesos-Stream-Id", streamId)
                            .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(call)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 202) {
                throw new IllegalStateException(
                        call.path("type").asText() + " answered " + answer.statusCode() + ": " + answer.body());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(call.path("type").asText(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Acknowledges an UPDATE that wants it. */
    public void acknowledge(Event update) {
        JsonNode status = update.json().at("/update/status");
        if (status.has("uuid")) {
            ObjectNode call = call("ACKNOWLEDGE");
            ObjectNode acknowledge = call.putObject("acknowledge");
            acknowledge.set("agent_id", status.path("agent_id"));
            acknowledge.set("task_id", status.path("task_id"));
            acknowledge.set("uuid", status.path("uuid"));
            send(call);
        }
    }

    /** Gives an offer back, to be offered again at once. */
    public void decline(String offerId) {
        ObjectNode call = call("DECLINE");
        ObjectNode decline = call.putObject("decline");
        decline.putArray("offer_ids").addObject().put("value", offerId);
        decline.putObject("filters").put("refuse_seconds", 0.0);
        send(call);
    }

    /** Ends the framework and its tasks. */
    @Override
    public void close() {
        try {
            send(call("TEARDOWN"));
            stream.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            http.shutdownNow();
        }
    }
}
