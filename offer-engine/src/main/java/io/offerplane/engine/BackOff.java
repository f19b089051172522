package io.offerplane.engine;

import io.offerplane.engine.resource.ResourceQuantities;
import java.time.Duration;

/**
 * Who hands back all that it is offered, cycle after cycle, has no use for it: others come before it for a while, which doubles each time
 * and is never long. It loses nothing that nobody else wants, and is in its old place again as soon as it launches anything or revives.
 *
 * <p>Mesos has no such rule: there, frameworks that are done keep the lowest share and are offered everything first for ever.
 */
final class BackOff {
    /** Fewer may be chance: an agent that was too small, a scheduler that has just started. */
    private static final int IN_A_ROW = 5;

    private static final int DOUBLINGS = 5;

    private final Cluster cluster;
    private final Duration interval;

    BackOff(Cluster cluster) {
        this.cluster = cluster;
        interval = cluster.config.allocationInterval();
    }

    /** An offer has come back whole. */
    void handedBack(OutstandingOffer offer) {
        Subscription subscription = offer.subscription;
        if (offer.agent.offers.isEmpty() && offer.agent.ledger.allocated().isEmpty()) {
            refusedWhole(subscription, offer.agent.ledger.total().free().scalars());
        }
        // What one cycle offered counts once.
        if (offer.offer.madeAt().equals(subscription.lastInVain)) {
            return;
        }
        subscription.lastInVain = offer.offer.madeAt();
        subscription.inVain++;
        if (subscription.inVain >= IN_A_ROW) {
            int doublings = Math.min(subscription.inVain - IN_A_ROW, DOUBLINGS);
            cluster.resting += subscription.restsUntil == null ? 1 : 0;
            subscription.restsUntil = cluster.now.plus(interval.multipliedBy(1L << doublings));
        }
    }

    /** As it has no use for a whole agent, it doesn't wait for a larger part of one. */
    private static void refusedWhole(Subscription subscription, ResourceQuantities whole) {
        if (!subscription.refusedWhole.contains(whole)) {
            subscription.refusedWhole = whole;
        }
    }

    /** Whether it has lately handed back all that it was offered. */
    static boolean isInVain(Subscription subscription) {
        return subscription.inVain >= IN_A_ROW;
    }

    /** It has made use of an offer, or says that it will. */
    void forget(Subscription subscription) {
        subscription.endsWaiting();
        subscription.refusedWhole = ResourceQuantities.EMPTY;
        subscription.inVain = 0;
        subscription.lastInVain = null;
        cluster.resting -= subscription.restsUntil == null ? 0 : 1;
        subscription.restsUntil = null;
    }
}
