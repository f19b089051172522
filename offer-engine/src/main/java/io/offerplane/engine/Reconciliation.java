package io.offerplane.engine;

import io.offerplane.engine.Command.ReconcileTasks.Question;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.task.StatusReason;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import io.offerplane.engine.view.EngineView.AgentView.Phase;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Answers "what is the state of these tasks?", and keeps silent where the answer would be a guess: a framework that hears LOST
 * starts the task again.
 */
final class Reconciliation {
    private final Cluster cluster;
    private final MasterUpdates updates;

    Reconciliation(Cluster cluster, MasterUpdates updates) {
        this.cluster = cluster;
        this.updates = updates;
    }

    /** @param questions the tasks asked about; none means all */
    void answer(Framework framework, List<Question> questions) {
        if (questions.isEmpty()) {
            framework.tasks.values().forEach(task -> updates.send(framework, latest(task)));
            return;
        }
        for (Question question : questions) {
            Task task = framework.tasks.get(question.taskId());
            if (task != null) {
                updates.send(framework, latest(task));
            } else {
                answer(framework, question.taskId(), question.agentId());
            }
        }
    }

    /** The state that the framework was last told of, not one that it has yet to hear in its turn. */
    private StatusUpdate latest(Task task) {
        StatusUpdate forwarded = task.forwarded;
        return updates.update(
                task.id(),
                Optional.of(task.agentId),
                task.spec.executor().map(TaskSpec.ExecutorSpec::executorId),
                task.forwardedState(),
                StatusReason.RECONCILIATION,
                "Reconciliation: Latest task state",
                Optional.empty(),
                forwarded == null ? Payload.EMPTY : forwarded.details());
    }

    private void answer(Framework framework, TaskId taskId, Optional<AgentId> agentId) {
        boolean aware = framework.isPartitionAware();
        Optional<Agent> agent = agentId.map(cluster.agents::get);
        if (agentId.isEmpty()) {
            if (cluster.agents.values().stream().noneMatch(a -> a.phase == Phase.RECOVERED)) {
                say(framework, taskId, agentId, aware ? TaskState.UNKNOWN : TaskState.LOST, "Task is unknown");
            }
        } else if (agent.isPresent()) {
            switch (agent.get().phase) {
                case RECOVERED -> {}
                case CONNECTED, DISCONNECTED ->
                    say(
                            framework,
                            taskId,
                            agentId,
                            aware ? TaskState.GONE : TaskState.LOST,
                            "Task is unknown to the agent");
                case UNREACHABLE -> unreachable(framework, taskId, agent.get());
            }
        } else if (cluster.goneAgents.contains(agentId.get())) {
            say(framework, taskId, agentId, aware ? TaskState.GONE_BY_OPERATOR : TaskState.LOST, "Task is gone");
        } else {
            say(framework, taskId, agentId, aware ? TaskState.UNKNOWN : TaskState.LOST, "Task is unknown");
        }
    }

    private void unreachable(Framework framework, TaskId taskId, Agent agent) {
        Optional<Instant> since = agent.unreachableSince;
        updates.send(
                framework,
                updates.update(
                        taskId,
                        Optional.of(agent.id),
                        Optional.empty(),
                        framework.isPartitionAware() ? TaskState.UNREACHABLE : TaskState.LOST,
                        StatusReason.RECONCILIATION,
                        "Reconciliation: Task is unreachable",
                        since,
                        Payload.EMPTY));
    }

    private void say(Framework framework, TaskId taskId, Optional<AgentId> agentId, TaskState state, String message) {
        updates.send(
                framework,
                updates.about(taskId, agentId, state, StatusReason.RECONCILIATION, "Reconciliation: " + message));
    }
}
