package io.offerplane.engine;

import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.ReclaimPolicy;
import io.offerplane.engine.role.RolePath;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which tasks are to end so that a role gets what it is guaranteed. Looks and says; changes nothing.
 *
 * <p>The rule. Only tasks outside the role that lacks, whose own role allows it, and only as far as that role and those above it keep
 * what they are guaranteed themselves, where they are not above the one that lacks, too. In this order: masters of applications after all others; those on revocable resources first; from
 * roles furthest above their fair share, less what is planned to be taken from them; the less urgent first; of each agent the last that came. Only on
 * agents where that makes room for what is waited for, and no more than is lacking.
 */
final class ReclaimPlanner {
    private final Cluster cluster;
    private final ReclaimPolicies policies;

    ReclaimPlanner(Cluster cluster, ReclaimPolicies policies) {
        this.cluster = cluster;
        this.policies = policies;
    }

    /**
     * A task that may be taken.
     *
     * @param share of its role when it was put into the order: what it has by then may be less
     * @param launched its place in the order of launches on its agent
     */
    private record Candidate(Task task, Agent agent, double share, int launched) {
        static final Comparator<Candidate> RULE = Comparator.<Candidate>comparingInt(
                        candidate -> candidate.task.spec.standing().applicationMaster() ? 1 : 0)
                .thenComparingInt(candidate -> isRevocable(candidate.task) ? 0 : 1)
                .thenComparingDouble(candidate -> -candidate.share)
                .thenComparingInt(candidate -> -candidate.task.spec.standing().priority())
                .thenComparingInt(candidate -> -candidate.launched);

        Candidate at(double newShare) {
            return new Candidate(task, agent, newShare, launched);
        }

        private static boolean isRevocable(Task task) {
            return task.spec.resources().bound().keySet().stream().anyMatch(terms -> terms.revocable());
        }
    }

    /**
     * Whole units, agent by agent, in the order of the rule.
     *
     * @param lacking what is still to be found
     * @param wanted what for, and where it would be of use
     */
    List<Task> plan(RolePath role, ResourceQuantities lacking, Demand.Wanted wanted) {
        if (policies.all().values().stream().noneMatch(ReclaimPolicy::allowed)) {
            return List.of();
        }
        ResourceQuantities unit = wanted.unit();
        PriorityQueue<Candidate> candidates = candidates(role, lacking, wanted.suits());
        Map<Agent, List<Candidate>> byAgent = new HashMap<>();
        candidates.stream().sorted(Candidate.RULE).forEach(candidate -> byAgent.computeIfAbsent(
                        candidate.agent, agent -> new ArrayList<>())
                .add(candidate));
        Map<Agent, ResourceQuantities> rooms = new HashMap<>();
        Map<RolePath, ResourceQuantities> surplus = new HashMap<>();
        Map<RolePath, ResourceQuantities> planned = new HashMap<>();
        Set<Task> plan = new LinkedHashSet<>();
        ResourceQuantities left = lacking;
        while (!left.isEmpty() && !candidates.isEmpty()) {
            Candidate first = candidates.remove();
            if (plan.contains(first.task)) {
                continue;
            }
            double share = shareWithout(first.task.charged.role, planned);
            if (share < first.share) {
                // Others of its role are planned by now: its turn is later.
                candidates.add(first.at(share));
                continue;
            }
            List<Candidate> taken =
                    oneUnit(role, unit, first, byAgent.getOrDefault(first.agent, List.of()), plan, rooms, surplus);
            for (Candidate candidate : taken) {
                plan.add(candidate.task);
                planned.merge(candidate.task.charged.role, freed(candidate), ResourceQuantities::plus);
            }
            if (!taken.isEmpty()) {
                left = left.minusToZero(
                        unit.isEmpty() ? freed(first) : unit.times(takeUnits(unit, first.agent, rooms)));
            }
        }
        return List.copyOf(plan);
    }

    private double shareWithout(RolePath role, Map<RolePath, ResourceQuantities> planned) {
        return cluster.roles.shareByWeight(role, planned.getOrDefault(role, ResourceQuantities.EMPTY));
    }

    /** Takes out of the agent's room all units that fit, and says how many. */
    private static int takeUnits(ResourceQuantities unit, Agent agent, Map<Agent, ResourceQuantities> rooms) {
        ResourceQuantities room = rooms.getOrDefault(agent, ResourceQuantities.EMPTY);
        int units = 0;
        while (!unit.isEmpty() && room.contains(unit)) {
            room = room.minusToZero(unit);
            units++;
        }
        rooms.put(agent, room);
        return units;
    }

