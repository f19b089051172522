package io.offerplane.engine.resource;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;

/** A bag of scalar amounts by resource name: sorted, without zeroes. What fairness, quota and totals are counted in. */
public record ResourceQuantities(SortedMap<String, Quantity> amounts) {
    public static final ResourceQuantities EMPTY = new ResourceQuantities(new TreeMap<>());

    public ResourceQuantities {
        SortedMap<String, Quantity> copy = new TreeMap<>(amounts);
        copy.values().removeIf(Quantity::isZero);
        amounts = Collections.unmodifiableSortedMap(copy);
    }

    public static ResourceQuantities of(Map<String, Quantity> amounts) {
        return new ResourceQuantities(new TreeMap<>(amounts));
    }

    public Quantity get(String name) {
        return amounts.getOrDefault(name, Quantity.ZERO);
    }

    public boolean isEmpty() {
        return amounts.isEmpty();
    }

    public ResourceQuantities plus(ResourceQuantities other) {
        return combined(other, Quantity::plus);
    }

    /** Throws {@link IllegalArgumentException} when {@code other} has more of anything. */
    public ResourceQuantities minus(ResourceQuantities other) {
        return combined(other, Quantity::minus);
    }

    public ResourceQuantities minusToZero(ResourceQuantities other) {
        return combined(other, Quantity::minusToZero);
    }

    /** Whether this has at least as much of everything as {@code other}. */
    public boolean contains(ResourceQuantities other) {
        return other.amounts.entrySet().stream().allMatch(e -> get(e.getKey()).compareTo(e.getValue()) >= 0);
    }

    private ResourceQuantities combined(ResourceQuantities other, BinaryOperator<Quantity> operator) {
        SortedMap<String, Quantity> result = new TreeMap<>(amounts);
        other.amounts.forEach((name, amount) -> result.put(name, operator.apply(get(name), amount)));
        return new ResourceQuantities(result);
    }
}
