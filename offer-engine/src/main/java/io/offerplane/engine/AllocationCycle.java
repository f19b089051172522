package io.offerplane.engine;

import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.resource.Resources;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One pass over agents that may have something for somebody. All that a framework in a role may have of an agent goes to the first
 * in fair order that no rule keeps it from; what that one may not have, to the next. Mesos' hierarchical allocator, its second stage.
 */
final class AllocationCycle {
    private final Cluster cluster;
    private final OfferBook offers;
    private final Eligibility eligibility;
    private final RandomGenerator random;
    private int passedOver;

    AllocationCycle(Cluster cluster, OfferBook offers, Eligibility eligibility, RandomGenerator random) {
        this.cluster = cluster;
        this.offers = offers;
        this.eligibility = eligibility;
        this.random = random;
    }

    void run() {
        // 1. The agents that changed, in an order that favours none of them over many cycles.
        List<Agent> candidates = cluster.agenda.take(cluster.now);
        shuffle(candidates);
        // 2. Each to whoever is furthest below the fair share by then: every offer counts for the next.
        passedOver = 0;
        int made = 0;
        Map<Framework, List<Offer>> byFramework = new LinkedHashMap<>();
        for (Agent agent : candidates) {
            // What is reserved for others is left over by the first, so the agent goes on to the next.
            for (OutstandingOffer offer = offer(agent); offer != null; offer = offer(agent)) {
                byFramework
                        .computeIfAbsent(offer.framework(), f -> new ArrayList<>())
                        .add(offer.offer);
                cluster.outbox.changed(agent);
                made++;
            }
        }
        // 3. One message for each framework.
        byFramework.forEach((framework, sent) -> {
            cluster.outbox.add(new Effect.SendOffers(framework.id, sent));
            cluster.outbox.changed(framework);
        });
        cluster.outbox.add(new Effect.CycleFinished(candidates.size(), made, passedOver));
    }

    private @Nullable OutstandingOffer offer(Agent agent) {
        Resources available = agent.ledger.available();
        if (eligibility.forAll(agent, available) != null) {
            return null;
        }
        Subscription chosen = cluster.roles.first(subscription -> {
            boolean suits =
                    eligibility.forOne(subscription, agent, Eligibility.within(available, subscription), cluster.now)
                            == null;
            passedOver += suits ? 0 : 1;
            return suits;
        });
        return chosen == null ? null : offers.make(agent, chosen, Eligibility.within(available, chosen));
    }

    /** Fisher and Yates, from the order of arrival: the same seed gives the same order on any machine. */
    private void shuffle(List<Agent> agents) {
        for (int i = agents.size() - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            Agent swapped = agents.get(i);
            agents.set(i, agents.get(j));
            agents.set(j, swapped);
        }
    }
}
