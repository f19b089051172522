package io.offerplane.engine;

import io.offerplane.engine.maintenance.InverseOffer;
import io.offerplane.engine.offer.OfferId;
import org.jspecify.annotations.Nullable;

/** An inverse offer that waits for its framework's answer. */
final class OutstandingInverseOffer {
    final InverseOffer offer;
    final Agent agent;
    final Framework framework;
    Timetable.@Nullable Entry timeout;

    OutstandingInverseOffer(InverseOffer offer, Agent agent, Framework framework) {
        this.offer = offer;
        this.agent = agent;
        this.framework = framework;
    }

    OfferId id() {
        return offer.id();
    }
}
