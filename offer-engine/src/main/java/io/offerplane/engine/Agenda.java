package io.offerplane.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which agents the next allocation cycle has to visit, and when.
 *
 * <p>Whether an agent leads to an offer depends only on what it has left, on its filters and on who competes; shares only say to
 * whom. So an agent that nobody took is not visited again before one of these changes: an idle cycle costs nothing.
 *
 * <p>Agents stand here as bits, by their order of arrival.
 */
final class Agenda {
    private final Duration interval;
    private final List<@Nullable Agent> agents = new ArrayList<>();
    private final BitSet atInterval = new BitSet();
    private final BitSet atOnce = new BitSet();

    /** Has something left that quotas forbade to offer. */
    private final BitSet heldBack = new BitSet();

    private boolean allAtOnce;
    private @Nullable Instant lastInterval;

    Agenda(Duration interval) {
        this.interval = interval;
    }

    int nextOrdinal() {
        return agents.size();
    }

    /** Takes in an agent, which has the next ordinal. */
    void add(Agent agent) {
        agents.add(agent);
    }

    /** The agent is gone for good; its place stays empty. */
    void remove(Agent agent) {
        forget(agent);
        agents.set(agent.ordinal, null);
    }

    /** Resources came back, or a filter ended: as in Mesos that waits for the next interval. */
    void visitAtInterval(Agent agent) {
        atInterval.set(agent.ordinal);
    }

    /** Something of the agent was not offered because of quotas: they may allow it once anything that counts for them has moved. */
    void holdBack(Agent agent) {
        heldBack.set(agent.ordinal);
    }

    /** Somebody has less than before, or there is more: what was held back is looked at again. */
    void quotasMoved() {
        if (!heldBack.isEmpty()) {
            atInterval.or(heldBack);
            heldBack.clear();
        }
    }

    /** The agent joined or changed. */
    void visitAtOnce(Agent agent) {
        atOnce.set(agent.ordinal);
    }

    /** A framework joined, came back or revived: anything may suit it. */
    void visitAllAtOnce() {
        allAtOnce = true;
    }

    void forget(Agent agent) {
        atInterval.clear(agent.ordinal);
        heldBack.clear(agent.ordinal);
        atOnce.clear(agent.ordinal);
    }

    EngineSnapshot.Agenda snapshot() {
        return new EngineSnapshot.Agenda(allAtOnce, Optional.ofNullable(lastInterval));
    }

    void restore(EngineSnapshot.Agenda state) {
        allAtOnce = state.allAtOnce();
        lastInterval = state.lastInterval().orElse(null);
    }

    EngineSnapshot.Visits visits(Agent agent) {
        return new EngineSnapshot.Visits(
                atInterval.get(agent.ordinal), atOnce.get(agent.ordinal), heldBack.get(agent.ordinal));
    }

    void restore(Agent agent, EngineSnapshot.Visits visits) {
        atInterval.set(agent.ordinal, visits.atInterval());
        atOnce.set(agent.ordinal, visits.atOnce());
        heldBack.set(agent.ordinal, visits.heldBack());
    }

    /** Whether a cycle is due without waiting for the interval. */
    boolean isDueAtOnce() {
        return allAtOnce || !atOnce.isEmpty();
    }

    boolean isIntervalOver(Instant now) {
        return lastInterval == null || !now.isBefore(lastInterval.plus(interval));
    }

    /** When the next cycle has something to do. */
    Optional<Instant> next(Instant now) {
        if (isDueAtOnce()) {
            return Optional.of(now);
        }
        if (atInterval.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(lastInterval == null ? now : lastInterval.plus(interval));
    }

    /** The agents that a cycle now is to visit, in order of arrival; they are off the agenda with that. */
    List<Agent> take(Instant now) {
        if (allAtOnce) {
            atOnce.set(0, agents.size());
        } else if (isIntervalOver(now)) {
            atOnce.or(atInterval);
        }
        List<Agent> due = new ArrayList<>(atOnce.cardinality());
        for (int i = atOnce.nextSetBit(0); i >= 0; i = atOnce.nextSetBit(i + 1)) {
            Agent agent = agents.get(i);
            if (agent != null) {
                due.add(agent);
            }
        }
        atInterval.andNot(atOnce);
        atOnce.clear();
        allAtOnce = false;
        if (isIntervalOver(now)) {
            lastInterval = now;
        }
        return due;
    }
}
