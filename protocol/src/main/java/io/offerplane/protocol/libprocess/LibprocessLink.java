package io.offerplane.protocol.libprocess;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One connection to where processes listen, which carries messages to them in order. Replies are read and dropped. As in
 * libprocess a message is lost when the connection breaks or can't be made; the next one opens it again. A thread of its own does
 * what blocks. Safe for use by several threads.
 */
public final class LibprocessLink implements AutoCloseable {

    private static final int CONNECT_MILLIS = 10_000;
    private static final int DISCARD_BYTES = 4096;
    private static final Duration LAST_WORDS = Duration.ofSeconds(5);

    /** What may wait for a peer that doesn't read. */
    private static final long MAX_WAITING_BYTES = 64L << 20;

    private final InetSocketAddress peer;
    private final Runnable exited;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    // Guarded by lock.
    private final Queue<byte[]> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private boolean closed;
    private @Nullable Socket socket;
    // Of the link's own thread only.
    private @Nullable Thread replies;

    private LibprocessLink(InetSocketAddress peer, Runnable exited) {
        this.peer = peer;
        this.exited = exited;
    }

    /**
     * Links to where a process listens.
     *
     * @param exited told each time that the connection broke or could not be made, unless the link was closed; must not block
     */
    public static LibprocessLink to(InetSocketAddress peer, Runnable exited) {
        LibprocessLink link = new LibprocessLink(peer, exited);
        Thread.ofVirtual().name("libprocess-link").start(link::run);
        return link;
    }

    /**
     * Hands a message over; false when it is lost already, because the link is closed or the peer hasn't read for long. Never
     * blocks.
     */
    public boolean send(Upid from, Upid to, LibprocessMessage message) {
        byte[] bytes = message.encode(from, to);
        lock.lock();
        try {
            if (closed || waitingBytes + bytes.length > MAX_WAITING_BYTES) {
                return false;
            }
            waiting.add(bytes);
            waitingBytes += bytes.length;
            work.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the link when what was handed over before is sent, or can't be. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        connected();
        while (true) {
            byte[] next;
            try {
                next = next();
            } catch (InterruptedException e) {
                next = null;
            }
            if (next == null) {
                end();
                return;
            }
            Socket to = connected();
            if (to == null) {
                continue;
            }
            try {
                to.getOutputStream().write(next);
            } catch (IOException e) {
                broken(to);
            }
        }
    }

    /** Null when the link is closed and nothing is left. */
    private byte @Nullable [] next() throws InterruptedException {
        lock.lock();
        try {
            while (waiting.isEmpty() && !closed) {
                work.await();
            }
            byte[] next = waiting.poll();
            if (next != null) {
                waitingBytes -= next.length;
            }
            return next;
        } finally {
            lock.unlock();
        }
    }

    /** The connection, made if need be; null when it can't be made. Called by the link's own thread only. */
    private @Nullable Socket connected() {
        lock.lock();
        try {
            if (socket != null) {
                return socket;
            }
        } finally {
            lock.unlock();
        }
        Socket made = new Socket();
        try {
            made.setTcpNoDelay(true);
            made.setKeepAlive(true);
            made.connect(peer, CONNECT_MILLIS);
        } catch (IOException e) {
            shut(made);
            tellExited();
            return null;
        }
        lock.lock();
        try {
            socket = made;
        } finally {
            lock.unlock();
        }
        replies = Thread.ofVirtual().name("libprocess-replies").start(() -> discard(made));
        return made;
    }

    private void discard(Socket from) {
        byte[] dropped = new byte[DISCARD_BYTES];
        try {
            InputStream in = from.getInputStream();
            while (in.read(dropped) >= 0) {
                // Replies say nothing.
            }
        } catch (IOException e) {
            // As if it had ended.
        }
        broken(from);
    }

    private void broken(Socket which) {
        boolean first;
        lock.lock();
        try {
            first = which.equals(socket);
            if (first) {
                socket = null;
            }
        } finally {
            lock.unlock();
        }
        shut(which);
        if (first) {
            tellExited();
        }
    }

    private void tellExited() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
        } finally {
            lock.unlock();
        }
        exited.run();
    }

    /** Says that nothing more comes, and gives the peer some time to end its side first. */
    private void end() {
        Socket last;
        lock.lock();
        try {
            last = socket;
        } finally {
            lock.unlock();
        }
        if (last == null) {
            return;
        }
        try {
            last.shutdownOutput();
            if (replies != null) {
                replies.join(LAST_WORDS);
            }
        } catch (IOException e) {
            // It is broken already.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        shut(last);
    }

    private static void shut(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no use any more either way.
        }
    }
}
