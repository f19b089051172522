/**
 * Fair ordering of roles and frameworks. Knows shares and weights; never offers, agents or filters.
 *
 * <p>Start at {@link io.offerplane.engine.fairness.Sorter}. Rules: "Dominant Resource Fairness" (Ghodsi and others, NSDI 2011),
 * section 4, in the hierarchical and weighted form of Mesos' sorters.
 */
@NullMarked
package io.offerplane.engine.fairness;

import org.jspecify.annotations.NullMarked;
