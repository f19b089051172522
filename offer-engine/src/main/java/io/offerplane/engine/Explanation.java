package io.offerplane.engine;

import io.offerplane.engine.offer.Rejection;
import io.offerplane.engine.offer.Rejection.Reason;
import io.offerplane.engine.resource.Amounts;
import io.offerplane.engine.resource.Resources;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Says why a framework has no offer of an agent, by asking the very rules that the cycle asked. An agent that nobody took is judged
 * alike until it is on the agenda again, so the answer is that of its last cycle, and nothing has to be written down in one.
 */
final class Explanation {
    private static final int PER_SUBSCRIPTION = 16;
    private static final int LOOKED_AT = 256;
    private static final int IN_ALL = 1024;

    private final Cluster cluster;
    private final Eligibility eligibility;
    private final AskMatching asks;
    private final UserLimits limits;
    private @Nullable Headroom headroom;

    Explanation(Cluster cluster, Eligibility eligibility, AskMatching asks) {
        this.asks = asks;
        limits = new UserLimits(cluster);
        this.cluster = cluster;
        this.eligibility = eligibility;
    }

    /** Quotas are judged as they stand now. Before anything is asked. */
    void begin() {
        headroom = cluster.quotas.isEmpty() ? null : new Headroom(cluster);
    }

    /** Up to 16 of the first 256 agents for each framework in each role that competes, and 1,024 in all. */
    List<Rejection> rejections() {
        List<Rejection> found = new ArrayList<>();
        for (Framework framework : cluster.frameworks.all()) {
            for (Subscription subscription : framework.subscriptions.values()) {
                if (subscription.competing) {
                    explain(subscription, Math.min(IN_ALL, found.size() + PER_SUBSCRIPTION), found);
                }
            }
        }
        return found;
    }

    private void explain(Subscription subscription, int until, List<Rejection> found) {
        int lookedAt = 0;
        for (Agent agent : cluster.agents.values()) {
            if (found.size() >= until || lookedAt++ == LOOKED_AT) {
                return;
            }
            Reason reason = reason(subscription, agent);
            if (reason != null) {
                Resources available = agent.ledger.available();
                found.add(new Rejection(
                        subscription.framework.id,
                        subscription.role,
                        agent.id,
                        reason,
                        available,
                        detail(reason, agent, available)));
            }
        }
    }

    /** What keeps the agent from the framework in this role, or null where nothing does, or it has it on offer. */
    @Nullable
    Reason reason(Subscription subscription, Agent agent) {
        Reason reason = reasonBesideSettingAside(subscription, agent);
        if (reason == null && isUserAtLimit(subscription, agent)) {
            return Reason.USER_LIMIT;
        }
        SetAside setAside = agent.setAside;
        return reason == null && setAside != null && setAside.subscription() != subscription
                ? Reason.SET_ASIDE
                : reason;
    }

    private boolean isUserAtLimit(Subscription subscription, Agent agent) {
        Resources within = Eligibility.within(agent.ledger.available(), subscription);
        return !limits.grant(subscription, within).contains(within);
    }

    private @Nullable Reason reasonBesideSettingAside(Subscription subscription, Agent agent) {
        if (agent.offers.stream().anyMatch(offer -> offer.subscription == subscription)) {
            return null;
        }
        Resources available = agent.ledger.available();
        Reason forAll = eligibility.forAll(agent, available);
        Application application = subscription.framework.application;
        if (application != null) {
            return forAll == Reason.AGENT_INACTIVE ? forAll : ofAsk(subscription, application, agent, available);
        }
        if (forAll == Reason.BELOW_MINIMUM && !agent.offers.isEmpty()) {
            Reason own = eligibility.forOne(
                    subscription, agent, Eligibility.within(agent.ledger.offered(), subscription), cluster.now);
            return own == null ? Reason.LOST_TO_LOWER_SHARE : own;
        }
        return forAll != null ? forAll : forOne(subscription, agent, available);
    }

