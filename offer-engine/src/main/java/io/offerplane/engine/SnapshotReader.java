package io.offerplane.engine;

import io.offerplane.engine.EngineSnapshot.AgentState;
import io.offerplane.engine.EngineSnapshot.ApplicationState;
import io.offerplane.engine.EngineSnapshot.ExecutorName;
import io.offerplane.engine.EngineSnapshot.ExecutorState;
import io.offerplane.engine.EngineSnapshot.FilterState;
import io.offerplane.engine.EngineSnapshot.FiltersState;
import io.offerplane.engine.EngineSnapshot.FrameworkState;
import io.offerplane.engine.EngineSnapshot.InverseOfferState;
import io.offerplane.engine.EngineSnapshot.InverseRefusal;
import io.offerplane.engine.EngineSnapshot.OfferState;
import io.offerplane.engine.EngineSnapshot.OperationRecord;
import io.offerplane.engine.EngineSnapshot.ReclaimState;
import io.offerplane.engine.EngineSnapshot.RoleState;
import io.offerplane.engine.EngineSnapshot.SubscriptionState;
import io.offerplane.engine.EngineSnapshot.TaskRecord;
import io.offerplane.engine.EngineSnapshot.Upkeep;
import io.offerplane.engine.Timetable.Due;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Fills empty books from a snapshot. {@link SnapshotWriter} is its other half. */
final class SnapshotReader {
    private final Cluster cluster;
    private final EngineSnapshot snapshot;
    private final List<Framework> frameworks = new ArrayList<>();
    private final List<Subscription> subscriptions = new ArrayList<>();
    private final List<Task> tasks = new ArrayList<>();
    private final List<Agent> agents = new ArrayList<>();

    SnapshotReader(Cluster cluster, EngineSnapshot snapshot) {
        this.cluster = cluster;
        this.snapshot = snapshot;
    }

    void read() {
        cluster.now = snapshot.now();
        cluster.agenda.restore(snapshot.agenda());
        snapshot.weights().forEach(cluster.roles::setWeight);
        snapshot.quotas().forEach(cluster.quotas::set);
        snapshot.reclaimPolicies().forEach((role, policy) -> cluster.reclaims.set(role, Optional.of(policy)));
        snapshot.queuePolicies().forEach((role, policy) -> cluster.policies.set(role, Optional.of(policy)));
        cluster.maintenance.schedule(snapshot.maintenance().windows());
        snapshot.maintenance().down().forEach(cluster.maintenance::takeDown);
        // Those that others point at first, then who points at them.
        for (FrameworkState state : snapshot.frameworks()) {
            frameworks.add(new Framework(state.id(), state.spec(), state.registered()));
        }
        for (SubscriptionState state : snapshot.subscriptions()) {
            subscriptions.add(new Subscription(frameworks.get(state.framework()), state.role()));
        }
        for (AgentState state : snapshot.agents()) {
            restoreAgent(state);
        }
        for (TaskRecord state : snapshot.tasks()) {
            tasks.add(restored(state));
        }
        snapshot.reclaimRound()
                .ifPresent(slot -> cluster.reclaimRound =
                        cluster.timetable.restore(slot.at(), slot.sequence(), new Due.ReclaimRound()));
        snapshot.setAsideRound()
                .ifPresent(slot -> cluster.setAsideRound =
                        cluster.timetable.restore(slot.at(), slot.sequence(), new Due.SetAsideRound()));
        snapshot.setAsides().forEach(this::restoreSetAside);
        for (int place : snapshot.reclaimed()) {
            snapshot.tasks().get(place).reclaim().ifPresent(reclaim -> restoreReclaim(tasks.get(place), reclaim));
        }
        for (int i = 0; i < frameworks.size(); i++) {
            restoreFramework(frameworks.get(i), snapshot.frameworks().get(i));
        }
        restoreRoles();
        cluster.agenda.restore(snapshot.agenda().asking(), frameworks::get);
        tasks.stream().filter(task -> task.holdsResources).forEach(cluster.roles::begins);
        for (int i = 0; i < agents.size(); i++) {
            fill(agents.get(i), snapshot.agents().get(i));
        }
        snapshot.offers().forEach(this::restoreOffer);
        snapshot.inverseOffers().forEach(this::restoreInverseOffer);
        snapshot.living().forEach(place -> cluster.frameworks.add(frameworks.get(place)));
        snapshot.completed()
                .reversed()
                .forEach(ended -> cluster.frameworks.restoreCompleted(frameworks.get(ended.framework()), ended.at()));
        snapshot.removedFrameworks().forEach(cluster.frameworks::refuse);
        cluster.goneAgents.addAll(snapshot.goneAgents());
        cluster.timetable.continueFrom(snapshot.counters().timetable());
        cluster.frameworks.continueFrom(snapshot.counters().frameworks());
    }

