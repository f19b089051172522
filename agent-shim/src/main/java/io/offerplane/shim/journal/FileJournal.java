package io.offerplane.shim.journal;

import io.offerplane.shim.journal.v1.Entry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal as a file: after an 8-byte header, records of length (4 bytes), CRC-32C of the payload (4 bytes), and payload.
 *
 * <p>A single thread writes what has gathered since the last flush, then flushes once for all of it, if somebody waits for any of it. A torn or damaged tail,
 * which a crash in the middle of a write leaves, is cut off at the first record that doesn't check: nobody has been told that
 * it was written. When the file has grown beyond twice what its content needs, it is rewritten beside and renamed over.
 */
public final class FileJournal implements Journal, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(FileJournal.class);

    /** "OPJNL", a format number, two spare bytes. */
    private static final byte[] HEADER = {'O', 'P', 'J', 'N', 'L', 1, 0, 0};

    /** No entry is larger: a task's description is bounded at the wire. */
    private static final int MAX_ENTRY_BYTES = 16 << 20;

    private static final long REWRITE_ABOVE_BYTES = 1 << 20;

    private record Pending(List<Entry> entries, @Nullable CompletableFuture<Void> done) {
        Pending {
            entries = List.copyOf(entries);
        }
    }

    /** Ends the writer. An interrupt would close the channel under it. */
    private static final Pending END = new Pending(List.of(), null);

    private final Path folder;
    private final Path file;
    private final LinkedBlockingQueue<Pending> queue = new LinkedBlockingQueue<>();
    private final JournalState state;
    private final Thread writer;
    private FileChannel channel;
    private long end;
    private long sinceMeasured;
    private volatile boolean closed;

    private FileJournal(Path folder, Path file, FileChannel channel, JournalState state, long end) {
        this.folder = folder;
        this.file = file;
        this.channel = channel;
        this.state = state;
        this.end = end;
        this.writer = Thread.ofPlatform().name("journal").daemon().unstarted(this::write);
    }

    /**
     * Opens the journal of a folder, making it when absent.
     *
     * @throws IOException when the folder isn't writable, or the file is no journal of a known format
     */
    public static FileJournal open(Path folder) throws IOException {
        Files.createDirectories(folder);
        Path file = folder.resolve("journal");
        Files.deleteIfExists(folder.resolve("journal.new"));
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        JournalState state = new JournalState();
        long end;
        if (channel.size() < HEADER.length) {
            channel.truncate(0);
            writeFully(channel, ByteBuffer.wrap(HEADER), 0);
            channel.force(true);
            forceFolder(folder);
            end = HEADER.length;
        } else {
            end = read(channel, state, file);
            if (end < channel.size()) {
                log.warn("Cutting {} bytes of a torn entry off {}", channel.size() - end, file);
                channel.truncate(end);
                channel.force(true);
            }
        }
        FileJournal journal = new FileJournal(folder, file, channel, state, end);
        journal.writer.start();
        return journal;
    }

    private static long read(FileChannel channel, JournalState state, Path file) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER.length);
        readFully(channel, header, 0);
        if (!java.util.Arrays.equals(header.array(), HEADER)) {
            throw new IOException(
                    file + " is no journal of format " + HEADER[5]
                            + ": it starts otherwise. It was written by a later release, or isn't ours; move it away to start empty");
        }
        long at = HEADER.length;
        ByteBuffer frame = ByteBuffer.allocate(8);
        long size = channel.size();
        while (at + 8 <= size) {
            frame.clear();
            readFully(channel, frame, at);
            frame.flip();
            int length = frame.getInt();
            int checksum = frame.getInt();
            if (length <= 0 || length > MAX_ENTRY_BYTES || at + 8 + length > size) {
                return at;
            }
            ByteBuffer payload = ByteBuffer.allocate(length);
            readFully(channel, payload, at + 8);
            if (checksum(payload.array()) != checksum) {
                return at;
            }
            state.apply(Entry.parseFrom(payload.array()));
            at += 8 + length;
        }
        return at;
    }

    @Override
    public void append(List<Entry> entries) throws IOException {
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (closed) {
            throw new IOException("journal is closed");
        }
        queue.add(new Pending(entries, done));
        // An interrupt is for the caller's next step: an entry is either written or not.
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    done.get();
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw new IOException("cannot write " + file, e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void appendLater(Entry entry) {
        queue.add(new Pending(List.of(entry), null));
    }

    @Override
    public JournalState state() {
        synchronized (state) {
            return state.copy();
        }
    }

    private void write() {
        List<Pending> group = new ArrayList<>();
        while (true) {
            group.clear();
            try {
                group.add(queue.take());
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts the journal's own thread", e);
            }
            queue.drainTo(group);
            boolean last = group.remove(END);
            if (!group.isEmpty()) {
                writeGroup(group);
            }
            if (last) {
                return;
            }
        }
    }

    private void writeGroup(List<Pending> group) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (Pending pending : group) {
                pending.entries.forEach(entry -> frame(entry, bytes));
            }
            ByteBuffer buffer = ByteBuffer.wrap(bytes.toByteArray());
            int length = buffer.remaining();
            writeFully(channel, buffer, end);
            if (group.stream().anyMatch(pending -> pending.done != null)) {
                channel.force(false);
            }
            end += length;
            sinceMeasured += length;
            synchronized (state) {
                for (Pending pending : group) {
                    pending.entries.forEach(state::apply);
                }
            }
        } catch (IOException e) {
            log.error("Cannot write {}", file, e);
            try {
                channel.truncate(end);
            } catch (IOException alsoFailed) {
                e.addSuppressed(alsoFailed);
            }
            for (Pending pending : group) {
                if (pending.done != null) {
                    pending.done.completeExceptionally(e);
                }
            }
            return;
        }
        for (Pending pending : group) {
            if (pending.done != null) {
                pending.done.complete(null);
            }
        }
        if (end > REWRITE_ABOVE_BYTES && sinceMeasured > REWRITE_ABOVE_BYTES / 2) {
            sinceMeasured = 0;
            rewriteWhenWorthIt();
        }
    }

    private void rewriteWhenWorthIt() {
        ByteArrayOutputStream bytes;
        synchronized (state) {
            if (end <= 2 * sizeOf(state)) {
                return;
            }
            bytes = new ByteArrayOutputStream();
            bytes.writeBytes(HEADER);
            for (Entry entry : state.entries()) {
                frame(entry, bytes);
            }
        }
        Path next = file.resolveSibling("journal.new");
        try {
            FileChannel renewed = FileChannel.open(
                    next,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            try {
                writeFully(renewed, ByteBuffer.wrap(bytes.toByteArray()), 0);
                renewed.force(true);
                Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                renewed.close();
                throw e;
            }
            FileChannel replaced = channel;
            channel = renewed;
            end = bytes.size();
            replaced.close();
            forceFolder(folder);
        } catch (IOException e) {
            // The old file stands and goes on growing; the next group tries again.
            log.warn("Cannot rewrite {}", file, e);
        }
    }

    private static void frame(Entry entry, ByteArrayOutputStream into) {
        byte[] payload = entry.toByteArray();
        ByteBuffer frame = ByteBuffer.allocate(8);
        frame.putInt(payload.length).putInt(checksum(payload));
        into.writeBytes(frame.array());
        into.writeBytes(payload);
    }

    private static long sizeOf(JournalState state) {
        long bytes = HEADER.length;
        for (Entry entry : state.entries()) {
            bytes += 8 + entry.getSerializedSize();
        }
        return bytes;
    }

    private static int checksum(byte[] payload) {
        CRC32C crc = new CRC32C();
        crc.update(payload);
        return (int) crc.getValue();
    }

    private static void writeFully(FileChannel channel, ByteBuffer buffer, long at) throws IOException {
        long position = at;
        while (buffer.hasRemaining()) {
            position += channel.write(buffer, position);
        }
    }

    private static void readFully(FileChannel channel, ByteBuffer buffer, long at) throws IOException {
        long position = at;
        while (buffer.hasRemaining()) {
            int n = channel.read(buffer, position);
            if (n < 0) {
                throw new IOException("file ends at " + position);
            }
            position += n;
        }
    }

    private static void forceFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Writes what has been handed over, then ends. */
    @Override
    public void close() throws IOException {
        closed = true;
        queue.add(END);
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        channel.close();
    }
}
