package io.offerplane.engine.resource;

import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;

/** A note on a reservation; Mesos {@code Label}. */
public record Label(String key, Optional<String> value) implements Comparable<Label> {
    private static final Comparator<Label> ORDER = Comparator.comparing(Label::key)
            .thenComparing(label -> label.value().isPresent())
            .thenComparing(label -> label.value().orElse(""));

    public Label {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(value, "value");
    }

    @Override
    public int compareTo(Label other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return value.map(text -> key + ": " + text).orElse(key);
    }
}
