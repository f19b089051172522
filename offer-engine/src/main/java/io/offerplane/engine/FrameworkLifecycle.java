package io.offerplane.engine;

import io.offerplane.engine.Decision.Answer;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.StatusReason;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskState;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** How frameworks come, go, come back and end. */
final class FrameworkLifecycle {
    private final Cluster cluster;
    private final OfferBook offers;
    private final TaskBook tasks;
    private final MasterUpdates updates;
    private final OperationBook operations;
    private final AskBook asks;
    private final Admission admission;
    private final BackOff backOff;

    FrameworkLifecycle(
            Cluster cluster,
            OfferBook offers,
            TaskBook tasks,
            MasterUpdates updates,
            OperationBook operations,
            AskBook asks,
            Admission admission) {
        this.operations = operations;
        this.admission = admission;
        this.asks = asks;
        this.cluster = cluster;
        this.offers = offers;
        this.tasks = tasks;
        this.updates = updates;
        backOff = new BackOff(cluster);
    }

    Answer subscribe(Command.Subscribe command) {
        Optional<String> fault = suppressionFault(command.spec(), command.suppressedRoles());
        if (fault.isPresent()) {
            return invalid(fault.get());
        }
        Framework known = null;
        if (command.frameworkId().isPresent()) {
            FrameworkId id = command.frameworkId().get();
            if (cluster.frameworks.isRemoved(id)) {
                return invalid("Framework has been removed");
            }
            known = cluster.frameworks.find(id);
        }
        if (known == null) {
            Optional<String> full = admissionFault(command.spec());
            if (full.isPresent()) {
                return invalid(full.get());
            }
            FrameworkId id = command.frameworkId().orElseGet(cluster.frameworks::nextId);
            Framework framework = new Framework(id, command.spec(), cluster.now);
            cluster.frameworks.add(framework);
            connect(framework, command);
            return new Answer.Subscribed(id);
        }
        if (!known.spec.principal().equals(command.spec().principal())) {
            return invalid("Changing framework's principal is not allowed.");
        }
        if (known.spec.application().isPresent() != command.spec().application().isPresent()) {
            return invalid("Changing whether a framework asks or waits for offers is not allowed.");
        }
        if (known.connected && command.connection() < known.connection) {
            return invalid("Framework failed over");
        }
        comeBack(known, command);
        return new Answer.Subscribed(known.id);
    }

    /** The new stream wins. What was offered to the old one is void, without a word: the new one never heard of it. */
    private void comeBack(Framework framework, Command.Subscribe command) {
        offers.discardAll(framework);
        if (!framework.recovered) {
            framework.failovers++;
        }
        framework.recovered = false;
        framework.reregistered = Optional.of(cluster.now);
        framework.failoverDeadline = Optional.empty();
        cluster.timetable.cancel(framework.failover);
        FrameworkSpec old = framework.spec;
        FrameworkSpec next = command.spec();
        // User and checkpoint stay as they were: tasks run under them.
        framework.describe(new FrameworkSpec(
                next.name(),
                old.user(),
                next.roles(),
                next.failoverTimeout(),
                old.checkpoint(),
                next.principal(),
                next.capabilities(),
                next.info(),
                next.offerRules(),
                next.application()));
        connect(framework, command);
        // Agents repeat what is not acknowledged in their own time; the new stream need not wait for that.
        for (Task task : framework.tasks.values()) {
            StatusUpdate forwarded = task.forwarded;
            if (forwarded != null && task.awaitsAcknowledgement()) {
                updates.send(framework, forwarded);
            }
        }
    }

    private void connect(Framework framework, Command.Subscribe command) {
        framework.connected = true;
        framework.connection = command.connection();
        framework.subscriptions.values().forEach(cluster.filters::clear);
        framework.subscriptions.values().forEach(backOff::forget);
        asks.forget(framework);
        applyRoles(framework, command.suppressedRoles());
        if (framework.application == null) {
            cluster.agenda.visitAllAtOnce();
        } else {
            rank(framework.spec);
        }
        cluster.outbox.changed(framework);
    }

    Answer update(Framework framework, Command.UpdateFramework command) {
        FrameworkSpec old = framework.spec;
        FrameworkSpec next = command.spec();
        Optional<String> fault = suppressionFault(next, command.suppressedRoles());
        if (fault.isPresent()) {
            return invalid(fault.get());
        }
        if (!old.principal().equals(next.principal())) {
            return invalidUpdate("Changing framework's principal is not allowed.");
        }
        if (!old.user().equals(next.user())) {
            return invalidUpdate(unsupported("user", old.user(), next.user()));
        }
        if (old.checkpoint() != next.checkpoint()) {
            return invalidUpdate(
                    unsupported("checkpoint", String.valueOf(old.checkpoint()), String.valueOf(next.checkpoint())));
        }
        framework.describe(next);
        applyRoles(framework, command.suppressedRoles());
        if (framework.application != null) {
            rank(next);
        }
        cluster.agenda.visitAllAtOnce();
        cluster.outbox.changed(framework);
        return new Answer.Accepted();
    }

    private Optional<String> admissionFault(FrameworkSpec spec) {
        return spec.application().isEmpty()
                ? Optional.empty()
                : spec.roles().stream()
                        .flatMap(role -> admission.fault(role, spec.name()).stream())
                        .findFirst();
    }

    /** An application has come, or is of another priority, or has ended. */
    private void rank(FrameworkSpec application) {
        for (RolePath role : application.roles()) {
            cluster.roles.rankAnew(role);
            admission.admit(role);
        }
    }

