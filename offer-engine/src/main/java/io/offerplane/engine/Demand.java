package io.offerplane.engine;

import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.RolePath;
import org.jspecify.annotations.Nullable;

/** Whether somebody in a role wants more than it has, and how much as far as that is known. */
final class Demand {
    private final Cluster cluster;

    Demand(Cluster cluster) {
        this.cluster = cluster;
    }

    /**
     * @param asked what is asked for in all; of no account when somebody waits for offers, as nobody knows how much that one wants
     * @param unit the least that is of use on one agent, empty when anything is
     */
    record Wanted(ResourceQuantities asked, boolean isOpen, ResourceQuantities unit) {
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
                    }
                }
                isWanted = true;
            }
        }
        return isWanted ? new Wanted(asked, isOpen, isOpen ? ResourceQuantities.EMPTY : unit) : null;
    }
}
