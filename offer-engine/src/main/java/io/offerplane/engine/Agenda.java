package io.offerplane.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
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

    /** Frameworks that have asked for something new, in the order in which they did. */
    private final Set<Framework> asking = new LinkedHashSet<>();

    /** Those that limits forbade to serve. */
    private final Set<Framework> heldBackAsks = new LinkedHashSet<>();

    /** Those of them whom limits may allow more by now. */
    private final Set<Framework> askingAtInterval = new LinkedHashSet<>();

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
        if (!heldBackAsks.isEmpty()) {
            askingAtInterval.addAll(heldBackAsks);
            heldBackAsks.clear();
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

    /** The agent with that ordinal; null when it is gone. */
    @Nullable
    Agent agent(int ordinal) {
        return agents.get(ordinal);
    }

    /** It has asked for something that agents were not looked at for. */
    void asksAtOnce(Framework framework) {
        asking.add(framework);
    }

    /** A limit forbade to serve what it asks for. */
    void holdBackAsks(Framework framework) {
        heldBackAsks.add(framework);
    }

    void forgetAsks(Framework framework) {
        asking.remove(framework);
        heldBackAsks.remove(framework);
        askingAtInterval.remove(framework);
    }

    /** Who has asked since the last cycle. */
    Set<Framework> takeAsks() {
        Set<Framework> taken = new LinkedHashSet<>(asking);
        asking.clear();
        return taken;
    }

    Collection<Framework> asking() {
        return Collections.unmodifiableCollection(asking);
    }

    Collection<Framework> heldBackAsks() {
        return Collections.unmodifiableCollection(heldBackAsks);
    }

    Collection<Framework> askingAtInterval() {
        return Collections.unmodifiableCollection(askingAtInterval);
    }

    /** @param places of the frameworks */
    EngineSnapshot.Agenda snapshot(EngineSnapshot.Askers places) {
        return new EngineSnapshot.Agenda(allAtOnce, Optional.ofNullable(lastInterval), agents.size(), places);
    }

    /** @param frameworks by their places */
    void restore(EngineSnapshot.Askers places, IntFunction<Framework> frameworks) {
        places.atOnce().forEach(place -> asking.add(frameworks.apply(place)));
        places.heldBack().forEach(place -> heldBackAsks.add(frameworks.apply(place)));
        places.atInterval().forEach(place -> askingAtInterval.add(frameworks.apply(place)));
    }

    /** First of all: agents are put into their places, of which some are empty. */
    void restore(EngineSnapshot.Agenda state) {
        while (agents.size() < state.places()) {
            agents.add(null);
        }
        allAtOnce = state.allAtOnce();
        lastInterval = state.lastInterval().orElse(null);
    }

    EngineSnapshot.Visits visits(Agent agent) {
        return new EngineSnapshot.Visits(
                atInterval.get(agent.ordinal), atOnce.get(agent.ordinal), heldBack.get(agent.ordinal));
    }

    void restore(Agent agent, EngineSnapshot.Visits visits) {
        agents.set(agent.ordinal, agent);
        atInterval.set(agent.ordinal, visits.atInterval());
        atOnce.set(agent.ordinal, visits.atOnce());
        heldBack.set(agent.ordinal, visits.heldBack());
    }

    /** Whether a cycle is due without waiting for the interval. */
    boolean isDueAtOnce() {
        return allAtOnce || !atOnce.isEmpty() || !asking.isEmpty();
    }

    boolean isIntervalOver(Instant now) {
        return lastInterval == null || !now.isBefore(lastInterval.plus(interval));
    }

    /** When the next cycle has something to do. */
    Optional<Instant> next(Instant now) {
        if (isDueAtOnce()) {
            return Optional.of(now);
        }
        if (atInterval.isEmpty() && askingAtInterval.isEmpty()) {
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
            asking.addAll(askingAtInterval);
            askingAtInterval.clear();
        }
        return due;
    }
}
