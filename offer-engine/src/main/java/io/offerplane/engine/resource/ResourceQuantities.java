package io.offerplane.engine.resource;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongBinaryOperator;
import java.util.function.ObjLongConsumer;

/**
 * A bag of scalar amounts by resource name: sorted, without zeroes. What fairness, quota and totals are counted in.
 *
 * <p>Immutable. Kept as two arrays side by side, as bags are added and compared for every offer; the map is for readers.
 */
public final class ResourceQuantities {
    public static final ResourceQuantities EMPTY = new ResourceQuantities(new String[0], new long[0]);

    private final String[] names;
    private final long[] millis;

    /** In order of names, without zeroes. */
    private ResourceQuantities(String[] names, long[] millis) {
        this.names = names;
        this.millis = millis;
    }

    public static ResourceQuantities of(Map<String, Quantity> amounts) {
        SortedMap<String, Quantity> sorted = new TreeMap<>(amounts);
        String[] names = new String[sorted.size()];
        long[] millis = new long[sorted.size()];
        int size = 0;
        for (Map.Entry<String, Quantity> entry : sorted.entrySet()) {
            names[size] = entry.getKey();
            millis[size++] = entry.getValue().milli();
        }
        return withoutZeroes(names, millis, size);
    }

    private static ResourceQuantities withoutZeroes(String[] names, long[] millis, int size) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (millis[i] != 0) {
                names[kept] = names[i];
                millis[kept++] = millis[i];
            }
        }
        if (kept == 0) {
            return EMPTY;
        }
        return kept == names.length
                ? new ResourceQuantities(names, millis)
                : new ResourceQuantities(Arrays.copyOf(names, kept), Arrays.copyOf(millis, kept));
    }

    /** The amounts in order of names; none is zero. */
    public SortedMap<String, Quantity> amounts() {
        SortedMap<String, Quantity> map = new TreeMap<>();
        forEach((name, milli) -> map.put(name, Quantity.ofMilli(milli)));
        return Collections.unmodifiableSortedMap(map);
    }

    /** Each name with its thousandths, in order of names. */
    public void forEach(ObjLongConsumer<String> consumer) {
        for (int i = 0; i < names.length; i++) {
            consumer.accept(names[i], millis[i]);
        }
    }

    /** So many times as much; 0 or more. Throws {@link ArithmeticException} beyond what can be counted. */
    public ResourceQuantities times(int factor) {
        if (factor == 0 || isEmpty()) {
            return EMPTY;
        }
        long[] multiplied = new long[millis.length];
        for (int i = 0; i < millis.length; i++) {
            multiplied[i] = Math.multiplyExact(millis[i], factor);
        }
        return new ResourceQuantities(names, multiplied);
    }

    /** How many names have an amount. */
    public int size() {
        return names.length;
    }

    /** The name at a place from 0, in order. */
    public String name(int place) {
        return names[place];
    }

    /** The amount at a place from 0, in thousandths. */
    public long milliAt(int place) {
        return millis[place];
    }

    public Quantity get(String name) {
        return Quantity.ofMilli(milli(name));
    }

    /** The amount in thousandths. */
    public long milli(String name) {
        int index = Arrays.binarySearch(names, name);
        return index < 0 ? 0 : millis[index];
    }

    public boolean isEmpty() {
        return names.length == 0;
    }

    public ResourceQuantities plus(ResourceQuantities other) {
        if (other.isEmpty()) {
            return this;
        }
        return isEmpty() ? other : combined(other, ResourceQuantities::sum);
    }

    /** Throws {@link IllegalArgumentException} when {@code other} has more of anything. */
    public ResourceQuantities minus(ResourceQuantities other) {
        return Amounts.same(other, this)
                ? EMPTY
                : other.isEmpty() ? this : combined(other, ResourceQuantities::difference);
    }

    public ResourceQuantities minusToZero(ResourceQuantities other) {
        return other.isEmpty() ? this : combined(other, (left, right) -> Math.max(0, left - right));
    }

    /** Of each the smaller amount. */
    public ResourceQuantities common(ResourceQuantities other) {
        return combined(other, Math::min);
    }

    private static long sum(long left, long right) {
        return Quantity.ofMilli(Math.addExact(left, right)).milli();
    }

    private static long difference(long left, long right) {
        return Quantity.ofMilli(left - right).milli();
    }

    /** Whether this has at least as much of everything as {@code other}. */
    public boolean contains(ResourceQuantities other) {
        if (Amounts.same(other, this)) {
            return true;
        }
        int mine = 0;
        for (int i = 0; i < other.names.length; i++) {
            while (mine < names.length && names[mine].compareTo(other.names[i]) < 0) {
                mine++;
            }
            if (mine == names.length || !names[mine].equals(other.names[i]) || millis[mine] < other.millis[i]) {
                return false;
            }
        }
        return true;
    }

    /** Goes through both in step, as a merge of sorted lists does. Sums of the same names share the array of names. */
    private ResourceQuantities combined(ResourceQuantities other, LongBinaryOperator operator) {
        if (Arrays.equals(names, other.names)) {
            long[] results = new long[names.length];
            boolean zeroes = false;
            for (int i = 0; i < results.length; i++) {
                results[i] = operator.applyAsLong(millis[i], other.millis[i]);
                zeroes |= results[i] == 0;
            }
            return zeroes
                    ? withoutZeroes(names.clone(), results, results.length)
                    : new ResourceQuantities(names, results);
        }
        String[] allNames = new String[names.length + other.names.length];
        long[] results = new long[allNames.length];
        int size = 0;
        int mine = 0;
        int theirs = 0;
        while (mine < names.length || theirs < other.names.length) {
            int order = mine == names.length
                    ? 1
                    : theirs == other.names.length ? -1 : names[mine].compareTo(other.names[theirs]);
            allNames[size] = order <= 0 ? names[mine] : other.names[theirs];
            long left = order <= 0 ? millis[mine++] : 0;
            long right = order >= 0 ? other.millis[theirs++] : 0;
            results[size++] = operator.applyAsLong(left, right);
        }
        return withoutZeroes(allNames, results, size);
    }

    @Override
    public boolean equals(Object other) {
        return other == this
                || (other instanceof ResourceQuantities quantities
                        && Arrays.equals(millis, quantities.millis)
                        && Arrays.equals(names, quantities.names));
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(names) + Arrays.hashCode(millis);
    }

    @Override
    public String toString() {
        return amounts().toString();
    }
}
