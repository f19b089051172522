package io.offerplane.shim.image;

import com.google.protobuf.ByteString;
import io.offerplane.shim.container.DefaultRootfs;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images of this node. However many tasks ask for one, it is pulled once; a layer that several images have is on the disk once. Safe
 * for use by several threads; methods block.
 *
 * <p>Source of the behaviour: Mesos 1.11's docker image store and its collector of images.
 */
public final class Images {

    private static final Logger log = LoggerFactory.getLogger(Images.class);

    /** Mesos' default of image_disk_headroom: part of the disk that is to be free. */
    private static final double DISK_HEADROOM = 0.1;

    /** Between an image's provision and its container's start lies the fetching of files. */
    private static final Duration UNUSED = Duration.ofMinutes(10);

    private static final int PULLS_AT_ONCE = 3;

    private final Path pulls;
    private final ImageStore store;
    private final Layers layers;
    private final Skopeo skopeo;
    private final DiskRoom disk;
    private final Map<Key, Flight> flights = new ConcurrentHashMap<>();
    private final Semaphore room = new Semaphore(PULLS_AT_ONCE, true);
    private final AtomicInteger numbers = new AtomicInteger();

    /** Pulls share it; a sweep has it alone. */
    private final ReentrantReadWriteLock content = new ReentrantReadWriteLock();

    private record Key(ImageReference reference, ByteString credentials) {}

    /** One pull, and all who wait for it. */
    private static final class Flight {
        private final CompletableFuture<Image> end = new CompletableFuture<>();
        private volatile Skopeo.@Nullable Pull pull;
    }

    private Images(ImageSettings settings, Optional<DiskRoom> measured) throws IOException {
        Path folder = Files.createDirectories(settings.folder());
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        // A folder of this shim's own: what a killed one had begun may go on for a moment.
        Path all = Files.createDirectories(folder.resolve("pulls"));
        removeLeft(all);
        this.pulls = Files.createTempDirectory(all, "of-");
        this.store = new ImageStore(folder);
        NodeProgram program = new NodeProgram(folder);
        this.layers = new Layers(program);
        this.skopeo = new Skopeo(settings, program);
        FileStore store = Files.getFileStore(folder);
        this.disk = measured.orElse(() -> (double) store.getUsableSpace() / Math.max(1, store.getTotalSpace()));
    }

    private static void removeLeft(Path folder) throws IOException {
        try (var entries = Files.list(folder)) {
            for (Path left : entries.toList()) {
                try {
                    DefaultRootfs.removeTree(left);
                } catch (IOException e) {
                    log.warn("Cannot remove {}, which an earlier shim left", left, e);
                }
            }
        }
    }

    /** Takes up what earlier shims have pulled, and removes what they left in the middle. */
    public static Images open(ImageSettings settings) throws IOException {
        return new Images(settings, Optional.empty());
    }

    /** As {@link #open(ImageSettings)}, with another way to measure the disk. */
    public static Images open(ImageSettings settings, DiskRoom disk) throws IOException {
        return new Images(settings, Optional.of(disk));
    }

    /** How much room there is on the disk that has the images. */
    @FunctionalInterface
    public interface DiskRoom {
        /** The part of the disk that is free, from 0 to 1. */
        double free() throws IOException;
    }

