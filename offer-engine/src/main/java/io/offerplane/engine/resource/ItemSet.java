package io.offerplane.engine.resource;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** A set of named things, such as disks; sorted, each once. */
public record ItemSet(List<String> items) {
    public static final ItemSet EMPTY = new ItemSet(List.of());

    public ItemSet {
        items = List.copyOf(new TreeSet<>(items));
    }

    public static ItemSet of(String... items) {
        return new ItemSet(List.of(items));
    }

    public boolean isEmpty() {
        return items.isEmpty();
    }

    public ItemSet plus(ItemSet other) {
        TreeSet<String> all = new TreeSet<>(items);
        all.addAll(other.items);
        return new ItemSet(List.copyOf(all));
    }

    public ItemSet minus(ItemSet other) {
        TreeSet<String> rest = new TreeSet<>(items);
        rest.removeAll((Collection<String>) other.items);
        return new ItemSet(List.copyOf(rest));
    }

    public boolean contains(ItemSet other) {
        return items.containsAll(other.items);
    }

    /** Mesos' text form: {@code {a, b}}. */
    @Override
    public String toString() {
        return "{" + String.join(", ", items) + "}";
    }
}
