package io.offerplane.engine.offer;

import java.util.Objects;

/** Names one offer; never used twice, also not by a later leader: {@code <term id>-O<n>}. */
public record OfferId(String value) implements Comparable<OfferId> {
    public OfferId {
        Objects.requireNonNull(value, "value");
    }

    @Override
    public int compareTo(OfferId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
