package io.offerplane.operator.agent;

import io.offerplane.crd.v1alpha1.agent.Agent;
import io.offerplane.crd.v1alpha1.agent.AgentStatus;
import io.offerplane.engine.Command;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.resource.Resources;
import io.offerplane.operator.cluster.ClusterCaches;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What a new leader learns of agents from their objects. */
public final class AgentRecovery {
    private AgentRecovery() {}

    /** The agent's id, empty before it has one. */
    public static Optional<AgentId> idOf(Agent agent) {
        AgentStatus status = agent.getStatus();
        return status == null || status.agentId() == null
                ? Optional.empty()
                : Optional.of(new AgentId(status.agentId()));
    }

    /**
     * One RecoverAgent for each agent that an earlier leader admitted, and one RecoverRemovedAgent for each that lost its node: its
     * id is refused, and its tasks are known to be gone. What was reserved on an agent follows it, and how it is being drained. An agent whose shim never came (it
     * has no version) holds no tasks and isn't waited for.
     */
    public static List<Command> commands(ClusterCaches caches, String version, Instant at) {
        List<Command> commands = new ArrayList<>();
        for (Agent agent : caches.agents()) {
            AgentStatus status = agent.getStatus();
            Optional<AgentId> id = idOf(agent);
            if (id.isEmpty()) {
                continue;
            }
            if (status.phase() == AgentStatus.Phase.GONE) {
                commands.add(new Command.RecoverRemovedAgent(id.get(), at));
                continue;
            }
            Resources dynamic = ReservationFacts.read(status);
            List<Command> drains = DrainFacts.commands(id.get(), status, at);
            if (status.version() == null && dynamic.isEmpty() && drains.isEmpty()) {
                continue;
            }
            commands.add(new Command.RecoverAgent(
                    id.get(),
                    AgentSpecs.of(
                            agent,
                            caches.pool(agent.getSpec().pool()).orElse(null),
                            caches.node(agent.getSpec().nodeName()).orElse(null),
                            Objects.requireNonNullElse(status.version(), version)),
                    at));
            if (!dynamic.isEmpty()) {
                commands.add(new Command.RecoverReservations(id.get(), dynamic, at));
            }
            commands.addAll(drains);
        }
        return commands;
    }
}
