package io.offerplane.mesos.scheduler;

import io.offerplane.engine.Effect;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.mesos.http.EventStream;
import io.offerplane.mesos.http.MediaType;
import io.offerplane.protocol.mesos.MesosJsonWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.scheduler.Protos.Event;

/**
 * One subscription's stream. {@code SUBSCRIBING} until the engine has answered, then {@code LIVE} until it fails, ends or breaks;
 * {@code OVER} is for good. Moved on by the engine's thread and by the connection's event loop, under this object's lock, which
 * is never held while anything else is called that could wait.
 */
final class SchedulerSession {
    /** Where a subscription is in its life. */
    enum Phase {
        SUBSCRIBING,
        LIVE,
        OVER
    }

    private final EventStream stream;
    private final MediaType form;
    private final UUID streamId;
    private final long connection;
    private final Optional<String> principal;
    private final Consumer<Event.Type> counted;

    // Guarded by this.
    private Phase phase = Phase.SUBSCRIBING;
    private FrameworkSpec spec;

    SchedulerSession(
            EventStream stream,
            MediaType form,
            UUID streamId,
            long connection,
            Optional<String> principal,
            FrameworkSpec spec,
            Consumer<Event.Type> counted) {
        this.stream = stream;
        this.form = form;
        this.streamId = streamId;
        this.connection = connection;
        this.principal = principal;
        this.spec = spec;
        this.counted = counted;
    }

    String streamId() {
        return streamId.toString();
    }

    long connection() {
        return connection;
    }

    /** Who authenticated for this stream. */
    Optional<String> principal() {
        return principal;
    }

    synchronized FrameworkSpec spec() {
        return spec;
    }

    synchronized void setSpec(FrameworkSpec changed) {
        spec = changed;
    }

    synchronized boolean isLive() {
        return phase == Phase.LIVE;
    }

    /** The engine took the subscription. */
    void begin(FrameworkId id, Duration heartbeat, Protos.MasterInfo master) {
        synchronized (this) {
            if (phase != Phase.SUBSCRIBING) {
                return;
            }
            phase = Phase.LIVE;
        }
        send(EventTranslator.subscribed(id, heartbeat, master));
        // Clients that read line by line need it to see the first event.
        send(EventTranslator.HEARTBEAT);
        stream.every(heartbeat, () -> send(EventTranslator.HEARTBEAT));
    }

    /** An error for the client, and the end. */
    void fail(String message) {
        if (over()) {
            Event error = EventTranslator.error(message);
            counted.accept(error.getType());
            stream.send(() -> bytes(error));
            stream.end();
        }
    }

    /** The end without a word. */
    void end() {
        if (over()) {
            stream.end();
        }
    }

    /** The connection is gone: nothing more is sent. */
    synchronized void broken() {
        phase = Phase.OVER;
    }

    void send(Event event) {
        if (isLive()) {
            counted.accept(event.getType());
            stream.send(() -> bytes(event));
        }
    }

    /** Hands on an effect; the message is made on the stream's event loop, not on the engine's thread. */
    void deliver(Effect.ToFramework effect) {
        if (!isLive()) {
            return;
        }
        FrameworkSpec framework = spec();
        switch (effect) {
            case Effect.SendOffers offers -> {
                counted.accept(Event.Type.OFFERS);
                stream.send(() -> bytes(EventTranslator.offers(offers, framework)));
            }
            case Effect.RescindOffer rescind -> {
                counted.accept(Event.Type.RESCIND);
                stream.send(() -> bytes(EventTranslator.rescind(rescind)));
            }
            case Effect.SendInverseOffers offers -> send(EventTranslator.inverseOffers(offers));
            case Effect.RescindInverseOffer rescind -> send(EventTranslator.rescindInverse(rescind));
            case Effect.SendUpdate update -> {
                counted.accept(Event.Type.UPDATE);
                stream.send(() -> bytes(EventTranslator.update(update)));
            }
            case Effect.SendAgentFailure failure -> send(EventTranslator.failure(failure));
            case Effect.SendExecutorFailure failure -> send(EventTranslator.failure(failure));
            case Effect.SendMessage message -> send(EventTranslator.message(message));
            case Effect.SendOperationStatus status -> send(EventTranslator.operationStatus(status));
            case Effect.AnnounceReclaim announced -> {
                // Mesos has no word for it: the tasks' ends say why.
            }
            case Effect.GrantContainers grants ->
                throw new IllegalStateException("containers for " + grants.frameworkId() + ", which waits for offers");
            case Effect.SendError error -> fail(error.message());
            case Effect.CloseStream close -> end();
        }
    }

    void onClose(Runnable task) {
        stream.onClose(task);
    }

    void after(Duration delay, Runnable task) {
        stream.after(delay, task);
    }

    private synchronized boolean over() {
        if (phase == Phase.OVER) {
            return false;
        }
        phase = Phase.OVER;
        return true;
    }

    private byte[] bytes(Event event) {
        return switch (form) {
            case JSON -> MesosJsonWriter.toBytes(event);
            case PROTOBUF -> event.toByteArray();
        };
    }
}
