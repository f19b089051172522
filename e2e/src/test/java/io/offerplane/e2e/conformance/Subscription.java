package io.offerplane.e2e.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.offerplane.e2e.conformance.HttpAnswer.Header;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One stream of events. A thread reads it from the start and sorts what comes into lanes, as Mesos promises an order only
 * within some kinds of events: how offers fall between updates, and how many offers one event carries, is its own business.
 *
 * <p>Thread-safe.
 */
final class Subscription implements AutoCloseable {
    /** What is kept apart. Within one lane the order of arrival counts. */
    enum Lane {
        /** SUBSCRIBED, UPDATE, MESSAGE, FAILURE, ERROR, and the end of the stream. */
        STATUS,
        /** Single offers (an OFFERS event is taken apart) and RESCIND. */
        OFFERS,
        HEARTBEATS
    }

    /** The pseudo-event that closes the STATUS lane when the server ended the stream. */
    static final String ENDED = "END OF STREAM";

    /** A type that whoever listens to events may give to one, to have it passed over. */
    static final String UNSEEN = "UNSEEN";

    /**
     * Something that came.
     *
     * @param type the event's type; OFFER for one offer out of an OFFERS event
     * @param body the offer itself for an OFFER, else the whole event
     */
    record Arrival(String type, JsonNode body) {}

    private final HttpConnection connection;
    private final HttpAnswer head;
    private final Map<Lane, Deque<Arrival>> lanes = new EnumMap<>(Lane.class);
    private final List<String> types = new CopyOnWriteArrayList<>();
    private boolean closedByUs;

    private Subscription(HttpConnection connection, HttpAnswer head) {
        this.connection = connection;
        this.head = head;
        for (Lane lane : Lane.values()) {
            lanes.put(lane, new ArrayDeque<>());
        }
    }

    /**
     * Sends the SUBSCRIBE call and, if the answer is a stream, starts to read it.
     *
     * @param onHead called with the answer's headers before any event is read
     * @param onEvent called on the reading thread with every event before it can be awaited
     */
    static Subscription open(
            URI base,
            String path,
            Wire wire,
            List<Header> headers,
            byte[] call,
            Consumer<HttpAnswer> onHead,
            Consumer<JsonNode> onEvent)
            throws IOException {
        HttpConnection connection = HttpConnection.open(base);
        try {
            connection.send(base, "POST", path, headers, call);
            HttpAnswer head = connection.readHead();
            onHead.accept(head);
            if (head.status() != 200 || head.header("Transfer-Encoding").isEmpty()) {
                String body = new String(connection.body(head).readAllBytes(), StandardCharsets.UTF_8);
                connection.close();
                return new Subscription(connection, new HttpAnswer(head.status(), head.headers(), body));
            }
            connection.waitWithoutLimit();
            Subscription subscription = new Subscription(connection, head);
            InputStream body = connection.body(head);
            Wire answered = head.header("Content-Type")
                            .filter(Wire.PROTOBUF.mediaType::equals)
                            .isPresent()
                    ? Wire.PROTOBUF
                    : head.header("Content-Type")
                                    .filter(Wire.JSON.mediaType::equals)
                                    .isPresent()
                            ? Wire.JSON
                            : wire;
            Thread.ofVirtual().name("subscription").start(() -> subscription.read(body, answered, onEvent));
            return subscription;
        } catch (IOException failed) {
            connection.close();
            throw failed;
        }
    }

    HttpAnswer head() {
        return head;
    }

    boolean isStream() {
        return head.status() == 200 && head.header("Transfer-Encoding").isPresent();
    }

    /** The types of all events so far, in the order of their arrival. */
    List<String> arrivedTypes() {
        return List.copyOf(types);
    }

    private void read(InputStream body, Wire wire, Consumer<JsonNode> onEvent) {
        String end = "";
        try {
            for (byte[] record = readRecord(body); record != null; record = readRecord(body)) {
                JsonNode event = wire.decode(record);
                onEvent.accept(event);
                arrived(event);
            }
        } catch (IOException broken) {
            end = broken instanceof EOFException ? "the connection broke off" : String.valueOf(broken.getMessage());
        }
        synchronized (this) {
            if (!closedByUs) {
                put(Lane.STATUS, new Arrival(ENDED, com.fasterxml.jackson.databind.node.TextNode.valueOf(end)));
            }
        }
    }

    private static byte @Nullable [] readRecord(InputStream body) throws IOException {
        StringBuilder length = new StringBuilder();
        for (int b = body.read(); b != '\n'; b = body.read()) {
            if (b < 0) {
                if (length.isEmpty()) {
                    return null;
                }
                throw new EOFException("the stream ended within a record's length");
            }
            length.append((char) b);
        }
        byte[] record = body.readNBytes(Integer.parseInt(length.toString()));
        if (record.length < Integer.parseInt(length.toString())) {
            throw new EOFException("the stream ended within a record: " + new String(record, StandardCharsets.UTF_8));
        }
        return record;
    }

    private synchronized void arrived(JsonNode event) {
        String type = event.path("type").asText("no type");
        types.add(type);
        switch (type) {
            case UNSEEN -> {}
            case "OFFERS" -> event.at("/offers/offers").forEach(offer -> put(Lane.OFFERS, new Arrival("OFFER", offer)));
            case "RESCIND" -> put(Lane.OFFERS, new Arrival(type, event));
            case "HEARTBEAT" -> put(Lane.HEARTBEATS, new Arrival(type, event));
            default -> put(Lane.STATUS, new Arrival(type, event));
        }
    }

    private synchronized void put(Lane lane, Arrival arrival) {
        lanes.get(lane).add(arrival);
        notifyAll();
    }

    /** Takes the oldest arrival of the lane, waiting for it until the deadline; null when none came. */
    synchronized @Nullable Arrival take(Lane lane, long deadlineNanos) throws InterruptedException {
        while (lanes.get(lane).isEmpty()) {
            long left = (deadlineNanos - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return null;
            }
            wait(left);
        }
        return lanes.get(lane).poll();
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            closedByUs = true;
        }
        connection.close();
    }
}