    private void restoreAgent(AgentState state) {
        Agent agent = new Agent(state.id(), state.ordinal(), state.spec());
        cluster.agents.put(agent.id, agent);
        agents.add(agent);
        agent.granted = cluster.kinds.shared(state.granted());
        agent.dynamic = state.dynamic();
        agent.oversubscribed = state.oversubscribed();
        agent.phase = state.phase();
        agent.deactivated = state.deactivated();
        restoreUpkeep(agent, state.upkeep());
        agent.connection = state.connection();
        agent.registered = state.registered();
        agent.reregistered = state.reregistered();
        agent.unreachableSince = state.unreachableSince();
        agent.ledger.restore(
                state.ledger().total(),
                state.ledger().allocated(),
                state.ledger().offered());
        if (agent.isCounted()) {
            cluster.roles.totals.add(agent.ledger.total().scalars());
            cluster.quotas.count(agent.ledger.total());
        }
        state.patience()
                .ifPresent(patience -> agent.patience = cluster.timetable.restore(
                        patience.slot().at(),
                        patience.slot().sequence(),
                        new Due.AgentPatience(agent, patience.message())));
        for (ExecutorState executor : state.executors()) {
            Agent.ExecutorKey key = key(executor.name());
            Executor restored = new Executor(key, executor.spec(), subscriptions.get(executor.charged()));
            restored.liveTasks = executor.liveTasks();
            agent.put(restored);
        }
        cluster.agenda.restore(agent, state.visits());
    }

    private void restoreUpkeep(Agent agent, Upkeep state) {
        agent.cordoned = state.cordoned();
        agent.cordonedFor = state.cordonedFor();
        agent.down = state.down();
        agent.writtenOff = state.writtenOff().stream()
                .map(name -> new Agent.TaskKey(name.framework(), name.task()))
                .collect(Collectors.toSet());
        state.drain().ifPresent(drain -> {
            agent.drain = new Drain(drain.config(), drain.since());
            agent.drain.state = drain.state();
        });
        if (state.unavailability().isPresent()) {
            AgentMaintenance maintenance =
                    new AgentMaintenance(state.unavailability().get());
            state.answers().forEach(answer -> maintenance.answers.put(answer.frameworkId(), answer));
            for (InverseRefusal refusal : state.refusals()) {
                Framework framework = frameworks.get(refusal.framework());
                maintenance.refusals.put(
                        framework,
                        new AgentMaintenance.Refusal(
                                refusal.expiry().at(),
                                cluster.timetable.restore(
                                        refusal.expiry().at(),
                                        refusal.expiry().sequence(),
                                        new Due.InverseRefusalExpiry(
                                                framework,
                                                agent,
                                                refusal.expiry().at()))));
            }
            agent.maintenance = maintenance;
            cluster.maintenance.agents().add(agent);
        }
    }

