package io.offerplane.engine;

import io.offerplane.engine.Decision.Answer;
import io.offerplane.engine.resource.Resources;
import java.util.ArrayList;
import java.util.List;

/** What agents have beside their grant, and what becomes of it when it gets less: offers are taken back, tasks are named. */
final class Oversubscription {
    private final Cluster cluster;
    private final OfferBook offers;

    Oversubscription(Cluster cluster, OfferBook offers) {
        this.cluster = cluster;
        this.offers = offers;
    }

    Answer set(Command.SetOversubscribed command) {
        Agent agent = cluster.agents.get(command.agentId());
        if (agent == null) {
            return new Answer.Refused(Answer.Reason.UNKNOWN_AGENT, "Agent " + command.agentId() + " is not registered");
        }
        Resources kept = command.resources().nonRevocable();
        if (!kept.isEmpty()) {
            return new Answer.Refused(
                    Answer.Reason.INVALID, "oversubscribed: " + kept + " (expected: revocable resources only)");
        }
        if (agent.oversubscribed.equals(command.resources())) {
            return new Answer.Accepted();
        }
        if (agent.isCounted()) {
            agent.offers.stream()
                    .filter(offer -> !offer.offer.resources().revocable().isEmpty())
                    .forEach(offers::rescind);
            cluster.discount(agent);
            agent.oversubscribed = command.resources();
            agent.ledger.resize(agent.total());
            cluster.count(agent);
            cluster.filters.clear(agent);
            offers.inverse().clear(agent);
            cluster.agenda.visitAtOnce(agent);
            tellOfExcess(agent);
        } else {
            agent.oversubscribed = command.resources();
        }
        cluster.outbox.changed(agent);
        return new Answer.Accepted();
    }

    private void tellOfExcess(Agent agent) {
        Resources excess = agent.ledger.shortfall().revocable();
        Resources left = excess;
        List<Effect.RevocableTasksExceed.HeldBy> tasks = new ArrayList<>();
        for (Task task : new ArrayList<>(agent.tasks.values()).reversed()) {
            Resources without =
                    task.holdsResources ? left.minusToZero(task.spec.resources().revocable()) : left;
            if (!without.equals(left)) {
                left = without;
                tasks.add(new Effect.RevocableTasksExceed.HeldBy(task.framework().id, task.id()));
            }
        }
        if (!excess.isEmpty()) {
            cluster.outbox.add(new Effect.RevocableTasksExceed(agent.id, excess, tasks));
        }
    }
}
