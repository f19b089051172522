package io.offerplane.engine;

import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.RolePath;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which tasks are to end so that a role gets what it is guaranteed. Looks and says; changes nothing.
 *
 * <p>The rule. Only tasks outside the role that lacks, whose own role allows it, and only as far as that role and those above it keep
 * what they are guaranteed themselves. In this order: masters of applications after all others; those on revocable resources first; from
 * roles furthest above their fair share; the less urgent first; the youngest first. Only on agents where that makes room for what is
 * waited for, and no more than is lacking.
 */
final class ReclaimPlanner {
    private final Cluster cluster;
    private final ReclaimPolicies policies;

    ReclaimPlanner(Cluster cluster, ReclaimPolicies policies) {
        this.cluster = cluster;
        this.policies = policies;
    }

    /** A task that may be taken, with its place in the order of launches on its agent. */
    private record Candidate(Task task, Agent agent, double share, int launched) {
        static final Comparator<Candidate> RULE = Comparator.<Candidate>comparingInt(
                        candidate -> candidate.task.spec.standing().applicationMaster() ? 1 : 0)
                .thenComparingInt(candidate -> isRevocable(candidate.task) ? 0 : 1)
                .thenComparingDouble(candidate -> -candidate.share)
                .thenComparingInt(candidate -> -candidate.task.spec.standing().priority())
                .thenComparingInt(candidate -> -candidate.launched);

        private static boolean isRevocable(Task task) {
            return task.spec.resources().bound().keySet().stream().anyMatch(terms -> terms.revocable());
        }
    }

    /**
     * @param lacking what is still to be found
     * @param unit what must fit on one agent to be of use; empty when anything is
     */
    List<Task> plan(RolePath role, ResourceQuantities lacking, ResourceQuantities unit) {
        List<Candidate> candidates = candidates(role, lacking);
        Map<Agent, ResourceQuantities> possible = new HashMap<>();
        for (Candidate candidate : candidates) {
            possible.merge(candidate.agent, freed(candidate), ResourceQuantities::plus);
        }
        Map<RolePath, ResourceQuantities> surplus = new HashMap<>();
        Map<Agent, List<Candidate>> chosen = new LinkedHashMap<>();
        ResourceQuantities left = lacking;
        for (Candidate candidate : candidates) {
            if (left.isEmpty()) {
                break;
            }
            ResourceQuantities room =
                    room(candidate.agent).plus(possible.getOrDefault(candidate.agent, ResourceQuantities.EMPTY));
            if (room.contains(unit) && helps(freed(candidate), left) && spares(candidate.task, surplus)) {
                take(candidate.task, surplus);
                chosen.computeIfAbsent(candidate.agent, agent -> new ArrayList<>())
                        .add(candidate);
                left = left.minusToZero(freed(candidate));
            }
        }
        List<Task> plan = new ArrayList<>();
        chosen.forEach((agent, taken) -> {
            ResourceQuantities room = room(agent);
            for (Candidate candidate : taken) {
                room = room.plus(freed(candidate));
            }
            if (room.contains(unit)) {
                taken.forEach(candidate -> plan.add(candidate.task));
            }
        });
        return plan;
    }

    private List<Candidate> candidates(RolePath role, ResourceQuantities lacking) {
        List<Candidate> candidates = new ArrayList<>();
        for (Agent agent : cluster.agents.values()) {
            if (!agent.isOfferable()) {
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
        candidates.sort(Candidate.RULE);
        return candidates;
    }

    private static ResourceQuantities room(Agent agent) {
        return agent.ledger.available().free().scalars();
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

    /** Whether the task's role and all above it keep what they are guaranteed without it. */
    private boolean spares(Task task, Map<RolePath, ResourceQuantities> surplus) {
        ResourceQuantities freed = task.spec.resources().free().scalars();
        for (RolePath role = task.charged.role; ; role = role.parent()) {
            ResourceQuantities guaranteed = cluster.quotas.of(role).guarantees();
            ResourceQuantities over = surplusOf(role, surplus);
            for (int i = 0; i < guaranteed.size(); i++) {
                String name = guaranteed.name(i);
                if (freed.milli(name) > over.milli(name)) {
                    return false;
                }
            }
            if (!role.isNested()) {
                return true;
            }
        }
    }

    private ResourceQuantities surplusOf(RolePath role, Map<RolePath, ResourceQuantities> surplus) {
        return surplus.computeIfAbsent(role, r -> {
            ResourceQuantities consumed = cluster.quotas.consumed(r);
            // What is under way already is as good as gone.
            for (Task marked : policies.marked()) {
                if (r.includes(marked.charged.role)) {
                    consumed =
                            consumed.minusToZero(marked.spec.resources().free().scalars());
                }
            }
            return consumed.minusToZero(cluster.quotas.of(r).guarantees());
        });
    }

    private void take(Task task, Map<RolePath, ResourceQuantities> surplus) {
        ResourceQuantities freed = task.spec.resources().free().scalars();
        for (RolePath role = task.charged.role; ; role = role.parent()) {
            surplus.put(role, surplusOf(role, surplus).minusToZero(freed));
            if (!role.isNested()) {
                return;
            }
        }
    }
}
