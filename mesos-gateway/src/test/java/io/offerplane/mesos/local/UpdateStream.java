package io.offerplane.mesos.local;

import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskState;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;

/**
 * A task's updates in order: the first that isn't acknowledged is out, and goes out again after 10 seconds, then after twice as
 * long, up to 10 minutes. Not thread-safe.
 */
final class UpdateStream {
    private static final Duration FIRST_RETRY = Duration.ofSeconds(10);
    private static final Duration LAST_RETRY = Duration.ofMinutes(10);

    private final BiConsumer<StatusUpdate, TaskState> out;
    private final BiConsumer<Duration, Runnable> timer;
    private final Deque<StatusUpdate> updates = new ArrayDeque<>();
    private boolean ended;
    private boolean closed;

    UpdateStream(BiConsumer<StatusUpdate, TaskState> out, BiConsumer<Duration, Runnable> timer) {
        this.out = out;
        this.timer = timer;
    }

    void add(StatusUpdate update) {
        if (ended || closed) {
            return;
        }
        ended = update.state().isTerminal();
        updates.add(update);
        if (updates.size() == 1) {
            send(update, FIRST_RETRY);
        }
    }

    /** @return true when that was the last there is to say of the task */
    boolean acknowledge(UUID uuid) {
        StatusUpdate head = updates.peek();
        if (head == null || !head.uuid().equals(Optional.of(uuid))) {
            return false;
        }
        updates.remove();
        StatusUpdate next = updates.peek();
        if (next != null) {
            send(next, FIRST_RETRY);
        }
        return head.state().isTerminal();
    }

    void close() {
        closed = true;
        updates.clear();
    }

    private void send(StatusUpdate update, Duration retry) {
        out.accept(update, updates.getLast().state());
        timer.accept(retry, () -> {
            if (isHead(update)) {
                Duration doubled = retry.multipliedBy(2);
                send(update, doubled.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : doubled);
            }
        });
    }

    private boolean isHead(StatusUpdate update) {
        StatusUpdate head = updates.peek();
        return head != null && head.uuid().equals(update.uuid());
    }
}
