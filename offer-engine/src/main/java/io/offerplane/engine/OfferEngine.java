package io.offerplane.engine;

import io.offerplane.engine.Decision.Answer;
import io.offerplane.engine.Timetable.Due;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.view.EngineView;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Decides who may use which part of which agent. The same commands give the same decisions, on any JVM.
 *
 * <p>One writer: no two calls may overlap, from whatever threads they come; the engine throws when they do. A command that names
 * something unknown gets a {@link Answer.Refused} and changes nothing. An {@link InvariantViolation} means a defect: the engine must
 * not be used after it.
 *
 * <p>Allocation never runs inside the command that calls for it: it runs in a {@link Command.Tick}. {@link #nextDue} says when one
 * is due, which after a framework or an agent has joined is at once. A loop that first applies all commands that wait and then ticks
 * thus runs one cycle for all of them.
 */
public final class OfferEngine {
    private final AtomicBoolean busy = new AtomicBoolean();
    private final Cluster cluster;
    private final AgentLifecycle agents;
    private final AgentLoss loss;
    private final FrameworkLifecycle frameworks;
    private final OfferBook offers;
    private final AskBook asks;
    private final Admission admission;
    private final AskMatching matching;
    private final Eligibility eligibility;
    private final MaintenanceChanges maintenance;
    private final Drains drains;
    private final Preferences preferences;
    private final Acceptance acceptance;
    private final OperatorChanges changes;
    private final Oversubscription oversubscription;
    private final QuotaChanges quotas;
    private final Reclamation reclamation;
    private final OperationBook operations;
    private final TaskTraffic traffic;
    private final Reconciliation reconciliation;
    private final Starvation starvation;
    private final SplitMix random;
    private final AllocationCycle cycle;
    private final ViewBuilder views;
    private final Invariants invariants;

    public OfferEngine(EngineConfig config) {
        cluster = new Cluster(config);
        invariants = new Invariants(cluster);
        offers = new OfferBook(cluster);
        TaskBook tasks = new TaskBook(cluster);
        MasterUpdates updates = new MasterUpdates(cluster);
        eligibility = new Eligibility(config, cluster.filters);
        operations = new OperationBook(cluster);
        asks = new AskBook(cluster, tasks);
        admission = new Admission(cluster, asks);
        frameworks = new FrameworkLifecycle(cluster, offers, tasks, updates, operations, asks, admission);
        loss = new AgentLoss(cluster, offers, tasks, updates);
        maintenance = new MaintenanceChanges(cluster, offers, loss);
        drains = new Drains(cluster, offers, loss);
        agents = new AgentLifecycle(
                cluster, offers, new HeldTasks(cluster, tasks, updates, frameworks), loss, maintenance, drains);
        preferences = new Preferences(cluster, offers.inverse());
        acceptance = new Acceptance(cluster, offers, tasks, updates, operations);
        changes = new OperatorChanges(cluster, offers);
        matching = new AskMatching(cluster, tasks);
        reclamation = new Reclamation(cluster, offers, new Demand(cluster, matching));
        quotas = new QuotaChanges(cluster, offers, reclamation);
        oversubscription = new Oversubscription(cluster, offers);
        reconciliation = new Reconciliation(cluster, updates);
        traffic = new TaskTraffic(cluster, tasks, updates, reconciliation);
        random = new SplitMix(config.seed());
        starvation = new Starvation(cluster, eligibility, matching);
        cycle = new AllocationCycle(cluster, offers, eligibility, matching, starvation, random, invariants);
        views = new ViewBuilder(cluster, new Explanation(cluster, eligibility, matching));
    }

    private OfferEngine(EngineConfig config, EngineSnapshot snapshot) {
        this(config);
        new SnapshotReader(cluster, snapshot).read();
        random.resume(snapshot.random());
        eligibility.restore(snapshot.ownMinimums());
        offers.continueFrom(snapshot.counters().offers());
        operations.continueFrom(snapshot.counters().operations());
        matching.continueFrom(snapshot.counters().containers());
    }

    /**
     * An engine that goes on from a snapshot: the same commands give the same decisions as they would have given where it was taken.
     *
     * @param config that of the engine which the snapshot was taken from; another one holds from here on
     */
    public static OfferEngine restore(EngineConfig config, EngineSnapshot snapshot) {
        return new OfferEngine(config, snapshot);
    }

    /** All that the engine knows now, to go on from elsewhere. */
    public EngineSnapshot snapshot() {
        enter();
        try {
            return new SnapshotWriter(cluster)
                    .write(
                            random.state(),
                            new EngineSnapshot.Counters(
                                    offers.nextNumber(),
                                    cluster.frameworks.nextNumber(),
                                    operations.nextNumber(),
                                    matching.nextNumber(),
                                    cluster.timetable.nextSequence()),
                            eligibility.hasOwnMinimums());
        } finally {
            busy.set(false);
        }
    }

    /** A copy of what the engine knows now, on which changes can be tried out. */
    public WhatIf whatIf() {
        return new WhatIf(cluster.config, snapshot());
    }

    /** Has one cycle share out all that nobody has taken, and shows what comes of it. */
    WhatIfReport.Round shareAfresh(Instant at) {
        offers.rescindAll();
        cluster.agenda.visitAllAtOnce();
        Decision decision = apply(new Command.Tick(at));
        return new WhatIfReport.Round(decision.effects(), view(at));
    }

    /** Takes in one command. Its time may not be before that of the last one; if it is, the last one's counts. */
    public Decision apply(Command command) {
        enter();
        try {
            if (command.at().isAfter(cluster.now)) {
                cluster.now = command.at();
            }
            Answer answer = answer(command);
            starvation.settle();
            drains.settle(cluster.outbox.unchecked());
            invariants.check();
            return new Decision(answer, cluster.outbox.drain());
        } finally {
            busy.set(false);
        }
    }

    /** The whole state, in a fixed order. */
    public EngineView view(Instant at) {
        enter();
        try {
            return views.build(at);
        } finally {
            busy.set(false);
        }
    }

    /**
     * When the next {@link Command.Tick} has something to do, which may be a time that has passed; empty when nothing waits for time
     * alone.
     */
    public Optional<Instant> nextDue() {
        Optional<Instant> cycleDue = cluster.agenda.next(cluster.now);
        Optional<Instant> expiry = cluster.timetable.next();
        if (cycleDue.isEmpty() || expiry.isEmpty()) {
            return cycleDue.or(() -> expiry);
        }
        return cycleDue.get().isBefore(expiry.get()) ? cycleDue : expiry;
    }

    private void enter() {
        if (!busy.compareAndSet(false, true)) {
            throw new InvariantViolation("two callers at once (expected: one at a time)");
        }
    }

    private Answer answer(Command command) {
        return switch (command) {
            case Command.Tick tick -> tick();
            case Command.SetRoleWeight set -> setWeight(set);
            case Command.SetReclaimPolicy set -> accepted(() -> reclamation.set(set.role(), set.policy()));
            case Command.SetQueuePolicy set -> accepted(() -> admission.set(set.role(), set.policy()));
            case Command.SetQuotas set -> quotas.set(set);
            case Command.ClearRoleWeight clear ->
                accepted(() -> reweigh(clear.role(), () -> cluster.roles.clearWeight(clear.role())));
            case Command.RecoverAgent recover -> agents.recover(recover);
            case Command.RecoverReservations recover -> agents.recover(recover);
            case Command.ChangeResources change -> changes.change(change);
            case Command.AcknowledgeOperation acknowledge ->
                forConnected(acknowledge.frameworkId(), f -> operations.acknowledge(f, acknowledge));
            case Command.ReconcileOperations reconcile ->
                forConnected(reconcile.frameworkId(), f -> operations.reconcile(f, reconcile.operations()));
            case Command.RecoverRemovedAgent recover -> accepted(() -> cluster.recordGone(recover.agentId()));
            case Command.RecoverFramework recover -> recover(recover);
            case Command.RecoverRemovedFramework recover ->
                accepted(() -> cluster.frameworks.refuse(recover.frameworkId()));
            case Command.RegisterAgent register -> agents.register(register);
            case Command.UpdateAgent update -> agents.update(update);
            case Command.DeactivateAgent deactivate -> drains.deactivate(deactivate.agentId());
            case Command.ActivateAgent activate -> drains.activate(activate.agentId());
            case Command.SetOversubscribed set -> oversubscription.set(set);
            case Command.DrainAgent drain -> drains.drain(drain);
            case Command.CordonAgent cordon -> maintenance.cordon(cordon.agentId(), true, cordon.unavailability());
            case Command.UncordonAgent uncordon -> maintenance.cordon(uncordon.agentId(), false, Optional.empty());
            case Command.UpdateMaintenanceSchedule update -> maintenance.schedule(update);
            case Command.StartMaintenance start -> maintenance.start(start);
            case Command.StopMaintenance stop -> maintenance.stop(stop);
            case Command.DisconnectAgent disconnect -> agents.disconnect(disconnect);
            case Command.MarkAgentUnreachable mark -> agents.markUnreachable(mark.agentId());
            case Command.RemoveAgent remove -> agents.remove(remove);
            case Command.UpdateTask update -> traffic.update(update);
            case Command.Subscribe subscribe -> {
                eligibility.heed(subscribe.spec());
                yield frameworks.subscribe(subscribe);
            }
            case Command.UpdateFramework update -> {
                eligibility.heed(update.spec());
                yield ofConnected(update.frameworkId(), f -> frameworks.update(f, update));
            }
            case Command.DisconnectFramework disconnect ->
                ofKnown(disconnect.frameworkId(), f -> frameworks.disconnect(f, disconnect.connection()));
            case Command.TeardownFramework teardown -> ofKnown(teardown.frameworkId(), frameworks::teardown);
            case Command.AcceptOffers accept -> forConnected(accept.frameworkId(), f -> acceptance.accept(f, accept));
            case Command.DeclineOffers decline ->
                forConnected(decline.frameworkId(), f -> acceptance.decline(f, decline));
            case Command.AcceptInverseOffers accept ->
                forConnected(accept.frameworkId(), f -> offers.inverse()
                        .answer(f, accept.offerIds(), true, accept.refuseSeconds()));
            case Command.DeclineInverseOffers decline ->
                forConnected(decline.frameworkId(), f -> offers.inverse()
                        .answer(f, decline.offerIds(), false, decline.refuseSeconds()));
            case Command.Revive revive ->
                forConnected(revive.frameworkId(), f -> preferences.revive(f, revive.roles()));
            case Command.Suppress suppress ->
                forConnected(suppress.frameworkId(), f -> preferences.suppress(f, suppress.roles()));
            case Command.KillTask kill -> forConnected(kill.frameworkId(), f -> traffic.kill(f, kill));
            case Command.ShutdownExecutor shutdown ->
                forConnected(shutdown.frameworkId(), f -> traffic.shutdownExecutor(f, shutdown));
            case Command.UpdateAsks update -> ofConnected(update.frameworkId(), f -> asks.update(f, update));
            case Command.ReleaseContainers release ->
                forConnected(release.frameworkId(), f -> asks.release(f, release.containers()));
            case Command.MessageExecutor message ->
                forConnected(message.frameworkId(), f -> traffic.message(f, message));
            case Command.MessageFramework message -> traffic.message(message);
            case Command.ExecutorExited exited -> traffic.exited(exited);
            case Command.AcknowledgeUpdate acknowledge ->
                forConnected(acknowledge.frameworkId(), f -> traffic.acknowledge(f, acknowledge));
            case Command.ReconcileTasks reconcile ->
                forConnected(reconcile.frameworkId(), f -> reconciliation.answer(f, reconcile.tasks()));
        };
    }

    /** Expiries first, so that what they free is there for the cycle. */
    private Answer tick() {
        cluster.timetable.run(cluster.now, this::fallDue);
        if (cluster.agenda.isDueAtOnce() || cluster.agenda.isIntervalOver(cluster.now)) {
            cycle.run();
        }
        return new Answer.Accepted();
    }

    private void fallDue(Due due) {
        switch (due) {
            case Due.OfferTimeout timeout -> offers.rescind(timeout.offer());
            case Due.FilterExpiry expiry ->
                cluster.filters.expire(expiry.subscription(), expiry.agent(), expiry.until());
            case Due.FailoverDeadline deadline -> frameworks.giveUp(deadline.framework());
            case Due.ReclaimRound round -> reclamation.round();
            case Due.SetAsideRound round -> starvation.round();
            case Due.ReclaimDeadline deadline -> reclamation.deadline(deadline.task());
            case Due.AskRelaxation relaxation -> asks.relax(relaxation.framework());
            case Due.AgentPatience patience -> loss.unreachable(patience.agent(), patience.message());
            case Due.InverseOfferTimeout timeout -> offers.inverse().timedOut(timeout.offer());
            case Due.InverseRefusalExpiry expiry ->
                offers.inverse().expire(expiry.agent(), expiry.framework(), expiry.until());
            case Due.OperationRepeat repeat ->
                operations.tell(repeat.framework(), repeat.operation(), repeat.patience());
        }
    }

    private Answer setWeight(Command.SetRoleWeight set) {
        if (!(set.weight() > 0) || Double.isInfinite(set.weight())) {
            return new Answer.Refused(
                    Answer.Reason.INVALID, "weight: " + set.weight() + " (expected: > 0) for role " + set.role());
        }
        return accepted(() -> reweigh(set.role(), () -> cluster.roles.setWeight(set.role(), set.weight())));
    }

    /** As in Mesos, what is on offer goes back when that changes who is furthest below, and the next cycle shares it anew. */
    private void reweigh(RolePath role, Runnable change) {
        double before = cluster.roles.weightOf(role);
        change.run();
        if (cluster.roles.isUsed(role) && cluster.roles.weightOf(role) != before) {
            offers.rescindAll();
        }
    }

    private Answer recover(Command.RecoverFramework recover) {
        FrameworkId id = recover.frameworkId();
        if (cluster.frameworks.find(id) == null && !cluster.frameworks.isRemoved(id)) {
            frameworks.recover(id, recover.spec(), recover.failoverDeadline());
        }
        return new Answer.Accepted();
    }

    private Answer ofKnown(FrameworkId id, Consumer<Framework> action) {
        Framework framework = cluster.frameworks.find(id);
        return framework == null ? unknown() : accepted(() -> action.accept(framework));
    }

    private Answer forConnected(FrameworkId id, Consumer<Framework> action) {
        return ofConnected(id, framework -> accepted(() -> action.accept(framework)));
    }

    private Answer ofConnected(FrameworkId id, Function<Framework, Answer> action) {
        Framework framework = cluster.frameworks.find(id);
        if (framework == null) {
            return unknown();
        }
        return framework.connected
                ? action.apply(framework)
                : new Answer.Refused(Answer.Reason.FRAMEWORK_NOT_CONNECTED, "Framework is not subscribed");
    }

    private static Answer unknown() {
        return new Answer.Refused(Answer.Reason.UNKNOWN_FRAMEWORK, "Framework cannot be found");
    }

    private static Answer accepted(Runnable action) {
        action.run();
        return new Answer.Accepted();
    }
}
