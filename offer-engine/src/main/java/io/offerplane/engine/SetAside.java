package io.offerplane.engine;

import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import java.time.Instant;

/**
 * An agent that is kept for somebody until it has room for what that one needs.
 *
 * @param need what must be free there
 * @param until when another agent is tried
 */
record SetAside(Agent agent, Subscription subscription, ResourceQuantities need, Instant until) {
    /** What of what is available there is left for whoever asks: reserved resources are their owners' in any case. */
    Resources leaves(Subscription other, Resources available) {
        return other == subscription
                        && Eligibility.within(available, other).scalars().contains(need)
                ? available
                : available.on(Terms::isReserved);
    }
}
