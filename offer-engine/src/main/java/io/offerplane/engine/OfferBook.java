package io.offerplane.engine;

import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.resource.Resources;
import java.util.List;
import java.util.Optional;

/** Makes offers and ends them, with everything that keeps count of them. */
final class OfferBook {
    private final Cluster cluster;
    private final InverseOffers inverse;
    private long nextNumber;

    OfferBook(Cluster cluster) {
        this.cluster = cluster;
        this.inverse = new InverseOffers(cluster, this::nextId);
    }

    /** The offers that ask for agents back. */
    InverseOffers inverse() {
        return inverse;
    }

    private OfferId nextId() {
        return new OfferId(cluster.config.termId() + "-O" + nextNumber++);
    }

    /** Of what the next id is counted. */
    long nextNumber() {
        return nextNumber;
    }

    void continueFrom(long number) {
        nextNumber = number;
    }

    OutstandingOffer make(Agent agent, Subscription subscription, Resources resources) {
        OfferId id = nextId();
        AgentMaintenance maintenance = agent.maintenance;
        Framework framework = subscription.framework;
        OutstandingOffer offer = new OutstandingOffer(
                new Offer(
                        id,
                        framework.id,
                        subscription.role,
                        agent.id,
                        agent.spec,
                        resources,
                        maintenance == null ? Optional.empty() : Optional.of(maintenance.unavailability),
                        cluster.now),
                agent,
                subscription);
        agent.ledger.offer(resources);
        cluster.roles.charge(subscription, resources);
        cluster.agenda.quotasMoved();
        cluster.offers.add(offer);
        agent.add(offer);
        framework.offers.add(offer);
        framework.offersSent++;
        cluster.config
                .offerTimeout()
                .ifPresent(timeout -> offer.timeout =
                        cluster.timetable.add(cluster.now.plus(timeout), new Timetable.Due.OfferTimeout(offer)));
        return offer;
    }

    /** Takes the offer off the books; its resources are the caller's to give to tasks, and the rest to {@link #giveBack}. */
    void close(OutstandingOffer offer) {
        cluster.timetable.cancel(offer.timeout);
        cluster.offers.remove(offer.id());
        offer.agent.remove(offer);
        offer.framework().offers.remove(offer);
        offer.agent.ledger.endOffer(offer.offer.resources());
        cluster.outbox.changed(offer.framework());
        cluster.outbox.changed(offer.agent);
    }

    /** What is left of a closed offer is nobody's again; the next interval's cycle may offer it. */
    void giveBack(Agent agent, Subscription subscription, Resources resources) {
        cluster.release(subscription, resources);
        cluster.agenda.visitAtInterval(agent);
    }

    /** Ends an offer without a word to its framework. */
    void discard(OutstandingOffer offer) {
        close(offer);
        giveBack(offer.agent, offer.subscription, offer.offer.resources());
    }

    /** Ends an offer and tells its framework. */
    void rescind(OutstandingOffer offer) {
        discard(offer);
        Framework framework = offer.framework();
        framework.offersRescinded++;
        cluster.outbox.add(new Effect.RescindOffer(framework.id, offer.id()));
    }

    /** Takes back what is offered of the agent, and what asks for it back. */
    void rescindAll(Agent agent) {
        agent.offers.forEach(this::rescind);
        inverse.rescindAll(agent);
    }

    void rescindAll() {
        List.copyOf(cluster.offers).forEach(this::rescind);
    }

    void discardAll(Framework framework) {
        List.copyOf(framework.offers).forEach(this::discard);
        inverse.discardAll(framework);
    }
}
