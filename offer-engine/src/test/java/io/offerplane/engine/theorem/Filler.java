package io.offerplane.engine.theorem;

import java.util.List;

/** Shares a pool out in whole tasks, until no framework that wants more finds room for another. */
@FunctionalInterface
interface Filler {
    /**
     * @param tasks of each framework, in the order of {@link Pool#frameworks}
     * @param left what is left on each agent, in the order of {@link Pool#agents}
     */
    record Filled(List<Long> tasks, List<List<Long>> left) {}

    Filled fill(Pool pool);
}
