package io.offerplane.engine;

import io.offerplane.engine.Agent.TaskKey;
import io.offerplane.engine.Command.HeldFramework;
import io.offerplane.engine.Command.HeldTask;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.task.StatusReason;
import io.offerplane.engine.task.TaskState;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Squares what a registering agent holds with what is on the books. What runs on the node is true; what the books have beyond it
 * the agent is asked to report on, as only an update from there is repeated until the framework has it.
 *
 * <p>A launch that was under way when the link broke is among the latter. If it was lost, the agent reports it as such. If
 * it arrived after the agent had made its list, the agent knows the task by the time it is asked, and keeps silent.
 */
final class HeldTasks {
    private final Cluster cluster;
    private final TaskBook tasks;
    private final MasterUpdates updates;
    private final FrameworkLifecycle frameworks;

    HeldTasks(Cluster cluster, TaskBook tasks, MasterUpdates updates, FrameworkLifecycle frameworks) {
        this.cluster = cluster;
        this.tasks = tasks;
        this.updates = updates;
        this.frameworks = frameworks;
    }

    /** @param returnMessage for frameworks that may have given the tasks up; empty when they had no cause to */
    void reconcile(Agent agent, List<HeldTask> held, List<HeldFramework> specs, Optional<String> returnMessage) {
        Map<FrameworkId, FrameworkSpec> specsById = new HashMap<>();
        specs.forEach(framework -> specsById.put(framework.frameworkId(), framework.spec()));
        Set<FrameworkId> ended = new LinkedHashSet<>();
        Set<TaskKey> seen = new HashSet<>();
        for (HeldTask heldTask : held) {
            FrameworkId id = heldTask.frameworkId();
            Framework framework = cluster.frameworks.find(id);
            FrameworkSpec spec = specsById.get(id);
            if (framework == null && spec != null && !cluster.frameworks.isRemoved(id)) {
                framework = frameworks.recover(id, spec, Optional.of(graceEnd(spec)));
            }
            if (framework == null) {
                ended.add(id);
                continue;
            }
            seen.add(new TaskKey(id, heldTask.task().taskId()));
            take(agent, framework, heldTask, returnMessage);
        }
        ended.forEach(id -> cluster.outbox.add(new Effect.ShutdownFramework(agent.id, id)));
        askForTheRest(agent, seen);
    }

    /** A framework that only its tasks remember gets time to come back, or its tasks would run for ever. */
    private Instant graceEnd(FrameworkSpec spec) {
        return cluster.now.plus(cluster.config.agentReregisterTimeout()).plus(spec.failoverTimeout());
    }

    private void take(Agent agent, Framework framework, HeldTask held, Optional<String> returnMessage) {
        TaskKey key = new TaskKey(framework.id, held.task().taskId());
        Task task = agent.tasks.get(key);
        if (task != null) {
            tasks.move(task, agent, new TaskStateMachine.Input.Reported(held.state()), Optional.empty());
        } else {
            task = agent.unreachableTasks.get(key);
            if (task != null) {
                tasks.noLongerAside(task, agent);
                tasks.takeBack(task, frameworks.subscription(framework, task.charged.role), agent, held.state());
            } else {
                task = tasks.adopt(held.task(), frameworks.subscription(framework, held.role()), agent, held.state());
                held.forwarded().ifPresent(task::forward);
            }
            tellOfReturn(task, held, returnMessage);
        }
        if ((task.killRequested || task.superseded) && !task.state.isTerminal()) {
            cluster.outbox.add(new Effect.KillTask(agent.id, framework.id, task.id(), task.killGracePeriod));
        }
    }

    /** States are told in their order: with updates still on their way, the one that is next rather than the latest. */
    private void tellOfReturn(Task task, HeldTask held, Optional<String> message) {
        if (message.isEmpty() || task.superseded) {
            return;
        }
        TaskState state = held.forwarded().map(update -> update.state()).orElse(held.state());
        var update = updates.about(task, state, StatusReason.AGENT_REREGISTERED, message.get(), Optional.empty());
        updates.send(task.framework(), update);
        if (!state.isTerminal()) {
            task.forward(update);
        }
    }

    private void askForTheRest(Agent agent, Set<TaskKey> seen) {
        for (Task task : agent.tasks.values()) {
            if (!seen.contains(task.key()) && !isYetToBeStarted(task)) {
                ask(agent, task);
            }
        }
        for (Task task : List.copyOf(agent.unreachableTasks.values())) {
            ask(agent, task);
            tasks.move(
                    task,
                    agent,
                    new TaskStateMachine.Input.AgentReturned(unknown(task)),
                    Optional.of(StatusReason.RECONCILIATION));
            tasks.noLongerAside(task, agent);
            tasks.remember(task);
        }
    }

    /** A container waits for its application to start it, so that its agent need not know of it. */
    private static boolean isYetToBeStarted(Task task) {
        return task.framework().application != null && task.state == TaskState.STAGING;
    }

    private void ask(Agent agent, Task task) {
        cluster.outbox.add(new Effect.ReportTaskUnknown(agent.id, task.framework().id, task.id(), unknown(task)));
    }

    private static TaskState unknown(Task task) {
        return task.framework().isPartitionAware() ? TaskState.GONE : TaskState.LOST;
    }
}
