package io.offerplane.engine;

import io.offerplane.engine.Timetable.Due;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that whoever needs much on one agent isn't starved by many that need little: small tasks take whatever one big task would have to wait for.
 * Who has been passed over for long, with others taking what was too little for it, gets an agent set aside, on which nothing new
 * begins but what it needs.
 *
 * <p>What somebody needs is known of those that ask, and of frameworks with a least of their own. Of others only that they hand back
 * all that they are offered: those get one whole agent, one of them at a time, and if that is handed back as well, no more until they show that they can use
 * something.
 */
final class Starvation {
    /** For whom agents are looked for in one round. */
    private static final int LOOKED_FOR = 32;

    private static final Duration LEAST_INTERVAL = Duration.ofSeconds(1);

    private final Cluster cluster;
    private final Eligibility eligibility;
    private final AskMatching asks;
    private final SetAsideRules rules;

    /** Who was passed over for the agent at hand. */
    private final List<Subscription> passed = new ArrayList<>();

    private int lookedFor;
    private boolean someoneWaits;

    Starvation(Cluster cluster, Eligibility eligibility, AskMatching asks) {
        this.cluster = cluster;
        this.eligibility = eligibility;
        this.asks = asks;
        rules = cluster.config.setAside();
    }

    // --- in a cycle

    /** Somebody is to be chosen. */
    void choose() {
        passed.clear();
    }

    /** It came first and there was nothing for it. */
    void passOver(Subscription subscription) {
        if (subscription.passedOverSince == null && rules.permille() > 0 && mayStarve(subscription)) {
            passed.add(subscription);
        }
    }

    private boolean mayStarve(Subscription subscription) {
        return subscription.framework.application != null
                || BackOff.isInVain(subscription)
                || subscription.hasOwnMinimum();
    }

    /** Somebody took of the agent: those who came before it could not. */
    void took(Subscription by, Agent agent, Resources resources) {
        for (Subscription subscription : passed) {
            if (subscription != by) {
                subscription.passedOverSince = cluster.now;
                beginAt(cluster.now.plus(rules.after()));
            }
        }
        passed.clear();
        SetAside setAside = agent.setAside;
        if (setAside != null && setAside.subscription() == by) {
            release(agent);
            by.endsWaiting();
        } else if (by.passedOverSince != null && isServed(by, resources)) {
            by.endsWaiting();
        }
    }

    /** Whether it has got as much as it waits for. */
    private static boolean isServed(Subscription by, Resources resources) {
        Application application = by.framework.application;
        if (application == null) {
            return by.hasOwnMinimum();
        }
        return application.asks.values().stream()
                .allMatch(pending -> resources.scalars().contains(pending.ask.size()));
    }

    // --- between cycles

    private void beginAt(Instant at) {
        if (cluster.setAsideRound == null) {
            cluster.setAsideRound = cluster.timetable.add(at, new Due.SetAsideRound());
        }
    }

    void round() {
        cluster.setAsideRound = null;
        settle();
        lookedFor = 0;
        someoneWaits = !cluster.setAsides.isEmpty();
        int most = rules.most(cluster.agents.size());
        cluster.roles.first(subscription -> {
            Instant since = subscription.passedOverSince;
            if (since == null) {
                return false;
            }
            someoneWaits = true;
            if (cluster.setAsides.size() >= most || lookedFor == LOOKED_FOR) {
                return true;
            }
            if (!cluster.now.isBefore(since.plus(rules.after()))) {
                lookedFor++;
                setAsideFor(subscription);
            }
            return false;
        });
        if (someoneWaits) {
            Duration interval = rules.after().dividedBy(4);
            beginAt(cluster.now.plus(interval.compareTo(LEAST_INTERVAL) < 0 ? LEAST_INTERVAL : interval));
        }
    }

