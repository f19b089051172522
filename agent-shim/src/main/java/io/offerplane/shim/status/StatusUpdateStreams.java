package io.offerplane.shim.status;

import com.google.protobuf.ByteString;
import io.offerplane.protocol.link.v1.StatusUpdate;
import io.offerplane.shim.journal.Journal;
import io.offerplane.shim.journal.TaskKey;
import io.offerplane.shim.journal.v1.Acknowledge;
import io.offerplane.shim.journal.v1.Entry;
import io.offerplane.shim.journal.v1.Update;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams of all tasks of the node. Safe for use by several threads.
 *
 * <p>Source of the behaviour: Mesos' task status update manager; retry after 10 s, doubling to 10 min.
 */
public final class StatusUpdateStreams {

    /** Mesos' STATUS_UPDATE_RETRY_INTERVAL_MIN. */
    public static final Duration FIRST_RETRY = Duration.ofSeconds(10);

    /** Mesos' STATUS_UPDATE_RETRY_INTERVAL_MAX. */
    public static final Duration LONGEST_RETRY = Duration.ofMinutes(10);

    private static final Logger log = LoggerFactory.getLogger(StatusUpdateStreams.class);

    private record Queued(ByteString uuid, ByteString status) {}

    private static final class Stream {
        private final ReentrantLock lock = new ReentrantLock();
        private final Deque<Queued> queue = new ArrayDeque<>(4);
        private final List<TaskStatus> told = new ArrayList<>(4);
        private String latestState = "";
        private Duration retry = FIRST_RETRY;
        private @Nullable Future<?> timer;
    }

    private final Map<TaskKey, Stream> streams = new ConcurrentHashMap<>();
    private final Map<TaskState, LongAdder> taken = new ConcurrentHashMap<>();
    private final Journal journal;
    private final ScheduledExecutorService timers;
    private final Consumer<StatusUpdate> sender;
    private final Consumer<TaskKey> drained;

    /**
     * @param timers runs retries; they don't block
     * @param sender hands an update to the link; does nothing while there is none, and never blocks
     * @param drained told when a task's last update has been acknowledged
     */
    public StatusUpdateStreams(
            Journal journal,
            ScheduledExecutorService timers,
            Consumer<StatusUpdate> sender,
            Consumer<TaskKey> drained) {
        this.journal = journal;
        this.timers = timers;
        this.sender = sender;
        this.drained = drained;
    }

    /** Takes up a stream where an earlier shim left it. Nothing is sent before {@link #resend}. */
    public void restore(TaskKey key, String latestState, List<Update> unacknowledged) throws IOException {
        Stream stream = new Stream();
        stream.latestState = latestState;
        for (Update update : unacknowledged) {
            TaskStatus status = TaskStatus.parseFrom(update.getTaskStatus());
            stream.queue.add(new Queued(status.getUuid(), update.getTaskStatus()));
            tell(stream, status);
        }
        streams.put(key, stream);
    }

    /**
     * Puts an update at the end of its task's stream. Returns when it is on disk; it may be sent by then.
     *
     * @param status with its uuid set
     * @throws IOException when it isn't on disk; it isn't in the stream then
     */
    public void append(TaskKey key, TaskStatus status) throws IOException {
        append(key, status, true, List.of());
    }

    /**
     * As {@link #append(TaskKey, TaskStatus)}, of a task that is written down with its first update.
     *
     * @param launch goes to the disk before it, in the same flush
     */
    public void appendFirst(Entry launch, TaskKey key, TaskStatus status) throws IOException {
        append(key, status, true, List.of(launch));
    }

    /** As {@link #append}, for a terminal update that no disk will take: it is better told from memory than not at all. */
    public void appendUnwritten(TaskKey key, TaskStatus status) {
        try {
            append(key, status, false, List.of());
        } catch (IOException e) {
            throw new IllegalStateException("nothing was written", e);
        }
    }

    private void append(TaskKey key, TaskStatus status, boolean durable, List<Entry> before) throws IOException {
        ByteString bytes = status.toByteString();
        Stream stream = streams.computeIfAbsent(key, k -> new Stream());
        // Held while writing, so that the disk and the queue have one order.
        stream.lock.lock();
        try {
            if (durable) {
                List<Entry> entries = new ArrayList<>(before);
                entries.add(Entry.newBuilder()
                        .setUpdate(Update.newBuilder()
                                .setFrameworkId(key.frameworkId())
                                .setTaskId(key.taskId())
                                .setTaskStatus(bytes))
                        .build());
                journal.append(entries);
            }
            stream.queue.add(new Queued(status.getUuid(), bytes));
            stream.latestState = status.getState().name();
            tell(stream, status);
            taken.computeIfAbsent(status.getState(), state -> new LongAdder()).increment();
            if (stream.queue.size() == 1) {
                sendFirst(key, stream);
            }
        } finally {
            stream.lock.unlock();
        }
    }

