package io.offerplane.mesos.http;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;

/**
 * An answer without end: records, one HTTP chunk each. Methods may be called on any thread; records leave in the order of the
 * calls. When more than the buffer waits for the client, the connection is closed: that is all the client is told.
 */
public final class EventStream {
    private final ConnectionHandler connection;
    private final int bufferBytes;

    // Only the connection's event loop touches what follows.
    private final Deque<byte[]> early = new ArrayDeque<>();
    private boolean open;
    private boolean ended;
    private boolean endWhenOpen;
    private long pendingBytes;

    EventStream(ConnectionHandler connection, int bufferBytes) {
        this.connection = connection;
        this.bufferBytes = bufferBytes;
    }

    /** Sends a record, which is made on the event loop so that the caller's thread is spared the work. */
    public void send(Supplier<byte[]> record) {
        connection.execute(() -> write(record.get()));
    }

    /** Ends the stream after what was sent so far. */
    public void end() {
        connection.execute(() -> {
            if (open && !ended) {
                ended = true;
                connection.endStream();
            } else if (!open) {
                endWhenOpen = true;
            }
        });
    }

    /** Runs {@code task} once when the connection is gone, at once if it is already. On the event loop. */
    public void onClose(Runnable task) {
        connection.onClose(task);
    }

    /** Runs {@code task} every {@code seconds} on the event loop until the connection is gone. */
    public void every(java.time.Duration interval, Runnable task) {
        connection.every(interval, task);
    }

    /** Runs {@code task} once on the event loop after a while, also when the connection is gone by then. */
    public void after(java.time.Duration delay, Runnable task) {
        connection.after(delay, task);
    }

    /** On the event loop: headers are on their way. */
    void opened() {
        open = true;
        for (byte[] record : early) {
            connection.writeRecord(record, () -> pendingBytes -= record.length);
        }
        early.clear();
        if (endWhenOpen && !ended) {
            ended = true;
            connection.endStream();
        }
    }

    private void write(byte[] record) {
        if (ended || endWhenOpen) {
            return;
        }
        // One record may be as large as it is: a client that reads gets through it.
        if (pendingBytes > 0 && pendingBytes + record.length > bufferBytes) {
            ended = true;
            early.clear();
            connection.closeSlowConsumer();
            return;
        }
        pendingBytes += record.length;
        if (!open) {
            early.add(record);
            return;
        }
        connection.writeRecord(record, () -> pendingBytes -= record.length);
    }
}
