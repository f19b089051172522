package io.offerplane.operator.queue;

import io.offerplane.crd.v1alpha1.common.Waiting;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.view.Diagnosis;
import io.offerplane.operator.status.WaitingStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Which queues have frameworks that wait, since when. That somebody waits for a moment is the rule between two cycles, and no news. */
final class QueueWaiting {
    /** How long somebody in the queue must have waited whenever it was looked at. */
    static final Duration PATIENCE = Duration.ofSeconds(10);

    private final WaitingStatus<RolePath> statuses = new WaitingStatus<>();
    private final Map<RolePath, Instant> since = new ConcurrentHashMap<>();

    /** What the queue's status is to say now, if anything. */
    Optional<Waiting> judge(RolePath role, Optional<Diagnosis.OfRole> found, Instant now) {
        if (found.isEmpty()) {
            forget(role);
            return Optional.empty();
        }
        Instant began = since.computeIfAbsent(role, r -> now);
        return now.isBefore(began.plus(PATIENCE))
                ? Optional.empty()
                : Optional.of(
                        statuses.of(role, found.get().foremost(), found.get().sentence(), began, now));
    }

    /** Whether it waited when it was looked at last; then it is worth to look again soon. */
    boolean isWaiting(RolePath role) {
        return since.containsKey(role);
    }

    void forget(RolePath role) {
        since.remove(role);
        statuses.forget(role);
    }
}
