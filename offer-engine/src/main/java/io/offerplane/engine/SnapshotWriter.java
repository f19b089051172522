package io.offerplane.engine;

import io.offerplane.engine.EngineSnapshot.AgentState;
import io.offerplane.engine.EngineSnapshot.ApplicationState;
import io.offerplane.engine.EngineSnapshot.Askers;
import io.offerplane.engine.EngineSnapshot.CompletedFramework;
import io.offerplane.engine.EngineSnapshot.Counters;
import io.offerplane.engine.EngineSnapshot.DrainRecord;
import io.offerplane.engine.EngineSnapshot.ExecutorName;
import io.offerplane.engine.EngineSnapshot.ExecutorState;
import io.offerplane.engine.EngineSnapshot.FilterState;
import io.offerplane.engine.EngineSnapshot.FiltersState;
import io.offerplane.engine.EngineSnapshot.FrameworkState;
import io.offerplane.engine.EngineSnapshot.InVain;
import io.offerplane.engine.EngineSnapshot.InverseOfferState;
import io.offerplane.engine.EngineSnapshot.InverseRefusal;
import io.offerplane.engine.EngineSnapshot.OfferState;
import io.offerplane.engine.EngineSnapshot.OperationRecord;
import io.offerplane.engine.EngineSnapshot.Patience;
import io.offerplane.engine.EngineSnapshot.ReclaimState;
import io.offerplane.engine.EngineSnapshot.RoleState;
import io.offerplane.engine.EngineSnapshot.ScheduleState;
import io.offerplane.engine.EngineSnapshot.SetAsideState;
import io.offerplane.engine.EngineSnapshot.Slot;
import io.offerplane.engine.EngineSnapshot.SubscriptionState;
import io.offerplane.engine.EngineSnapshot.TaggedState;
import io.offerplane.engine.EngineSnapshot.TaskName;
import io.offerplane.engine.EngineSnapshot.TaskRecord;
import io.offerplane.engine.EngineSnapshot.Upkeep;
import io.offerplane.engine.EngineSnapshot.Waiting;
import io.offerplane.engine.Timetable.Due;
import io.offerplane.engine.maintenance.MachineMode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Takes down all that the books hold. {@link SnapshotReader} is its other half. */
final class SnapshotWriter {
    private final Cluster cluster;
    private final Places<Framework> frameworks = new Places<>();
    private final Places<Subscription> subscriptions = new Places<>();
    private final Places<Task> tasks = new Places<>();

