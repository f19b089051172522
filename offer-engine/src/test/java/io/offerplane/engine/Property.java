package io.offerplane.engine;

import java.util.SplittableRandom;

/**
 * Something that holds for everything that a generator draws. Runs it over many seeds and growing sizes; when it fails, looks for
 * the smallest size that still fails with that seed, and names both.
 */
@FunctionalInterface
public interface Property {
    void hold(SplittableRandom random, int size);

    /** {@code -Dproperty.seed} and {@code -Dproperty.size} run one case again. */
    static void check(int cases, Property property) {
        Long only = Long.getLong("property.seed");
        if (only != null) {
            property.hold(new SplittableRandom(only), Integer.getInteger("property.size", 10));
            return;
        }
        for (int seed = 1; seed <= cases; seed++) {
            int size = 1 + seed * 60 / cases;
            AssertionError failure = failure(property, seed, size);
            if (failure == null) {
                continue;
            }
            AssertionError smaller = failure(property, seed, size / 2);
            while (smaller != null && size > 1) {
                failure = smaller;
                size /= 2;
                smaller = failure(property, seed, size / 2);
            }
            throw new AssertionError("again: -Dproperty.seed=" + seed + " -Dproperty.size=" + size, failure);
        }
    }

    private static AssertionError failure(Property property, long seed, int size) {
        try {
            property.hold(new SplittableRandom(seed), size);
            return null;
        } catch (AssertionError error) {
            return error;
        } catch (RuntimeException exception) {
            return new AssertionError(exception);
        }
    }
}
