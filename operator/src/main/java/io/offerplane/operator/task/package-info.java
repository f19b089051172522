/**
 * The kind Task, run by a framework of our own that gets offers like any other. {@link io.offerplane.operator.task.TaskFramework}
 * schedules; {@link io.offerplane.operator.task.TaskReconciler} tells people; {@link io.offerplane.operator.task.OfferMatch} is the
 * pure rule of what fits where.
 */
@NullMarked
package io.offerplane.operator.task;

import org.jspecify.annotations.NullMarked;
