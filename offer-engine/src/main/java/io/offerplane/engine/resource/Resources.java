package io.offerplane.engine.resource;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.BinaryOperator;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What an agent has, an offer holds or a task uses: amounts, apart by the terms on which they may be used.
 *
 * <p>Immutable. Most resources are free: of no terms at all. Amounts on different terms never mix: what is reserved for one role is
 * neither added to nor taken from what is free.
 */
public final class Resources {
    private static final SortedMap<Terms, Amounts> UNBOUND = Collections.emptySortedMap();

    public static final Resources EMPTY = new Resources(Amounts.EMPTY, UNBOUND);

    private final Amounts free;
    private final SortedMap<Terms, Amounts> bound;
    private @Nullable Amounts all;

    private Resources(Amounts free, SortedMap<Terms, Amounts> bound) {
        this.free = free;
        this.bound = bound;
    }

    private static Resources of(Amounts free, SortedMap<Terms, Amounts> bound) {
        if (bound.isEmpty()) {
            return free.isEmpty() ? EMPTY : new Resources(free, UNBOUND);
        }
        return new Resources(free, bound);
    }

    /** Free resources. */
    public Resources(ResourceQuantities scalars, SortedMap<String, Ranges> ranges, SortedMap<String, ItemSet> sets) {
        this(new Amounts(scalars, ranges, sets), UNBOUND);
    }

    public static Resources of(Amounts free) {
        return of(free, UNBOUND);
    }

    public static Resources of(Terms terms, Amounts amounts) {
        if (terms.isFree() || amounts.isEmpty()) {
            return of(amounts);
        }
        return new Resources(Amounts.EMPTY, Collections.unmodifiableSortedMap(new TreeMap<>(Map.of(terms, amounts))));
    }

    /** The disk of one volume, once. */
    public static Resources diskOn(Terms volume) {
        return diskOn(volume, volume.volume().orElseThrow().sizeMilli());
    }

    /** Disk on these terms. */
    public static Resources diskOn(Terms terms, long milli) {
        return of(terms, scalars(Map.of("disk", Quantity.ofMilli(milli))).free());
    }

    public static Resources scalars(Map<String, Quantity> amounts) {
        return new Resources(
                ResourceQuantities.of(amounts), Collections.emptySortedMap(), Collections.emptySortedMap());
    }

    public static Resources scalar(String name, double units) {
        return scalars(Map.of(name, Quantity.of(units)));
    }

    public static Resources ranges(String name, Ranges ranges) {
        return new Resources(
                ResourceQuantities.EMPTY, new TreeMap<>(Map.of(name, ranges)), Collections.emptySortedMap());
    }

    public static Resources set(String name, ItemSet items) {
        return new Resources(
                ResourceQuantities.EMPTY, Collections.emptySortedMap(), new TreeMap<>(Map.of(name, items)));
    }

    /** What is reserved for nobody, is no volume, and stays. */
    public Amounts free() {
        return free;
    }

    /** What there is on terms, in their order; unmodifiable, and none is empty. */
    public SortedMap<Terms, Amounts> bound() {
        return bound;
    }

    public boolean isFree() {
        return bound.isEmpty();
    }

    /** What there is on these terms. */
    public Amounts under(Terms terms) {
        return terms.isFree() ? free : bound.getOrDefault(terms, Amounts.EMPTY);
    }

    /** The free amounts, if there are any, and then each of the others with its terms. */
    public void forEach(BiConsumer<Terms, Amounts> consumer) {
        if (!free.isEmpty()) {
            consumer.accept(Terms.FREE, free);
        }
        bound.forEach(consumer);
    }

    /** Only what is on terms that pass; {@link Terms#FREE} is asked about, too. */
    public Resources on(Predicate<Terms> passes) {
        Amounts keptFree = free.isEmpty() || passes.test(Terms.FREE) ? free : Amounts.EMPTY;
        if (bound.isEmpty()) {
            return free.isEmpty() || !keptFree.isEmpty() ? this : EMPTY;
        }
        SortedMap<Terms, Amounts> kept = new TreeMap<>(bound);
        kept.keySet().removeIf(terms -> !passes.test(terms));
        return keptFree.isEmpty() == free.isEmpty() && kept.size() == bound.size()
                ? this
                : of(keptFree, kept.isEmpty() ? UNBOUND : Collections.unmodifiableSortedMap(kept));
    }

    /** What is had for good: all but what is lent until its owner needs it. */
    public Resources nonRevocable() {
        return bound.isEmpty() ? this : on(terms -> !terms.revocable());
    }

    /** What may be taken back at any time. */
    public Resources revocable() {
        return bound.isEmpty() ? EMPTY : on(Terms::revocable);
    }

