/**
 * The v1 scheduler API: calls in, events out, one stream per framework.
 *
 * <p>Message types stop at {@link io.offerplane.mesos.scheduler.CallTranslator} and {@link
 * io.offerplane.mesos.scheduler.EventTranslator}; decisions are the engine's. Start at {@link
 * io.offerplane.mesos.scheduler.SchedulerEndpoint}.
 */
@NullMarked
package io.offerplane.mesos.scheduler;

import org.jspecify.annotations.NullMarked;