    private void restoreInverseOffer(InverseOfferState state) {
        Agent agent = cluster.agents.get(state.offer().agentId());
        AgentMaintenance maintenance = agent == null ? null : agent.maintenance;
        if (agent == null || maintenance == null) {
            throw new InvariantViolation("inverse offer " + state.offer().id() + " of an agent that isn't to be away: "
                    + state.offer().agentId());
        }
        OutstandingInverseOffer offer =
                new OutstandingInverseOffer(state.offer(), agent, frameworks.get(state.framework()));
        maintenance.outstanding.put(offer.framework, offer);
        offer.framework.inverseOffers.put(offer.id(), offer);
        state.timeout()
                .ifPresent(slot -> offer.timeout =
                        cluster.timetable.restore(slot.at(), slot.sequence(), new Due.InverseOfferTimeout(offer)));
    }

    private static Agent.ExecutorKey key(ExecutorName name) {
        return new Agent.ExecutorKey(name.framework(), name.executor());
    }

    private void restoreSetAside(EngineSnapshot.SetAsideState state) {
        Agent agent = cluster.agents.get(state.agentId());
        if (agent == null) {
            throw new InvariantViolation("an agent is set aside that is not there: " + state.agentId());
        }
        SetAside setAside = new SetAside(agent, subscriptions.get(state.subscription()), state.need(), state.until());
        agent.setAside = setAside;
        cluster.setAsides.add(setAside);
    }

    private Task restored(TaskRecord state) {
        Agent agent = cluster.agents.get(state.agentId());
        Executor executor = agent == null || state.executor().isEmpty()
                ? null
                : agent.executors.get(key(state.executor().get()));
        Task task =
                new Task(state.spec(), subscriptions.get(state.charged()), state.agentId(), executor, state.state());
        task.superseded = state.superseded();
        task.holdsResources = state.holdsResources();
        task.killRequested = state.killRequested();
        task.killGracePeriod = state.killGracePeriod();
        task.restore(state.forwarded(), state.unacknowledged(), state.statuses());
        return task;
    }

    private void restoreReclaim(Task task, ReclaimState state) {
        Reclaim reclaim = new Reclaim(state.role());
        state.deadline()
                .ifPresent(slot -> reclaim.deadline =
                        cluster.timetable.restore(slot.at(), slot.sequence(), new Due.ReclaimDeadline(task)));
        cluster.reclaims.mark(task, reclaim);
    }

    private void restoreFramework(Framework framework, FrameworkState state) {
        framework.connected = state.connected();
        framework.recovered = state.recovered();
        framework.connection = state.connection();
        framework.reregistered = state.reregistered();
        framework.failoverDeadline = state.failoverDeadline();
        state.failover()
                .ifPresent(slot -> framework.failover =
                        cluster.timetable.restore(slot.at(), slot.sequence(), new Due.FailoverDeadline(framework)));
        framework.failovers = state.counts().failovers();
        framework.offersSent = state.counts().offersSent();
        framework.offersAccepted = state.counts().offersAccepted();
        framework.offersDeclined = state.counts().offersDeclined();
        framework.offersRescinded = state.counts().offersRescinded();
        for (int place : state.subscriptions()) {
            Subscription subscription = subscriptions.get(place);
            framework.subscriptions.put(subscription.role, subscription);
        }
        state.tasks().forEach(place -> framework.tasks.put(tasks.get(place).id(), tasks.get(place)));
        state.unreachableTasks()
                .forEach(
                        place -> framework.unreachableTasks.put(tasks.get(place).id(), tasks.get(place)));
        state.completedTasks().forEach(place -> framework.completedTasks.addLast(tasks.get(place)));
        Application application = framework.application;
        if (application != null) {
            state.application().ifPresent(asked -> restoreApplication(framework, application, asked));
        }
        for (OperationRecord operation : state.operations()) {
            OperationBook.Finished finished =
                    new OperationBook.Finished(operation.id(), operation.agentId(), operation.uuid());
            finished.repeat = cluster.timetable.restore(
                    operation.repeat().at(),
                    operation.repeat().sequence(),
                    new Due.OperationRepeat(framework, finished, operation.patience()));
            framework.operations.put(finished.id, finished);
        }
    }