    /** What only one may hold at a time: all but shared volumes. */
    public Resources exclusive() {
        return bound.isEmpty() ? this : on(terms -> !terms.shared());
    }

    /** Shared volumes. */
    public Resources shared() {
        return bound.isEmpty() ? EMPTY : on(Terms::shared);
    }

    /** The same amounts, each on other terms. */
    public Resources onOther(UnaryOperator<Terms> change) {
        Resources result = EMPTY;
        for (Map.Entry<Terms, Amounts> entry : bound.entrySet()) {
            result = result.plus(of(change.apply(entry.getKey()), entry.getValue()));
        }
        return free.isEmpty() ? result : result.plus(of(change.apply(Terms.FREE), free));
    }

    /** Scalars that are reserved for nobody, and may not be taken back: what quotas count as used beside reservations. */
    public ResourceQuantities unreserved() {
        ResourceQuantities sum = free.scalars();
        for (Map.Entry<Terms, Amounts> entry : bound.entrySet()) {
            if (!entry.getKey().isReserved() && !entry.getKey().revocable()) {
                sum = sum.plus(entry.getValue().scalars());
            }
        }
        return sum;
    }

    /** The amounts whatever their terms. */
    public Amounts all() {
        if (bound.isEmpty()) {
            return free;
        }
        Amounts known = all;
        if (known == null) {
            known = free;
            for (Amounts amounts : bound.values()) {
                known = known.plus(amounts);
            }
            all = known;
        }
        return known;
    }

    /** Whatever their terms. */
    public ResourceQuantities scalars() {
        return all().scalars();
    }

    /** Whatever their terms; in order of names; unmodifiable, and none is empty. */
    public SortedMap<String, Ranges> ranges() {
        return all().ranges();
    }

    /** Whatever their terms; in order of names; unmodifiable, and none is empty. */
    public SortedMap<String, ItemSet> sets() {
        return all().sets();
    }

    public boolean isEmpty() {
        return free.isEmpty() && bound.isEmpty();
    }

    public Resources plus(Resources other) {
        if (other.isEmpty()) {
            return this;
        }
        if (isEmpty()) {
            return other;
        }
        return of(free.plus(other.free), combined(other.bound, Amounts::plus));
    }

    /** Throws {@link IllegalArgumentException} when {@code other} has more of any scalar. */
    public Resources minus(Resources other) {
        if (other.isEmpty()) {
            return this;
        }
        if (Amounts.same(other, this)) {
            return EMPTY;
        }
        return of(free.minus(other.free), combined(other.bound, Amounts::minus));
    }

    /** Like {@link #minus}, but what {@code other} has more of becomes zero. */
    public Resources minusToZero(Resources other) {
        if (other.isEmpty()) {
            return this;
        }
        if (Amounts.same(other, this)) {
            return EMPTY;
        }
        return of(free.minusToZero(other.free), combined(other.bound, Amounts::minusToZero));
    }

    private SortedMap<Terms, Amounts> combined(SortedMap<Terms, Amounts> others, BinaryOperator<Amounts> operator) {
        if (others.isEmpty()) {
            return bound;
        }
        SortedMap<Terms, Amounts> result = new TreeMap<>(bound);
        others.forEach((terms, amounts) ->
                result.put(terms, operator.apply(result.getOrDefault(terms, Amounts.EMPTY), amounts)));
        result.values().removeIf(Amounts::isEmpty);
        return result.isEmpty() ? UNBOUND : Collections.unmodifiableSortedMap(result);
    }

    /** Whether all of {@code other} is in this, on the same terms; a mounted disk is in it whole or not at all. */
    public boolean contains(Resources other) {
        if (Amounts.same(other, this)) {
            return true;
        }
        if (!free.contains(other.free)) {
            return false;
        }
        for (Map.Entry<Terms, Amounts> entry : other.bound.entrySet()) {
            Amounts there = bound.getOrDefault(entry.getKey(), Amounts.EMPTY);
            boolean isWhole = entry.getKey().mount().isEmpty() || there.equals(entry.getValue());
            if (!isWhole || !there.contains(entry.getValue())) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return other == this
                || (other instanceof Resources resources
                        && free.equals(resources.free)
                        && bound.equals(resources.bound));
    }

    @Override
    public int hashCode() {
        return Objects.hash(free, bound);
    }

    /** Mesos' text form: {@code cpus:4; mem:2048; cpus(reservations: [(DYNAMIC,eng)]):1}. */
    @Override
    public String toString() {
        StringJoiner text = new StringJoiner("; ");
        forEach((terms, amounts) -> amounts.forEach((name, amount) -> text.add(name + terms + ":" + amount)));
        return text.toString();
    }
}
