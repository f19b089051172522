package io.offerplane.engine;

import io.offerplane.engine.ask.Locality;
import io.offerplane.engine.offer.Rejection.Reason;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.RolePath;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One sentence of what was found out about a framework that waits, without a subject and a full stop. */
final class DiagnosisText {
    private static final int NAMED = 3;

    private final RejectionFold fold;
    private final List<String> clauses = new ArrayList<>();

    /** Whether a clause has spoken of agents, so that a bare number does in those behind it. */
    private boolean agentsNamed;

    DiagnosisText(RejectionFold fold) {
        this.fold = fold;
    }

    String sentence(@Nullable Reason reason, @Nullable Limit limit) {
        if (reason == null) {
            return "no agent is registered";
        }
        addMain(reason, limit);
        fold.counts.forEach((other, count) -> {
            if (other != reason) {
                addCount(other, count);
            }
        });
        addEvidence(reason);
        return String.join("; ", clauses);
    }

    private void addMain(Reason reason, @Nullable Limit limit) {
        int count = fold.counts.getOrDefault(reason, 0);
        switch (reason) {
            case ASK_DOES_NOT_FIT -> addNeed("needs " + needed(" or ") + " on one agent");
            case BELOW_MINIMUM -> {
                if (fold.need.isAny()) {
                    addCount(reason, count);
                } else {
                    addNeed("needs at least " + needed(" or ") + " in an offer");
                }
            }
            case QUOTA_LIMIT -> {
                if (limit == null) {
                    addCount(reason, count);
                } else {
                    clauses.add((fold.need.isAny() || limit.isReached() ? "" : "needs " + needed(" or ") + ", but ")
                            + (limit.role().equals(fold.subscription.role)
                                    ? "its role " + limit.role() + " "
                                    : "role " + limit.role() + ", above its own, ")
                            + text(limit));
                }
            }
            case USER_LIMIT ->
                clauses.add("its user " + fold.subscription.framework.spec.user() + " holds as much of role "
                        + fold.subscription.role + " as it lets one user have");
            case MASTER_LIMIT ->
                clauses.add("needs " + needed(" or ")
                        + " for its master, but masters of applications hold as much of role " + fold.subscription.role
                        + " as it lets them have");
            case WAITS_FOR_LOCALITY -> {
                clauses.add(places());
                addCount(reason, count);
            }
            case GANG_INCOMPLETE -> addGang(count);
            case AGENT_INACTIVE,
                    RESERVED_FOR_OTHERS,
                    HELD_FOR_GUARANTEES,
                    SET_ASIDE,
                    GPU_UNAWARE,
                    REGION_UNAWARE,
                    OFFER_CONSTRAINTS,
                    FILTERED,
                    AVOIDED_BY_APPLICATION,
                    PLACEMENT_CONSTRAINTS,
                    LOST_TO_LOWER_SHARE -> addCount(reason, count);
        }
    }

    private String needed(String or) {
        return String.join(
                or, fold.need.alternatives().stream().map(AmountText::of).toList());
    }

    private void addNeed(String need) {
        clauses.add(need);
        RejectionFold.Found largest = fold.largest;
        RejectionFold.Found best = fold.best;
        if (fold.isTooLargeForAny() && largest != null) {
            clauses.add("no agent is that large: the largest is " + largest.candidate() + " with "
                    + ofNeeded(largest.amounts()));
        } else if (best != null) {
            clauses.add("best is " + ofNeeded(best.amounts()) + " on " + best.candidate());
        }
    }

    private String ofNeeded(ResourceQuantities amounts) {
        return AmountText.of(amounts, AmountText.names(fold.need.nearestTo(amounts)));
    }

    /** How far a role is from its limit; the role is the subject. */
    static String text(Limit limit) {
        if (limit.names().isEmpty()) {
            return "has too little left below its limits";
        }
        if (limit.isReached()) {
            return "is at its limit of " + AmountText.of(limit.limits(), limit.names());
        }
        return "has "
                + AmountText.list(
                        limit.names().stream()
                                .map(name -> AmountText.part(
                                        name,
                                        limit.left().milli(name),
                                        limit.limits().milli(name)))
                                .toList(),
                        "and")
                + " left below its limit";
    }

    private String places() {
        PendingAsk ask = fold.need.ask();
        if (ask == null) {
            return "waits for a place that it named";
        }
        Locality locality = ask.rest().locality();
        List<String> places = Stream.concat(
                        locality.hosts().keySet().stream().map(host -> "host " + host),
                        locality.racks().keySet().stream().map(rack -> "rack " + rack))
                .toList();
        List<String> named = new ArrayList<>(places.subList(0, Math.min(NAMED, places.size())));
        if (places.size() > NAMED) {
            named.add(places.size() - NAMED + " other places");
        }
        return (locality.elsewhere() ? "waits for " : "takes only ") + AmountText.list(named, "or");
    }

    private void addGang(int count) {
        PendingAsk first = fold.need.ask();
        Application application = fold.subscription.framework.application;
        if (first == null || application == null) {
            addCount(Reason.GANG_INCOMPLETE, count);
            return;
        }
        int containers = 0;
        ResourceQuantities sum = ResourceQuantities.EMPTY;
        for (PendingAsk ask : application.asks.values()) {
            if (ask.ask.gang().equals(first.ask.gang())) {
                containers += ask.left();
                sum = sum.plus(ask.ask.size().times(ask.left()));
            }
        }
        clauses.add("needs room for all " + containers + " containers of gang "
                + first.ask.gang().orElse("") + " at once, " + AmountText.of(sum) + " in all");
        addCount(Reason.GANG_INCOMPLETE, count);
    }

