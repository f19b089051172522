package io.offerplane.shim.nested;

import io.offerplane.shim.container.ContainerSession.Output;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What one client is still to read of a session's output. Safe for use by several threads. */
public final class OutputFeed implements AutoCloseable {

    /** What a client may be behind. */
    private static final int MOST_BYTES = 1 << 20;

    /** What there is for the client. */
    public sealed interface Next {}

    /** @param output the next of it */
    public record Data(Output output) implements Next {}

    /** Nothing, so far. */
    public record Nothing() implements Next {}

    /** Nothing any more. */
    public record End() implements Next {}

    private final Runnable left;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // Guarded by lock.
    private final Deque<Output> outputs = new ArrayDeque<>();
    private int bytes;
    private boolean ended;
    private boolean closed;

    /** @param left called once, when the client goes */
    OutputFeed(Runnable left) {
        this.left = left;
    }

    /** Adds to it, once there is room or nobody waits for the end; nothing happens when the client has gone. */
    void put(Output output) throws InterruptedException {
        lock.lock();
        try {
            while (bytes >= MOST_BYTES && !closed && !ended) {
                changed.await();
            }
            add(output);
        } finally {
            lock.unlock();
        }
    }

    /** Adds to it at once. A client that is too far behind has seen the last of it. */
    void offer(Output output) {
        lock.lock();
        try {
            if (bytes >= MOST_BYTES) {
                ended = true;
                changed.signalAll();
            } else if (!ended) {
                add(output);
            }
        } finally {
            lock.unlock();
        }
    }

    private void add(Output output) {
        if (!closed) {
            outputs.addLast(output);
            bytes += output.data().size();
            changed.signalAll();
        }
    }

    /** Nothing more is waited for. */
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for what comes next, or for so long. */
    public Next next(Duration patience) throws InterruptedException {
        long left = patience.toNanos();
        lock.lock();
        try {
            while (outputs.isEmpty() && !ended && left > 0) {
                left = changed.awaitNanos(left);
            }
            if (!outputs.isEmpty()) {
                Output output = outputs.removeFirst();
                bytes -= output.data().size();
                changed.signalAll();
                return new Data(output);
            }
            return ended ? new End() : new Nothing();
        } finally {
            lock.unlock();
        }
    }

    /** The client is gone. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            outputs.clear();
            bytes = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        left.run();
    }
}