    private static String unsupported(String field, String from, String to) {
        return "Updating 'FrameworkInfo." + field + "' is unsupported; attempted to update from '" + from + "' to '"
                + to + "'";
    }

    private static Optional<String> suppressionFault(FrameworkSpec spec, Set<RolePath> suppressed) {
        return suppressed.stream()
                .sorted()
                .filter(role -> !spec.roles().contains(role))
                .findFirst()
                .map(role -> "Suppressed role '" + role + "' is not contained in the list of roles");
    }

    /** Brings subscriptions in line with the roles that the framework wants now. */
    private void applyRoles(Framework framework, Set<RolePath> suppressed) {
        Set<RolePath> wanted = new LinkedHashSet<>(framework.spec.roles());
        for (RolePath role : wanted) {
            Subscription subscription = subscription(framework, role);
            subscription.wanted = true;
            subscription.suppressed = suppressed.contains(role);
            cluster.roles.update(subscription);
        }
        for (Subscription subscription : List.copyOf(framework.subscriptions.values())) {
            if (!wanted.contains(subscription.role)) {
                leave(framework, subscription);
            }
        }
    }

    private void leave(Framework framework, Subscription subscription) {
        // Out of the competition before its offers go back: with the last of them it may be forgotten.
        subscription.wanted = false;
        cluster.roles.update(subscription);
        cluster.filters.clear(subscription);
        List.copyOf(framework.offers).stream()
                .filter(offer -> offer.subscription == subscription)
                .forEach(offers::rescind);
        cluster.forgetIfIdle(subscription);
    }

    /** The framework in this role; known from here on, though perhaps only for what is charged to it. */
    Subscription subscription(Framework framework, RolePath role) {
        return framework.subscriptions.computeIfAbsent(role, r -> {
            Subscription subscription = new Subscription(framework, r);
            cluster.roles.update(subscription);
            return subscription;
        });
    }

    void disconnect(Framework framework, long connection) {
        if (!framework.connected || framework.connection != connection) {
            return;
        }
        framework.connected = false;
        offers.discardAll(framework);
        for (Subscription subscription : framework.subscriptions.values()) {
            cluster.filters.clear(subscription);
            cluster.roles.update(subscription);
        }
        cluster.outbox.changed(framework);
        if (framework.spec.failoverTimeout().isZero()) {
            remove(framework, "Framework disconnected, and its failover timeout is zero");
        } else {
            awaitReturn(framework, cluster.now.plus(framework.spec.failoverTimeout()));
        }
    }

    private void awaitReturn(Framework framework, Instant deadline) {
        framework.failoverDeadline = Optional.of(deadline);
        framework.failover = cluster.timetable.add(deadline, new Timetable.Due.FailoverDeadline(framework));
    }

    /** It has not come back in time. */
    void giveUp(Framework framework) {
        remove(framework, "Framework failover timeout");
    }

    /** A framework that has not subscribed under this leader. */
    Framework recover(FrameworkId id, FrameworkSpec spec, Optional<Instant> failoverDeadline) {
        Framework framework = new Framework(id, spec, cluster.now);
        framework.recovered = true;
        cluster.frameworks.add(framework);
        failoverDeadline.ifPresent(deadline -> awaitReturn(framework, deadline));
        cluster.outbox.changed(framework);
        return framework;
    }

    void teardown(Framework framework) {
        boolean hadStream = framework.connected;
        remove(framework, "Framework was torn down");
        if (hadStream) {
            cluster.outbox.add(new Effect.CloseStream(framework.id));
        }
    }

    /** The framework ends, with its tasks; as in Mesos their resources are free at once, while agents still end them. */
    private void remove(Framework framework, String cause) {
        framework.connected = false;
        cluster.timetable.cancel(framework.failover);
        operations.forgetAll(framework);
        asks.end(framework);
        offers.discardAll(framework);
        offers.inverse().forgetAnswers(framework);
        for (Agent agent : cluster.agents.values()) {
            List<Task> tasksHere = agent.tasks.values().stream()
                    .filter(task -> task.framework() == framework)
                    .toList();
            if (!tasksHere.isEmpty()) {
                cluster.outbox.add(new Effect.ShutdownFramework(agent.id, framework.id));
            }
            tasksHere.forEach(task -> end(task, agent));
        }
        for (Subscription subscription : List.copyOf(framework.subscriptions.values())) {
            cluster.filters.clear(subscription);
            subscription.wanted = false;
            cluster.roles.update(subscription);
            cluster.forgetIfIdle(subscription);
        }
        cluster.frameworks.complete(framework, cluster.now);
        if (framework.application != null) {
            rank(framework.spec);
        }
        cluster.outbox.add(new Effect.FrameworkRemoved(framework.id, cause));
    }

    private void end(Task task, Agent agent) {
        if (!task.state.isTerminal()) {
            task.forward(updates.about(
                    task,
                    TaskState.KILLED,
                    StatusReason.FRAMEWORK_REMOVED,
                    "Framework " + task.framework().id + " removed",
                    Optional.empty()));
        }
        tasks.move(
                task,
                agent,
                new TaskStateMachine.Input.FrameworkRemoved(),
                Optional.of(StatusReason.FRAMEWORK_REMOVED));
        tasks.complete(task, agent);
    }

    private static Answer invalid(String message) {
        return new Answer.Refused(Answer.Reason.INVALID, message);
    }

    private static Answer invalidUpdate(String message) {
        return invalid("FrameworkInfo update is not valid: " + message);
    }
}
