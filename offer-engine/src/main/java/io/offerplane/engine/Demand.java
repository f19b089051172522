package io.offerplane.engine;

import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.RolePath;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Whether somebody in a role wants more than it has, and how much as far as that is known. */
final class Demand {
    private final Cluster cluster;
    private final AskMatching asks;

    Demand(Cluster cluster, AskMatching asks) {
        this.cluster = cluster;
        this.asks = asks;
    }

    /**
     * @param asked what is asked for in all; of no account when somebody waits for offers, as nobody knows how much that one wants
     * @param unit the least that is of use on one agent, empty when anything is
     * @param suits whether room on the agent is of use to any who want it: some want certain hosts only, or keep apart
     */
    record Wanted(ResourceQuantities asked, boolean isOpen, ResourceQuantities unit, Predicate<Agent> suits) {
        /** As much of it as is wanted. */
        ResourceQuantities within(ResourceQuantities most) {
            return isOpen ? most : most.common(asked);
        }
    }

    /** Null when nobody in the role or below wants anything. */
    @Nullable
    Wanted of(RolePath role) {
        ResourceQuantities asked = ResourceQuantities.EMPTY;
        ResourceQuantities unit = ResourceQuantities.EMPTY;
        boolean isOpen = false;
        boolean isWanted = false;
        List<Predicate<Agent>> places = new ArrayList<>();
        for (RoleNode node : cluster.roles.nodes()) {
            if (!role.includes(node.role)) {
                continue;
            }
            for (Subscription subscription : node.leaf.members.values()) {
                if (!subscription.competing || subscription.rests(cluster.now)) {
                    continue;
                }
                Application application = subscription.framework.application;
                if (application == null) {
                    isOpen = true;
                } else {
                    for (PendingAsk pending : application.asks.values()) {
                        asked = asked.plus(pending.ask.size().times(pending.left()));
                        unit = unit.isEmpty() ? pending.ask.size() : unit;
                        places.add(agent -> asks.mightSuit(application, pending, agent));
                    }
                }
                isWanted = true;
            }
        }
        if (!isWanted) {
            return null;
        }
        return isOpen
                ? new Wanted(asked, true, ResourceQuantities.EMPTY, agent -> true)
                : new Wanted(asked, false, unit, agent -> places.stream().anyMatch(place -> place.test(agent)));
    }
}
