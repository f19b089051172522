package io.offerplane.engine;

import io.offerplane.engine.Agent.ExecutorKey;
import io.offerplane.engine.TaskStateMachine.Outcome;
import io.offerplane.engine.TaskStateMachine.Transition;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.task.StatusReason;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Adds tasks, moves them through their states, and keeps what they hold on the books as long as they hold it. */
final class TaskBook {
    private final Cluster cluster;

    TaskBook(Cluster cluster) {
        this.cluster = cluster;
    }

    /** What a task would take on this agent: its own, and its executor's unless that runs there already. */
    static Resources cost(TaskSpec spec, Framework framework, Agent agent) {
        return spec.executor()
                .filter(executor -> !agent.executors.containsKey(new ExecutorKey(framework.id, executor.executorId())))
                .map(executor -> spec.resources().plus(executor.resources()))
                .orElse(spec.resources());
    }

    /** A task out of an offer that has been closed: its role is charged for it already. */
    Task launch(TaskSpec spec, Subscription subscription, Agent agent) {
        agent.ledger.allocate(cost(spec, subscription.framework, agent));
        Task task = new Task(spec, subscription, agent.id, executor(spec, subscription, agent), TaskState.STAGING);
        task.holdsResources = true;
        cluster.roles.begins(task);
        add(task, agent);
        return task;
    }

    /** A container that was asked for: charged from here on. */
    Task grant(TaskSpec spec, Subscription subscription, Agent agent) {
        cluster.roles.charge(subscription, spec.resources());
        cluster.agenda.quotasMoved();
        return launch(spec, subscription, agent);
    }

    /** A task that its agent holds and that isn't on the books. */
    Task adopt(TaskSpec spec, Subscription subscription, Agent agent, TaskState state) {
        Task task = new Task(spec, subscription, agent.id, null, state);
        hold(task, agent);
        add(task, agent);
        return task;
    }

    /** A task that was set aside, and that its agent has come back with. */
    void takeBack(Task task, Subscription subscription, Agent agent, TaskState held) {
        TaskState from = task.state;
        task.charged = subscription;
        task.state = TaskStateMachine.step(from, new TaskStateMachine.Input.AgentReturned(held))
                .next();
        hold(task, agent);
        put(task, agent);
        tell(task, Optional.of(from), Optional.of(StatusReason.AGENT_REREGISTERED));
    }

    private void hold(Task task, Agent agent) {
        if (task.state.isTerminal()) {
            return;
        }
        Resources cost = cost(task.spec, task.framework(), agent);
        agent.ledger.adopt(cost);
        cluster.roles.charge(task.charged, cost);
        cluster.agenda.quotasMoved();
        task.executor = executor(task.spec, task.charged, agent);
        task.holdsResources = true;
        cluster.roles.begins(task);
    }

    private @Nullable Executor executor(TaskSpec spec, Subscription subscription, Agent agent) {
        if (spec.executor().isEmpty()) {
            return null;
        }
        TaskSpec.ExecutorSpec executorSpec = spec.executor().get();
        ExecutorKey key = new ExecutorKey(subscription.framework.id, executorSpec.executorId());
        Executor executor = agent.executors.get(key);
        if (executor == null) {
            executor = new Executor(key, executorSpec, subscription);
            agent.put(executor);
        }
        executor.liveTasks++;
        return executor;
    }

    private void add(Task task, Agent agent) {
        put(task, agent);
        tell(task, Optional.empty(), Optional.empty());
    }

    private void put(Task task, Agent agent) {
        agent.put(task);
        Task known = task.framework().tasks.putIfAbsent(task.id(), task);
        task.superseded = known != null && known != task;
        cluster.outbox.changed(task.framework());
        cluster.outbox.changed(agent);
    }

    /** Moves a task on; when it ends, what it held is free. */
    void move(Task task, Agent agent, TaskStateMachine.Input input, Optional<StatusReason> reason) {
        Transition transition = TaskStateMachine.step(task.state, input);
        if (transition.outcome() != Outcome.MOVED) {
            return;
        }
        TaskState from = task.state;
        task.state = transition.next();
        if (task.state.isTerminal() || task.state == TaskState.UNREACHABLE) {
            release(task, agent);
        }
        tell(task, Optional.of(from), reason);
        cluster.outbox.changed(task.framework());
        cluster.outbox.changed(agent);
    }

    private void release(Task task, Agent agent) {
        if (!task.holdsResources) {
            return;
        }
        task.holdsResources = false;
        cluster.roles.ends(task);
        if (task.reclaim != null) {
            cluster.timetable.cancel(task.reclaim.deadline);
            cluster.reclaims.forget(task);
        }
        free(task.spec.resources(), task.charged, agent);
        Application application = task.framework().application;
        if (application != null && application.remove(task.id()) && application.hasDemand()) {
            // Where it was is not the only place that may suit now.
            application.fresh = true;
            cluster.agenda.asksAtOnce(task.framework());
        }
        Executor executor = task.executor;
        task.executor = null;
        if (executor != null && --executor.liveTasks == 0) {
            agent.executors.remove(executor.key);
            free(executor.spec.resources(), executor.charged, agent);
        }
    }

    private void free(Resources resources, Subscription charged, Agent agent) {
        agent.ledger.release(resources);
        cluster.release(charged, resources);
        if (cluster.roles.waiting() > 0) {
            // Offers may wait for the interval, as in Mesos; who has asked is served as soon as there is room.
            cluster.agenda.visitAtOnce(agent);
        } else {
            cluster.agenda.visitAtInterval(agent);
        }
    }

    private void tell(Task task, Optional<TaskState> from, Optional<StatusReason> reason) {
        cluster.outbox.add(new Effect.TaskTransition(
                task.framework().id, task.id(), task.agentId, task.charged.role, from, task.state, reason));
    }

    /** Takes a task off the books of the living. */
    void complete(Task task, Agent agent) {
        detach(task, agent);
        if (!task.superseded) {
            remember(task);
        }
    }

    /** Sets a task aside until its agent is back. */
    void setAside(Task task, Agent agent) {
        detach(task, agent);
        task.framework().unreachableTasks.put(task.id(), task);
        agent.setAside(task);
    }

    /** Ends what {@link #setAside} began. */
    void noLongerAside(Task task, Agent agent) {
        task.framework().unreachableTasks.remove(task.id(), task);
        agent.unreachableTasks.remove(task.key());
        cluster.outbox.changed(task.framework());
    }

    private void detach(Task task, Agent agent) {
        release(task, agent);
        agent.remove(task);
        task.framework().tasks.remove(task.id(), task);
        cluster.outbox.changed(task.framework());
        cluster.outbox.changed(agent);
    }

    /** Keeps an ended task for state endpoints, as long as newer ones leave room. */
    void remember(Task task) {
        Framework framework = task.framework();
        framework.completedTasks.addFirst(task);
        if (framework.completedTasks.size() > cluster.config.completedTasksPerFramework()) {
            framework.completedTasks.removeLast();
        }
    }
}
