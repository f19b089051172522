package io.offerplane.engine.resource;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * What an agent has, an offer holds or a task uses: scalars such as cpus and mem, ranges such as ports, and sets.
 *
 * <p>A name stands for one kind of value only. Units are Mesos': cpus in cores, mem and disk in MiB (which Mesos writes MB).
 */
public record Resources(ResourceQuantities scalars, SortedMap<String, Ranges> ranges, SortedMap<String, ItemSet> sets) {
    public static final Resources EMPTY = new Resources(ResourceQuantities.EMPTY, new TreeMap<>(), new TreeMap<>());

    public Resources {
        ranges = without(ranges, Ranges::isEmpty);
        sets = without(sets, ItemSet::isEmpty);
    }

    public static Resources scalars(Map<String, Quantity> amounts) {
        return new Resources(ResourceQuantities.of(amounts), new TreeMap<>(), new TreeMap<>());
    }

    public static Resources scalar(String name, double units) {
        return scalars(Map.of(name, Quantity.of(units)));
    }

    public static Resources ranges(String name, Ranges ranges) {
        return new Resources(ResourceQuantities.EMPTY, new TreeMap<>(Map.of(name, ranges)), new TreeMap<>());
    }

    public static Resources set(String name, ItemSet items) {
        return new Resources(ResourceQuantities.EMPTY, new TreeMap<>(), new TreeMap<>(Map.of(name, items)));
    }

    public boolean isEmpty() {
        return scalars.isEmpty() && ranges.isEmpty() && sets.isEmpty();
    }

    public Resources plus(Resources other) {
        return new Resources(
                scalars.plus(other.scalars),
                combined(ranges, other.ranges, Ranges.EMPTY, Ranges::plus),
                combined(sets, other.sets, ItemSet.EMPTY, ItemSet::plus));
    }

    /** Throws {@link IllegalArgumentException} when {@code other} has more of any scalar. */
    public Resources minus(Resources other) {
        return new Resources(
                scalars.minus(other.scalars),
                combined(ranges, other.ranges, Ranges.EMPTY, Ranges::minus),
                combined(sets, other.sets, ItemSet.EMPTY, ItemSet::minus));
    }

    /** Like {@link #minus}, but what {@code other} has more of becomes zero. */
    public Resources minusToZero(Resources other) {
        return new Resources(
                scalars.minusToZero(other.scalars),
                combined(ranges, other.ranges, Ranges.EMPTY, Ranges::minus),
                combined(sets, other.sets, ItemSet.EMPTY, ItemSet::minus));
    }

    /** Whether all of {@code other} is in this. */
    public boolean contains(Resources other) {
        return scalars.contains(other.scalars)
                && other.ranges.entrySet().stream().allMatch(e -> ranges.getOrDefault(e.getKey(), Ranges.EMPTY)
                        .contains(e.getValue()))
                && other.sets.entrySet().stream().allMatch(e -> sets.getOrDefault(e.getKey(), ItemSet.EMPTY)
                        .contains(e.getValue()));
    }

    private static <V> SortedMap<String, V> without(SortedMap<String, V> given, Predicate<V> empty) {
        SortedMap<String, V> copy = new TreeMap<>(given);
        copy.values().removeIf(empty);
        return Collections.unmodifiableSortedMap(copy);
    }

    private static <V> SortedMap<String, V> combined(
            SortedMap<String, V> left, SortedMap<String, V> right, V none, BiFunction<V, V, V> operator) {
        SortedMap<String, V> result = new TreeMap<>(left);
        right.forEach((name, value) -> result.put(name, operator.apply(left.getOrDefault(name, none), value)));
        return result;
    }

    /** Mesos' text form: {@code cpus:4; mem:2048; ports:[31000-32000]}. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner("; ");
        scalars.amounts().forEach((name, amount) -> text.add(name + ":" + amount));
        ranges.forEach((name, value) -> text.add(name + ":" + value));
        sets.forEach((name, value) -> text.add(name + ":" + value));
        return text.toString();
    }
}
