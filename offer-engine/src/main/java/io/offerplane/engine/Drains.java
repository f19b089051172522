package io.offerplane.engine;

import io.offerplane.engine.Decision.Answer;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.maintenance.DrainState;
import java.util.List;

/**
 * Agents that an operator takes out of use: without offers, and where it is asked for, without tasks. Mesos {@code DEACTIVATE_AGENT},
 * {@code DRAIN_AGENT} and {@code REACTIVATE_AGENT}, whose words these are.
 *
 * <p>A drain is over when nothing is left on the agent's books: tasks have ended and their frameworks have acknowledged it.
 */
final class Drains {
    private final Cluster cluster;
    private final OfferBook offers;
    private final AgentLoss loss;

    Drains(Cluster cluster, OfferBook offers, AgentLoss loss) {
        this.cluster = cluster;
        this.offers = offers;
        this.loss = loss;
    }

    Answer deactivate(AgentId id) {
        Agent agent = cluster.agents.get(id);
        if (agent == null) {
            return new Answer.Refused(Answer.Reason.UNKNOWN_AGENT, "Unknown agent");
        }
        deactivate(agent);
        return new Answer.Accepted();
    }

    private void deactivate(Agent agent) {
        if (!agent.deactivated) {
            agent.deactivated = true;
            offers.rescindAll(agent);
            cluster.outbox.changed(agent);
        }
    }

    Answer activate(AgentId id) {
        Agent agent = cluster.agents.get(id);
        if (agent == null || !agent.deactivated) {
            return new Answer.Refused(Answer.Reason.INVALID, "Agent is not deactivated");
        }
        Drain drain = agent.drain;
        if (drain != null && drain.state == DrainState.DRAINING) {
            return new Answer.Refused(Answer.Reason.INVALID, "Agent is still in the DRAINING state");
        }
        agent.deactivated = false;
        agent.drain = null;
        cluster.agenda.visitAtOnce(agent);
        cluster.outbox.changed(agent);
        return new Answer.Accepted();
    }

    Answer drain(Command.DrainAgent command) {
        Agent agent = cluster.agents.get(command.agentId());
        if (agent == null) {
            return new Answer.Refused(Answer.Reason.UNKNOWN_AGENT, "Unknown agent");
        }
        if (agent.isCounted() && cluster.maintenance.machineOf(agent.spec) != null) {
            return new Answer.Refused(
                    Answer.Reason.INVALID,
                    "Agent " + agent.id + " is part of a maintenance schedule under Machine "
                            + MaintenanceBook.idOf(agent.spec));
        }
        agent.drain = new Drain(command.config(), cluster.now);
        deactivate(agent);
        resume(agent);
        cluster.outbox.changed(agent);
        return new Answer.Accepted();
    }

    /** Has the agent end what it still runs, if it is to be empty: it may not have heard of that, or come back with more. */
    void resume(Agent agent) {
        Drain drain = agent.drain;
        if (drain == null || !agent.isConnected()) {
            return;
        }
        for (Task task : agent.tasks.values()) {
            drain.state = DrainState.DRAINING;
            if (!task.state.isTerminal()) {
                cluster.outbox.add(new Effect.DrainTask(
                        agent.id,
                        task.framework().id,
                        task.id(),
                        drain.config.maxGracePeriod(),
                        drain.config.markGone() && task.framework().isPartitionAware()));
            }
        }
    }

    /** After a command: the drains of these agents that are over by it. More may come in the course of it. None was offered by it. */
    void settle(List<Agent> changed) {
        for (int i = 0; i < changed.size(); i++) {
            Agent agent = changed.get(i);
            Drain drain = agent.drain;
            if (drain == null || drain.state == DrainState.DRAINED || !agent.isCounted() || !agent.tasks.isEmpty()) {
                continue;
            }
            drain.state = DrainState.DRAINED;
            if (drain.config.markGone() && cluster.agents.containsKey(agent.id)) {
                cluster.recordGone(agent.id);
                cluster.outbox.add(new Effect.SendAgentAway(agent.id, "Agent has been marked gone"));
                loss.gone(agent);
            }
        }
    }
}
