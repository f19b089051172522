package io.offerplane.engine;

import io.offerplane.engine.resource.ResourceQuantities;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The agents in the order in which explanations look at them: those with most left first, as the one that comes nearest to what somebody
 * needs is nearly always among them. Those that are out for everybody are only counted. Made for one view.
 */
final class AgentSurvey {
    /** Beyond so many, only those with most left are known. */
    private static final int MOST = 1024;

    private record Ranked(Agent agent, double left) {}

    /** The first is the one to drop. */
    private static final Comparator<Ranked> LEAST_FIRST = Comparator.comparingDouble(Ranked::left)
            .thenComparing(Comparator.<Ranked>comparingInt(ranked -> ranked.agent.ordinal)
                    .reversed());

    private final List<Agent> offerable;
    private final List<Agent> inactive = new ArrayList<>();
    private final int agents;
    private final boolean whole;
    private int inMaintenance;
    private int notConnected;
    private final long allCpus;
    private final long allMem;

    AgentSurvey(Cluster cluster) {
        agents = cluster.agents.size();
        ResourceQuantities all = cluster.roles.totals.all();
        allCpus = Math.max(1, all.milli("cpus"));
        allMem = Math.max(1, all.milli("mem"));
        PriorityQueue<Ranked> ranked = new PriorityQueue<>(LEAST_FIRST);
        for (Agent agent : cluster.agents.values()) {
            if (!agent.isOfferable()) {
                count(agent);
                continue;
            }
            ranked.add(new Ranked(agent, size(agent.ledger.available().scalars())));
            if (ranked.size() > MOST) {
                ranked.remove();
            }
        }
        List<Agent> byRank = new ArrayList<>(ranked.size());
        while (!ranked.isEmpty()) {
            byRank.add(ranked.remove().agent);
        }
        Collections.reverse(byRank);
        offerable = byRank;
        whole = offerable.size() + inMaintenance + notConnected == agents;
    }

    private void count(Agent agent) {
        if (agent.deactivated || agent.cordoned || agent.down) {
            inMaintenance++;
        } else {
            notConnected++;
        }
        if (inactive.size() < MOST) {
            inactive.add(agent);
        }
    }

    /** A measure of amounts, beside others of the same survey: the smaller of the parts that they are of all cpus and of all memory. */
    double size(ResourceQuantities amounts) {
        return Math.min((double) amounts.milli("cpus") / allCpus, (double) amounts.milli("mem") / allMem);
    }

    /** So many that tasks could be put on, those with most left first. */
    List<Agent> first(int most) {
        return offerable.subList(0, Math.min(most, offerable.size()));
    }

    /** Whether the first so many and those that are inactive are all there are. */
    boolean isAll(int most) {
        return whole && most >= offerable.size();
    }

    /** Whether the inactive ones are all known, too. */
    boolean knowsInactive() {
        return inactive.size() == inMaintenance + notConnected;
    }

    List<Agent> inactive() {
        return inactive;
    }

    int agents() {
        return agents;
    }

    int inMaintenance() {
        return inMaintenance;
    }

    int notConnected() {
        return notConnected;
    }
}
