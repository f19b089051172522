package io.offerplane.shim.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** Brings one file to the shim's own disk, whole and as its checksum says, or not at all. Safe for several threads. */
final class Download {

    private static final int BUFFER_BYTES = 1 << 16;
    private static final long PROGRESS_EVERY_BYTES = 1 << 20;

    private final Source source;
    private final Duration stall;

    /** @param stall what the source's streams wait for a byte, for messages */
    Download(Source source, Duration stall) {
        this.source = source;
        this.stall = stall;
    }

    /**
     * Downloads; blocks.
     *
     * @param file is made
     * @return bytes
     * @throws InterruptedIOException when this thread was interrupted, which stays so
     */
    long to(Path file, FetchItem item, WriteBudget budget, FetchProgress progress) throws IOException {
        Optional<MessageDigest> digest = item.checksum().map(Checksum::digest);
        long bytes = 0;
        OptionalLong total = OptionalLong.empty();
        try (Content content = source.open(item);
                OutputStream out = Files.newOutputStream(file)) {
            total = content.length();
            progress.progressed(item.shown(), 0, total);
            InputStream in = content.stream();
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int n = read(in, buffer, bytes, total); n >= 0; n = read(in, buffer, bytes, total)) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new InterruptedIOException("the task was killed meanwhile");
                }
                budget.charge(n);
                out.write(buffer, 0, n);
                int count = n;
                digest.ifPresent(d -> d.update(buffer, 0, count));
                if (bytes / PROGRESS_EVERY_BYTES != (bytes + n) / PROGRESS_EVERY_BYTES) {
                    progress.progressed(item.shown(), bytes + n, total);
                }
                bytes += n;
            }
        }
        if (total.isPresent() && total.getAsLong() != bytes) {
            // The JDK takes some early ends of a connection for the end of the file.
            throw new IOException("it ended after " + bytes + " of " + total.getAsLong() + " bytes");
        }
        if (digest.isPresent()
                && !item.checksum().orElseThrow().matches(digest.get().digest())) {
            throw new IOException("its content is not what was promised: its "
                    + item.checksum().orElseThrow().algorithm() + " is not the one in the URI");
        }
        progress.progressed(item.shown(), bytes, total);
        return bytes;
    }

    private int read(InputStream in, byte[] buffer, long before, OptionalLong total) throws IOException {
        try {
            return in.read(buffer);
        } catch (SocketTimeoutException e) {
            throw new IOException("no byte came for " + seconds(stall) + ", after " + before + " of them", e);
        } catch (IOException e) {
            throw new IOException(
                    "it ended after " + before + (total.isPresent() ? " of " + total.getAsLong() : "") + " bytes: "
                            + e.getMessage(),
                    e);
        }
    }

    private static String seconds(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }
}
