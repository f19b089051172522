/**
 * Turns the queues of YARN's CapacityScheduler and FairScheduler into {@code Queue} objects, and says what has no equivalent. Files in, text out; nothing
 * here talks to a cluster. Start at {@link io.offerplane.operator.queueimport.ImportQueues}.
 */
@NullMarked
package io.offerplane.operator.queueimport;

import org.jspecify.annotations.NullMarked;
