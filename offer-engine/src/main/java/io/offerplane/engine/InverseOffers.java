package io.offerplane.engine;

import io.offerplane.engine.Timetable.Due;
import io.offerplane.engine.maintenance.InverseAnswer;
import io.offerplane.engine.maintenance.InverseOffer;
import io.offerplane.engine.offer.OfferId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Asks for agents back that are to be away: of everybody who has an offer or a living task there, one inverse offer at a time, and again
 * when the answer's refuse time is over, for as long as the agent is to be away. An answer binds nobody.
 */
final class InverseOffers {
    private final Cluster cluster;
    private final Supplier<OfferId> ids;

    /** @param ids gives those of offers, too */
    InverseOffers(Cluster cluster, Supplier<OfferId> ids) {
        this.cluster = cluster;
        this.ids = ids;
    }

    /** After a cycle over these agents: who holds something of one by now is asked, all in one message. */
    void ask(List<Agent> visited) {
        if (cluster.maintenance.agents().isEmpty()) {
            return;
        }
        Map<Framework, List<InverseOffer>> byFramework = new LinkedHashMap<>();
        for (Agent agent : visited) {
            AgentMaintenance maintenance = agent.maintenance;
            if (maintenance == null || !agent.mayBeAskedBack()) {
                continue;
            }
            for (Framework holder : holders(agent)) {
                if (holder.connected
                        && !maintenance.outstanding.containsKey(holder)
                        && !maintenance.refusals.containsKey(holder)) {
                    byFramework.computeIfAbsent(holder, f -> new ArrayList<>()).add(make(agent, maintenance, holder));
                }
            }
        }
        byFramework.forEach((framework, offers) -> {
            cluster.outbox.add(new Effect.SendInverseOffers(framework.id, offers));
            cluster.outbox.changed(framework);
        });
    }

    private static Set<Framework> holders(Agent agent) {
        Set<Framework> holders = new LinkedHashSet<>();
        for (Task task : agent.tasks.values()) {
            if (task.holdsResources) {
                holders.add(task.framework());
            }
        }
        agent.offers.forEach(offer -> holders.add(offer.framework()));
        return holders;
    }

    private InverseOffer make(Agent agent, AgentMaintenance maintenance, Framework framework) {
        OutstandingInverseOffer made = new OutstandingInverseOffer(
                new InverseOffer(ids.get(), framework.id, agent.id, agent.spec, maintenance.unavailability),
                agent,
                framework);
        maintenance.outstanding.put(framework, made);
        framework.inverseOffers.put(made.id(), made);
        cluster.config
                .offerTimeout()
                .ifPresent(timeout -> made.timeout =
                        cluster.timetable.add(cluster.now.plus(timeout), new Due.InverseOfferTimeout(made)));
        return made.offer;
    }

    void timedOut(OutstandingInverseOffer offer) {
        rescind(offer);
        cluster.agenda.visitAtInterval(offer.agent);
    }

    /** Mesos {@code ACCEPT_INVERSE_OFFERS} and {@code DECLINE_INVERSE_OFFERS}. What isn't out to this framework is passed over. */
    void answer(Framework framework, List<OfferId> ids, boolean accepted, Optional<Double> refuseSeconds) {
        for (OfferId id : new LinkedHashSet<>(ids)) {
            OutstandingInverseOffer offer = framework.inverseOffers.get(id);
            AgentMaintenance maintenance = offer == null ? null : offer.agent.maintenance;
            if (offer == null || maintenance == null) {
                continue;
            }
            close(offer);
            maintenance.answers.put(framework.id, new InverseAnswer(framework.id, accepted, cluster.now));
            // Unlike the filters of offers these may be shorter than an allocation interval, as in Mesos.
            Duration time = FilterTable.refuseTime(refuseSeconds, Duration.ZERO);
            if (time.isZero()) {
                cluster.agenda.visitAtInterval(offer.agent);
            } else {
                refuse(offer.agent, maintenance, framework, cluster.now.plus(time));
            }
            cluster.outbox.changed(offer.agent);
        }
    }

    private void refuse(Agent agent, AgentMaintenance maintenance, Framework framework, Instant until) {
        Timetable.Entry expiry = cluster.timetable.add(until, new Due.InverseRefusalExpiry(framework, agent, until));
        forget(maintenance.refusals.put(framework, new AgentMaintenance.Refusal(until, expiry)));
    }

    void expire(Agent agent, Framework framework, Instant until) {
        AgentMaintenance maintenance = agent.maintenance;
        AgentMaintenance.Refusal refusal = maintenance == null ? null : maintenance.refusals.get(framework);
        if (maintenance != null && refusal != null && refusal.until().equals(until)) {
            maintenance.refusals.remove(framework);
            cluster.agenda.visitAtInterval(agent);
        }
    }

    private void forget(AgentMaintenance.@org.jspecify.annotations.Nullable Refusal refusal) {
        if (refusal != null) {
            cluster.timetable.cancel(refusal.expiry());
        }
    }

    private void close(OutstandingInverseOffer offer) {
        cluster.timetable.cancel(offer.timeout);
        offer.framework.inverseOffers.remove(offer.id());
        AgentMaintenance maintenance = offer.agent.maintenance;
        if (maintenance != null) {
            maintenance.outstanding.remove(offer.framework, offer);
        }
        cluster.outbox.changed(offer.framework);
    }

    private void rescind(OutstandingInverseOffer offer) {
        close(offer);
        cluster.outbox.add(new Effect.RescindInverseOffer(offer.framework.id, offer.id()));
    }

    /** The agent can't be had, or is to be away at another time: nobody need answer any more. */
    void rescindAll(Agent agent) {
        AgentMaintenance maintenance = agent.maintenance;
        if (maintenance != null) {
            List.copyOf(maintenance.outstanding.values()).forEach(this::rescind);
        }
    }

    /** Forgets until when anybody isn't to be asked for this agent. */
    void clear(Agent agent) {
        AgentMaintenance maintenance = agent.maintenance;
        if (maintenance != null) {
            maintenance.refusals.values().forEach(this::forget);
            maintenance.refusals.clear();
        }
    }

    /** Forgets until when the framework isn't to be asked, for whichever agent. */
    void clear(Framework framework) {
        for (Agent agent : cluster.maintenance.agents()) {
            AgentMaintenance maintenance = agent.maintenance;
            if (maintenance != null && maintenance.refusals.containsKey(framework)) {
                forget(maintenance.refusals.remove(framework));
                cluster.agenda.visitAtInterval(agent);
            }
        }
    }

    /** Nobody is there to answer: what is out is void, without a word. */
    void discardAll(Framework framework) {
        List.copyOf(framework.inverseOffers.values()).forEach(this::close);
        clear(framework);
    }

    /** The framework has ended. */
    void forgetAnswers(Framework framework) {
        for (Agent agent : cluster.maintenance.agents()) {
            AgentMaintenance maintenance = agent.maintenance;
            if (maintenance != null) {
                maintenance.answers.remove(framework.id);
            }
        }
    }
}
