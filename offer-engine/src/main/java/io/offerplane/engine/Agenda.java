package io.offerplane.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which agents the next allocation cycle has to visit, and when.
 *
 * <p>Whether an agent leads to an offer depends only on what it has left, on its filters and on who competes; shares only say to
 * whom. So an agent that nobody took is not visited again before one of these changes: an idle cycle costs nothing.
 */
final class Agenda {
    private final Duration interval;
    private final Set<Agent> atInterval = new LinkedHashSet<>();
    private final Set<Agent> atOnce = new LinkedHashSet<>();
    private boolean allAtOnce;
    private @Nullable Instant lastInterval;

    Agenda(Duration interval) {
        this.interval = interval;
    }

    /** Resources came back, or a filter ended: as in Mesos that waits for the next interval. */
    void visitAtInterval(Agent agent) {
        atInterval.add(agent);
    }

    /** The agent joined or changed. */
    void visitAtOnce(Agent agent) {
        atOnce.add(agent);
    }

    /** A framework joined, came back or revived: anything may suit it. */
    void visitAllAtOnce() {
        allAtOnce = true;
    }

    void forget(Agent agent) {
        atInterval.remove(agent);
        atOnce.remove(agent);
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
    List<Agent> take(Collection<Agent> all, Instant now) {
        List<Agent> due = new ArrayList<>();
        if (allAtOnce) {
            due.addAll(all);
            atInterval.clear();
        } else if (isIntervalOver(now)) {
            atInterval.addAll(atOnce);
            due.addAll(atInterval);
            atInterval.clear();
        } else {
            due.addAll(atOnce);
            atInterval.removeAll(atOnce);
        }
        atOnce.clear();
        allAtOnce = false;
        if (isIntervalOver(now)) {
            lastInterval = now;
        }
        due.sort(Comparator.comparingLong(agent -> agent.ordinal));
        return due;
    }
}
