package io.offerplane.shim.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.offerplane.protocol.link.v1.StatusUpdate;
import io.offerplane.shim.journal.Journal;
import io.offerplane.shim.journal.JournalState;
import io.offerplane.shim.journal.TaskKey;
import io.offerplane.shim.journal.v1.Entry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StatusUpdateStreamsTest {

    private static final TaskKey KEY = new TaskKey("f", "t");

    /** Keeps entries in memory; fails when told to. */
    private static final class MemoryJournal implements Journal {
        private final JournalState state = new JournalState();
        private boolean failing;

        @Override
        public void append(List<Entry> entries) throws IOException {
            if (failing) {
                throw new IOException("No space left on device");
            }
            entries.forEach(state::apply);
        }

        @Override
        public void appendLater(Entry entry) {
            state.apply(entry);
        }

        @Override
        public JournalState state() {
            return state;
        }
    }

    /** A clock that the test moves; runs what is due in order. */
    private static final class ManualTimers extends ScheduledThreadPoolExecutor {
        private final List<Due> due = new ArrayList<>();
        private long nowMillis;

        ManualTimers() {
            super(1);
        }

        private static final class Due implements ScheduledFuture<Object> {
            private final long at;
            private final Runnable action;
            private boolean cancelled;

            Due(long at, Runnable action) {
                this.at = at;
                this.action = action;
            }

            @Override
            public long getDelay(TimeUnit unit) {
                return 0;
            }

            @Override
            public int compareTo(Delayed other) {
                return 0;
            }

            @Override
            public boolean cancel(boolean interrupt) {
                cancelled = true;
                return true;
            }

            @Override
            public boolean isCancelled() {
                return cancelled;
            }

            @Override
            public boolean isDone() {
                return cancelled;
            }

            @Override
            public Object get() {
                return "";
            }

            @Override
            public Object get(long timeout, TimeUnit unit) {
                return "";
            }
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
            Due timer = new Due(nowMillis + unit.toMillis(delay), command);
            due.add(timer);
            return timer;
        }

        @Override
        public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
            throw new IllegalStateException("streams schedule runnables");
        }

        void pass(Duration time) {
            long until = nowMillis + time.toMillis();
            while (true) {
                Due next = due.stream()
                        .filter(d -> !d.cancelled && d.at <= until)
                        .min((a, b) -> Long.compare(a.at, b.at))
                        .orElse(null);
                if (next == null) {
                    break;
                }
                due.remove(next);
                nowMillis = next.at;
                next.action.run();
            }
            nowMillis = until;
        }
    }

    private final MemoryJournal journal = new MemoryJournal();
    private final ManualTimers timers = new ManualTimers();
    private final List<StatusUpdate> sent = new ArrayList<>();
    private final List<TaskKey> drained = new ArrayList<>();
    private StatusUpdateStreams streams = new StatusUpdateStreams(journal, timers, sent::add, drained::add);

    @AfterEach
    void stop() {
        timers.shutdownNow();
    }

    private static TaskStatus status(TaskState state, String uuid) {
        return TaskStatus.newBuilder()
                .setTaskId(TaskID.newBuilder().setValue("t"))
                .setState(state)
                .setUuid(ByteString.copyFromUtf8(uuid))
                .build();
    }

    private List<String> sentUuids() throws IOException {
        List<String> uuids = new ArrayList<>();
        for (StatusUpdate update : sent) {
            uuids.add(TaskStatus.parseFrom(update.getTaskStatus()).getUuid().toStringUtf8());
        }
        return uuids;
    }

    @Test
    void whatWasToldIsKeptWithoutRepeatedStatesAndWithoutData() throws IOException {
        assertThat(streams.told(KEY).statuses()).isEmpty();
        streams.append(KEY, status(TaskState.TASK_STARTING, "1"));
        for (String uuid : List.of("2", "3")) {
            streams.append(
                    KEY,
                    status(TaskState.TASK_RUNNING, uuid).toBuilder()
                            .setData(ByteString.copyFromUtf8("much"))
                            .build());
        }
        StatusUpdateStreams.Told told = streams.told(KEY);
        assertThat(told.statuses())
                .containsExactly(status(TaskState.TASK_STARTING, "1"), status(TaskState.TASK_RUNNING, "3"));
        assertThat(told.forwarded()).contains(status(TaskState.TASK_STARTING, "1"));
        for (String uuid : List.of("1", "2", "3")) {
            streams.acknowledge(KEY, ByteString.copyFromUtf8(uuid));
        }
        assertThat(streams.told(KEY).forwarded()).contains(status(TaskState.TASK_RUNNING, "3"));
        assertThat(streams.taken(TaskState.TASK_RUNNING)).isEqualTo(2);
        assertThat(streams.taken(TaskState.TASK_FAILED)).isZero();
        // A restarted shim knows what is unacknowledged.
        streams.append(KEY, status(TaskState.TASK_FINISHED, "4"));
        StatusUpdateStreams later = new StatusUpdateStreams(journal, timers, sent::add, drained::add);
        later.restore(KEY, "TASK_FINISHED", journal.state().tasks().get(KEY).unacknowledged());
        assertThat(later.told(KEY).statuses()).containsExactly(status(TaskState.TASK_FINISHED, "4"));
    }

    @Test
    void onlyTheFirstUnacknowledgedUpdateIsInFlight() throws IOException {
        streams.append(KEY, status(TaskState.TASK_STARTING, "1"));
        streams.append(KEY, status(TaskState.TASK_RUNNING, "2"));
        streams.append(KEY, status(TaskState.TASK_FINISHED, "3"));
        assertThat(sentUuids()).containsExactly("1");
        assertThat(streams.acknowledge(KEY, ByteString.copyFromUtf8("1"))).isTrue();
        assertThat(sentUuids()).containsExactly("1", "2");
        assertThat(sent.getLast().getLatestState()).isEqualTo("TASK_FINISHED");
        streams.acknowledge(KEY, ByteString.copyFromUtf8("2"));
        assertThat(drained).isEmpty();
        streams.acknowledge(KEY, ByteString.copyFromUtf8("3"));
        assertThat(drained).containsExactly(KEY);
    }

    @Test
    void anAcknowledgementOfAnotherUpdateMovesNothing() throws IOException {
        streams.append(KEY, status(TaskState.TASK_STARTING, "1"));
        streams.append(KEY, status(TaskState.TASK_RUNNING, "2"));
        assertThat(streams.acknowledge(KEY, ByteString.copyFromUtf8("2"))).isFalse();
        streams.acknowledge(KEY, ByteString.copyFromUtf8("1"));
        assertThat(streams.acknowledge(KEY, ByteString.copyFromUtf8("1"))).isFalse();
        assertThat(sentUuids()).containsExactly("1", "2");
    }

    @Test
    void anUnacknowledgedUpdateIsRepeatedAfterTenSecondsThenAtDoublingIntervalsUpToTenMinutes() throws IOException {
        streams.append(KEY, status(TaskState.TASK_STARTING, "1"));
        timers.pass(Duration.ofMillis(9_999));
        assertThat(sent).hasSize(1);
        timers.pass(Duration.ofMillis(1));
        assertThat(sent).hasSize(2);
        timers.pass(Duration.ofSeconds(20));
        assertThat(sent).hasSize(3);
        timers.pass(Duration.ofMinutes(10));
        assertThat(sent).hasSize(7);
        timers.pass(Duration.ofMinutes(10));
        assertThat(sent).hasSize(8);
        timers.pass(Duration.ofMinutes(10));
        assertThat(sent).hasSize(9);
        streams.acknowledge(KEY, ByteString.copyFromUtf8("1"));
        timers.pass(Duration.ofHours(1));
        assertThat(sent).hasSize(9);
    }

    @Test
    void aNewConnectionGetsTheUpdateInFlightAtOnce() throws IOException {
        streams.append(KEY, status(TaskState.TASK_STARTING, "1"));
        timers.pass(Duration.ofSeconds(100));
        int before = sent.size();
        streams.resend();
        assertThat(sent).hasSize(before + 1);
        timers.pass(Duration.ofSeconds(10));
        assertThat(sent).hasSize(before + 2);
    }

    @Test
    void aRestartedShimGoesOnWithTheUpdateThatWasInFlight() throws IOException {
        streams.append(KEY, status(TaskState.TASK_STARTING, "1"));
        streams.append(KEY, status(TaskState.TASK_RUNNING, "2"));
        streams.acknowledge(KEY, ByteString.copyFromUtf8("1"));
        sent.clear();
        streams = new StatusUpdateStreams(journal, timers, sent::add, drained::add);
        JournalState.Task task = journal.state().tasks().get(KEY);
        streams.restore(KEY, task.launch().getLatestState(), task.unacknowledged());
        assertThat(sent).isEmpty();
        streams.resend();
        assertThat(sentUuids()).containsExactly("2");
        assertThat(streams.inFlight(KEY).orElseThrow().getLatestState()).isEqualTo("TASK_RUNNING");
    }

    @Test
    void whatTheDiskWillNotTakeIsNotSent() {
        journal.failing = true;
        assertThatThrownBy(() -> streams.append(KEY, status(TaskState.TASK_RUNNING, "1")))
                .isInstanceOf(IOException.class);
        assertThat(sent).isEmpty();
        streams.appendUnwritten(KEY, status(TaskState.TASK_FAILED, "2"));
        assertThat(sent).hasSize(1);
    }
}