    private @Nullable Reason forOne(Subscription subscription, Agent agent, Resources available) {
        Resources within = Eligibility.within(available, subscription);
        Reason reason = eligibility.forOne(subscription, agent, within, cluster.now);
        if (reason != null || headroom == null) {
            return reason;
        }
        Resources granted = headroom.grant(subscription, within, false);
        Reason chopped = eligibility.forOne(subscription, agent, granted, cluster.now);
        if (chopped != Reason.RESERVED_FOR_OTHERS) {
            return chopped;
        }
        return headroom.limits(subscription.role, within) ? Reason.QUOTA_LIMIT : Reason.HELD_FOR_GUARANTEES;
    }

    private @Nullable Reason ofAsk(
            Subscription subscription, Application application, Agent agent, Resources available) {
        Resources within = Eligibility.within(available, subscription);
        Reason reason = asks.reason(application, agent, within);
        if (reason != null || headroom == null) {
            return reason;
        }
        Reason chopped = asks.reason(application, agent, headroom.grant(subscription, within, false));
        if (chopped != Reason.ASK_DOES_NOT_FIT) {
            return chopped;
        }
        return headroom.limits(subscription.role, within) ? Reason.QUOTA_LIMIT : Reason.HELD_FOR_GUARANTEES;
    }

    private static String setAsideFor(Agent agent) {
        SetAside setAside = agent.setAside;
        return setAside == null
                ? ""
                : " for " + setAside.subscription().framework.id + " in role " + setAside.subscription().role
                        + ", which waits for ["
                        + Resources.of(new Amounts(
                                setAside.need(), Collections.emptySortedMap(), Collections.emptySortedMap()))
                        + "] on one agent, until " + setAside.until();
    }

    private static String detail(Reason reason, Agent agent, Resources available) {
        return switch (reason) {
            case AGENT_INACTIVE ->
                agent.down
                        ? "the agent's machine is down for maintenance"
                        : agent.deactivated
                                ? "the agent is deactivated"
                                : agent.cordoned
                                        ? "the agent's node is cordoned"
                                        : "the agent is " + agent.phase.name().toLowerCase(Locale.ROOT);
            case BELOW_MINIMUM ->
                "of " + agent.ledger.total() + ", tasks hold " + agent.ledger.allocated() + "; what is left, ["
                        + available + "], is too little to offer";
            case RESERVED_FOR_OTHERS ->
                "of what is left, [" + available + "], too little is free or reserved for its role";
            case QUOTA_LIMIT -> "a limit of its role, or of one above it, leaves no room for [" + available + "]";
            case USER_LIMIT -> "its user holds as much of its role as the role lets one user have";
            case MASTER_LIMIT -> "masters of applications hold as much of its role as the role lets them have";
            case HELD_FOR_GUARANTEES ->
                "what is left, [" + available + "], is held back for roles that lack what they are guaranteed";
            case SET_ASIDE -> "the agent is set aside" + setAsideFor(agent);
            case GPU_UNAWARE -> "the agent has gpus and the framework lacks GPU_RESOURCES";
            case REGION_UNAWARE -> "the agent is in another region and the framework lacks REGION_AWARE";
            case OFFER_CONSTRAINTS -> "the agent meets no group of the framework's offer constraints";
            case FILTERED -> "it refused as much here, and its refuse time still runs";
            case AVOIDED_BY_APPLICATION -> "the application has named this host as one to avoid";
            case ASK_DOES_NOT_FIT -> "what is left, [" + available + "], is less than one container that is asked for";
            case WAITS_FOR_LOCALITY -> "the ask still waits for a host or rack that it named";
            case PLACEMENT_CONSTRAINTS -> "the agent, or what runs there, is not what the ask demands";
            case GANG_INCOMPLETE -> "there is no room for all containers of the gang at once";
            case LOST_TO_LOWER_SHARE ->
                "offered to "
                        + agent.offers.stream()
                                .map(offer -> offer.framework().id + " in role " + offer.subscription.role)
                                .distinct()
                                .reduce((left, right) -> left + " and " + right)
                                .orElse("nobody");
        };
    }
}
