package io.offerplane.engine.fairness;

import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.IntToLongFunction;

/**
 * What all agents have together, and the numbers by which scalars go inside the sorters: flat arrays in place of maps, as
 * shares are computed for every offer.
 */
public final class ClusterTotals {
    private final Set<String> unshared;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final BitSet unsharedNumbers = new BitSet();
    private long[] totals = new long[0];

    /** What a share of each is made by; infinite for what isn't shared by fairness and for what nobody has, so that it makes none. */
    private double[] divisors = new double[0];

    /** By number. Most bags hold the first few in the order in which they came up. */
    private String[] names = new String[0];

    private long revision;

    public ClusterTotals() {
        this(Set.of());
    }

    /** @param unshared names that no share is made of; Mesos' {@code --fair_sharing_excluded_resource_names} */
    public ClusterTotals(Set<String> unshared) {
        this.unshared = Set.copyOf(unshared);
    }

    public void add(ResourceQuantities quantities) {
        long[] amounts = vector(quantities);
        for (int i = 0; i < amounts.length; i++) {
            setTotal(i, Math.addExact(totals[i], amounts[i]));
        }
        revision++;
    }

    public void subtract(ResourceQuantities quantities) {
        long[] amounts = vector(quantities);
        for (int i = 0; i < amounts.length; i++) {
            setTotal(i, totals[i] - amounts[i]);
        }
        revision++;
    }

    private void setTotal(int number, long total) {
        totals[number] = total;
        divisors[number] = total > 0 && !unsharedNumbers.get(number) ? total : Double.POSITIVE_INFINITY;
    }

    /** Amounts in thousandths by number; a name not seen before gets the next number. */
    public long[] vector(ResourceQuantities quantities) {
        int known = totals.length;
        long[] amounts = new long[known];
        for (int i = 0; i < quantities.size(); i++) {
            int number = i < known && names[i].equals(quantities.name(i)) ? i : numberOf(quantities.name(i));
            if (number >= amounts.length) {
                amounts = Arrays.copyOf(amounts, totals.length);
            }
            amounts[number] = quantities.milliAt(i);
        }
        return amounts;
    }

    /** Amounts by number as a bag. */
    public ResourceQuantities quantities(long[] amounts) {
        Map<String, Quantity> bag = new HashMap<>();
        numbers.forEach((name, number) -> {
            if (number < amounts.length && amounts[number] != 0) {
                bag.put(name, Quantity.ofMilli(amounts[number]));
            }
        });
        return ResourceQuantities.of(bag);
    }

    /** One amount by its name, of those that are kept by number; 0 of a name that nobody has. */
    public long amount(String name, IntToLongFunction amounts) {
        Integer number = numbers.get(name);
        return number == null ? 0 : amounts.applyAsLong(number);
    }

    /** What all agents have together. */
    public ResourceQuantities all() {
        return quantities(totals);
    }

    private int numberOf(String name) {
        Integer known = numbers.get(name);
        if (known != null) {
            return known;
        }
        int next = numbers.size();
        numbers.put(name, next);
        if (unshared.contains(name)) {
            unsharedNumbers.set(next);
        }
        totals = Arrays.copyOf(totals, next + 1);
        divisors = Arrays.copyOf(divisors, next + 1);
        divisors[next] = Double.POSITIVE_INFINITY;
        names = Arrays.copyOf(names, next + 1);
        names[next] = name;
        return next;
    }

    /** By number; valid until the next name comes up. */
    double[] divisors() {
        return divisors;
    }

    /** Changes whenever any total does, and with it every share. */
    long revision() {
        return revision;
    }
}
