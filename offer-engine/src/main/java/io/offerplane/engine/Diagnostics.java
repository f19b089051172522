package io.offerplane.engine;

import io.offerplane.engine.offer.Rejection.Reason;
import io.offerplane.engine.view.Diagnoses;
import io.offerplane.engine.view.Diagnosis;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Says of everybody who waits what for, by folding what {@link Explanation} says of single agents. Nothing of it is kept: it is worked out
 * when a view is made, within a bound that doesn't grow with the cluster.
 */
final class Diagnostics {
    /** Of one ask or framework and one agent, in one view. */
    private static final int JUDGEMENTS = 16_384;

    /** Looked at for each however many wait. */
    private static final int LEAST = 8;

    private final Cluster cluster;
    private final Explanation explanation;

    Diagnostics(Cluster cluster, Explanation explanation) {
        this.cluster = cluster;
        this.explanation = explanation;
    }

    /** The explanation must have begun. */
    Diagnoses build() {
        List<Subscription> hungry = new ArrayList<>();
        for (Framework framework : cluster.frameworks.all()) {
            Set<Subscription> served = Collections.newSetFromMap(new IdentityHashMap<>());
            framework.offers.forEach(offer -> served.add(offer.subscription));
            for (Subscription subscription : framework.subscriptions.values()) {
                if (wants(subscription) && !served.contains(subscription)) {
                    hungry.add(subscription);
                }
            }
        }
        if (hungry.isEmpty()) {
            return Diagnoses.NONE;
        }
        AgentSurvey survey = new AgentSurvey(cluster);
        List<Diagnosis> diagnoses = new ArrayList<>();
        for (Subscription subscription : hungry) {
            Diagnosis diagnosis = diagnose(subscription, survey, JUDGEMENTS / hungry.size());
            if (diagnosis != null) {
                diagnoses.add(diagnosis);
            }
        }
        return new Diagnoses(diagnoses, new RoleDiagnostics(cluster).build(diagnoses));
    }

    /** Null where an agent is there for it, which the next cycle will offer. */
    private @Nullable Diagnosis diagnose(Subscription subscription, AgentSurvey survey, int judgements) {
        Application application = subscription.framework.application;
        if (application != null && awaitsItsTurn(subscription)) {
            return awaitingItsTurn(subscription, survey);
        }
        int cost = application == null ? 1 : Math.max(1, application.asks.size());
        RejectionFold fold = new RejectionFold(cluster, survey, subscription);
        for (Agent agent : survey.first(Math.max(LEAST, judgements / cost))) {
            Reason reason = explanation.reason(subscription, agent);
            if (reason == null && !awaitsMoreOf(agent, subscription)) {
                return null;
            }
            fold.add(agent, reason == null ? Reason.BELOW_MINIMUM : reason);
        }
        return fold.diagnosis();
    }

    /** Whether it would take something if it could. */
    static boolean wants(Subscription subscription) {
        return subscription.competing || awaitsItsTurn(subscription);
    }

    /** Whether it is an application that may not begin yet, as too many run. */
    private static boolean awaitsItsTurn(Subscription subscription) {
        Application application = subscription.framework.application;
        return application != null
                && !application.admitted
                && application.hasDemand()
                && subscription.wanted
                && !subscription.suppressed
                && subscription.framework.connected;
    }

    private Diagnosis awaitingItsTurn(Subscription subscription, AgentSurvey survey) {
        int most =
                cluster.policies.of(subscription.role).maxRunningApplications().orElse(0);
        return new Diagnosis(
                subscription.framework.id,
                subscription.role,
                Optional.empty(),
                Map.of(),
                survey.agents(),
                0,
                survey.inMaintenance(),
                Need.of(subscription).alternatives().getFirst(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(subscription.role),
                "waits for its turn: role " + subscription.role + " lets "
                        + (most == 1 ? "1 application" : most + " applications") + " run at once");
    }

    /** Whether the agent is kept for it, and not free enough yet. */
    private static boolean awaitsMoreOf(Agent agent, Subscription subscription) {
        SetAside setAside = agent.setAside;
        return setAside != null
                && setAside.subscription() == subscription
                && Eligibility.within(setAside.leaves(subscription, agent.ledger.available()), subscription)
                        .isEmpty();
    }
}
