package io.offerplane.engine.ask;

import io.offerplane.engine.resource.ResourceQuantities;
import java.util.Objects;
import java.util.Optional;

/**
 * How many containers of one size an application still wants, and where; YARN {@code ResourceRequest} and {@code SchedulingRequest}.
 *
 * @param size of each container, in the pool's scalars; not empty
 * @param count how many are still wanted, in all places together: not a difference to what was asked before. 0 takes the ask back
 * @param gang a name that asks share which are served all at once or not at all; empty for those that are served one by one
 * @param applicationMaster whether the container is to run the application's own master, which is reclaimed last
 */
public record Ask(
        AskKey key,
        ResourceQuantities size,
        int count,
        Locality locality,
        Placement placement,
        Optional<String> gang,
        boolean applicationMaster) {
    /** Of one ask; far beyond what any application wants. */
    public static final int MOST = 1_000_000;

    public Ask {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(locality, "locality");
        Objects.requireNonNull(placement, "placement");
        Objects.requireNonNull(gang, "gang");
        if (size.isEmpty()) {
            throw new IllegalArgumentException("size: nothing (expected: an amount of at least one resource)");
        }
        if (count < 0 || count > MOST) {
            throw new IllegalArgumentException("count: " + count + " (expected: 0 to " + MOST + ")");
        }
    }

    /** Anywhere, one by one. */
    public static Ask anywhere(AskKey key, ResourceQuantities size, int count) {
        return new Ask(key, size, count, Locality.ANYWHERE, Placement.ANY, Optional.empty(), false);
    }
}
