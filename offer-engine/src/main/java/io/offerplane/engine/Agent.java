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
    final Map<TaskKey, Task> tasks = new LinkedHashMap<>();

    /** Those that it had when it was given up; empty unless it is unreachable. */
    final Map<TaskKey, Task> unreachableTasks = new LinkedHashMap<>();

    final Map<ExecutorKey, Executor> executors = new LinkedHashMap<>();

    /** Oldest first. */
    final List<OutstandingOffer> offers = new ArrayList<>(1);

    final Map<Subscription, RefusalFilters> filters = new LinkedHashMap<>();

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

    /** Whether the command at hand has changed it; kept by {@link Outbox}. */
    boolean changed;

    /** Whether that was not looked at yet; kept by {@link Outbox} and {@link Invariants}. */
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
        Resources volumes = dynamic.on(terms -> terms.volume().isPresent());
        Resources reservations = dynamic.on(terms -> terms.volume().isEmpty());
        return with(with(granted, volumes), reservations).plus(oversubscribed);
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