    /** What makes room for one unit on the agent of the first, or nothing. */
    private List<Candidate> oneUnit(
            RolePath role,
            ResourceQuantities unit,
            Candidate first,
            List<Candidate> others,
            Set<Task> planned,
            Map<Agent, ResourceQuantities> rooms,
            Map<RolePath, ResourceQuantities> surplus) {
        List<Candidate> taken = new ArrayList<>();
        Map<RolePath, ResourceQuantities> after = new HashMap<>(surplus);
        if (!rooms.containsKey(first.agent)) {
            rooms.put(first.agent, first.agent.ledger.available().free().scalars());
            // Units that fit already are not lacking.
            takeUnits(unit, first.agent, rooms);
        }
        ResourceQuantities room = rooms.getOrDefault(first.agent, ResourceQuantities.EMPTY);
        List<Candidate> inTurn = new ArrayList<>(List.of(first));
        others.stream().filter(other -> other.task != first.task).forEach(inTurn::add);
        for (Candidate candidate : inTurn) {
            if (planned.contains(candidate.task) || !spares(candidate.task, role, after)) {
                continue;
            }
            take(candidate.task, role, after);
            taken.add(candidate);
            room = room.plus(freed(candidate));
            if (room.contains(unit)) {
                rooms.put(first.agent, room);
                surplus.putAll(after);
                return taken;
            }
        }
        return List.of();
    }

    private PriorityQueue<Candidate> candidates(RolePath role, ResourceQuantities lacking, Predicate<Agent> suits) {
        PriorityQueue<Candidate> candidates = new PriorityQueue<>(Candidate.RULE);
        for (Agent agent : cluster.agents.values()) {
            if (!agent.isOfferable() || !suits.test(agent)) {
                continue;
            }
            int launched = 0;
            for (Task task : agent.tasks.values()) {
                launched++;
                RolePath charged = task.charged.role;
                if (task.holdsResources
                        && task.reclaim == null
                        && !task.killRequested
                        && !role.includes(charged)
                        && policies.of(charged).allowed()
                        && helps(task.spec.resources().free().scalars(), lacking)) {
                    candidates.add(new Candidate(task, agent, cluster.roles.shareByWeight(charged), launched));
                }
            }
        }
        return candidates;
    }

    private static ResourceQuantities freed(Candidate candidate) {
        return candidate.task.spec.resources().free().scalars();
    }

    private static boolean helps(ResourceQuantities freed, ResourceQuantities lacking) {
        for (int i = 0; i < lacking.size(); i++) {
            if (freed.milli(lacking.name(i)) > 0) {
                return true;
            }
        }
        return false;
    }

    /** A role and those above it, up to the first that the one that lacks is in as well: from there on nothing is lost. */
    static List<RolePath> apartFrom(RolePath lacking, RolePath from) {
        List<RolePath> roles = new ArrayList<>();
        for (RolePath role = from; !role.includes(lacking); role = role.parent()) {
            roles.add(role);
            if (!role.isNested()) {
                break;
            }
        }
        return roles;
    }

    /** Whether all roles that lose the task keep what they are guaranteed. */
    private boolean spares(Task task, RolePath lacking, Map<RolePath, ResourceQuantities> surplus) {
        ResourceQuantities freed = task.spec.resources().free().scalars();
        for (RolePath role : apartFrom(lacking, task.charged.role)) {
            ResourceQuantities guaranteed = cluster.quotas.of(role).guarantees();
            ResourceQuantities over = surplusOf(role, surplus);
            for (int i = 0; i < guaranteed.size(); i++) {
                String name = guaranteed.name(i);
                if (freed.milli(name) > over.milli(name)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Whether all that was told, this one too, may still end: somebody else's tasks may have ended meanwhile. */
    boolean mayStillEnd(Task task, RolePath lacking) {
        return policies.of(task.charged.role).allowed()
                && apartFrom(lacking, task.charged.role).stream().allMatch(role -> heldWithoutMarked(role)
                        .contains(cluster.quotas.of(role).guarantees()));
    }

    private ResourceQuantities surplusOf(RolePath role, Map<RolePath, ResourceQuantities> surplus) {
        return surplus.computeIfAbsent(
                role, r -> heldWithoutMarked(r).minusToZero(cluster.quotas.of(r).guarantees()));
    }

    /** What tasks hold, and what is reserved. Offers can go at any time, and what is under way already is as good as gone. */
    private ResourceQuantities heldWithoutMarked(RolePath role) {
        ResourceQuantities held = cluster.heldFor(role);
        for (Task marked : policies.marked()) {
            if (role.includes(marked.charged.role)) {
                held = held.minusToZero(marked.spec.resources().free().scalars());
            }
        }
        return held;
    }

    private void take(Task task, RolePath lacking, Map<RolePath, ResourceQuantities> surplus) {
        ResourceQuantities freed = task.spec.resources().free().scalars();
        for (RolePath role : apartFrom(lacking, task.charged.role)) {
            surplus.put(role, surplusOf(role, surplus).minusToZero(freed));
        }
    }
}
