package io.offerplane.shim.fetch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that several tasks want, each downloaded once: tasks that start together share one download, later ones its file. What is
 * kept has at most a set number of bytes; those that nobody has used for longest go first, those in use don't go. A file that has no
 * place is shared by whoever wants it at the moment and then removed. Nobody asks the server whether a file has changed.
 *
 * <p>Tasks get copies, never the files: those stay in a folder that only the shim can enter. Starts empty, since what an earlier
 * process left may be half a file. Source of the rules: Mesos' fetcher cache. Safe for several threads.
 */
final class FetchCache {

    private static final Logger log = LoggerFactory.getLogger(FetchCache.class);

    private final Path folder;
    private final long mostBytes;

    /** By least recent use first; guarded by this. Holds what is kept and what is on its way. */
    private final Map<Key, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

    private long keptBytes;
    private long made;

    /**
     * @param folder exists, is empty, and is nobody else's
     * @param mostBytes kept at any time
     */
    FetchCache(Path folder, long mostBytes) {
        this.folder = folder;
        this.mostBytes = mostBytes;
    }

    /** Files are shared among tasks of one user only, as in Mesos. */
    record Key(int uid, String uri) {}

    /** Brings a file. */
    interface Loader {
        /** @return bytes */
        long load(Path file) throws IOException;
    }

    /** A use of a file, which is there and doesn't change until the use is closed. */
    interface Use extends AutoCloseable {
        Path file();

        /** Whether somebody else had downloaded it. */
        boolean isShared();

        @Override
        void close();
    }

    /** One file; guarded by the cache, but for what never changes. */
    private static final class Entry {
        private final Key key;
        private final Path file;
        private final CompletableFuture<Long> loaded = new CompletableFuture<>();
        private long bytes;
        private int uses;

        Entry(Key key, Path file) {
            this.key = key;
            this.file = file;
        }
    }

    /** The one that downloaded has stopped because its task did: somebody else must. */
    private static final class AbandonedException extends Exception {
        private static final long serialVersionUID = 1;
    }

    /**
     * Finds a file, waits for it if somebody brings it already, or brings it.
     *
     * @throws IOException when it can't be brought, to all who wait for it
     */
    Use use(Key key, Loader loader) throws IOException, InterruptedException {
        while (true) {
            Entry entry;
            boolean first;
            synchronized (this) {
                Entry known = entries.get(key);
                first = known == null;
                entry = known == null ? new Entry(key, folder.resolve(Long.toString(made++))) : known;
                entries.put(key, entry);
                entry.uses++;
            }
            if (first) {
                load(entry, loader);
                return new EntryUse(entry, false);
            }
            try {
                entry.loaded.get();
                return new EntryUse(entry, true);
            } catch (ExecutionException e) {
                release(entry);
                Throwable cause = e.getCause() == null ? e : e.getCause();
                if (!(cause instanceof AbandonedException)) {
                    throw new IOException(cause.getMessage(), cause);
                }
            } catch (InterruptedException e) {
                release(entry);
                throw e;
            }
        }
    }

    private void load(Entry entry, Loader loader) throws IOException {
        try {
            long bytes = loader.load(entry.file);
            synchronized (this) {
                keep(entry, bytes);
            }
            entry.loaded.complete(bytes);
        } catch (IOException | RuntimeException | Error e) {
            synchronized (this) {
                entries.remove(entry.key);
            }
            entry.loaded.completeExceptionally(Thread.currentThread().isInterrupted() ? new AbandonedException() : e);
            release(entry);
            throw e;
        }
    }

    /** Makes room for a file that has come, if what is in use leaves enough; else nothing is removed for it. */
    private void keep(Entry entry, long bytes) {
        long inUse = 0;
        for (Entry other : entries.values()) {
            inUse += other.uses > 0 ? other.bytes : 0;
        }
        if (bytes > mostBytes - inUse) {
            entries.remove(entry.key);
            log.debug("{} bytes of {} are not kept: {} of {} are in use", bytes, entry.file, inUse, mostBytes);
            return;
        }
        List<Entry> old = new ArrayList<>();
        for (Iterator<Entry> all = entries.values().iterator(); keptBytes + bytes > mostBytes && all.hasNext(); ) {
            Entry other = all.next();
            if (other.uses == 0) {
                all.remove();
                keptBytes -= other.bytes;
                old.add(other);
            }
        }
        entry.bytes = bytes;
        keptBytes += bytes;
        old.forEach(FetchCache::delete);
    }

    private void release(Entry entry) {
        boolean gone;
        synchronized (this) {
            entry.uses--;
            gone = entry.uses == 0 && entries.get(entry.key) != entry;
        }
        if (gone) {
            delete(entry);
        }
    }

    private static void delete(Entry entry) {
        try {
            Files.deleteIfExists(entry.file);
        } catch (IOException e) {
            log.warn("{} can't be removed from the fetcher's cache and takes room until the next start", entry.file, e);
        }
    }

    /** Bytes of the files that are kept. */
    synchronized long keptBytes() {
        return keptBytes;
    }

    private final class EntryUse implements Use {
        private final Entry entry;
        private final boolean shared;
        private boolean closed;

        EntryUse(Entry entry, boolean shared) {
            this.entry = entry;
            this.shared = shared;
        }

        @Override
        public Path file() {
            return entry.file;
        }

        @Override
        public boolean isShared() {
            return shared;
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                release(entry);
            }
        }
    }
}
