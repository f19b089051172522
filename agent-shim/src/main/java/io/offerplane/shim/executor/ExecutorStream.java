package io.offerplane.shim.executor;

import io.offerplane.protocol.mesos.MesosJsonWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.executor.Protos.Event;

/**
 * The events of one subscription to the v1 API, RecordIO-framed. Whoever has an event puts it in without waiting; the request's own thread writes.
 */
final class ExecutorStream implements ExecutorConnection {

    /** Mesos' executor heartbeat: only keeps idle connections from being dropped on the way. */
    private static final Duration HEARTBEAT = Duration.ofMinutes(30);

    private static final Event BEAT =
            Event.newBuilder().setType(Event.Type.HEARTBEAT).build();

    private final LinkedBlockingQueue<Optional<Event>> events = new LinkedBlockingQueue<>();
    private final boolean json;

    /** @param json whether events go out as JSON; else as protobuf */
    ExecutorStream(boolean json) {
        this.json = json;
    }

    @Override
    public void send(Event event) {
        events.add(Optional.of(event));
    }

    @Override
    public void close() {
        events.add(Optional.empty());
    }

    @Override
    public String driverPid() {
        return "";
    }

    /**
     * Writes until the stream is closed.
     *
     * @throws IOException when the other side is gone
     */
    void writeTo(OutputStream out) throws IOException, InterruptedException {
        while (true) {
            Optional<Event> next = events.poll(HEARTBEAT.toSeconds(), TimeUnit.SECONDS);
            if (next == null) {
                write(out, BEAT);
            } else if (next.isEmpty()) {
                return;
            } else {
                write(out, next.get());
            }
        }
    }

    private void write(OutputStream out, Event event) throws IOException {
        byte[] record = json ? MesosJsonWriter.toBytes(event) : event.toByteArray();
        out.write((record.length + "\n").getBytes(StandardCharsets.US_ASCII));
        out.write(record);
        out.flush();
    }
}
