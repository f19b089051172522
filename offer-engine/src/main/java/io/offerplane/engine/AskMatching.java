package io.offerplane.engine;

import io.offerplane.engine.ask.Ask;
import io.offerplane.engine.ask.Grant;
import io.offerplane.engine.ask.Locality;
import io.offerplane.engine.ask.Placement;
import io.offerplane.engine.framework.AttributeConstraint;
import io.offerplane.engine.offer.Rejection.Reason;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.task.Standing;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which ask is served on which agent, and what becomes of it then. Who may choose next is the cycle's to say. */
final class AskMatching {
    private final Cluster cluster;
    private final TaskBook tasks;
    private final AskHeadroom headrooms;
    private final UserLimits limits;
    private long nextNumber;
    private final Map<Framework, List<Grant>> granted = new LinkedHashMap<>();

    AskMatching(Cluster cluster, TaskBook tasks) {
        this.cluster = cluster;
        this.tasks = tasks;
        headrooms = new AskHeadroom(cluster);
        limits = new UserLimits(cluster);
    }

    /** Of what the next container's id is made. */
    long nextNumber() {
        return nextNumber;
    }

    void continueFrom(long number) {
        nextNumber = number;
    }

    /** An ask that an agent has room for. */
    record Match(PendingAsk ask, Agent agent, Locality.Level level) {}

    /**
     * The most urgent of an application's asks that the agent will do for, or null.
     *
     * @param offerable what of the agent the application may have
     */
    @Nullable
    Match find(Application application, Agent agent, Resources offerable) {
        if (application.avoided.contains(agent.spec.hostname())) {
            return null;
        }
        ResourceQuantities room = offerable.free().scalars();
        for (PendingAsk pending : application.asks.values()) {
            Match match = pending.ask.gang().isPresent() ? null : match(application, pending, agent, room);
            if (match != null) {
                return match;
            }
        }
        return null;
    }

    @Nullable
    Match match(Application application, PendingAsk pending, Agent agent, ResourceQuantities room) {
        if (!room.contains(pending.ask.size()) || isBarredMaster(application, pending)) {
            return null;
        }
        Locality.Level level = pending.level(agent.spec, cluster.config.askRules(), cluster.now);
        return level != null && holds(application, pending.ask.placement(), agent)
                ? new Match(pending, agent, level)
                : null;
    }

    /** Whether the agent would do if it had room, as soon as the ask is content with a place that is not its first choice. */
    boolean mightSuit(Application application, PendingAsk pending, Agent agent) {
        return !application.avoided.contains(agent.spec.hostname())
                && !isBarredMaster(application, pending)
                && pending.isContentWith(agent.spec, cluster.config.askRules())
                && holds(application, pending.ask.placement(), agent);
    }

    private boolean isBarredMaster(Application application, PendingAsk pending) {
        return pending.ask.applicationMaster()
                && !application.framework.spec.roles().isEmpty()
                && !limits.allowsMaster(application.framework.spec.roles().getFirst(), pending.ask.size());
    }

    private boolean holds(Application application, Placement placement, Agent agent) {
        if (placement.isAny()) {
            return true;
        }
        for (AttributeConstraint constraint : placement.attributes()) {
            if (!constraint.holds(agent.spec)) {
                return false;
            }
        }
        String rack = cluster.config.askRules().rackOf(agent.spec);
        for (Placement.Neighbours neighbours : placement.neighbours()) {
            if (!application.allow(neighbours, agent.spec.hostname(), rack)) {
                return false;
            }
        }
        return true;
    }

    /**
     * The size of the most urgent ask that the agent would do for with so much room, or null. Of gangs one agent is not enough.
     */
    @Nullable
    ResourceQuantities need(Application application, Agent agent, ResourceQuantities room) {
        if (application.avoided.contains(agent.spec.hostname())) {
            return null;
        }
        for (PendingAsk pending : application.asks.values()) {
            if (pending.ask.gang().isEmpty() && match(application, pending, agent, room) != null) {
                return pending.ask.size();
            }
        }
        return null;
    }

    /** What keeps the most urgent ask from the agent, or null; the rules of {@link #find}, in its order. */
    @Nullable
    Reason reason(Application application, Agent agent, Resources offerable) {
        if (find(application, agent, offerable) != null) {
            return null;
        }
        if (application.avoided.contains(agent.spec.hostname())) {
            return Reason.AVOIDED_BY_APPLICATION;
        }
        PendingAsk first = application.asks.firstEntry().getValue();
        if (!offerable.free().scalars().contains(first.ask.size())) {
            return Reason.ASK_DOES_NOT_FIT;
        }
        if (isBarredMaster(application, first)) {
            return Reason.MASTER_LIMIT;
        }
        if (first.ask.gang().isPresent()) {
            return Reason.GANG_INCOMPLETE;
        }
        return first.level(agent.spec, cluster.config.askRules(), cluster.now) == null
                ? Reason.WAITS_FOR_LOCALITY
                : Reason.PLACEMENT_CONSTRAINTS;
    }

    /** Grants one container: it is the application's from here on, and told of at the end of the cycle. */
    void grant(Subscription subscription, Application application, Match match) {
        Framework framework = subscription.framework;
        PendingAsk pending = match.ask;
        Ask ask = pending.ask;
        Agent agent = match.agent;
        TaskId id = new TaskId(cluster.config.termId() + "-C" + nextNumber++);
        tasks.grant(
                new TaskSpec(
                        id,
                        id.value(),
                        agent.id,
                        pending.size,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Payload.EMPTY,
                        new Standing(ask.key().priority(), ask.applicationMaster())),
                subscription,
                agent);
        pending.served(agent.spec, match.level, cluster.config.askRules(), cluster.now);
        if (!ask.placement().tags().isEmpty()) {
            application.put(id, place(match));
        }
        if (pending.left() == 0) {
            application.asks.remove(ask.key());
            if (!application.hasDemand()) {
                application.fresh = false;
                cluster.roles.update(subscription);
            }
        }
        granted.computeIfAbsent(framework, f -> new ArrayList<>())
                .add(new Grant(
                        id,
                        subscription.role,
                        ask.key(),
                        agent.id,
                        agent.spec,
                        ask.size(),
                        match.level,
                        ask.applicationMaster()));
    }

    /** As if a container ran there. */
    void imagine(Application application, TaskId id, Match match) {
        application.put(id, place(match));
    }

    private Application.Tagged place(Match match) {
        return new Application.Tagged(
                match.ask.ask.placement().tags(),
                match.agent.spec.hostname(),
                cluster.config.askRules().rackOf(match.agent.spec));
    }

    /** Tells each application of its containers, all at once. */
    void tell() {
        granted.forEach((framework, grants) ->
                cluster.outbox.add(new Effect.GrantContainers(framework.id, grants, headrooms.of(framework))));
        granted.clear();
    }
}