    SnapshotWriter(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Things in the order in which they were first met. The map is asked for single things only, so its order decides nothing. */
    private static final class Places<T> {
        private final IdentityHashMap<T, Integer> places = new IdentityHashMap<>();
        private final List<T> met = new ArrayList<>();

        int of(T thing) {
            return places.computeIfAbsent(thing, t -> {
                met.add(t);
                return met.size() - 1;
            });
        }

        List<Integer> of(Collection<T> things) {
            return things.stream().map(this::of).toList();
        }
    }

    EngineSnapshot write(long random, Counters counters, boolean ownMinimums) {
        List<Integer> living = frameworks.of(cluster.frameworks.all());
        List<CompletedFramework> completed = cluster.frameworks.completed().stream()
                .map(ended -> new CompletedFramework(frameworks.of(ended.framework()), ended.at()))
                .toList();
        List<Integer> reclaimed = tasks.of(cluster.reclaims.marked());
        Askers asking = new Askers(
                frameworks.of(cluster.agenda.asking()),
                frameworks.of(cluster.agenda.heldBackAsks()),
                frameworks.of(cluster.agenda.askingAtInterval()));
        List<SetAsideState> setAsides = cluster.setAsides.stream()
                .map(setAside -> new SetAsideState(
                        setAside.agent().id,
                        subscriptions.of(setAside.subscription()),
                        setAside.need(),
                        setAside.until()))
                .toList();
        List<RoleState> roles = cluster.roles.nodes().stream().map(this::state).toList();
        List<AgentState> agents =
                cluster.agents.values().stream().map(this::state).toList();
        List<OfferState> offers = cluster.offers.stream().map(this::state).toList();
        List<InverseOfferState> inverseOffers = cluster.maintenance.agents().stream()
                .map(agent -> agent.maintenance)
                .filter(Objects::nonNull)
                .flatMap(maintenance -> maintenance.outstanding.values().stream())
                .sorted(Comparator.comparingInt((OutstandingInverseOffer offer) ->
                                offer.id().value().length())
                        .thenComparing(OutstandingInverseOffer::id))
                .map(this::state)
                .toList();
        // What is met may lead to more: frameworks to their tasks, tasks to whom they are charged, those to their
        // frameworks.
        List<FrameworkState> frameworkStates = new ArrayList<>();
        List<SubscriptionState> subscriptionStates = new ArrayList<>();
        List<TaskRecord> taskRecords = new ArrayList<>();
        while (frameworkStates.size() < frameworks.met.size()
                || subscriptionStates.size() < subscriptions.met.size()
                || taskRecords.size() < tasks.met.size()) {
            if (frameworkStates.size() < frameworks.met.size()) {
                frameworkStates.add(state(frameworks.met.get(frameworkStates.size())));
            } else if (subscriptionStates.size() < subscriptions.met.size()) {
                subscriptionStates.add(state(subscriptions.met.get(subscriptionStates.size())));
            } else {
                taskRecords.add(state(tasks.met.get(taskRecords.size())));
            }
        }
        return new EngineSnapshot(
                cluster.now,
                random,
                counters,
                cluster.agenda.snapshot(asking),
                ownMinimums,
                new TreeMap<>(cluster.roles.weights()),
                new TreeMap<>(cluster.quotas.all()),
                new TreeMap<>(cluster.reclaims.all()),
                new TreeMap<>(cluster.policies.all()),
                slot(cluster.reclaimRound),
                slot(cluster.setAsideRound),
                setAsides,
                reclaimed,
                frameworkStates,
                living,
                completed,
                List.copyOf(cluster.frameworks.removed()),
                subscriptionStates,
                roles,
                taskRecords,
                agents,
                List.copyOf(cluster.goneAgents),
                offers,
                inverseOffers,
                schedule());
    }

    private ScheduleState schedule() {
        return new ScheduleState(
                cluster.maintenance.windows(),
                cluster.maintenance.machines().entrySet().stream()
                        .filter(machine -> machine.getValue().mode() == MachineMode.DOWN)
                        .map(Map.Entry::getKey)
                        .toList());
    }

    private InverseOfferState state(OutstandingInverseOffer offer) {
        return new InverseOfferState(offer.offer, frameworks.of(offer.framework), slot(offer.timeout));
    }

    private Upkeep upkeep(Agent agent) {
        AgentMaintenance maintenance = agent.maintenance;
        Drain drain = agent.drain;
        return new Upkeep(
                agent.cordoned,
                agent.cordonedFor,
                agent.down,
                agent.writtenOff.stream()
                        .map(key -> new TaskName(key.framework(), key.task()))
                        .sorted(Comparator.comparing(TaskName::framework).thenComparing(TaskName::task))
                        .toList(),
                maintenance == null ? Optional.empty() : Optional.of(maintenance.unavailability),
                maintenance == null ? List.of() : refusals(maintenance),
                maintenance == null ? List.of() : List.copyOf(maintenance.answers.values()),
                drain == null
                        ? Optional.empty()
                        : Optional.of(new DrainRecord(drain.config, drain.since, drain.state)));
    }

    private List<InverseRefusal> refusals(AgentMaintenance maintenance) {
        List<InverseRefusal> refusals = new ArrayList<>(maintenance.refusals.size());
        maintenance.refusals.forEach((framework, refusal) -> refusals.add(new InverseRefusal(
                frameworks.of(framework),
                new Slot(refusal.until(), refusal.expiry().sequence()))));
        return refusals;
    }

    /** What has happened, or was cancelled, is nothing to restore. */
    private Optional<Slot> slot(Timetable.@Nullable Entry entry) {
        return entry != null && cluster.timetable.contains(entry)
                ? Optional.of(new Slot(entry.at(), entry.sequence()))
                : Optional.empty();
    }

    private FrameworkState state(Framework framework) {
        return new FrameworkState(
                framework.id,
                framework.spec,
                framework.connected,
                framework.recovered,
                framework.connection,
                framework.registered,
                framework.reregistered,
                framework.failoverDeadline,
                slot(framework.failover),
                new FrameworkState.Counts(
                        framework.failovers,
                        framework.offersSent,
                        framework.offersAccepted,
                        framework.offersDeclined,
                        framework.offersRescinded),
                subscriptions.of(framework.subscriptions.values()),
                tasks.of(framework.tasks.values()),
                tasks.of(framework.unreachableTasks.values()),
                tasks.of(framework.completedTasks),
                framework.operations.values().stream().map(this::state).toList(),
                Optional.ofNullable(framework.application).map(this::state));
    }

    private ApplicationState state(Application application) {
        return new ApplicationState(
                application.asks.values().stream().map(PendingAsk::snapshot).toList(),
                List.copyOf(application.avoided),
                application.tagged.entrySet().stream()
                        .map(tagged -> new TaggedState(
                                tagged.getKey(),
                                tagged.getValue().tags(),
                                tagged.getValue().host(),
                                tagged.getValue().rack()))
                        .toList(),
                application.fresh,
                application.admitted,
                slot(application.relaxation));
    }

    private OperationRecord state(OperationBook.Finished operation) {
        Timetable.Entry repeat = operation.repeat;
        if (repeat == null || !(repeat.due() instanceof Due.OperationRepeat due)) {
            throw new InvariantViolation(
                    "operation " + operation.id + " is not told again (expected: until acknowledged)");
        }
        return new OperationRecord(
                operation.id,
                operation.agentId,
                operation.uuid,
                new Slot(repeat.at(), repeat.sequence()),
                due.patience());
    }

    private SubscriptionState state(Subscription subscription) {
        return new SubscriptionState(
                frameworks.of(subscription.framework),
                subscription.role,
                subscription.wanted,
                subscription.suppressed,
                subscription.competing,
                subscription.node != null,
                subscription.account(cluster.roles.totals),
                Optional.ofNullable(subscription.lastInVain)
                        .map(last ->
                                new InVain(subscription.inVain, last, Optional.ofNullable(subscription.restsUntil))),
                new Waiting(
                        Optional.ofNullable(subscription.passedOverSince),
                        subscription.refusedWhole,
                        List.copyOf(subscription.keptInVain)));
    }

    private RoleState state(RoleNode node) {
        return new RoleState(
                node.role,
                node.account(cluster.roles.totals),
                node.leaf.account(cluster.roles.totals),
                cluster.roles.totals.quantities(node.used()),
                subscriptions.of(node.leaf.members.values()));
    }

    private TaskRecord state(Task task) {
        Executor executor = task.executor;
        return new TaskRecord(
                task.spec,
                task.agentId,
                task.state,
                subscriptions.of(task.charged),
                executor != null && task.holdsResources ? Optional.of(name(executor.key)) : Optional.empty(),
                task.superseded,
                task.holdsResources,
                Optional.ofNullable(task.forwarded),
                task.unacknowledged(),
                task.killRequested,
                task.killGracePeriod,
                task.statuses(),
                Optional.ofNullable(task.reclaim)
                        .map(reclaim -> new ReclaimState(reclaim.role, slot(reclaim.deadline))));
    }

    private static ExecutorName name(Agent.ExecutorKey key) {
        return new ExecutorName(key.framework(), key.executor());
    }

    private AgentState state(Agent agent) {
        return new AgentState(
                agent.id,
                agent.ordinal,
                agent.spec,
                agent.granted,
                agent.dynamic,
                agent.oversubscribed,
                agent.phase,
                agent.deactivated,
                agent.connection,
                agent.registered,
                agent.reregistered,
                agent.unreachableSince,
                patience(agent),
                new AgentState.Ledger(agent.ledger.total(), agent.ledger.allocated(), agent.ledger.offered()),
                tasks.of(agent.tasks.values()),
                tasks.of(agent.unreachableTasks.values()),
                agent.executors.values().stream()
                        .map(executor -> new ExecutorState(
                                name(executor.key),
                                executor.spec,
                                subscriptions.of(executor.charged),
                                executor.liveTasks))
                        .toList(),
                filters(agent),
                cluster.agenda.visits(agent),
                upkeep(agent));
    }

    private Optional<Patience> patience(Agent agent) {
        Timetable.Entry entry = agent.patience;
        return slot(entry)
                .map(slot -> new Patience(
                        slot, entry != null && entry.due() instanceof Due.AgentPatience due ? due.message() : ""));
    }

    private List<FiltersState> filters(Agent agent) {
        List<FiltersState> states = new ArrayList<>(agent.filters.size());
        agent.filters.forEach((subscription, filters) -> states.add(new FiltersState(
                subscriptions.of(subscription),
                filters.all().stream()
                        .map(filter -> new FilterState(
                                filter.refused(),
                                new Slot(filter.until(), filter.expiry().sequence())))
                        .toList())));
        return states;
    }

    private OfferState state(OutstandingOffer offer) {
        return new OfferState(offer.offer, subscriptions.of(offer.subscription), slot(offer.timeout));
    }
}