    /**
     * Has an image on the disk.
     *
     * @param cached whether one that is there will do; else the registry is asked whether the name still stands for it
     * @param credentials in the form of Docker's config.json; empty means the pool's
     * @param progress told about once a second while the image is pulled, of bytes so far
     * @throws ImageException in the registry's words
     */
    public Image provide(ImageReference reference, boolean cached, ByteString credentials, LongConsumer progress)
            throws ImageException, InterruptedException {
        if (cached) {
            Optional<Image> there = find(reference);
            if (there.isPresent()) {
                return there.get();
            }
        }
        Key key = new Key(reference, credentials);
        Flight mine = new Flight();
        Flight before = flights.putIfAbsent(key, mine);
        Flight flight = before == null ? mine : before;
        if (before == null) {
            // On a thread of its own: whoever waits for it may be killed, and others wait too.
            Thread.ofVirtual().name("pull-", numbers.incrementAndGet()).start(() -> fly(key, mine));
        }
        while (true) {
            try {
                return flight.end.get(1, TimeUnit.SECONDS);
            } catch (TimeoutException goesOn) {
                Skopeo.Pull pull = flight.pull;
                progress.accept(pull == null ? 0 : pull.bytes());
            } catch (ExecutionException e) {
                Throwable cause = e.getCause();
                String why = (cause == null ? e : cause).getMessage();
                throw new ImageException("Failed to pull image '" + reference + "': " + why, e);
            }
        }
    }

    private Optional<Image> find(ImageReference reference) {
        content.readLock().lock();
        try {
            return store.find(reference, Instant.now());
        } catch (IOException e) {
            log.warn("What is on the disk of image {} can't be used; it is pulled again", reference, e);
            return Optional.empty();
        } finally {
            content.readLock().unlock();
        }
    }

    private void fly(Key key, Flight flight) {
        try {
            room.acquire();
            try {
                flight.end.complete(pull(key, flight));
            } finally {
                room.release();
            }
        } catch (IOException | RuntimeException e) {
            log.info("Cannot pull image {}: {}", key.reference(), e.getMessage());
            flight.end.completeExceptionally(e);
        } catch (InterruptedException e) {
            flight.end.completeExceptionally(new IOException("the shim stops", e));
        } finally {
            flights.remove(key, flight);
        }
    }

    private Image pull(Key key, Flight flight) throws IOException, InterruptedException {
        long began = System.nanoTime();
        Path folder = pulls.resolve(Integer.toString(numbers.incrementAndGet()));
        content.readLock().lock();
        try {
            Files.createDirectory(folder);
            Optional<Path> login = Optional.empty();
            if (!key.credentials().isEmpty()) {
                Path file = Files.createFile(
                        folder.resolve("auth.json"),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.write(file, key.credentials().toByteArray());
                login = Optional.of(file);
            }
            Path layout = folder.resolve("layout");
            skopeo.pull(key.reference(), login, layout, store.blobs(), pull -> flight.pull = pull);
            store.add(key.reference(), layout, layers);
            Image image = store.find(key.reference(), Instant.now())
                    .orElseThrow(() -> new IOException("it was pulled, and isn't there"));
            log.info(
                    "Pulled image {} ({}), {} layers, in {} ms",
                    key.reference(),
                    image.digest(),
                    image.layers().size(),
                    (System.nanoTime() - began) / 1_000_000);
            return image;
        } finally {
            content.readLock().unlock();
            DefaultRootfs.removeTree(folder);
        }
    }

    /** What can be told of layers in use. */
    public interface LayersInUse {
        /** Names of the folders of layers that containers stand on. */
        Set<String> names() throws IOException;
    }

    /**
     * Removes images that nobody has asked for lately, the longest unused first, until enough of the disk is free. Does nothing while
     * enough is free, or an image is pulled.
     *
     * @return how many names were removed
     */
    public int collect(LayersInUse inUse, Instant now) throws IOException {
        int removed = 0;
        while (isDiskLow()) {
            if (!removeOldest(inUse, now)) {
                break;
            }
            removed++;
        }
        return removed;
    }

    private boolean isDiskLow() throws IOException {
        return disk.free() < DISK_HEADROOM;
    }

    private boolean removeOldest(LayersInUse inUse, Instant now) throws IOException {
        if (!content.writeLock().tryLock()) {
            return false;
        }
        try {
            var unused = store.unusedSince(now.minus(UNUSED));
            if (unused.isEmpty()) {
                return false;
            }
            Files.delete(unused.getFirst());
            store.sweep(inUse.names());
            return true;
        } finally {
            content.writeLock().unlock();
        }
    }
}
