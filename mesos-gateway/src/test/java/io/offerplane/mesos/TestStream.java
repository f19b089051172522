package io.offerplane.mesos;

import com.google.protobuf.InvalidProtocolBufferException;
import io.netty.buffer.Unpooled;
import io.offerplane.protocol.mesos.MalformedMessageException;
import io.offerplane.protocol.mesos.MesosJsonReader;
import io.offerplane.protocol.recordio.MalformedRecordException;
import io.offerplane.protocol.recordio.RecordIoDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;

/** A framework at the other end of a socket: one stream, and calls beside it. */
public final class TestStream implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** The end of the stream in the queue of events. */
    private static final Event END =
            Event.newBuilder().setType(Event.Type.UNKNOWN).build();

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final URI endpoint;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final HttpResponse<InputStream> response;
    private final String contentType;

    private TestStream(URI endpoint, Call subscribe, String contentType) {
        this.endpoint = endpoint;
        this.contentType = contentType;
        this.response = send(request(subscribe).header("Accept", contentType).build());
        Thread.ofVirtual().start(this::read);
    }

    public static TestStream protobuf(int port, Call subscribe) {
        return new TestStream(endpoint(port), subscribe, "application/x-protobuf");
    }

    public static TestStream json(int port, Call subscribe) {
        return new TestStream(endpoint(port), subscribe, "application/json");
    }

    public static URI endpoint(int port) {
        return URI.create("http://127.0.0.1:" + port + "/api/v1/scheduler");
    }

    public HttpResponse<InputStream> response() {
        return response;
    }

    public String streamId() {
        return response.headers().firstValue("Mesos-Stream-Id").orElseThrow();
    }

    /** The next event that isn't a heartbeat; fails when the stream ends or is silent. */
    public Event next() {
        return next(event -> event.getType() != Event.Type.HEARTBEAT);
    }

    public Event next(Event.Type type) {
        return next(event -> event.getType() == type);
    }

    private Event next(Predicate<Event> wanted) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            Optional<Event> event = poll(end - System.nanoTime());
            if (event.isEmpty()) {
                throw new AssertionError("no event within " + PATIENCE.toSeconds() + " s");
            }
            if (isEnd(event.get())) {
                throw new AssertionError("the stream ended");
            }
            if (wanted.test(event.get())) {
                return event.get();
            }
        }
    }

    /** Waits until the stream has ended. */
    public void awaitEnd() {
        long end = System.nanoTime() + PATIENCE.toNanos();
        Event event;
        do {
            // Events before the end don't matter here.
            event = poll(end - System.nanoTime()).orElseThrow(() -> new AssertionError("the stream is still open"));
        } while (!isEnd(event));
    }

    private static boolean isEnd(Event event) {
        return event.getType() == Event.Type.UNKNOWN;
    }

    private Optional<Event> poll(long nanos) {
        try {
            return Optional.ofNullable(events.poll(nanos, TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Sends a call with this stream's id. */
    public HttpResponse<String> call(Call call) {
        try {
            return client.send(
                    request(call).header("Mesos-Stream-Id", streamId()).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private HttpRequest.Builder request(Call call) {
        return HttpRequest.newBuilder(endpoint)
                .timeout(PATIENCE)
                .header("Content-Type", "application/x-protobuf")
                .POST(HttpRequest.BodyPublishers.ofByteArray(call.toByteArray()));
    }

    private HttpResponse<InputStream> send(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private void read() {
        RecordIoDecoder decoder = new RecordIoDecoder(64 * 1024 * 1024);
        byte[] buffer = new byte[8192];
        try (InputStream in = response.body()) {
            int length = in.read(buffer);
            while (length >= 0) {
                for (byte[] record : decoder.decode(Unpooled.wrappedBuffer(Arrays.copyOf(buffer, length)))) {
                    events.add(event(record));
                }
                length = in.read(buffer);
            }
        } catch (IOException e) {
            // The end, as far as this client can see.
        } catch (MalformedRecordException | MalformedMessageException e) {
            throw new AssertionError(e);
        } finally {
            events.add(END);
        }
    }

    private Event event(byte[] record) throws MalformedMessageException, InvalidProtocolBufferException {
        if (contentType.equals("application/x-protobuf")) {
            return Event.parseFrom(record);
        }
        Event.Builder builder = Event.newBuilder();
        MesosJsonReader.merge(record, builder);
        return builder.build();
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
