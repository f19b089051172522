package io.offerplane.operator.status;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells people of an object's transitions by Kubernetes events. One that can't be written is counted and dropped: nothing waits
 * for it. Thread-safe.
 */
public final class EventRecorder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);
    private static final int MAX_IN_FLIGHT = 64;
    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final KubernetesClient client;
    private final String reporter;
    private final ExecutorService writers = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("events-", 0).factory());
    private final Semaphore inFlight = new Semaphore(MAX_IN_FLIGHT);
    private final AtomicLong serial = new AtomicLong(System.nanoTime());
    private final AtomicLong dropped = new AtomicLong();

    /** Whether an event tells of trouble. */
    public enum Severity {
        NORMAL,
        WARNING
    }

    /** @param reporter this process's name, such as its pod's */
    public EventRecorder(KubernetesClient client, String reporter) {
        this.client = client;
        this.reporter = reporter;
    }

    /**
     * @param reason one word, CamelCase
     * @param note one sentence, cut at 1024 characters
     */
    public void record(HasMetadata about, Severity severity, String reason, String note) {
        if (!inFlight.tryAcquire()) {
            dropped.incrementAndGet();
            return;
        }
        Event event = event(about, severity, reason, note);
        try {
            writers.execute(() -> {
                try {
                    client.events()
                            .v1()
                            .events()
                            .inNamespace(event.getMetadata().getNamespace())
                            .resource(event)
                            .create();
                } catch (KubernetesClientException e) {
                    dropped.incrementAndGet();
                    LOG.atDebug().setCause(e).addKeyValue("reason", reason).log("An event could not be written");
                } finally {
                    inFlight.release();
                }
            });
        } catch (RejectedExecutionException closed) {
            dropped.incrementAndGet();
            inFlight.release();
        }
    }

    /** Events that were not written so far. */
    public long dropped() {
        return dropped.get();
    }

    private Event event(HasMetadata about, Severity severity, String reason, String note) {
        String namespace = Objects.requireNonNullElse(about.getMetadata().getNamespace(), "default");
        String name = about.getMetadata().getName();
        String suffix = "." + Long.toHexString(serial.incrementAndGet());
        return new EventBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name.substring(0, Math.min(name.length(), 253 - suffix.length())) + suffix)
                .endMetadata()
                .withEventTime(new MicroTime(MICROS.format(Instant.now())))
                .withReportingController("offerplane.io/operator")
                .withReportingInstance(reporter)
                .withAction("Reconcile")
                .withType(severity == Severity.WARNING ? "Warning" : "Normal")
                .withReason(reason)
                .withNote(note.length() > 1024 ? note.substring(0, 1023) + "…" : note)
                .withRegarding(new ObjectReferenceBuilder()
                        .withApiVersion(about.getApiVersion())
                        .withKind(about.getKind())
                        .withNamespace(about.getMetadata().getNamespace())
                        .withName(name)
                        .withUid(about.getMetadata().getUid())
                        .build())
                .build();
    }

    @Override
    public void close() {
        writers.shutdownNow();
    }
}
