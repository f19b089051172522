package io.offerplane.engine;

import io.offerplane.engine.offer.Rejection.Reason;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.view.Diagnosis;
import io.offerplane.engine.view.Diagnosis.Candidate;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What keeps the agents from one framework in one role, counted as they are gone through; made for one diagnosis. */
final class RejectionFold {
    /** An agent with amounts on it, and how much they are for this framework. */
    record Found(Agent agent, ResourceQuantities amounts, double measure) {
        static @Nullable Found larger(@Nullable Found known, Agent agent, ResourceQuantities amounts, double measure) {
            return known != null && known.measure >= measure ? known : new Found(agent, amounts, measure);
        }

        Candidate candidate() {
            return new Candidate(agent.id, agent.spec.hostname(), amounts);
        }
    }

    final Cluster cluster;
    final AgentSurvey survey;
    final Subscription subscription;
    final Need need;
    final Map<Reason, Integer> counts = new EnumMap<>(Reason.class);

    /** Of those with too little left, the one with most of what is needed. */
    @Nullable
    Found best;

    /** Of all, by what they have in total. */
    @Nullable
    Found largest;

    /** Whether some agent could hold what is needed if it were empty. */
    boolean largeEnough;

    /** The largest of what it has refused and still refuses. */
    @Nullable
    Found largestRefused;

    @Nullable
    Instant refusedUntil;

    /** The agent that is kept for it, if any. */
    @Nullable
    SetAside kept;

    int lookedAt;

    RejectionFold(Cluster cluster, AgentSurvey survey, Subscription subscription) {
        this.cluster = cluster;
        this.survey = survey;
        this.subscription = subscription;
        need = Need.of(subscription);
    }

    void add(Agent agent, Reason reason) {
        lookedAt++;
        counts.merge(reason, 1, Integer::sum);
        switch (reason) {
            case BELOW_MINIMUM, RESERVED_FOR_OTHERS, ASK_DOES_NOT_FIT -> {
                ResourceQuantities left = need.countable(Eligibility.within(agent.ledger.available(), subscription));
                best = Found.larger(best, agent, left, need.nearness(left));
            }
            case FILTERED -> addRefusals(agent);
            case AGENT_INACTIVE,
                    QUOTA_LIMIT,
                    USER_LIMIT,
                    MASTER_LIMIT,
                    HELD_FOR_GUARANTEES,
                    SET_ASIDE,
                    GPU_UNAWARE,
                    REGION_UNAWARE,
                    OFFER_CONSTRAINTS,
                    AVOIDED_BY_APPLICATION,
                    WAITS_FOR_LOCALITY,
                    PLACEMENT_CONSTRAINTS,
                    GANG_INCOMPLETE,
                    LOST_TO_LOWER_SHARE -> {}
        }
        addTotal(agent);
        SetAside setAside = agent.setAside;
        if (setAside != null && setAside.subscription() == subscription) {
            kept = setAside;
        }
    }

    private void addTotal(Agent agent) {
        if (!need.isAny()) {
            Resources within = Eligibility.within(agent.ledger.total(), subscription);
            ResourceQuantities total = need.countable(within);
            largeEnough |= need.isMetBy(total);
            largest = Found.larger(largest, agent, total, need.nearness(total));
        }
    }

    private void addRefusals(Agent agent) {
        RefusalFilters filters = agent.filters.get(subscription);
        if (filters == null) {
            return;
        }
        for (RefusalFilters.Filter filter : filters.all()) {
            ResourceQuantities refused = filter.refused().scalars();
            largestRefused = Found.larger(largestRefused, agent, refused, survey.size(refused));
            refusedUntil = refusedUntil == null || filter.until().isAfter(refusedUntil) ? filter.until() : refusedUntil;
        }
    }

    /** All that were to be looked at have been. */
    Diagnosis diagnosis() {
        int inactive = survey.inMaintenance() + survey.notConnected();
        if (inactive > 0) {
            counts.put(Reason.AGENT_INACTIVE, inactive);
            survey.inactive().forEach(this::addTotal);
        }
        Optional<Reason> reason = foremost();
        Optional<Limit> limit = reason.filter(Reason.QUOTA_LIMIT::equals)
                .map(limited -> Limit.first(
                        cluster.quotas,
                        subscription.role,
                        need.isAny()
                                ? ResourceQuantities.EMPTY
                                : need.alternatives().getFirst()));
        Optional<Found> found = reason.flatMap(this::found);
        return new Diagnosis(
                subscription.framework.id,
                subscription.role,
                reason,
                counts,
                survey.agents(),
                lookedAt + inactive,
                survey.inMaintenance(),
                found.isPresent() && !need.isAny()
                        ? need.nearestTo(found.get().amounts)
                        : need.isAny()
                                ? ResourceQuantities.EMPTY
                                : need.alternatives().getFirst(),
                found.map(Found::candidate),
                Optional.ofNullable(refusedUntil),
                limit.map(Limit::role).or(() -> reason.filter(RejectionFold::isLimitWithinRole)
                        .map(within -> subscription.role)),
                new DiagnosisText(this).sentence(reason.orElse(null), limit.orElse(null)));
    }

    private static boolean isLimitWithinRole(Reason reason) {
        return reason == Reason.USER_LIMIT || reason == Reason.MASTER_LIMIT;
    }

    private Optional<Found> found(Reason reason) {
        return switch (rank(reason)) {
            case ROOM -> Optional.ofNullable(largestRefused);
            case TOO_LITTLE ->
                need.isAny() ? Optional.empty() : Optional.ofNullable(isTooLargeForAny() ? largest : best);
            case WILL_NOT_DO -> Optional.empty();
        };
    }

    /** Whether no agent in the cluster could hold what is needed. */
    boolean isTooLargeForAny() {
        return !need.isAny() && !largeEnough && survey.knowsInactive() && isWhole();
    }

    /** Whether all agents were looked at. */
    boolean isWhole() {
        return survey.isAll(lookedAt);
    }

    /** How far an agent is from being offered, nearest last. */
    private enum Rank {
        WILL_NOT_DO,
        TOO_LITTLE,
        ROOM
    }

    private static Rank rank(Reason reason) {
        return switch (reason) {
            case AGENT_INACTIVE,
                    GPU_UNAWARE,
                    REGION_UNAWARE,
                    OFFER_CONSTRAINTS,
                    AVOIDED_BY_APPLICATION,
                    PLACEMENT_CONSTRAINTS -> Rank.WILL_NOT_DO;
            case BELOW_MINIMUM, RESERVED_FOR_OTHERS, ASK_DOES_NOT_FIT, LOST_TO_LOWER_SHARE -> Rank.TOO_LITTLE;
            case QUOTA_LIMIT,
                    USER_LIMIT,
                    MASTER_LIMIT,
                    HELD_FOR_GUARANTEES,
                    SET_ASIDE,
                    FILTERED,
                    WAITS_FOR_LOCALITY,
                    GANG_INCOMPLETE -> Rank.ROOM;
        };
    }

    /** That of the agents which are nearest; of several that of most agents, and of equals the first that a cycle asks for. */
    private Optional<Reason> foremost() {
        Reason foremost = null;
        int most = 0;
        for (Map.Entry<Reason, Integer> entry : counts.entrySet()) {
            int nearer = foremost == null ? 1 : rank(entry.getKey()).compareTo(rank(foremost));
            if (nearer > 0 || (nearer == 0 && entry.getValue() > most)) {
                foremost = entry.getKey();
                most = entry.getValue();
            }
        }
        return Optional.ofNullable(foremost);
    }
}
