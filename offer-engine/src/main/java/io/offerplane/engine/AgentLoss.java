package io.offerplane.engine;

import io.offerplane.engine.TaskStateMachine.Input;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.task.StatusReason;
import io.offerplane.engine.task.TaskState;
import io.offerplane.engine.view.EngineView.AgentView.Phase;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What an agent's loss means for its tasks and for the frameworks: out of reach for now, or gone for good. */
final class AgentLoss {
    private static final String MARKED_GONE = "Agent has been marked gone";

    private final Cluster cluster;
    private final OfferBook offers;
    private final TaskBook tasks;
    private final MasterUpdates updates;

    AgentLoss(Cluster cluster, OfferBook offers, TaskBook tasks, MasterUpdates updates) {
        this.cluster = cluster;
        this.offers = offers;
        this.tasks = tasks;
        this.updates = updates;
    }

    /** Its tasks are set aside: they may still run, and count again when the agent is back. */
    void unreachable(Agent agent, String message) {
        leave(agent);
        for (Task task : List.copyOf(agent.tasks.values())) {
            boolean aware = task.framework().isPartitionAware();
            if (toldOfEnd(task)) {
                // Only its acknowledgement is missing; the agent repeats the update when it is back.
                tasks.setAside(task, agent);
                continue;
            }
            tell(
                    task,
                    aware ? TaskState.UNREACHABLE : TaskState.LOST,
                    StatusReason.AGENT_REMOVED,
                    message,
                    Optional.of(cluster.now));
            tasks.move(task, agent, new Input.AgentUnreachable(aware), Optional.of(StatusReason.AGENT_REMOVED));
            tasks.setAside(task, agent);
        }
        agent.phase = Phase.UNREACHABLE;
        agent.oversubscribed = Resources.EMPTY;
        agent.unreachableSince = Optional.of(cluster.now);
        agent.ledger.resize(Resources.EMPTY);
        tellFrameworks(agent);
    }

    /** Its tasks have ended, and it won't be let in again. */
    void gone(Agent agent) {
        leave(agent);
        for (Task task : List.copyOf(agent.tasks.values())) {
            if (!toldOfEnd(task)) {
                end(task, agent, MARKED_GONE);
            }
            tasks.complete(task, agent);
        }
        endUnreachable(agent, MARKED_GONE);
        cluster.agents.remove(agent.id);
        cluster.maintenance.agents().remove(agent);
        tellFrameworks(agent);
        cluster.agenda.remove(agent);
    }

    /** Those that were set aside while it was out of reach have ended, too. */
    void endUnreachable(Agent agent, String message) {
        for (Task task : List.copyOf(agent.unreachableTasks.values())) {
            if (!toldOfEnd(task)) {
                end(task, agent, message);
            }
            tasks.noLongerAside(task, agent);
            tasks.remember(task);
        }
    }

    /** Its machine goes away: what ran there has ended, and the node is told so; the agent may come back. */
    void down(Agent agent, String message) {
        boolean wasThere = agent.isCounted();
        offers.rescindAll(agent);
        cluster.filters.clear(agent);
        if (wasThere) {
            cluster.discount(agent);
        }
        agent.writtenOff = new HashSet<>(agent.writtenOff);
        agent.writtenOff.addAll(agent.tasks.keySet());
        List<Agent.TaskKey> ended = List.copyOf(agent.tasks.keySet());
        for (Task task : List.copyOf(agent.tasks.values())) {
            if (!toldOfEnd(task)) {
                end(task, agent, message);
            }
            tasks.complete(task, agent);
        }
        tellToEnd(agent, ended);
        agent.ledger.resize(Resources.EMPTY);
        if (wasThere) {
            tellFrameworks(agent);
        }
    }

    /**
     * The node is told to end what it has of them: of an application one by one, as that may start its next container there before this is
     * heard of.
     */
    void tellToEnd(Agent agent, List<Agent.TaskKey> tasks) {
        Set<FrameworkId> frameworks = new LinkedHashSet<>();
        for (Agent.TaskKey key : tasks) {
            Framework framework = cluster.frameworks.find(key.framework());
            if (framework != null && framework.application != null) {
                cluster.outbox.add(new Effect.KillTask(agent.id, framework.id, key.task(), Optional.empty()));
            } else {
                frameworks.add(key.framework());
            }
        }
        frameworks.forEach(id -> cluster.outbox.add(new Effect.ShutdownFramework(agent.id, id)));
    }

    private void end(Task task, Agent agent, String message) {
        boolean aware = task.framework().isPartitionAware();
        StatusReason reason = aware ? StatusReason.AGENT_REMOVED_BY_OPERATOR : StatusReason.AGENT_REMOVED;
        tell(task, aware ? TaskState.GONE_BY_OPERATOR : TaskState.LOST, reason, message, Optional.empty());
        tasks.move(task, agent, new Input.AgentGone(aware), Optional.of(reason));
    }

    /** Off everything that counts or offers it. */
    private void leave(Agent agent) {
        cluster.timetable.cancel(agent.patience);
        offers.rescindAll(agent);
        offers.inverse().clear(agent);
        cluster.filters.clear(agent);
        if (agent.isCounted()) {
            cluster.discount(agent);
        }
    }

    private static boolean toldOfEnd(Task task) {
        return task.superseded
                || (task.forwarded != null && task.forwarded.state().isTerminal());
    }

    private void tell(
            Task task, TaskState state, StatusReason reason, String message, Optional<Instant> unreachableTime) {
        var update = updates.about(task, state, reason, message, unreachableTime);
        task.forward(update);
        updates.send(task.framework(), update);
    }

    private void tellFrameworks(Agent agent) {
        cluster.agenda.forget(agent);
        for (Framework framework : cluster.frameworks.all()) {
            if (framework.connected) {
                cluster.outbox.add(new Effect.SendAgentFailure(framework.id, agent.id));
            }
        }
        cluster.outbox.changed(agent);
    }
}
