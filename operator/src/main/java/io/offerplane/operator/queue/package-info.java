/**
 * The kind Queue: which role it is for Mesos clients, whether it stands rightly in the tree, its weight, and what it holds.
 *
 * <p>Start at {@link io.offerplane.operator.queue.QueueReconciler}.
 */
@NullMarked
package io.offerplane.operator.queue;

import org.jspecify.annotations.NullMarked;
