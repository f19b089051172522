package io.offerplane.engine;

import io.offerplane.engine.Decision.Answer;
import io.offerplane.engine.offer.Operation.Change;
import io.offerplane.engine.resource.Resources;
import java.util.Optional;

/** What operators reserve and make volumes of, whoever it is offered to: Mesos' {@code RESERVE_RESOURCES} and its kin. */
final class OperatorChanges {
    private final Cluster cluster;
    private final OfferBook offers;

    OperatorChanges(Cluster cluster, OfferBook offers) {
        this.cluster = cluster;
        this.offers = offers;
    }

    Answer change(Command.ChangeResources command) {
        Agent agent = cluster.reachable(command.agentId());
        if (agent == null) {
            return new Answer.Refused(Answer.Reason.UNKNOWN_AGENT, "No agent found with specified ID");
        }
        Change change = command.change();
        Optional<String> fault = ResourceChange.fault(change, agent, null);
        if (fault.isPresent()) {
            return new Answer.Refused(Answer.Reason.INVALID, prefix(change, agent) + fault.get());
        }
        ResourceChange made = ResourceChange.of(change);
        Optional<String> tooMuch = DynamicBounds.fault(agent, made);
        if (tooMuch.isPresent()) {
            return new Answer.Refused(Answer.Reason.INVALID, prefix(change, agent) + tooMuch.get());
        }
        free(agent, made.consumed());
        Resources available = agent.ledger.available();
        if (!available.contains(made.consumed())) {
            return new Answer.Refused(
                    Answer.Reason.CONFLICT,
                    ResourceText.of(available, null) + " does not contain " + ResourceText.of(made.consumed(), null));
        }
        cluster.change(agent, made);
        cluster.agenda.visitAtInterval(agent);
        return new Answer.Accepted();
    }

    /** Mesos names the agent for those operations that make something on it. */
    private static String prefix(Change change, Agent agent) {
        return switch (change.kind()) {
            case RESERVE, CREATE, GROW_VOLUME, SHRINK_VOLUME ->
                "Invalid " + change.kind() + " operation on agent " + agent.text() + ": ";
            case UNRESERVE, DESTROY -> "Invalid " + change.kind() + " operation: ";
        };
    }

    /** Takes back the offers that hold some of what is missing. */
    private void free(Agent agent, Resources wanted) {
        Resources missing = wanted.minusToZero(agent.ledger.available());
        for (OutstandingOffer offer : agent.offers) {
            Resources rest = missing.minusToZero(offer.offer.resources());
            if (!rest.equals(missing)) {
                missing = rest;
                offers.rescind(offer);
            }
        }
    }
}
