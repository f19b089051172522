package io.offerplane.engine;

import io.offerplane.engine.Agent.TaskKey;
import io.offerplane.engine.Decision.Answer;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.task.StatusReason;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskState;
import java.util.List;
import java.util.Optional;

/** What agents tell of tasks, and what frameworks want of those that run: updates, acknowledgements, kills. */
final class TaskTraffic {
    private final Cluster cluster;
    private final TaskBook tasks;
    private final MasterUpdates updates;
    private final Reconciliation reconciliation;

    TaskTraffic(Cluster cluster, TaskBook tasks, MasterUpdates updates, Reconciliation reconciliation) {
        this.cluster = cluster;
        this.tasks = tasks;
        this.updates = updates;
        this.reconciliation = reconciliation;
    }

    /**
     * Updates go on to the framework even when the task isn't on the books: its acknowledgement may have been lost on the way, and
     * the agent repeats until it gets one.
     */
    Answer update(Command.UpdateTask command) {
        Agent agent = cluster.reachable(command.agentId());
        if (agent == null) {
            return refused(Answer.Reason.UNKNOWN_AGENT, "Agent " + command.agentId() + " is not registered");
        }
        Framework framework = cluster.frameworks.find(command.frameworkId());
        if (framework == null) {
            // Nobody is left to acknowledge it, so the agent would repeat it for ever.
            cluster.outbox.add(new Effect.ShutdownFramework(agent.id, command.frameworkId()));
            return refused(
                    Answer.Reason.UNKNOWN_FRAMEWORK, "Framework " + command.frameworkId() + " is not known here");
        }
        StatusUpdate update = command.update();
        Task task = agent.tasks.get(new TaskKey(framework.id, update.taskId()));
        if (task == null) {
            updates.send(framework, update);
            if (framework.application != null && !command.latestState().isTerminal()) {
                // Its application started it after it was given up: what it holds may be another's by now.
                cluster.outbox.add(new Effect.KillTask(agent.id, framework.id, update.taskId(), Optional.empty()));
            }
            return new Answer.Accepted();
        }
        if (update.state() == TaskState.KILLED) {
            update = reasoned(task, update);
        }
        if (!task.superseded) {
            updates.send(framework, update);
            task.forward(update);
        }
        tasks.move(task, agent, new TaskStateMachine.Input.Reported(command.latestState()), update.reason());
        if (task.superseded) {
            update.uuid()
                    .ifPresent(uuid ->
                            cluster.outbox.add(new Effect.AcknowledgeUpdate(agent.id, framework.id, task.id(), uuid)));
            if (update.state().isTerminal()) {
                tasks.complete(task, agent);
            }
        }
        return new Answer.Accepted();
    }

    /** Of a task that was taken back the agent knows only that it was killed. */
    private static StatusUpdate reasoned(Task task, StatusUpdate update) {
        String message = Reclamation.reason(task);
        return message == null
                ? update
                : new StatusUpdate(
                        update.taskId(),
                        update.state(),
                        update.agentId(),
                        update.executorId(),
                        update.source(),
                        Optional.of(StatusReason.CONTAINER_PREEMPTED),
                        Optional.of(message),
                        update.uuid(),
                        update.timestamp(),
                        update.unreachableTime(),
                        update.details());
    }

    /** To an agent that isn't connected the acknowledgement can't go: it repeats the update when it is back. */
    void acknowledge(Framework framework, Command.AcknowledgeUpdate command) {
        Agent agent = cluster.agents.get(command.agentId());
        if (agent == null || !agent.isConnected()) {
            return;
        }
        Task task = agent.tasks.get(new TaskKey(framework.id, command.taskId()));
        if (task != null) {
            StatusUpdate forwarded = task.forwarded;
            if (forwarded == null) {
                return;
            }
            if (forwarded.uuid().equals(Optional.of(command.uuid()))) {
                task.acknowledged();
                if (forwarded.state().isTerminal()) {
                    tasks.complete(task, agent);
                }
            }
        }
        cluster.outbox.add(new Effect.AcknowledgeUpdate(agent.id, framework.id, command.taskId(), command.uuid()));
    }

    /** The wish is kept until the task ends, as the agent may not hear of it now. */
    void kill(Framework framework, Command.KillTask command) {
        Task task = framework.tasks.get(command.taskId());
        if (task == null) {
            reconciliation.answer(
                    framework, List.of(new Command.ReconcileTasks.Question(command.taskId(), command.agentId())));
            return;
        }
        if (command.agentId().isPresent() && !command.agentId().get().equals(task.agentId)) {
            return;
        }
        task.killRequested = true;
        task.killGracePeriod = command.gracePeriod();
        Agent agent = cluster.agents.get(task.agentId);
        if (agent != null && agent.isConnected()) {
            cluster.outbox.add(new Effect.KillTask(agent.id, framework.id, task.id(), command.gracePeriod()));
        }
    }

    void shutdownExecutor(Framework framework, Command.ShutdownExecutor command) {
        Agent agent = cluster.agents.get(command.agentId());
        if (agent != null && agent.isConnected()) {
            cluster.outbox.add(new Effect.ShutdownExecutor(agent.id, framework.id, command.executorId()));
        }
    }

    void message(Framework framework, Command.MessageExecutor command) {
        Agent agent = cluster.agents.get(command.agentId());
        if (agent != null && agent.isConnected()) {
            cluster.outbox.add(
                    new Effect.MessageExecutor(agent.id, framework.id, command.executorId(), command.data()));
        }
    }

    Answer message(Command.MessageFramework command) {
        return toFramework(
                command.agentId(),
                command.frameworkId(),
                new Effect.SendMessage(command.frameworkId(), command.agentId(), command.executorId(), command.data()));
    }

    Answer exited(Command.ExecutorExited command) {
        return toFramework(
                command.agentId(),
                command.frameworkId(),
                new Effect.SendExecutorFailure(
                        command.frameworkId(), command.agentId(), command.executorId(), command.waitStatus()));
    }

    private Answer toFramework(AgentId agentId, FrameworkId frameworkId, Effect.ToFramework effect) {
        if (cluster.reachable(agentId) == null) {
            return refused(Answer.Reason.UNKNOWN_AGENT, "Agent " + agentId + " is not registered");
        }
        if (cluster.frameworks.find(frameworkId) == null) {
            return refused(Answer.Reason.UNKNOWN_FRAMEWORK, "Framework " + frameworkId + " is not known here");
        }
        cluster.outbox.add(effect);
        return new Answer.Accepted();
    }

    private static Answer refused(Answer.Reason reason, String message) {
        return new Answer.Refused(reason, message);
    }
}
