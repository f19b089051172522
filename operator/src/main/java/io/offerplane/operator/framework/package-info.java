/**
 * The kind Framework: an object for every client that subscribes, its bounds, what people look at, and the facts that outlive a
 * leader.
 *
 * <p>Start at {@link io.offerplane.operator.framework.FrameworkRegistrar}, which says which object speaks for which client, then
 * {@link io.offerplane.operator.framework.FrameworkReconciler}.
 */
@NullMarked
package io.offerplane.operator.framework;

import org.jspecify.annotations.NullMarked;
