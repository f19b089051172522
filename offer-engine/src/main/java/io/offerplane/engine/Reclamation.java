package io.offerplane.engine;

import io.offerplane.engine.Timetable.Due;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.ReclaimPolicy;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.TaskId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that roles get what they are guaranteed though others hold it: once an interval, first what is only offered to others is taken
 * back, then tasks are told, and ended when their grace is over and it is still lacking.
 *
 * <p>Goes on only while guarantees are set. As nobody is brought below its own guarantee, nothing is taken to and fro.
 */
final class Reclamation {
    private final Cluster cluster;
    private final OfferBook offers;
    private final ReclaimPlanner planner;
    private final Demand demand;

    Reclamation(Cluster cluster, OfferBook offers, Demand demand) {
        this.cluster = cluster;
        this.offers = offers;
        this.demand = demand;
        planner = new ReclaimPlanner(cluster, cluster.reclaims);
    }

    void set(RolePath role, Optional<ReclaimPolicy> policy) {
        cluster.reclaims.set(role, policy);
    }

    /** Begins when the first guarantee is set. */
    void begin() {
        if (cluster.reclaimRound == null && isNeeded()) {
            cluster.reclaimRound = cluster.timetable.add(
                    cluster.now.plus(cluster.config.allocationInterval()), new Due.ReclaimRound());
        }
    }

    private boolean isNeeded() {
        return cluster.quotas.all().values().stream()
                .anyMatch(quota -> !quota.guarantees().isEmpty());
    }

    void round() {
        cluster.reclaimRound = null;
        if (cluster.quotas.isEmpty()) {
            return;
        }
        // From the bottom up: what is on its way for a role counts for those above it.
        List<RolePath> roles = cluster.quotas.all().keySet().stream()
                .sorted(Comparator.comparingInt((RolePath role) -> -role.value().split("/", -1).length)
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
        for (RolePath role : roles) {
            ResourceQuantities unmet = cluster.quotas.unmet(role);
            Demand.Wanted wanted = unmet.isEmpty() ? null : demand.of(role);
            if (wanted != null) {
                reclaim(role, wanted, unmet);
            }
        }
        begin();
    }

    private void reclaim(RolePath role, Demand.Wanted wanted, ResourceQuantities unmet) {
        ResourceQuantities lacking =
                wanted.within(unmet).minusToZero(free(wanted)).minusToZero(underWay(role));
        if (lacking.isEmpty()) {
            return;
        }
        lacking = rescind(role, lacking, wanted);
        if (lacking.isEmpty()) {
            return;
        }
        Map<Framework, List<TaskId>> told = new LinkedHashMap<>();
        for (Task task : planner.plan(role, lacking, wanted)) {
            Duration grace = cluster.reclaims.of(task.charged.role).grace();
            Reclaim reclaim = new Reclaim(role);
            cluster.reclaims.mark(task, reclaim);
            reclaim.deadline = cluster.timetable.add(cluster.now.plus(grace), new Due.ReclaimDeadline(task));
            told.computeIfAbsent(task.framework(), framework -> new ArrayList<>())
                    .add(task.id());
            cluster.outbox.changed(task.framework());
        }
        told.forEach((framework, tasks) -> cluster.outbox.add(new Effect.AnnounceReclaim(framework.id, tasks, role)));
    }

    /** What nobody holds on agents where it is of use. */
    private ResourceQuantities free(Demand.Wanted wanted) {
        ResourceQuantities free = ResourceQuantities.EMPTY;
        for (Agent agent : cluster.agents.values()) {
            ResourceQuantities room = agent.ledger.available().free().scalars();
            if (agent.isOfferable()
                    && room.contains(wanted.unit())
                    && wanted.suits().test(agent)) {
                free = free.plus(room);
            }
        }
        return free;
    }

    /** What is being taken back for the role already. */
    private ResourceQuantities underWay(RolePath role) {
        ResourceQuantities sum = ResourceQuantities.EMPTY;
        for (Task task : cluster.reclaims.marked()) {
            if (task.reclaim != null && (role.includes(task.reclaim.role) || task.reclaim.role.includes(role))) {
                sum = sum.plus(task.spec.resources().free().scalars());
            }
        }
        return sum;
    }

    /** Takes back offers of others, of roles furthest above their share first; says what is lacking still. */
    private ResourceQuantities rescind(RolePath role, ResourceQuantities lacking, Demand.Wanted wanted) {
        ResourceQuantities left = lacking;
        List<OutstandingOffer> others = cluster.offers.stream()
                .filter(offer -> !role.includes(offer.subscription.role))
                .filter(offer -> offer.offer.madeAt().isBefore(cluster.now))
                .sorted(Comparator.<OutstandingOffer>comparingDouble(
                        offer -> -cluster.roles.shareByWeight(offer.subscription.role)))
                .toList();
        for (OutstandingOffer offer : others) {
            ResourceQuantities rest =
                    left.minusToZero(offer.offer.resources().free().scalars());
            if (!rest.equals(left) && isBeyondGuarantee(offer, role) && makesRoom(offer.agent, role, wanted)) {
                left = rest;
                offers.rescind(offer);
                cluster.agenda.visitAtOnce(offer.agent);
            }
            if (left.isEmpty()) {
                break;
            }
        }
        return left;
    }

    /** Whether the agent would do, and has room for a unit once all offers to others are gone. */
    private static boolean makesRoom(Agent agent, RolePath role, Demand.Wanted wanted) {
        ResourceQuantities room = agent.ledger.available().free().scalars();
        for (OutstandingOffer offer : agent.offers) {
            if (!role.includes(offer.subscription.role)) {
                room = room.plus(offer.offer.resources().free().scalars());
            }
        }
        return room.contains(wanted.unit()) && wanted.suits().test(agent);
    }

    private boolean isBeyondGuarantee(OutstandingOffer offer, RolePath lacking) {
        ResourceQuantities offered = offer.offer.resources().free().scalars();
        return ReclaimPlanner.apartFrom(lacking, offer.subscription.role).stream()
                .allMatch(role -> cluster.quotas
                        .consumed(role)
                        .minusToZero(offered)
                        .contains(cluster.quotas.of(role).guarantees()));
    }

    /** The task's grace is over. If what it holds is no longer lacking it stays. */
    void deadline(Task task) {
        Reclaim reclaim = task.reclaim;
        Agent agent = cluster.agents.get(task.agentId);
        if (reclaim == null || agent == null) {
            return;
        }
        reclaim.deadline = null;
        if (!isStillLacking(reclaim.role) || !planner.mayStillEnd(task, reclaim.role)) {
            cluster.reclaims.forget(task);
            return;
        }
        task.killRequested = true;
        if (agent.isConnected()) {
            cluster.outbox.add(new Effect.KillTask(agent.id, task.framework().id, task.id(), Optional.empty()));
        }
    }

    private boolean isStillLacking(RolePath role) {
        Demand.Wanted wanted = demand.of(role);
        return wanted != null
                && !wanted.within(cluster.quotas.unmet(role))
                        .minusToZero(free(wanted))
                        .isEmpty();
    }

    /** Why a task that was taken back has ended, in place of an agent's word that it was killed. */
    static @Nullable String reason(Task task) {
        Reclaim reclaim = task.reclaim;
        return reclaim == null || !task.killRequested
                ? null
                : "Reclaimed for role '" + reclaim.role + "', which has less than it is guaranteed";
    }
}
