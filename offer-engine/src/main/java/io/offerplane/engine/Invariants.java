package io.offerplane.engine;

import io.offerplane.engine.resource.Resources;

/**
 * What must hold after every command, for the agents that it touched: cheap enough to be asked in production. The full audit, which adds
 * up every task, belongs to the simulation.
 */
final class Invariants {
    private final Cluster cluster;

    Invariants(Cluster cluster) {
        this.cluster = cluster;
    }

    /** All that the command has changed and that were not looked at yet. */
    void check() {
        cluster.outbox.unchecked().forEach(this::verify);
        cluster.outbox.checkedAll();
    }

    /** One that was changed last of all. */
    void check(Agent agent) {
        verify(agent);
        cluster.outbox.checked(agent);
    }

    private void verify(Agent agent) {
        AgentLedger ledger = agent.ledger;
        Resources offered = Resources.EMPTY;
        for (OutstandingOffer offer : agent.offers) {
            offered = offered.plus(offer.offer.resources());
            if (cluster.offers.get(offer.id()) != offer) {
                throw new InvariantViolation("offer " + offer.id() + " is out on one book only");
            }
        }
        require(offered.equals(ledger.offered()), agent, "its offers add up to otherwise");
        require(agent.offers.isEmpty() || agent.isOfferable(), agent, "it has offers out while it may not");
        require(ledger.total().contains(offered), agent, "it offers more than its total");
        require(!agent.tasks.isEmpty() || ledger.allocated().isEmpty(), agent, "it has no tasks");
        require(agent.isCounted() || agent.tasks.isEmpty(), agent, "it has tasks though it is not there");
    }

    private static void require(boolean holds, Agent agent, String found) {
        if (!holds) {
            throw new InvariantViolation("agent " + agent.id + ": " + found + "; the ledger says total ["
                    + agent.ledger.total() + "], offered [" + agent.ledger.offered() + "], allocated ["
                    + agent.ledger.allocated() + "], " + agent.phase);
        }
    }
}
