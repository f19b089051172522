/**
 * Between {@code org.apache.mesos.v1} messages and the engine's types: the one place that knows both. No I/O, no state; used by
 * the gateway and by whoever else speaks of Mesos' messages, such as the link to the agents.
 */
@NullMarked
package io.offerplane.mesos.translate;

import org.jspecify.annotations.NullMarked;
