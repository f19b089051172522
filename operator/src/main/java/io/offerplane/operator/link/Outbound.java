package io.offerplane.operator.link;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What waits for one shim, or for YARN's head. Any thread may send, none blocks; messages leave in the order in which they came. Who does
 * not read loses its stream rather than fill this process's memory: it registers again and reconciles.
 */
public final class Outbound<M> {
    private final ServerCallStreamObserver<M> stream;
    private final int limit;
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock, as is every call of the stream.
    private final Queue<M> waiting = new ArrayDeque<>();
    private boolean closed;

    /** @param limit messages that may wait */
    public Outbound(ServerCallStreamObserver<M> stream, int limit) {
        this.stream = stream;
        this.limit = limit;
    }

    /** Sends now or when the stream takes it; dropped once closed. */
    public void send(M message) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (waiting.isEmpty() && stream.isReady()) {
                stream.onNext(message);
                return;
            }
            if (waiting.size() >= limit) {
                close(Status.RESOURCE_EXHAUSTED.withDescription(limit + " messages were left unread; register again"));
                return;
            }
            waiting.add(message);
        } finally {
            lock.unlock();
        }
    }

    /** The stream takes messages again. */
    public void onReady() {
        lock.lock();
        try {
            while (!closed && stream.isReady() && !waiting.isEmpty()) {
                stream.onNext(waiting.remove());
            }
        } finally {
            lock.unlock();
        }
    }

    /** Sends what waits as far as it goes, then ends the stream. */
    public void close(Status status) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            waiting.clear();
            if (!stream.isCancelled()) {
                stream.onError(status.asRuntimeException());
            }
        } finally {
            lock.unlock();
        }
    }

    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }
}
