package io.offerplane.engine;

import io.offerplane.engine.ask.ApplicationSpec;
import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.framework.OfferRules;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.TaskId;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** A framework as the engine knows it, with all that is its. */
final class Framework {
    final FrameworkId id;

    /** By role, in the order in which they came up. */
    final Map<RolePath, Subscription> subscriptions = new LinkedHashMap<>();

    final OfferChain offers = new OfferChain(OfferChain.Kind.OF_FRAMEWORK);

    final Map<OfferId, OutstandingInverseOffer> inverseOffers = new LinkedHashMap<>();

    /** Those whose end it has not acknowledged; oldest first. */
    final SequencedMap<TaskId, Task> tasks = new LinkedHashMap<>();

    /** Those on agents that can't be reached; oldest first. */
    final Map<TaskId, Task> unreachableTasks = new LinkedHashMap<>();

    /** Newest first. */
    final Deque<Task> completedTasks = new ArrayDeque<>();

    /** Operations whose end it has not acknowledged, by their ids; oldest first. */
    final Map<String, OperationBook.Finished> operations = new LinkedHashMap<>();

    /** What it asks for; null for one that waits for offers. Which of both it is never changes. */
    final @Nullable Application application;

    /** Set by {@link #describe} only. */
    FrameworkSpec spec;

    /** Whether offers to it are subject to rules of its own: asked for every offer, and hardly anybody has any. */
    private boolean hasOfferRules;

    boolean connected;
    boolean recovered;
    long connection = Long.MIN_VALUE;
    final Instant registered;
    Optional<Instant> reregistered = Optional.empty();
    Optional<Instant> failoverDeadline = Optional.empty();
    Timetable.@Nullable Entry failover;
    int failovers;
    long offersSent;
    long offersAccepted;
    long offersDeclined;
    long offersRescinded;

    /** The last command that has changed it; kept by {@link Outbox}. */
    long changedIn;

    /** What the cycle that runs has for it; kept by {@link AllocationCycle}. */
    @Nullable
    List<Offer> batch;

    Framework(FrameworkId id, FrameworkSpec spec, Instant registered) {
        this.id = id;
        this.spec = spec;
        hasOfferRules = hasOfferRules(spec);
        this.application = spec.application().isPresent() ? new Application(this) : null;
        this.registered = registered;
    }

    /** From here on it is what this says. */
    void describe(FrameworkSpec next) {
        spec = next;
        hasOfferRules = hasOfferRules(next);
    }

    private static boolean hasOfferRules(FrameworkSpec spec) {
        OfferRules rules = spec.offerRules();
        return !rules.minimums().isEmpty() || !rules.constraints().isEmpty();
    }

    /** What it says of the offers that it wants. */
    OfferRules offerRules() {
        return hasOfferRules ? spec.offerRules() : OfferRules.NONE;
    }

    /** Who asks may be more urgent than others; who waits for offers is not. */
    int priority() {
        return spec.application().map(ApplicationSpec::priority).orElse(0);
    }

    boolean has(FrameworkCapability capability) {
        return spec.has(capability);
    }

    boolean isPartitionAware() {
        return spec.has(FrameworkCapability.PARTITION_AWARE);
    }
}
