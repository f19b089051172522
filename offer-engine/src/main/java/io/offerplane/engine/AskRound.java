package io.offerplane.engine;

import io.offerplane.engine.AskMatching.Match;
import io.offerplane.engine.ask.Locality;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The part of a cycle that starts from what was asked anew rather than from agents that changed: nobody else wants what agents have left
 * that did not change, so whoever asks anew is served from all of them, in fair order, container by container.
 */
final class AskRound {
    private final Cluster cluster;
    private final AskMatching matching;
    private final RoomIndex room;
    private final RandomGenerator random;
    private int cursor;
    private @Nullable Match found;

    AskRound(Cluster cluster, AskMatching matching, RandomGenerator random) {
        this.cluster = cluster;
        this.matching = matching;
        this.random = random;
        room = new RoomIndex(cluster.agenda);
    }

    /**
     * Serves all that was asked anew.
     *
     * @param agentsChanged whether there is more, or other, room than in the last cycle
     */
    void run(Allowance allowance, boolean agentsChanged) {
        Set<Framework> asking = cluster.agenda.takeAsks();
        asking.forEach(AskRound::wantsAnew);
        if (agentsChanged && cluster.roles.waiting() > 0) {
            // What one agent has gained may be what a gang lacked.
            cluster.frameworks.all().stream().filter(AskRound::hasGang).forEach(asking::add);
        }
        if (asking.isEmpty() || cluster.agents.isEmpty()) {
            return;
        }
        room.refresh();
        // Another place to begin each time, so that the first agents are no busier than the last.
        cursor = random.nextInt(room.size());
        for (Framework framework : asking) {
            gangs(framework, allowance);
        }
        Subscription chosen = next(allowance);
        while (chosen != null) {
            serve(chosen, Objects.requireNonNull(found, "found"), allowance);
            chosen = next(allowance);
        }
    }

    /** Agents are looked at for it again. */
    private static void wantsAnew(Framework framework) {
        Application application = framework.application;
        if (application != null) {
            application.fresh = application.admitted && application.hasDemand();
        }
    }

    private static boolean hasGang(Framework framework) {
        Application application = framework.application;
        return application != null
                && application.asks.values().stream()
                        .anyMatch(ask -> ask.ask.gang().isPresent());
    }

    /** Who is first in fair order of those who can be served; where, is {@link #found}. */
    private @Nullable Subscription next(Allowance allowance) {
        return cluster.roles.first(subscription -> {
            Application application = subscription.framework.application;
            found = application == null || !application.fresh ? null : find(subscription, application, allowance);
            if (found == null && application != null) {
                allowance.passedOver(subscription);
            }
            return found != null;
        });
    }

    private void serve(Subscription subscription, Match match, Allowance allowance) {
        Application application = subscription.framework.application;
        if (application == null) {
            throw new InvariantViolation(subscription.framework.id + " is served, and has not asked");
        }
        matching.grant(subscription, application, match);
        allowance.took(subscription, match.agent(), match.ask().size);
        room.refresh(match.agent());
        cursor = match.agent().ordinal + 1 == room.size() ? 0 : match.agent().ordinal + 1;
    }

    /** Where the most urgent of its asks that can be served is served best. When there is nowhere, it is asked no more. */
    private @Nullable Match find(Subscription subscription, Application application, Allowance allowance) {
        for (PendingAsk pending : application.asks.values()) {
            if (pending.ask.gang().isEmpty()) {
                Match match = find(subscription, application, pending, allowance);
                if (match != null) {
                    return match;
                }
            }
        }
        application.fresh = false;
        allowance.unserved(subscription.framework);
        return null;
    }

    private @Nullable Match find(
            Subscription subscription, Application application, PendingAsk pending, Allowance allowance) {
        Match best = null;
        ResourceQuantities size = pending.ask.size();
        long cpus = size.milli("cpus");
        long mem = size.milli("mem");
        int from = cursor;
        int left = room.size();
        while (left > 0) {
            int at = room.next(from, left, cpus, mem);
            if (at < 0) {
                break;
            }
            Agent agent = cluster.agenda.agent(at);
            Match match = agent == null || application.avoided.contains(agent.spec.hostname())
                    ? null
                    : matching.match(
                            application,
                            pending,
                            agent,
                            allowance.of(subscription, agent).free().scalars());
            if (match != null && (best == null || match.level().compareTo(best.level()) < 0)) {
                best = match;
            }
            if (best != null && (pending.ask.locality().isAnywhere() || best.level() == Locality.Level.HOST)) {
                break;
            }
            int passed = at >= from ? at - from + 1 : room.size() - from + at + 1;
            left -= passed;
            from = at + 1 == room.size() ? 0 : at + 1;
        }
        return best;
    }

    /** Asks that are served all at once or not at all: tried on the side first, container by container. */
    private void gangs(Framework framework, Allowance allowance) {
        Application application = framework.application;
        Subscription subscription = framework.subscriptions.values().stream()
                .filter(candidate -> candidate.competing)
                .findFirst()
                .orElse(null);
        if (application == null || subscription == null) {
            return;
        }
        Map<String, GangTrial> trials = new LinkedHashMap<>();
        for (PendingAsk pending : List.copyOf(application.asks.values())) {
            pending.ask.gang().ifPresent(name -> trials.computeIfAbsent(name, n -> new GangTrial(matching, application))
                    .add(pending));
        }
        for (GangTrial trial : trials.values()) {
            List<Match> places = trial.run(cluster.agents.values(), agent -> allowance.of(subscription, agent));
            Resources all = trial.takenInAll();
            // Each may be within limits, and not all of them together.
            if (allowance.of(subscription, all).contains(all)) {
                places.forEach(match -> serve(subscription, match, allowance));
            }
        }
    }
}
