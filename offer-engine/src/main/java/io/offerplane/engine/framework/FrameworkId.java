package io.offerplane.engine.framework;

import java.util.Objects;

/** Names a framework across its failovers. Given out as {@code <term id>-NNNN}, or chosen by the framework itself. */
public record FrameworkId(String value) implements Comparable<FrameworkId> {
    public FrameworkId {
        Objects.requireNonNull(value, "value");
    }

    @Override
    public int compareTo(FrameworkId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
