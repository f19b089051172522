package io.offerplane.engine;

import io.offerplane.engine.Decision.Answer;
import io.offerplane.engine.Timetable.Due;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.resource.Terms;
import io.offerplane.engine.view.EngineView.AgentView.Phase;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** How agents come, change, go and come back. */
final class AgentLifecycle {
    private final Cluster cluster;
    private final OfferBook offers;
    private final HeldTasks heldTasks;
    private final AgentLoss loss;
    private final MaintenanceChanges maintenance;
    private final Drains drains;

    AgentLifecycle(
            Cluster cluster,
            OfferBook offers,
            HeldTasks heldTasks,
            AgentLoss loss,
            MaintenanceChanges maintenance,
            Drains drains) {
        this.maintenance = maintenance;
        this.drains = drains;
        this.cluster = cluster;
        this.offers = offers;
        this.heldTasks = heldTasks;
        this.loss = loss;
    }

    Answer recover(Command.RecoverAgent command) {
        if (!cluster.agents.containsKey(command.agentId()) && !cluster.goneAgents.contains(command.agentId())) {
            Agent agent = add(command.agentId(), command.spec());
            awaitReturn(agent, "master failover");
        }
        return new Answer.Accepted();
    }

    /** What an earlier leader had reserved there, before the agent is back. */
    Answer recover(Command.RecoverReservations command) {
        Agent agent = cluster.agents.get(command.agentId());
        if (agent == null) {
            return unknown(command.agentId());
        }
        if (agent.phase == Phase.RECOVERED) {
            agent.dynamic = command.dynamic().on(Terms::isMade);
        }
        return new Answer.Accepted();
    }

    private Agent add(AgentId id, AgentSpec spec) {
        Agent agent = new Agent(id, cluster.agenda.nextOrdinal(), spec);
        cluster.agenda.add(agent);
        cluster.agents.put(id, agent);
        cluster.outbox.changed(agent);
        return agent;
    }

    Answer register(Command.RegisterAgent command) {
        if (cluster.goneAgents.contains(command.agentId())) {
            return new Answer.Refused(Answer.Reason.AGENT_REMOVED, "Agent has been marked gone");
        }
        Agent agent = cluster.agents.get(command.agentId());
        boolean isNew = agent == null;
        if (agent == null) {
            agent = add(command.agentId(), command.spec());
        } else if (command.connection() < agent.connection) {
            return new Answer.Refused(
                    Answer.Reason.INVALID,
                    "Agent " + agent.id + " has registered on connection " + agent.connection + ", which is later than "
                            + command.connection());
        }
        Phase before = agent.phase;
        cluster.timetable.cancel(agent.patience);
        offers.rescindAll(agent);
        if (agent.isCounted()) {
            cluster.discount(agent);
        }
        if (!agent.isCounted() || !agent.spec.equals(command.spec()) || !agent.granted.equals(command.total())) {
            cluster.filters.clear(agent);
            offers.inverse().clear(agent);
        }
        agent.spec = command.spec();
        agent.phase = Phase.CONNECTED;
        agent.connection = command.connection();
        agent.unreachableSince = Optional.empty();
        if (agent.registered.isEmpty()) {
            agent.registered = Optional.of(cluster.now);
        }
        if (!isNew) {
            agent.reregistered = Optional.of(cluster.now);
        }
        agent.granted = cluster.kinds.shared(command.total());
        agent.down = maintenance.isDown(agent);
        if (agent.down) {
            endAll(agent, command);
            cluster.outbox.changed(agent);
            return new Answer.Accepted();
        }
        agent.ledger.resize(agent.total());
        cluster.count(agent);
        cluster.outbox.add(agent.keptVolumes());
        heldTasks.reconcile(agent, command.tasks(), command.frameworks(), returnMessage(before, isNew));
        agent.writtenOff = Set.of();
        maintenance.refresh(agent);
        drains.resume(agent);
        cluster.agenda.visitAtOnce(agent);
        cluster.outbox.changed(agent);
        return new Answer.Accepted();
    }

    /** Its machine is down: whatever it still has is to end, and is nobody's any more. */
    private void endAll(Agent agent, Command.RegisterAgent command) {
        loss.down(agent, MaintenanceChanges.DOWN);
        loss.endUnreachable(agent, MaintenanceChanges.DOWN);
        loss.tellToEnd(
                agent,
                command.tasks().stream()
                        .map(held -> new Agent.TaskKey(
                                held.frameworkId(), held.task().taskId()))
                        .toList());
    }

    /** What frameworks are told of the tasks of an agent that they may have given up. */
    private static Optional<String> returnMessage(Phase before, boolean isNew) {
        if (isNew) {
            return Optional.of("Unknown agent reregistered");
        }
        return before == Phase.UNREACHABLE ? Optional.of("Unreachable agent re-reregistered") : Optional.empty();
    }

    Answer update(Command.UpdateAgent command) {
        Agent agent = cluster.agents.get(command.agentId());
        if (agent == null) {
            return unknown(command.agentId());
        }
        boolean respecified = !agent.spec.equals(command.spec());
        boolean resized = !agent.granted.equals(command.total());
        agent.spec = command.spec();
        if (respecified) {
            maintenance.refresh(agent);
        }
        if (agent.down) {
            agent.granted = command.total();
        }
        if (!agent.isCounted() || !(respecified || resized)) {
            return new Answer.Accepted();
        }
        if (respecified) {
            // Offers show the agent as it was.
            offers.rescindAll(agent);
        }
        cluster.discount(agent);
        agent.granted = cluster.kinds.shared(command.total());
        agent.ledger.resize(agent.total());
        cluster.count(agent);
        rescindShortfall(agent);
        cluster.filters.clear(agent);
        offers.inverse().clear(agent);
        cluster.agenda.visitAtOnce(agent);
        cluster.outbox.changed(agent);
        return new Answer.Accepted();
    }

    /** Tasks keep what they have; offers, newest first, are what can be taken back. */
    private void rescindShortfall(Agent agent) {
        while (!agent.offers.isEmpty() && !agent.ledger.shortfall().isEmpty()) {
            offers.rescind(agent.offers.getLast());
        }
    }

    Answer disconnect(Command.DisconnectAgent command) {
        Agent agent = cluster.agents.get(command.agentId());
        if (agent == null) {
            return unknown(command.agentId());
        }
        if (agent.isConnected() && agent.connection == command.connection()) {
            agent.phase = Phase.DISCONNECTED;
            offers.rescindAll(agent);
            awaitReturn(agent, "disconnecting");
            cluster.outbox.changed(agent);
        }
        return new Answer.Accepted();
    }

    private void awaitReturn(Agent agent, String since) {
        Duration patience = cluster.config.agentReregisterTimeout();
        String message = "agent did not reregister within " + DurationText.of(patience) + " after " + since;
        agent.patience = cluster.timetable.add(cluster.now.plus(patience), new Due.AgentPatience(agent, message));
    }

    Answer markUnreachable(AgentId id) {
        Agent agent = cluster.agents.get(id);
        if (agent == null) {
            return unknown(id);
        }
        if (agent.phase != Phase.UNREACHABLE) {
            loss.unreachable(agent, "health check timed out");
        }
        return new Answer.Accepted();
    }

    Answer remove(Command.RemoveAgent command) {
        Agent agent = cluster.agents.get(command.agentId());
        cluster.recordGone(command.agentId());
        if (agent != null) {
            loss.gone(agent);
        }
        return new Answer.Accepted();
    }

    private static Answer unknown(AgentId id) {
        return new Answer.Refused(Answer.Reason.UNKNOWN_AGENT, "Agent " + id + " is not registered");
    }
}
