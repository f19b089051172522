/**
 * The leader process put together: {@link io.offerplane.operator.Main} reads the configuration,
 * {@link io.offerplane.operator.OfferplaneOperator} wires the parts by plain constructors and owns the order in which they
 * start and stop. Nothing here decides anything about offers, objects or agents.
 */
@NullMarked
package io.offerplane.operator;

import org.jspecify.annotations.NullMarked;
