package io.offerplane.engine;

import io.offerplane.engine.resource.Resources;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Who has refused which agent for how long. A filter stands for one framework in one role on one agent, and keeps back only what
 * it covers: an offer of more than was refused gets through.
 */
final class FilterTable {
    private static final Duration REFUSE_DEFAULT = Duration.ofSeconds(5);
    private static final Duration REFUSE_MAX = Duration.ofDays(365);

    private final Timetable timetable;
    private final Agenda agenda;
    private final Duration refuseMin;

    FilterTable(Timetable timetable, Agenda agenda, Duration allocationInterval) {
        this.timetable = timetable;
        this.agenda = agenda;
        this.refuseMin = allocationInterval;
    }

    /**
     * What a client's {@code refuse_seconds} comes to: 5 s when it says nothing, nonsense or a negative number; at most 365 days;
     * zero means none; and never less than an allocation interval, as the same offer would otherwise be back at once.
     */
    static Duration refuseTime(Optional<Double> refuseSeconds, Duration allocationInterval) {
        double seconds = refuseSeconds.orElse(5.0);
        if (seconds == 0) {
            return Duration.ZERO;
        }
        Duration wanted;
        if (!(seconds > 0)) {
            wanted = REFUSE_DEFAULT;
        } else if (seconds >= REFUSE_MAX.toSeconds()) {
            wanted = REFUSE_MAX;
        } else {
            wanted = Duration.ofNanos(Math.round(seconds * 1e9));
        }
        return wanted.compareTo(allocationInterval) < 0 ? allocationInterval : wanted;
    }

    void refuse(
            Subscription subscription, Agent agent, Resources refused, Optional<Double> refuseSeconds, Instant now) {
        Duration time = refuseTime(refuseSeconds, refuseMin);
        if (time.isZero() || refused.isEmpty()) {
            return;
        }
        Instant until = now.plus(time);
        RefusalFilters filters = agent.filters.get(subscription);
        if (filters == null) {
            filters = new RefusalFilters();
            agent.put(subscription, filters);
        }
        if (filters.cover(refused, until)) {
            return;
        }
        subscription.filteredOn.add(agent);
        Timetable.Entry expiry = timetable.add(until, new Timetable.Due.FilterExpiry(subscription, agent, until));
        cancel(filters.add(new RefusalFilters.Filter(refused, until, expiry)));
    }

    boolean block(Subscription subscription, Agent agent, Resources resources, Instant now) {
        if (agent.filters.isEmpty()) {
            return false;
        }
        RefusalFilters filters = agent.filters.get(subscription);
        return filters != null && filters.block(resources, now);
    }

    void expire(Subscription subscription, Agent agent, Instant until) {
        RefusalFilters filters = agent.filters.get(subscription);
        if (filters == null) {
            return;
        }
        filters.removeUntil(until);
        if (filters.isEmpty()) {
            agent.filters.remove(subscription);
            subscription.filteredOn.remove(agent);
        }
        agenda.visitAtInterval(agent);
    }

    /** Forgets what the framework refused in this role. */
    void clear(Subscription subscription) {
        for (Agent agent : subscription.filteredOn) {
            RefusalFilters filters = agent.filters.remove(subscription);
            if (filters != null) {
                cancel(filters.all());
            }
            agenda.visitAtInterval(agent);
        }
        subscription.filteredOn.clear();
    }

    /** Forgets what anybody refused of this agent. */
    void clear(Agent agent) {
        agent.filters.forEach((subscription, filters) -> {
            subscription.filteredOn.remove(agent);
            cancel(filters.all());
        });
        agent.filters.clear();
    }

    private void cancel(List<RefusalFilters.Filter> filters) {
        filters.forEach(filter -> timetable.cancel(filter.expiry()));
    }
}
