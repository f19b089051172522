/** What of agents outlives the leader, without an API server. Start with {@link io.offerplane.operator.agent.ReservationFactsTest}. */
@NullMarked
package io.offerplane.operator.agent;

import org.jspecify.annotations.NullMarked;
