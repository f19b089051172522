package io.offerplane.engine.resource;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * What an agent has, an offer holds or a task uses: scalars such as cpus and mem, ranges such as ports, and sets.
 *
 * <p>Immutable. A name stands for one kind of value only. Units are Mesos': cpus in cores, mem and disk in MiB (which Mesos
 * writes MB).
 */
public final class Resources {
    private static final SortedMap<String, Ranges> NO_RANGES = Collections.emptySortedMap();
    private static final SortedMap<String, ItemSet> NO_SETS = Collections.emptySortedMap();

    public static final Resources EMPTY = new Resources(NO_RANGES, NO_SETS, ResourceQuantities.EMPTY);

    private final ResourceQuantities scalars;
    private final SortedMap<String, Ranges> ranges;
    private final SortedMap<String, ItemSet> sets;

    public Resources(ResourceQuantities scalars, SortedMap<String, Ranges> ranges, SortedMap<String, ItemSet> sets) {
        this(without(ranges, Ranges::isEmpty, NO_RANGES), without(sets, ItemSet::isEmpty, NO_SETS), scalars);
    }

    /** With maps that are nobody else's, and hold nothing empty. */
    private Resources(SortedMap<String, Ranges> ranges, SortedMap<String, ItemSet> sets, ResourceQuantities scalars) {
        this.scalars = scalars;
        this.ranges = ranges;
        this.sets = sets;
    }

    public static Resources scalars(Map<String, Quantity> amounts) {
        return new Resources(NO_RANGES, NO_SETS, ResourceQuantities.of(amounts));
    }

    public static Resources scalar(String name, double units) {
        return scalars(Map.of(name, Quantity.of(units)));
    }

    public static Resources ranges(String name, Ranges ranges) {
        return new Resources(ResourceQuantities.EMPTY, new TreeMap<>(Map.of(name, ranges)), NO_SETS);
    }

    public static Resources set(String name, ItemSet items) {
        return new Resources(ResourceQuantities.EMPTY, NO_RANGES, new TreeMap<>(Map.of(name, items)));
    }

    public ResourceQuantities scalars() {
        return scalars;
    }

    /** In order of names; unmodifiable, and none is empty. */
    public SortedMap<String, Ranges> ranges() {
        return ranges;
    }

    /** In order of names; unmodifiable, and none is empty. */
    public SortedMap<String, ItemSet> sets() {
        return sets;
    }

    public boolean isEmpty() {
        return scalars.isEmpty() && ranges.isEmpty() && sets.isEmpty();
    }

    public Resources plus(Resources other) {
        return new Resources(
                combined(ranges, other.ranges, Ranges.EMPTY, NO_RANGES, Ranges::plus, Ranges::isEmpty),
                combined(sets, other.sets, ItemSet.EMPTY, NO_SETS, ItemSet::plus, ItemSet::isEmpty),
                scalars.plus(other.scalars));
    }

    /** Throws {@link IllegalArgumentException} when {@code other} has more of any scalar. */
    public Resources minus(Resources other) {
        return without(other, scalars.minus(other.scalars));
    }

    /** Like {@link #minus}, but what {@code other} has more of becomes zero. */
    public Resources minusToZero(Resources other) {
        return without(other, scalars.minusToZero(other.scalars));
    }

    private Resources without(Resources other, ResourceQuantities restOfScalars) {
        return new Resources(
                combined(ranges, other.ranges, Ranges.EMPTY, NO_RANGES, Ranges::minus, Ranges::isEmpty),
                combined(sets, other.sets, ItemSet.EMPTY, NO_SETS, ItemSet::minus, ItemSet::isEmpty),
                restOfScalars);
    }

    /** Whether all of {@code other} is in this. */
    public boolean contains(Resources other) {
        return scalars.contains(other.scalars)
                && holds(ranges, other.ranges, Ranges.EMPTY, Ranges::contains)
                && holds(sets, other.sets, ItemSet.EMPTY, ItemSet::contains);
    }

    private static <V> boolean holds(
            SortedMap<String, V> left, SortedMap<String, V> right, V none, BiPredicate<V, V> contains) {
        if (right.isEmpty()) {
            return true;
        }
        for (Map.Entry<String, V> entry : right.entrySet()) {
            if (!contains.test(left.getOrDefault(entry.getKey(), none), entry.getValue())) {
                return false;
            }
        }
        return true;
    }

    private static <V> SortedMap<String, V> without(
            SortedMap<String, V> given, Predicate<V> empty, SortedMap<String, V> nothing) {
        if (given.isEmpty()) {
            return nothing;
        }
        SortedMap<String, V> copy = new TreeMap<>(given);
        copy.values().removeIf(empty);
        return copy.isEmpty() ? nothing : Collections.unmodifiableSortedMap(copy);
    }

    private static <V> SortedMap<String, V> combined(
            SortedMap<String, V> left,
            SortedMap<String, V> right,
            V none,
            SortedMap<String, V> nothing,
            BiFunction<V, V, V> operator,
            Predicate<V> empty) {
        if (right.isEmpty()) {
            return left;
        }
        SortedMap<String, V> result = new TreeMap<>(left);
        right.forEach((name, value) -> result.put(name, operator.apply(left.getOrDefault(name, none), value)));
        return without(result, empty, nothing);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Resources resources
                && scalars.equals(resources.scalars)
                && ranges.equals(resources.ranges)
                && sets.equals(resources.sets);
    }

    @Override
    public int hashCode() {
        return Objects.hash(scalars, ranges, sets);
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
