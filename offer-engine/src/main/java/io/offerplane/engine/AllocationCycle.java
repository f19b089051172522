package io.offerplane.engine;

import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.resource.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One pass over agents that may have something for somebody. All that a framework in a role may have of an agent goes to the first
 * in fair order that no rule keeps it from; what that one may not have, to the next. With quotas,
 * those who lack what they are guaranteed come first. The two stages of Mesos' hierarchical allocator.
 */
final class AllocationCycle implements Allowance {
    /** How many agents are read at a time. */
    private static final int GROUP = 16;

    private final Cluster cluster;
    private final OfferBook offers;
    private final Eligibility eligibility;
    private final RandomGenerator random;
    private final AskMatching asks;
    private final AskRound askRound;
    private final Starvation starvation;
    private final UserLimits userLimits;
    private final Invariants invariants;

    /** Those who have a {@link Framework#batch}, in the order in which they got it. */
    private final List<Framework> receivers = new ArrayList<>();

    private @Nullable Headroom headroom;
    private AskMatching.@Nullable Match match;
    /** Whether some rest and others don't: if all do, nobody comes before anybody. */
    private boolean resting;

    private int passedOver;
    private int made;

    AllocationCycle(
            Cluster cluster,
            OfferBook offers,
            Eligibility eligibility,
            AskMatching asks,
            Starvation starvation,
            RandomGenerator random,
            Invariants invariants) {
        this.starvation = starvation;
        userLimits = new UserLimits(cluster);
        this.cluster = cluster;
        this.offers = offers;
        this.eligibility = eligibility;
        this.random = random;
        this.invariants = invariants;
        this.asks = asks;
        askRound = new AskRound(cluster, asks, random);
    }

    void run() {
        // 1. The agents that changed, in an order that favours none of them over many cycles.
        List<Agent> candidates = cluster.agenda.take(cluster.now);
        shuffle(candidates);
        // 2. Each to whoever is furthest below the fair share by then: every offer counts for the next.
        passedOver = 0;
        made = 0;
        headroom = cluster.quotas.isEmpty()
                        || (candidates.isEmpty() && cluster.agenda.asking().isEmpty())
                ? null
                : new Headroom(cluster);
        resting = cluster.resting > 0 && !candidates.isEmpty() && someRestAndOthersDoNot();
        if (headroom != null && headroom.hasNeeds()) {
            // First those who lack what they are guaranteed, and only what helps that.
            candidates.forEach(agent -> offerAll(agent, true));
        }
        for (int i = 0; i < candidates.size(); i++) {
            if (i % GROUP == 0) {
                readAhead(candidates, i);
            }
            offerAll(candidates.get(i), false);
        }
        // 3. Whoever has asked for something new, from what the other agents have left.
        starvation.choose();
        askRound.run(this, !candidates.isEmpty());
        // 4. One message for each framework.
        asks.tell();
        for (Framework framework : receivers) {
            cluster.outbox.add(new Effect.SendOffers(framework.id, batch(framework)));
            cluster.outbox.changed(framework);
            framework.batch = null;
        }
        receivers.clear();
        // 5. Whoever holds something of an agent that is to be away is asked to leave it.
        offers.inverse().ask(candidates);
        cluster.outbox.add(new Effect.CycleFinished(candidates.size(), made, passedOver));
    }

    /** Agents lie all over the heap. Asked for some at a time, memory brings all of them in about the time that it takes to bring one. */
    private void readAhead(List<Agent> candidates, int from) {
        int to = Math.min(candidates.size(), from + GROUP);
        long read = 0;
        for (int i = from; i < to; i++) {
            Agent agent = candidates.get(i);
            read += agent.changedIn + (agent.isOfferable() && agent.setAside == null ? 1 : 0);
        }
        for (int i = from; i < to; i++) {
            read += candidates.get(i).ledger.moves();
        }
        read += cluster.roles.readAhead(to - from);
        if (read < 0) {
            // What is read and not looked at is not read.
            throw new InvariantViolation("agents " + from + " to " + to + " have less than nothing");
        }
    }

