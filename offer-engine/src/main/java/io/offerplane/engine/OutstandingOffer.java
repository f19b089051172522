package io.offerplane.engine;

import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.OfferId;
import org.jspecify.annotations.Nullable;

/** An offer that waits for its framework's answer, with the places that know of it. */
final class OutstandingOffer {
    final Offer offer;
    final Agent agent;
    final Subscription subscription;
    Timetable.@Nullable Entry timeout;

    /** Its neighbours among its framework's; kept by an {@link OfferChain}, as those among all. */
    @Nullable
    OutstandingOffer previous;

    @Nullable
    OutstandingOffer next;

    @Nullable
    OutstandingOffer previousOfAll;

    @Nullable
    OutstandingOffer nextOfAll;

    OutstandingOffer(Offer offer, Agent agent, Subscription subscription) {
        this.offer = offer;
        this.agent = agent;
        this.subscription = subscription;
    }

    OfferId id() {
        return offer.id();
    }

    Framework framework() {
        return subscription.framework;
    }
}