    /** Lets go of agents that are kept in vain, or for nobody. */
    void settle() {
        int most = rules.most(cluster.agents.size());
        int kept = 0;
        for (Iterator<SetAside> all = cluster.setAsides.iterator(); all.hasNext(); ) {
            SetAside setAside = all.next();
            Agent agent = setAside.agent();
            Subscription subscription = setAside.subscription();
            boolean isOver = !cluster.now.isBefore(setAside.until());
            if (isOver) {
                Set<AgentId> vain = new LinkedHashSet<>(subscription.keptInVain);
                vain.add(agent.id);
                subscription.keptInVain = vain;
            }
            if (isOver
                    || kept == most
                    || !subscription.competing
                    || subscription.passedOverSince == null
                    || !agent.isOfferable()
                    || cluster.agents.get(agent.id) != agent) {
                all.remove();
                agent.setAside = null;
                cluster.agenda.visitAtOnce(agent);
                cluster.outbox.changed(agent);
            } else {
                kept++;
            }
        }
    }

    private void release(Agent agent) {
        cluster.setAsides.remove(agent.setAside);
        agent.setAside = null;
        cluster.outbox.changed(agent);
    }

    private void setAsideFor(Subscription subscription) {
        boolean isGuess = subscription.framework.application == null && !subscription.hasOwnMinimum();
        for (SetAside other : cluster.setAsides) {
            Subscription holder = other.subscription();
            if (holder == subscription
                    || (isGuess && holder.framework.application == null && !holder.hasOwnMinimum())) {
                return;
            }
        }
        Agent best = null;
        ResourceQuantities need = ResourceQuantities.EMPTY;
        double least = Double.POSITIVE_INFINITY;
        boolean isBestNew = false;
        for (Agent agent : cluster.agents.values()) {
            ResourceQuantities here = agent.isOfferable() && agent.setAside == null && agent.maintenance == null
                    ? need(subscription, agent)
                    : null;
            if (here == null) {
                continue;
            }
            double missing = missing(
                    here,
                    Eligibility.within(agent.ledger.available(), subscription).scalars());
            if (missing <= 0) {
                // It is not for want of room that it waits.
                subscription.endsWaiting();
                return;
            }
            boolean isNew = !subscription.keptInVain.contains(agent.id);
            if ((isNew && !isBestNew) || (isNew == isBestNew && missing < least)) {
                best = agent;
                need = here;
                least = missing;
                isBestNew = isNew;
            }
        }
        if (best == null) {
            // No agent would ever do, or a limit is in the way.
            subscription.endsWaiting();
        } else {
            SetAside setAside = new SetAside(best, subscription, need, cluster.now.plus(rules.patience()));
            best.setAside = setAside;
            cluster.setAsides.add(setAside);
            cluster.outbox.changed(best);
        }
    }

    /** What must be free on the agent to be of use, or null when it would be of none, were all of it free. */
    private @Nullable ResourceQuantities need(Subscription subscription, Agent agent) {
        Resources all = Eligibility.within(agent.ledger.total(), subscription);
        Application application = subscription.framework.application;
        ResourceQuantities need = application == null
                ? needOfOffer(subscription, agent, all)
                : asks.need(application, agent, all.free().scalars());
        return need == null || need.isEmpty() || isBeyondLimits(subscription, need) ? null : need;
    }

    private @Nullable ResourceQuantities needOfOffer(Subscription subscription, Agent agent, Resources all) {
        if (eligibility.forOne(subscription, agent, all, cluster.now) != null) {
            return null;
        }
        List<ResourceQuantities> minimums = subscription
                .framework
                .spec
                .offerRules()
                .minimum(subscription.role)
                .orElse(List.of());
        for (ResourceQuantities minimum : minimums) {
            if (all.scalars().contains(minimum)) {
                return minimum;
            }
        }
        ResourceQuantities whole = agent.ledger.total().free().scalars();
        return !minimums.isEmpty() || subscription.refusedWhole.contains(whole) ? null : whole;
    }

    private boolean isBeyondLimits(Subscription subscription, ResourceQuantities need) {
        for (int i = 0; i < need.size(); i++) {
            if (cluster.quotas.room(subscription.role, need.name(i)) < need.milliAt(i)) {
                return true;
            }
        }
        return false;
    }

    /** The largest part of any one resource that isn't there yet, 0 to 1. */
    private static double missing(ResourceQuantities need, ResourceQuantities room) {
        double most = 0;
        for (int i = 0; i < need.size(); i++) {
            long lacking = need.milliAt(i) - room.milli(need.name(i));
            if (lacking > 0) {
                most = Math.max(most, (double) lacking / need.milliAt(i));
            }
        }
        return most;
    }
}
