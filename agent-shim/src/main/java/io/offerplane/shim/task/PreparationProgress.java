package io.offerplane.shim.task;

import io.offerplane.shim.fetch.FetchProgress;
import io.offerplane.shim.image.ContainerBases;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Tells now and then how far an image and files have come: about an image at its first news, which comes after a second, about files when they take
 * longer than most. Safe for use by several threads, one of which at a time does the telling.
 */
final class PreparationProgress implements ContainerBases.Progress, FetchProgress {

    private static final Duration FIRST_OF_FILES = Duration.ofSeconds(3);
    private static final Duration EVERY = Duration.ofSeconds(5);

    private record File(long bytes, OptionalLong total) {}

    private final Consumer<String> teller;
    private final LongSupplier nanos;
    // Guarded by this.
    private final Map<String, File> files = new HashMap<>();
    private long beganNanos;
    private long toldNanos;
    private boolean told;

    /**
     * @param teller may block for a write to the disk
     * @param nanos a clock that only goes forward
     */
    PreparationProgress(Consumer<String> teller, LongSupplier nanos) {
        this.teller = teller;
        this.nanos = nanos;
    }

    @Override
    public void pulling(String image, long bytes) {
        synchronized (this) {
            if (!told) {
                beganNanos = nanos.getAsLong();
            }
            if (!isTime(Duration.ZERO)) {
                return;
            }
        }
        teller.accept("Pulling image '" + image + "': " + (bytes >> 20) + " MB so far");
    }

    @Override
    public void progressed(String uri, long bytes, OptionalLong total) {
        String message;
        synchronized (this) {
            if (files.isEmpty()) {
                beganNanos = nanos.getAsLong();
            }
            files.put(uri, new File(bytes, total));
            boolean done = total.isPresent() && bytes >= total.getAsLong();
            if (done || !isTime(FIRST_OF_FILES)) {
                return;
            }
            message = message(uri);
        }
        teller.accept(message);
    }

    private boolean isTime(Duration first) {
        long now = nanos.getAsLong();
        long since = told ? toldNanos + EVERY.toNanos() : beganNanos + first.toNanos();
        if (now - since < 0) {
            return false;
        }
        told = true;
        toldNanos = now;
        return true;
    }

    private String message(String uri) {
        long bytes = files.values().stream().mapToLong(File::bytes).sum();
        boolean known = files.values().stream().allMatch(file -> file.total().isPresent());
        long total = files.values().stream()
                .mapToLong(file -> file.total().orElse(0))
                .sum();
        String what = files.size() == 1 ? "'" + uri + "'" : files.size() + " files, now '" + uri + "'";
        return "Fetching " + what + ": " + (bytes >> 20) + (known ? " of " + (total >> 20) : "") + " MB so far";
    }
}
