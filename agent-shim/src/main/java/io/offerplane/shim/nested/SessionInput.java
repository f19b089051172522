package io.offerplane.shim.nested;

import com.google.protobuf.ByteString;
import io.offerplane.shim.container.ContainerSession;
import io.offerplane.shim.container.ContainerSession.WindowSize;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.apache.mesos.v1.agent.Protos.Response.WaitContainer;

/** The one client that gives a session input. What it leaves open when it goes stays open for the next. */
public final class SessionInput implements AutoCloseable {

    /** What a session takes at once. */
    private static final int PIECE_BYTES = 1 << 16;

    private final ContainerSession session;
    private final CompletableFuture<WaitContainer> end;
    private final Runnable left;

    SessionInput(ContainerSession session, CompletableFuture<WaitContainer> end, Runnable left) {
        this.session = session;
        this.end = end;
        this.left = left;
    }

    /** Done when there is nobody any more to give anything to. */
    public CompletableFuture<WaitContainer> end() {
        return end;
    }

    /**
     * Gives it input; waits while its command reads none.
     *
     * @throws IOException when it has ended
     */
    public void data(ByteString data) throws IOException, InterruptedException {
        for (int from = 0; from < data.size(); from += PIECE_BYTES) {
            session.input(data.substring(from, Math.min(data.size(), from + PIECE_BYTES)));
        }
    }

    /** Says that no more comes; nothing to a terminal. */
    public void finish() throws IOException, InterruptedException {
        session.endInput();
    }

    /** Tells the size of the client's window. */
    public void resize(WindowSize size) throws IOException, InterruptedException {
        session.resize(size);
    }

    @Override
    public void close() {
        left.run();
    }
}
