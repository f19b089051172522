package io.offerplane.engine;

import io.offerplane.engine.Decision.Answer;
import io.offerplane.engine.Timetable.Due;
import io.offerplane.engine.ask.Ask;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskState;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Takes in what applications ask for and give back. */
final class AskBook {
    /** Of one application; beyond it an application would do itself no good, and others harm. */
    private static final int KEYS = 10_000;

    private static final int AVOIDED = 10_000;

    private final Cluster cluster;
    private final TaskBook tasks;

    AskBook(Cluster cluster, TaskBook tasks) {
        this.cluster = cluster;
        this.tasks = tasks;
    }

    Answer update(Framework framework, Command.UpdateAsks command) {
        Application application = framework.application;
        if (application == null) {
            return invalid("asks: " + framework.id + " waits for offers (expected: a framework that asks)");
        }
        Optional<String> fault = fault(application, command);
        if (fault.isPresent()) {
            return invalid(fault.get());
        }
        application.avoided.addAll(command.avoid());
        command.noLongerAvoid().forEach(application.avoided::remove);
        for (Ask ask : command.asks()) {
            take(application, ask);
        }
        application.fresh = application.hasDemand();
        refresh(framework, application);
        return new Answer.Accepted();
    }

    private static Optional<String> fault(Application application, Command.UpdateAsks command) {
        Set<Object> keys = new HashSet<>(application.asks.keySet());
        Set<Object> named = new HashSet<>();
        for (Ask ask : command.asks()) {
            if (!named.add(ask.key())) {
                return Optional.of("asks: " + ask.key() + " twice (expected: each key once)");
            }
            keys.add(ask.key());
        }
        if (keys.size() > KEYS) {
            return Optional.of("asks: of " + keys.size() + " keys (expected: at most " + KEYS + ")");
        }
        int avoided = application.avoided.size() + command.avoid().size();
        return avoided > AVOIDED
                ? Optional.of("avoided hosts: " + avoided + " (expected: at most " + AVOIDED + ")")
                : Optional.empty();
    }

    private void take(Application application, Ask ask) {
        PendingAsk before = application.asks.get(ask.key());
        if (ask.count() == 0) {
            application.asks.remove(ask.key());
        } else {
            // Who states the same again has waited since before.
            Instant since = before != null && before.ask.size().equals(ask.size()) ? before.since : cluster.now;
            application.asks.put(ask.key(), new PendingAsk(ask, since));
        }
    }

    /** Brings all that depends on what it wants in line with that. */
    void refresh(Framework framework, Application application) {
        framework.subscriptions.values().forEach(cluster.roles::update);
        if (application.fresh) {
            cluster.agenda.asksAtOnce(framework);
        }
        awaitRelaxation(framework, application);
        cluster.outbox.changed(framework);
    }

    /** Time has made it content with less. */
    void relax(Framework framework) {
        Application application = framework.application;
        if (application != null) {
            application.fresh = application.hasDemand();
            refresh(framework, application);
        }
    }

    void awaitRelaxation(Framework framework, Application application) {
        cluster.timetable.cancel(application.relaxation);
        application.relaxation = null;
        application.asks.values().stream()
                .flatMap(ask -> ask.relaxes(cluster.config.askRules(), cluster.now).stream())
                .min(Instant::compareTo)
                .ifPresent(at -> application.relaxation = cluster.timetable.add(at, new Due.AskRelaxation(framework)));
    }

    /**
     * What was granted and not started yet is free at once; the rest when its agent says that it has ended. The agent is told in either case,
     * as a start may be under way.
     */
    void release(Framework framework, List<TaskId> containers) {
        for (TaskId id : containers) {
            Task task = framework.tasks.get(id);
            Agent agent = task == null ? null : cluster.agents.get(task.agentId);
            if (task == null || agent == null || framework.application == null) {
                continue;
            }
            boolean started = task.state != TaskState.STAGING;
            task.killRequested = true;
            if (agent.isConnected()) {
                cluster.outbox.add(new Effect.KillTask(agent.id, framework.id, id, Optional.empty()));
            }
            if (!started) {
                tasks.move(task, agent, new TaskStateMachine.Input.Reported(TaskState.KILLED), Optional.empty());
                tasks.complete(task, agent);
            }
        }
    }

    /** It starts anew: what it had asked for before is asked for again by whoever took over. */
    void forget(Framework framework) {
        Application application = framework.application;
        if (application != null) {
            application.asks.clear();
            application.avoided.clear();
            application.fresh = false;
            refresh(framework, application);
        }
    }

    /** It has ended. */
    void end(Framework framework) {
        forget(framework);
        cluster.agenda.forgetAsks(framework);
    }

    private static Answer invalid(String message) {
        return new Answer.Refused(Answer.Reason.INVALID, message);
    }
}