    private boolean someRestAndOthersDoNot() {
        boolean some = false;
        boolean others = false;
        for (Framework framework : cluster.frameworks.all()) {
            for (Subscription subscription : framework.subscriptions.values()) {
                if (subscription.competing) {
                    boolean rests = subscription.rests(cluster.now);
                    some |= rests;
                    others |= !rests;
                    if (some && others) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** What is reserved for others, or not the first one's to have, is left over by it, so the agent goes on to the next. */
    private void offerAll(Agent agent, boolean guaranteed) {
        int madeBefore = made;
        while (giveSome(agent, guaranteed)) {
            cluster.outbox.changed(agent);
            made++;
        }
        if (mayBeLimited()
                && !guaranteed
                && agent.isOfferable()
                && !agent.ledger.available().isEmpty()) {
            cluster.agenda.holdBack(agent);
        }
        if (made > madeBefore) {
            // At once, while all of it is at hand: to come back to each of many agents costs more than the check.
            invariants.check(agent);
        }
    }

    private boolean mayBeLimited() {
        return headroom != null || !cluster.policies.isEmpty();
    }

    @Override
    public void unserved(Framework framework) {
        if (mayBeLimited()) {
            cluster.agenda.holdBackAsks(framework);
        }
    }

    private List<Offer> batch(Framework framework) {
        List<Offer> batch = framework.batch;
        if (batch == null) {
            batch = new ArrayList<>();
            framework.batch = batch;
            receivers.add(framework);
        }
        return batch;
    }

    /** To the first in fair order that may have some: all of that as an offer, or one container of what it has asked for. */
    private boolean giveSome(Agent agent, boolean guaranteed) {
        Resources available = agent.ledger.available();
        if (eligibility.forAll(agent, available) != null) {
            return false;
        }
        match = null;
        starvation.choose();
        Subscription chosen = cluster.roles.first(subscription ->
                !leavesToOthers(subscription, guaranteed) && mayHave(subscription, agent, available, guaranteed));
        if (chosen == null && resting) {
            // What nobody else wants.
            chosen = cluster.roles.first(subscription ->
                    subscription.rests(cluster.now) && mayHave(subscription, agent, available, guaranteed));
        }
        if (chosen == null) {
            return false;
        }
        Application application = chosen.framework.application;
        if (application != null && match != null) {
            Resources size = match.ask().size;
            asks.grant(chosen, application, match);
            took(chosen, agent, size);
            return true;
        }
        OutstandingOffer offer = offers.make(agent, chosen, offerable(chosen, agent, available, guaranteed));
        batch(chosen.framework).add(offer.offer);
        took(chosen, agent, offer.offer.resources());
        return true;
    }

    /** Whether others come before it for now: it may be that all it was offered was too small. */
    private boolean leavesToOthers(Subscription subscription, boolean guaranteed) {
        boolean leaves = resting && subscription.rests(cluster.now);
        if (leaves && !guaranteed) {
            starvation.passOver(subscription);
        }
        return leaves;
    }

    private boolean mayHave(Subscription subscription, Agent agent, Resources available, boolean guaranteed) {
        boolean suits = suits(subscription, agent, offerable(subscription, agent, available, guaranteed));
        if (!suits) {
            passedOver++;
            if (!guaranteed) {
                starvation.passOver(subscription);
            }
        }
        return suits;
    }

    private boolean suits(Subscription subscription, Agent agent, Resources offerable) {
        Application application = subscription.framework.application;
        if (application == null) {
            return eligibility.forOne(subscription, agent, offerable, cluster.now) == null;
        }
        match = asks.find(application, agent, offerable);
        return match != null;
    }

    @Override
    public Resources of(Subscription subscription, Resources available) {
        return offerable(subscription, available, false);
    }

    @Override
    public Resources of(Subscription subscription, Agent agent) {
        return offerable(subscription, agent, agent.ledger.available(), false);
    }

    @Override
    public void passedOver(Subscription subscription) {
        starvation.passOver(subscription);
    }

    @Override
    public void took(Subscription subscription, Agent agent, Resources resources) {
        starvation.took(subscription, agent, resources);
        if (headroom != null) {
            headroom.took(subscription, resources);
        }
    }

    /** Of an agent that is set aside, nobody else gets more than what is reserved for it, or lacking of what it is guaranteed. */
    private Resources offerable(Subscription subscription, Agent agent, Resources available, boolean guaranteed) {
        SetAside setAside = agent.setAside;
        return offerable(
                subscription,
                setAside == null || guaranteed ? available : setAside.leaves(subscription, available),
                guaranteed);
    }

    private Resources offerable(Subscription subscription, Resources available, boolean guaranteed) {
        if (guaranteed && headroom != null && !headroom.lacks(subscription.role)) {
            return Resources.EMPTY;
        }
        Resources within = Eligibility.within(available, subscription);
        Resources granted = headroom == null ? within : headroom.grant(subscription, within, guaranteed);
        return cluster.policies.isEmpty() ? granted : userLimits.grant(subscription, granted);
    }

    /**
     * Fisher and Yates, from the order of arrival: the same seed gives the same order on any machine. Groups of neighbours are shuffled, and the
     * members of each, as those who arrived together lie together in memory, and come from there together; where groups begin differs from
     * cycle to cycle.
     */
    private void shuffle(List<Agent> agents) {
        int size = agents.size();
        if (size <= GROUP) {
            shuffle(agents, 0, size);
            return;
        }
        // In a ring, so that the group that is smaller than the others may be anywhere: its members are first more
        // often than others in that cycle.
        int offset = random.nextInt(size);
        int[] groups = new int[(size + GROUP - 1) / GROUP];
        for (int i = 0; i < groups.length; i++) {
            int j = random.nextInt(i + 1);
            groups[i] = groups[j];
            groups[j] = i;
        }
        List<Agent> arrived = List.copyOf(agents);
        int placed = 0;
        for (int group : groups) {
            int begin = placed;
            int end = Math.min(size, (group + 1) * GROUP);
            for (int i = group * GROUP; i < end; i++) {
                int place = i + offset;
                agents.set(placed++, arrived.get(place < size ? place : place - size));
            }
            shuffle(agents, begin, placed);
        }
    }

    private void shuffle(List<Agent> agents, int from, int to) {
        for (int i = to - 1; i > from; i--) {
            int j = from + random.nextInt(i - from + 1);
            Agent swapped = agents.get(i);
            agents.set(i, agents.get(j));
            agents.set(j, swapped);
        }
    }
}