    private void restoreApplication(Framework framework, Application application, ApplicationState state) {
        state.asks().forEach(ask -> application.asks.put(ask.ask().key(), new PendingAsk(ask)));
        application.avoided.addAll(state.avoided());
        state.tagged()
                .forEach(tagged -> application.put(
                        tagged.container(), new Application.Tagged(tagged.tags(), tagged.host(), tagged.rack())));
        application.fresh = state.fresh();
        application.admitted = state.admitted();
        state.relaxation()
                .ifPresent(slot -> application.relaxation =
                        cluster.timetable.restore(slot.at(), slot.sequence(), new Due.AskRelaxation(framework)));
    }

    /** Accounts first: who competes is sorted by them. */
    private void restoreRoles() {
        for (int i = 0; i < subscriptions.size(); i++) {
            SubscriptionState state = snapshot.subscriptions().get(i);
            Subscription subscription = subscriptions.get(i);
            subscription.wanted = state.wanted();
            subscription.suppressed = state.suppressed();
            subscription.resume(state.account(), cluster.roles.totals);
            state.inVain().ifPresent(inVain -> {
                subscription.inVain = inVain.times();
                subscription.lastInVain = inVain.last();
                subscription.restsUntil = inVain.restsUntil().orElse(null);
                cluster.resting += subscription.restsUntil == null ? 0 : 1;
            });
        }
        for (RoleState state : snapshot.roles()) {
            cluster.roles.restore(
                    state, state.members().stream().map(subscriptions::get).toList());
        }
        for (int i = 0; i < subscriptions.size(); i++) {
            SubscriptionState state = snapshot.subscriptions().get(i);
            if (state.isMember()) {
                cluster.roles.restore(subscriptions.get(i), state.competing());
            }
        }
        restoreWaiting();
    }

    /** When all compete: who begins to hasn't waited yet. */
    private void restoreWaiting() {
        for (int i = 0; i < subscriptions.size(); i++) {
            EngineSnapshot.Waiting state = snapshot.subscriptions().get(i).waiting();
            Subscription subscription = subscriptions.get(i);
            subscription.refusedWhole = state.refusedWhole();
            subscription.keptInVain = new LinkedHashSet<>(state.keptInVain());
            subscription.passedOverSince = state.passedOverSince().orElse(null);
        }
    }

    private void fill(Agent agent, AgentState state) {
        state.tasks().forEach(place -> agent.put(tasks.get(place)));
        state.unreachableTasks().forEach(place -> agent.setAside(tasks.get(place)));
        for (FiltersState filters : state.filters()) {
            Subscription subscription = subscriptions.get(filters.subscription());
            RefusalFilters restored = new RefusalFilters();
            for (FilterState filter : filters.filters()) {
                restored.restore(new RefusalFilters.Filter(
                        filter.refused(),
                        filter.expiry().at(),
                        cluster.timetable.restore(
                                filter.expiry().at(),
                                filter.expiry().sequence(),
                                new Due.FilterExpiry(
                                        subscription, agent, filter.expiry().at()))));
            }
            agent.put(subscription, restored);
            subscription.filteredOn.add(agent);
        }
    }

    private void restoreOffer(OfferState state) {
        Agent agent = cluster.agents.get(state.offer().agentId());
        if (agent == null) {
            throw new InvariantViolation("offer " + state.offer().id() + " of an agent that is not there: "
                    + state.offer().agentId());
        }
        OutstandingOffer offer = new OutstandingOffer(state.offer(), agent, subscriptions.get(state.subscription()));
        cluster.offers.add(offer);
        agent.add(offer);
        offer.framework().offers.add(offer);
        state.timeout()
                .ifPresent(slot -> offer.timeout =
                        cluster.timetable.restore(slot.at(), slot.sequence(), new Due.OfferTimeout(offer)));
    }
}