    /**
     * A framework has an update. Only the one in flight counts; a repeated acknowledgement of an earlier one is passed over.
     *
     * @return true when it moved the stream on
     */
    public boolean acknowledge(TaskKey key, ByteString uuid) {
        Stream stream = streams.get(key);
        if (stream == null) {
            log.debug("Acknowledgement for unknown {}", key);
            return false;
        }
        boolean empty;
        stream.lock.lock();
        try {
            Queued first = stream.queue.peek();
            if (first == null || !first.uuid().equals(uuid)) {
                log.debug("Acknowledgement of {} isn't for the update in flight", key);
                return false;
            }
            journal.appendLater(Entry.newBuilder()
                    .setAcknowledge(Acknowledge.newBuilder()
                            .setFrameworkId(key.frameworkId())
                            .setTaskId(key.taskId())
                            .setUuid(uuid))
                    .build());
            stream.queue.remove();
            stopTimer(stream);
            stream.retry = FIRST_RETRY;
            empty = stream.queue.isEmpty();
            if (!empty) {
                sendFirst(key, stream);
            }
        } finally {
            stream.lock.unlock();
        }
        if (empty) {
            drained.accept(key);
        }
        return true;
    }

    /** Sends the first unacknowledged update of each stream; for a new connection. */
    public void resend() {
        streams.forEach((key, stream) -> {
            stream.lock.lock();
            try {
                stream.retry = FIRST_RETRY;
                if (!stream.queue.isEmpty()) {
                    sendFirst(key, stream);
                }
            } finally {
                stream.lock.unlock();
            }
        });
    }

    /** The update in flight, as it would be sent. */
    public Optional<StatusUpdate> inFlight(TaskKey key) {
        Stream stream = streams.get(key);
        if (stream == null) {
            return Optional.empty();
        }
        stream.lock.lock();
        try {
            return Optional.ofNullable(stream.queue.peek()).map(first -> message(key, stream, first));
        } finally {
            stream.lock.unlock();
        }
    }

    /**
     * What a task's stream has carried, for those who look.
     *
     * @param statuses oldest first; of several in a row with the same state the last one. Without their data. What was
     *     acknowledged before the shim started isn't known any more
     * @param forwarded the last that was sent; absent before the first
     */
    public record Told(List<TaskStatus> statuses, Optional<TaskStatus> forwarded) {
        public Told {
            statuses = List.copyOf(statuses);
        }
    }

    /** What a task's stream has carried so far; empty for a task without one. */
    public Told told(TaskKey key) {
        Stream stream = streams.get(key);
        if (stream == null) {
            return new Told(List.of(), Optional.empty());
        }
        stream.lock.lock();
        try {
            Queued first = stream.queue.peek();
            Optional<TaskStatus> last = stream.told.isEmpty() ? Optional.empty() : Optional.of(stream.told.getLast());
            // One that waits behind the first hasn't been sent.
            Optional<TaskStatus> forwarded = first == null
                    ? last
                    : stream.told.stream()
                            .filter(status -> status.getUuid().equals(first.uuid()))
                            .findFirst()
                            .or(() -> last);
            return new Told(stream.told, forwarded);
        } finally {
            stream.lock.unlock();
        }
    }

    /** How many updates with a state there have been since the shim started. */
    public long taken(TaskState state) {
        LongAdder count = taken.get(state);
        return count == null ? 0 : count.sum();
    }

    /** As Mesos' agent keeps a task's statuses: an executor that repeats a state doesn't make the list grow. */
    private static void tell(Stream stream, TaskStatus status) {
        if (!stream.told.isEmpty() && stream.told.getLast().getState() == status.getState()) {
            stream.told.removeLast();
        }
        stream.told.add(status.toBuilder().clearData().build());
    }

    /** True when nothing waits for acknowledgement. */
    public boolean isDrained(TaskKey key) {
        return inFlight(key).isEmpty();
    }

    /** Drops a stream with what is in it. */
    public void forget(TaskKey key) {
        Stream stream = streams.remove(key);
        if (stream != null) {
            stream.lock.lock();
            try {
                stopTimer(stream);
                stream.queue.clear();
            } finally {
                stream.lock.unlock();
            }
        }
    }

    private void sendFirst(TaskKey key, Stream stream) {
        Queued first = stream.queue.element();
        sender.accept(message(key, stream, first));
        stopTimer(stream);
        Duration after = stream.retry;
        stream.timer =
                timers.schedule(() -> retry(key, stream, first.uuid(), after), after.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void retry(TaskKey key, Stream stream, ByteString uuid, Duration waited) {
        stream.lock.lock();
        try {
            Queued first = stream.queue.peek();
            if (first == null || !first.uuid().equals(uuid)) {
                return;
            }
            Duration doubled = waited.multipliedBy(2);
            stream.retry = doubled.compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : doubled;
            log.debug("Repeating an update of {}, unacknowledged after {}", key, waited);
            sendFirst(key, stream);
        } finally {
            stream.lock.unlock();
        }
    }

    private static void stopTimer(Stream stream) {
        if (stream.timer != null) {
            stream.timer.cancel(false);
            stream.timer = null;
        }
    }

    private static StatusUpdate message(TaskKey key, Stream stream, Queued queued) {
        return StatusUpdate.newBuilder()
                .setFrameworkId(key.frameworkId())
                .setTaskStatus(queued.status())
                .setLatestState(stream.latestState)
                .build();
    }
}
