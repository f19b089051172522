package io.offerplane.engine.resource;

/**
 * An amount of a scalar resource in thousandths, as Mesos computes with three decimals.
 *
 * @param milli the amount times 1000; never negative
 */
public record Quantity(long milli) implements Comparable<Quantity> {
    public static final Quantity ZERO = new Quantity(0);

    /** The largest amount, 4 * 10^15 units: the sum of two still fits a long, and is then refused as too large. */
    public static final long MAX_MILLI = 4_000_000_000_000_000_000L;

    public Quantity {
        if (milli < 0 || milli > MAX_MILLI) {
            throw new IllegalArgumentException(
                    "quantity: " + milli + " thousandths (expected: 0 to " + MAX_MILLI + ")");
        }
    }

    public static Quantity ofMilli(long milli) {
        return milli == 0 ? ZERO : new Quantity(milli);
    }

    /** Rounds to the nearest thousandth, halves away from zero, as Mesos does on its wire. */
    public static Quantity of(double units) {
        return ofMilli(Math.round(units * 1000.0));
    }

    public Quantity plus(Quantity other) {
        return ofMilli(Math.addExact(milli, other.milli));
    }

    public Quantity min(Quantity other) {
        return milli <= other.milli ? this : other;
    }

    /** The amount in units, for display and for wires that carry doubles. */
    public double units() {
        return milli / 1000.0;
    }

    @Override
    public int compareTo(Quantity other) {
        return Long.compare(milli, other.milli);
    }

    /** The shortest decimal text: {@code 1.5}, {@code 512}. */
    @Override
    public String toString() {
        long whole = milli / 1000;
        long rest = milli % 1000;
        if (rest == 0) {
            return Long.toString(whole);
        }
        String text = whole + "." + String.format("%03d", rest);
        return text.replaceAll("0+$", "");
    }
}
