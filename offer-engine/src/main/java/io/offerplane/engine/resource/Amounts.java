package io.offerplane.engine.resource;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * Amounts without regard to whom they are reserved for: scalars such as cpus and mem, ranges such as ports, and sets.
 *
 * <p>Immutable. A name stands for one kind of value only. Units are Mesos': cpus in cores, mem and disk in MiB (which Mesos
 * writes MB).
 */
public final class Amounts {
    private static final SortedMap<String, Ranges> NO_RANGES = Collections.emptySortedMap();
    private static final SortedMap<String, ItemSet> NO_SETS = Collections.emptySortedMap();

    public static final Amounts EMPTY = new Amounts(NO_RANGES, NO_SETS, ResourceQuantities.EMPTY);

    private final ResourceQuantities scalars;
    private final SortedMap<String, Ranges> ranges;
    private final SortedMap<String, ItemSet> sets;

    public Amounts(ResourceQuantities scalars, SortedMap<String, Ranges> ranges, SortedMap<String, ItemSet> sets) {
        this(without(ranges, Ranges::isEmpty, NO_RANGES), without(sets, ItemSet::isEmpty, NO_SETS), scalars);
    }

    /** With maps that are nobody else's, and hold nothing empty. */
    private Amounts(SortedMap<String, Ranges> ranges, SortedMap<String, ItemSet> sets, ResourceQuantities scalars) {
        this.scalars = scalars;
        this.ranges = ranges;
        this.sets = sets;
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

    public Amounts plus(Amounts other) {
        if (other.isEmpty()) {
            return this;
        }
        if (isEmpty()) {
            return other;
        }
        return new Amounts(
                combined(ranges, other.ranges, Ranges.EMPTY, NO_RANGES, Ranges::plus, Ranges::isEmpty),
                combined(sets, other.sets, ItemSet.EMPTY, NO_SETS, ItemSet::plus, ItemSet::isEmpty),
                scalars.plus(other.scalars));
    }

    /** Throws {@link IllegalArgumentException} when {@code other} has more of any scalar. */
    public Amounts minus(Amounts other) {
        if (same(other, this)) {
            return EMPTY;
        }
        return without(other, scalars.minus(other.scalars));
    }

    /** Like {@link #minus}, but what {@code other} has more of becomes zero. */
    public Amounts minusToZero(Amounts other) {
        if (same(other, this)) {
            return EMPTY;
        }
        return without(other, scalars.minusToZero(other.scalars));
    }

    private Amounts without(Amounts other, ResourceQuantities restOfScalars) {
        if (other.ranges.isEmpty() && other.sets.isEmpty()) {
            return same(restOfScalars, scalars) ? this : new Amounts(ranges, sets, restOfScalars);
        }
        return new Amounts(
                combined(ranges, other.ranges, Ranges.EMPTY, NO_RANGES, Ranges::minus, Ranges::isEmpty),
                combined(sets, other.sets, ItemSet.EMPTY, NO_SETS, ItemSet::minus, ItemSet::isEmpty),
                restOfScalars);
    }

    /** What is in both. */
    public Amounts common(Amounts other) {
        return other.minusToZero(other.minusToZero(this));
    }

    /** Whether all of {@code other} is in this. */
    public boolean contains(Amounts other) {
        return same(other, this)
                || (scalars.contains(other.scalars)
                        && holds(ranges, other.ranges, Ranges.EMPTY, Ranges::contains)
                        && holds(sets, other.sets, ItemSet.EMPTY, ItemSet::contains));
    }

    /** Whether both are one object: what comes back is often what went out, and then needs no comparing. */
    @SuppressWarnings("ReferenceEquality") // That is what it is for.
    static boolean same(Object left, Object right) {
        return left == right;
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
        return other == this
                || (other instanceof Amounts amounts
                        && scalars.equals(amounts.scalars)
                        && ranges.equals(amounts.ranges)
                        && sets.equals(amounts.sets));
    }

    @Override
    public int hashCode() {
        return Objects.hash(scalars, ranges, sets);
    }

    /** Each name with its value as Mesos writes it: scalars first, then ranges, then sets. */
    public void forEach(BiConsumer<String, String> consumer) {
        scalars.amounts().forEach((name, amount) -> consumer.accept(name, amount.toString()));
        ranges.forEach((name, value) -> consumer.accept(name, value.toString()));
        sets.forEach((name, value) -> consumer.accept(name, value.toString()));
    }

    /** Mesos' text form: {@code cpus:4; mem:2048; ports:[31000-32000]}. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner("; ");
        forEach((name, value) -> text.add(name + ":" + value));
        return text.toString();
    }
}
