package io.offerplane.engine.ask;

import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which sizes containers come in. Less than the smallest is made the smallest, anything between steps the next step; more than the largest is
 * refused. YARN's {@code minimum-allocation}, {@code increment-allocation} and {@code maximum-allocation}, by resource.
 *
 * @param smallest of each resource; a resource of it that wasn't asked for is given too
 * @param step of each resource; those without one are not rounded
 * @param largest of each resource, in order of names; those without one are not bounded
 */
public record AskSizes(ResourceQuantities smallest, ResourceQuantities step, SortedMap<String, Quantity> largest) {
    /** Any size, as it is asked for. */
    public static final AskSizes ANY =
            new AskSizes(ResourceQuantities.EMPTY, ResourceQuantities.EMPTY, new TreeMap<>());

    public AskSizes {
        largest = Collections.unmodifiableSortedMap(new TreeMap<>(largest));
        for (Map.Entry<String, Quantity> most : largest.entrySet()) {
            Quantity least = smallest.get(most.getKey());
            if (most.getValue().compareTo(least) < 0) {
                throw new IllegalArgumentException("largest " + most.getKey() + ": " + most.getValue()
                        + " (expected: not below the smallest, " + least + ")");
            }
        }
    }

    /** What is wrong with a size, in the words of an answer; YARN {@code InvalidResourceRequestException}. */
    public Optional<String> fault(ResourceQuantities size) {
        for (Map.Entry<String, Quantity> most : largest.entrySet()) {
            Quantity wanted = size.get(most.getKey());
            if (wanted.compareTo(most.getValue()) > 0) {
                return Optional.of(most.getKey() + ": " + wanted + " in one container (expected: at most "
                        + most.getValue() + ")");
            }
        }
        return Optional.empty();
    }

    /** The size that is given for one without a {@link #fault}. A last step beyond the largest ends at the largest. */
    public ResourceQuantities normalized(ResourceQuantities size) {
        if (smallest.isEmpty() && step.isEmpty()) {
            return size;
        }
        TreeSet<String> names = new TreeSet<>(size.amounts().keySet());
        names.addAll(smallest.amounts().keySet());
        SortedMap<String, Quantity> amounts = new TreeMap<>();
        for (String name : names) {
            long wanted = Math.max(size.milli(name), smallest.milli(name));
            Quantity amount = Quantity.ofMilli(Math.min(stepped(wanted, step.milli(name)), Quantity.MAX_MILLI));
            Quantity most = largest.get(name);
            amounts.put(name, most == null ? amount : amount.min(most));
        }
        return ResourceQuantities.of(amounts);
    }

    private static long stepped(long wanted, long step) {
        return step == 0 ? wanted : Math.ceilDiv(wanted, step) * step;
    }
}
