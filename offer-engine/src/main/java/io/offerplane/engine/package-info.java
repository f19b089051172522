/**
 * The deterministic core of Offerplane: who may use which part of which agent.
 *
 * <p>Start at {@link io.offerplane.engine.OfferEngine}. Commands carry their time, so this module has no clock, thread, network,
 * random source or log of its own; the same commands give the same decisions on any JVM.
 */
@NullMarked
package io.offerplane.engine;

import org.jspecify.annotations.NullMarked;
