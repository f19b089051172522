package io.offerplane.engine;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.maintenance.Unavailability;
import io.offerplane.engine.resource.Amounts;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import io.offerplane.engine.task.ExecutorId;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.view.EngineView.AgentView.Phase;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An agent as the engine knows it, with all that is on it. */
final class Agent {
    record TaskKey(FrameworkId framework, TaskId task) {}

    record ExecutorKey(FrameworkId framework, ExecutorId executor) {}

    final AgentId id;

    /** Its place in the order of arrival, from which the shuffle of every cycle starts. */
    final int ordinal;

    final AgentLedger ledger = new AgentLedger();

    // Of most of these an agent has none or one as a rule. A collection of its own for each would take more room than
    // all else that is known of an agent, and a cycle that goes through all agents lives by how little it has to read.

    /** Changed by {@link #put} and {@link #remove} only. */
    Map<TaskKey, Task> tasks = Collections.emptyMap();

    /** Those that it had when it was given up; empty unless it is unreachable. Changed by {@link #setAside} and removal only. */
    Map<TaskKey, Task> unreachableTasks = Collections.emptyMap();

    /** Changed by {@link #put} and removal only. */
    Map<ExecutorKey, Executor> executors = Collections.emptyMap();

    /** Oldest first; unmodifiable. Changed by {@link #add} and {@link #remove} only. */
    List<OutstandingOffer> offers = List.of();

    /** Changed by {@link #put} and removal only. */
    Map<Subscription, RefusalFilters> filters = Collections.emptyMap();

    AgentSpec spec;

    /** What there is by the word of whoever grants it. */
    Resources granted = Resources.EMPTY;

    /** What was made of it since: dynamic reservations and volumes. They outlive the agent's absence, and a grant too small for them. */
    Resources dynamic = Resources.EMPTY;

    /** What there is beside the grant as long as nobody else needs it; revocable. */
    Resources oversubscribed = Resources.EMPTY;

    Phase phase = Phase.RECOVERED;

    /** An operator wants no offers of it. */
    boolean deactivated;

    /** Its node takes nothing new. */
    boolean cordoned;

    /** When its node is to be empty; counts where no schedule says otherwise. */
    Optional<Unavailability> cordonedFor = Optional.empty();

    /** Its machine is away: nothing is there, as far as frameworks know. */
    boolean down;

    /** Tasks that frameworks were told are gone, as its machine went down; until it has registered again, it may not have heard of that. */
    Set<TaskKey> writtenOff = Set.of();

    /** When it is to be away, if at all. */
    @Nullable
    AgentMaintenance maintenance;

    /** For whom it is kept, if for anybody. */
    @Nullable
    SetAside setAside;

    /** How it is being emptied, or has been, if at all. */
    @Nullable
    Drain drain;

    /** The last command that has changed it; kept by {@link Outbox}. */
    long changedIn;

    /** Whether that was not looked at yet; kept by {@link Outbox}. */
    boolean unchecked;

    long connection = Long.MIN_VALUE;
    Optional<Instant> registered = Optional.empty();
    Optional<Instant> reregistered = Optional.empty();
    Optional<Instant> unreachableSince = Optional.empty();
    Timetable.@Nullable Entry patience;

    Agent(AgentId id, int ordinal, AgentSpec spec) {
        this.id = id;
        this.ordinal = ordinal;
        this.spec = spec;
    }

    void put(Task task) {
        tasks = own(tasks);
        tasks.put(task.key(), task);
    }

    void remove(Task task) {
        tasks.remove(task.key());
    }

    void setAside(Task task) {
        unreachableTasks = own(unreachableTasks);
        unreachableTasks.put(task.key(), task);
    }

    void put(Executor executor) {
        executors = own(executors);
        executors.put(executor.key, executor);
    }

    void put(Subscription subscription, RefusalFilters refusals) {
        filters = own(filters);
        filters.put(subscription, refusals);
    }

    private static <K, V> Map<K, V> own(Map<K, V> map) {
        return map instanceof LinkedHashMap ? map : new LinkedHashMap<>();
    }

    void add(OutstandingOffer offer) {
        if (offers.isEmpty()) {
            offers = List.of(offer);
            return;
        }
        List<OutstandingOffer> more = new ArrayList<>(offers.size() + 1);
        more.addAll(offers);
        more.add(offer);
        offers = Collections.unmodifiableList(more);
    }

    void remove(OutstandingOffer offer) {
        if (offers.size() == 1 && offers.getFirst() == offer) {
            offers = List.of();
            return;
        }
        List<OutstandingOffer> fewer = new ArrayList<>(offers);
        fewer.remove(offer);
        offers = Collections.unmodifiableList(fewer);
    }

    /** Whether offers of it may go out. */
    boolean isOfferable() {
        return phase == Phase.CONNECTED && !deactivated && !cordoned && !down;
    }

    /** Whether frameworks may be asked to leave it. */
    boolean mayBeAskedBack() {
        return phase == Phase.CONNECTED && !deactivated && !down;
    }

    boolean isConnected() {
        return phase == Phase.CONNECTED;
    }

    /** Whether its total counts in the cluster's. */
    boolean isCounted() {
        return (phase == Phase.CONNECTED || phase == Phase.DISCONNECTED) && !down;
    }

    /**
     * What is granted, with those of the dynamic reservations and volumes that fit into it, volumes first, as they can't be cut; and what is
     * there beside it.
     */
    Resources total() {
        Resources volumes = volumes();
        Resources reservations = dynamic.on(terms -> terms.volume().isEmpty());
        return with(with(granted, volumes), reservations).plus(oversubscribed);
    }

    private Resources volumes() {
        return dynamic.on(terms -> terms.volume().isPresent());
    }

    /** All of them, those that the grant has no room for at present included. */
    Effect.KeepVolumes keptVolumes() {
        return new Effect.KeepVolumes(id, volumes());
    }

    private static Resources with(Resources granted, Resources dynamic) {
        Resources total = granted;
        for (Map.Entry<Terms, Amounts> entry : dynamic.bound().entrySet()) {
            Terms base = entry.getKey().granted();
            Amounts fits = total.under(base).contains(entry.getValue())
                    ? entry.getValue()
                    : entry.getKey().volume().isPresent()
                            ? Amounts.EMPTY
                            : total.under(base).common(entry.getValue());
            total = total.minus(Resources.of(base, fits)).plus(Resources.of(entry.getKey(), fits));
        }
        return total;
    }

    /** Some of what is available comes to be on other terms, until that is undone. */
    void change(ResourceChange change) {
        ledger.change(change);
        dynamic = dynamicAfter(change);
    }

    /** What the dynamic part becomes by a change. */
    Resources dynamicAfter(ResourceChange change) {
        return dynamic.minusToZero(change.consumed().on(Terms::isMade))
                .plus(change.converted().on(Terms::isMade));
    }

    /** As Mesos names an agent in its messages. */
    String text() {
        return id + " at slave(1)@" + spec.ip() + ":" + spec.port() + " (" + spec.hostname() + ")";
    }
}