    private void addCount(Reason reason, int count) {
        if (reason == Reason.AGENT_INACTIVE) {
            addInactive();
        } else {
            boolean one = count == 1;
            addCount(count, seen(), fold.isWhole() ? "" : " with most left", predicate(reason, one));
        }
    }

    private void addInactive() {
        int away = fold.survey.inMaintenance();
        int lost = fold.survey.notConnected();
        if (away >= lost) {
            addInactive(away, "in maintenance");
            addInactive(lost, "not connected");
        } else {
            addInactive(lost, "not connected");
            addInactive(away, "in maintenance");
        }
    }

    private void addInactive(int count, String how) {
        if (count > 0) {
            // Of these all are known, whoever was looked at.
            boolean bare = agentsNamed;
            agentsNamed &= fold.isWhole();
            addCount(count, fold.survey.agents(), "", (count == 1 ? "is " : "are ") + how);
            agentsNamed |= bare;
        }
    }

    private int seen() {
        return fold.isWhole() ? fold.survey.agents() : fold.lookedAt;
    }

    private void addCount(int count, int all, String which, String predicate) {
        String subject = agentsNamed ? String.valueOf(count) : agents(count, all, which) + which;
        agentsNamed = true;
        clauses.add(subject + " " + predicate);
    }

    private static String agents(int count, int all, String which) {
        if (count < all) {
            return count + (which.isEmpty() ? " of " : " of the ") + all + " agents";
        }
        return switch (all) {
            case 1 -> "the only agent";
            case 2 -> "both agents";
            default -> "all " + all + " agents";
        };
    }

    private String predicate(Reason reason, boolean one) {
        String is = one ? "is " : "are ";
        String has = one ? "has " : "have ";
        String meets = one ? "doesn't meet " : "don't meet ";
        return switch (reason) {
            case AGENT_INACTIVE -> is + "inactive";
            case BELOW_MINIMUM -> has + "too little left to offer";
            case RESERVED_FOR_OTHERS -> has + "too little left that is free or reserved for its role";
            case QUOTA_LIMIT -> is + "beyond a limit of its role";
            case USER_LIMIT -> is + "beyond what its role lets its user have";
            case MASTER_LIMIT -> is + "beyond what its role lets masters of applications have";
            case HELD_FOR_GUARANTEES -> is + "held back for " + guaranteed();
            case SET_ASIDE -> is + "set aside for others whose tasks need more of one agent";
            case GPU_UNAWARE -> has + "gpus, and it lacks GPU_RESOURCES";
            case REGION_UNAWARE -> is + "in another region, and it lacks REGION_AWARE";
            case OFFER_CONSTRAINTS -> meets + "its offer constraints";
            case FILTERED -> is + "filtered by its declines" + refuseTime();
            case AVOIDED_BY_APPLICATION -> is + "on a host that it avoids";
            case ASK_DOES_NOT_FIT -> has + "too little left for its ask";
            case WAITS_FOR_LOCALITY -> is + "elsewhere";
            case PLACEMENT_CONSTRAINTS -> meets + "its placement constraints";
            case GANG_INCOMPLETE -> has + "room for some of them";
            case LOST_TO_LOWER_SHARE -> is + "offered to others with lower shares";
        };
    }

    private String refuseTime() {
        return fold.refusedUntil == null
                ? ""
                : " for up to " + AmountText.upTo(Duration.between(fold.cluster.now, fold.refusedUntil)) + " more";
    }

    /** Whom something is held back for. */
    private String guaranteed() {
        RolePath first = null;
        int others = -1;
        for (RolePath role : fold.cluster.quotas.all().keySet()) {
            if (!fold.cluster.quotas.unmet(role).isEmpty()) {
                first = first == null ? role : first;
                others++;
            }
        }
        return first == null
                ? "roles that lack what they are guaranteed"
                : "role " + first + ", which lacks " + AmountText.of(fold.cluster.quotas.unmet(first))
                        + " of its guarantee" + (others > 0 ? ", and " + others + " more" : "");
    }

    /** What else there is to say that speaks for the reason. */
    private void addEvidence(Reason reason) {
        if (reason == Reason.FILTERED) {
            RejectionFold.Found refused = fold.largestRefused;
            if (refused != null) {
                clauses.add("the largest that it declined was " + AmountText.of(refused.amounts()) + " on "
                        + refused.candidate());
            }
            ResourceQuantities last = lastTask();
            if (!last.isEmpty()) {
                clauses.add("its last task took " + AmountText.of(last));
            }
        } else if (reason == Reason.LOST_TO_LOWER_SHARE && fold.subscription.rests(fold.cluster.now)) {
            clauses.add("others come first for a while, as it handed back all that it was offered");
        }
        SetAside kept = fold.kept;
        if (kept != null) {
            Agent agent = kept.agent();
            clauses.add("agent " + agent.id + " (" + agent.spec.hostname() + ") is set aside for it until "
                    + AmountText.of(kept.need()) + " are free there");
        }
    }

    /** What the task that it launched last in this role took, as long as it is remembered; else nothing. */
    private ResourceQuantities lastTask() {
        Framework framework = fold.subscription.framework;
        Map.Entry<?, Task> newest = framework.tasks.lastEntry();
        Task task = newest == null ? framework.completedTasks.peekFirst() : newest.getValue();
        return task == null || task.charged != fold.subscription
                ? ResourceQuantities.EMPTY
                : task.spec.resources().scalars();
    }
}
