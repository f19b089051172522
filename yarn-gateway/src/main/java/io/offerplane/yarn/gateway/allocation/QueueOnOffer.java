package io.offerplane.yarn.gateway.allocation;

/**
 * A queue as YARN's clients see it.
 *
 * @param path the full path from {@code root}
 * @param capacity what it is promised, as a fraction of its parent, 0 to 1
 * @param maximumCapacity what it may have at most, as a fraction of its parent, 0 to 1
 * @param weight its weight among its siblings
 */
public record QueueOnOffer(String path, double capacity, double maximumCapacity, double weight) {
    public QueueOnOffer {
        if (!path.equals("root") && !path.startsWith("root.")) {
            throw new IllegalArgumentException("a queue's path begins with root, but is " + path);
        }
        if (!(capacity >= 0 && capacity <= 1) || !(maximumCapacity >= 0 && maximumCapacity <= 1)) {
            throw new IllegalArgumentException("capacities of " + path + " are fractions of 0 to 1, but are " + capacity
                    + " and " + maximumCapacity);
        }
    }
}
