package io.offerplane.engine;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.fairness.Client;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.RolePath;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A framework in one role: what competes for offers and what is charged for tasks. It outlives the framework's wish for the role
 * for as long as tasks are charged to it.
 */
final class Subscription extends Client {
    final Framework framework;
    final RolePath role;

    /** Agents on which it has filters. */
    final Set<Agent> filteredOn = new LinkedHashSet<>();

    /** Where it stands in the tree as long as it is in there; kept by {@link RoleTree}. */
    @Nullable
    RoleNode node;

    /** What its user holds in this role; kept by {@link RoleTree}. */
    @Nullable
    UserAccount user;

    /** How many cycles in a row offered it something that it handed back; kept by {@link BackOff}, as are the next two. */
    int inVain;

    @Nullable
    Instant lastInVain;

    @Nullable
    Instant restsUntil;

    /** Since when others have taken what was too little for it; null while it isn't passed over. Kept by {@link Starvation}. */
    @Nullable
    Instant passedOverSince;

    /** All that the largest agent has that it handed back whole; kept by {@link BackOff}. */
    ResourceQuantities refusedWhole = ResourceQuantities.EMPTY;

    /** Agents that were set aside for it and never had the room, since it was served last. */
    Set<AgentId> keptInVain = Set.of();

    boolean wanted;
    boolean suppressed;

    /** Whether it stands in the sorter; kept by {@link RoleTree}. */
    boolean competing;

    Subscription(Framework framework, RolePath role) {
        super(framework.id.value());
        this.framework = framework;
        this.role = role;
    }

    /** Whether others come before it for now. */
    boolean rests(Instant now) {
        return restsUntil != null && now.isBefore(restsUntil);
    }

    /** Whether its framework has said what it needs at least. */
    boolean hasOwnMinimum() {
        return framework.spec.offerRules().hasMinimum(role);
    }

    /** It has got what it waited for, or waits no more. */
    void endsWaiting() {
        passedOverSince = null;
        keptInVain = Set.of();
    }

    boolean shouldCompete() {
        return wanted
                && !suppressed
                && framework.connected
                && (framework.application == null
                        || (framework.application.admitted && framework.application.hasDemand()));
    }
}
