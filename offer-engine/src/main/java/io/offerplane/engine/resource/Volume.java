package io.offerplane.engine.resource;

import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;

/**
 * A persistent volume: reserved disk whose content outlives tasks; Mesos {@code Resource.DiskInfo} with persistence.
 *
 * <p>It is used whole or not at all, so its size is part of what it is: amounts of it come in multiples of its size, one for each
 * who holds it.
 *
 * @param id unique among the volumes of its role on an agent
 * @param principal who made it, if that is known
 * @param containerPath where tasks find it
 * @param sizeMilli thousandths of a MiB
 */
public record Volume(String id, Optional<String> principal, String containerPath, long sizeMilli)
        implements Comparable<Volume> {
    private static final Comparator<Volume> ORDER = Comparator.comparing(Volume::id)
            .thenComparing(volume -> volume.principal().isPresent())
            .thenComparing(volume -> volume.principal().orElse(""))
            .thenComparing(Volume::containerPath)
            .thenComparingLong(Volume::sizeMilli);

    public Volume {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(principal, "principal");
        Objects.requireNonNull(containerPath, "containerPath");
        if (sizeMilli <= 0) {
            throw new IllegalArgumentException("volume " + id + ": size " + sizeMilli + " (expected: above zero)");
        }
    }

    public Volume resized(long newSizeMilli) {
        return new Volume(id, principal, containerPath, newSizeMilli);
    }

    @Override
    public int compareTo(Volume other) {
        return ORDER.compare(this, other);
    }

    /** Mesos' text form: {@code id:path}. */
    @Override
    public String toString() {
        return id + ":" + containerPath;
    }
}
