package io.offerplane.shim.isolator;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.mesos.v1.Protos.Resource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends containers whose sandbox holds more than their disk resources. Source: Mesos 1.11 isolator disk/du, which it is off by
 * default too. Persistent volumes are not part of a sandbox and not looked at.
 */
public final class DiskQuota {

    private static final Logger log = LoggerFactory.getLogger(DiskQuota.class);
    private static final long BYTES_PER_MEGABYTE = 1L << 20;
    private static final long BYTES_PER_KILOBYTE = 1L << 10;

    private final boolean enforced;
    private final Duration interval;

    /** By sandbox, what it held at the last look. */
    private final Map<Path, Usage> measured = new ConcurrentHashMap<>();

    DiskQuota(boolean enforced, Duration interval) {
        this.enforced = enforced;
        this.interval = interval;
    }

    /**
     * More than allowed.
     *
     * @param usedBytes on the disk, by the sandbox
     * @param quotaBytes that it may use
     */
    public record Exceeded(long usedBytes, long quotaBytes) {}

    /**
     * What a sandbox held when it was last looked at.
     *
     * @param usedBytes on the disk
     * @param quotaBytes that it may use
     */
    public record Usage(long usedBytes, long quotaBytes) {}

    /** A watch that goes on until it is closed. */
    public interface Watch {
        /** Ends it; a look that is going on may still tell. */
        void close();
    }

    /** The disk that resources give to a sandbox; absent when they say nothing about it. */
    public static OptionalLong bytes(Collection<Resource> resources) {
        double megabytes = 0;
        boolean any = false;
        for (Resource resource : resources) {
            if (resource.getName().equals("disk") && !resource.getDisk().hasPersistence()) {
                megabytes += resource.getScalar().getValue();
                any = true;
            }
        }
        return any ? OptionalLong.of((long) (megabytes * BYTES_PER_MEGABYTE)) : OptionalLong.empty();
    }

    /**
     * Looks at a sandbox at every interval, on a virtual thread of its own; does nothing when quotas aren't enforced.
     *
     * @param quota in bytes; asked at every look
     * @param exceeded told once, on that thread
     */
    public Watch watch(Path sandbox, Supplier<OptionalLong> quota, Consumer<Exceeded> exceeded) {
        if (!enforced) {
            return () -> {};
        }
        Thread thread = Thread.ofVirtual().name("disk-quota").start(() -> {
            try {
                while (true) {
                    Thread.sleep(interval);
                    OptionalLong most = quota.get();
                    if (most.isEmpty()) {
                        continue;
                    }
                    OptionalLong used = used(sandbox);
                    if (used.isEmpty()) {
                        continue;
                    }
                    measured.put(sandbox, new Usage(used.getAsLong(), most.getAsLong()));
                    if (used.getAsLong() > most.getAsLong()) {
                        exceeded.accept(new Exceeded(used.getAsLong(), most.getAsLong()));
                        return;
                    }
                }
            } catch (InterruptedException closed) {
                log.debug("No more looks at {}", sandbox, closed);
            } finally {
                measured.remove(sandbox);
            }
        });
        return thread::interrupt;
    }

    /** What a sandbox held at the last look; absent before the first, and where nobody looks. */
    public Optional<Usage> lastLook(Path sandbox) {
        return Optional.ofNullable(measured.get(sandbox));
    }

    /**
     * What a folder takes of its disk; absent when nobody can tell. By du, as in Mesos, since Java doesn't tell how little of
     * a file with holes is on the disk. It follows no links and goes into no other file system.
     */
    static OptionalLong used(Path folder) throws InterruptedException {
        try {
            Process du = new ProcessBuilder(List.of("du", "-k", "-s", "-x", folder.toString()))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (InputStream in = du.getInputStream()) {
                String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                du.waitFor();
                // Files that vanish meanwhile have it complain, and print all the same.
                return OptionalLong.of(Long.parseLong(text.strip().split("\\s+")[0]) * BYTES_PER_KILOBYTE);
            } finally {
                du.destroy();
            }
        } catch (IOException | NumberFormatException e) {
            log.warn("Cannot measure {}", folder, e);
            return OptionalLong.empty();
        }
    }
}
