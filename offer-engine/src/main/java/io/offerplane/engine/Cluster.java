package io.offerplane.engine;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.RolePath;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Everything the engine knows: the books that its parts share. Changed under {@link OfferEngine#apply} only. */
final class Cluster {
    /** Of agents that are gone for good; the oldest are let go, as their nodes' objects are by then. */
    private static final int GONE_AGENTS_KEPT = 100_000;

    final EngineConfig config;
    final Timetable timetable = new Timetable();
    final Agenda agenda;
    final FilterTable filters;
    final RoleTree roles;
    final QuotaBook quotas;
    final FrameworkBook frameworks;
    final ReclaimPolicies reclaims = new ReclaimPolicies();
    final QueuePolicies policies = new QueuePolicies();

    /** How many subscriptions have rested since they last made use of anything; kept by {@link BackOff}. */
    int resting;

    /** The next time that guarantees are looked after; null as long as there are none. */
    Timetable.@Nullable Entry reclaimRound;

    /** Agents that are kept for somebody, oldest first. */
    final List<SetAside> setAsides = new ArrayList<>();

    /** The next time that those are looked after who are passed over; null as long as nobody is. */
    Timetable.@Nullable Entry setAsideRound;

    final MaintenanceBook maintenance = new MaintenanceBook();

    /** In order of arrival. */
    final Map<AgentId, Agent> agents = new LinkedHashMap<>();

    final AgentKinds kinds = new AgentKinds();
    final Set<AgentId> goneAgents = new LinkedHashSet<>();
    final OfferTable offers = new OfferTable();
    final Outbox outbox = new Outbox();

    /** The time of the command at hand. */
    Instant now = Instant.MIN;

    Cluster(EngineConfig config) {
        this.config = config;
        this.roles = new RoleTree(config.fairSharingExcluded(), policies);
        this.quotas = new QuotaBook(roles);
        this.agenda = new Agenda(config.allocationInterval());
        this.filters = new FilterTable(timetable, agenda, config.allocationInterval());
        this.frameworks = new FrameworkBook(config);
    }

    /** The agent, if it is one that tasks can be on: known, and not given up as unreachable. */
    @Nullable
    Agent reachable(AgentId id) {
        Agent agent = agents.get(id);
        return agent != null && agent.isCounted() ? agent : null;
    }

    /** The agent's total counts from here on. */
    void count(Agent agent) {
        roles.totals.add(agent.ledger.total().scalars());
        quotas.count(agent.ledger.total());
        agenda.quotasMoved();
    }

    /** The agent's total counts no longer. */
    void discount(Agent agent) {
        roles.totals.subtract(agent.ledger.total().scalars());
        quotas.discount(agent.ledger.total());
        agenda.quotasMoved();
    }

    /** Some of what is available on an agent comes to be on other terms. */
    void change(Agent agent, ResourceChange change) {
        agent.change(change);
        quotas.discount(change.consumed());
        quotas.count(change.converted());
        agenda.quotasMoved();
        outbox.changed(agent);
        if (change.endsVolumes()) {
            outbox.add(agent.keptVolumes());
        }
    }

    /** What counts towards the role's quota without what is only offered: that can be taken back. */
    ResourceQuantities heldFor(RolePath role) {
        ResourceQuantities held = quotas.consumed(role);
        for (OutstandingOffer offer : offers) {
            if (role.includes(offer.subscription.role)) {
                held = held.minus(offer.offer.resources().unreserved());
            }
        }
        return held;
    }

    /** Takes resources off a subscription's account. */
    void release(Subscription subscription, Resources resources) {
        roles.release(subscription, resources);
        agenda.quotasMoved();
        forgetIfIdle(subscription);
    }

    /** Lets go of a subscription that nobody wants and nothing is charged to. */
    void forgetIfIdle(Subscription subscription) {
        if (!subscription.wanted && !subscription.competing && subscription.holdsNothing()) {
            roles.remove(subscription);
            subscription.framework.subscriptions.remove(subscription.role, subscription);
        }
    }

    void recordGone(AgentId id) {
        goneAgents.add(id);
        if (goneAgents.size() > GONE_AGENTS_KEPT) {
            goneAgents.remove(goneAgents.iterator().next());
        }
    }
}
