package io.offerplane.engine.resource;

import java.util.Comparator;
import java.util.List;

/** Compares lists as words are compared: by the first difference, and then the shorter first. */
final class Lists {
    private Lists() {}

    static <T extends Comparable<T>> Comparator<List<T>> order() {
        return (left, right) -> {
            for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
                int byItem = left.get(i).compareTo(right.get(i));
                if (byItem != 0) {
                    return byItem;
                }
            }
            return Integer.compare(left.size(), right.size());
        };
    }
}
