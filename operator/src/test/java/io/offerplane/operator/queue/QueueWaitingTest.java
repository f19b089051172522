package io.offerplane.operator.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.crd.v1alpha1.common.Waiting;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Rejection.Reason;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.view.Diagnosis;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class QueueWaitingTest {
    private static final RolePath ENG = new RolePath("eng");
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final QueueWaiting waiting = new QueueWaiting();

    private static Optional<Diagnosis.OfRole> atLimit() {
        Diagnosis foremost = new Diagnosis(
                new FrameworkId("f"),
                ENG,
                Optional.of(Reason.QUOTA_LIMIT),
                Map.of(Reason.QUOTA_LIMIT, 1),
                1,
                1,
                0,
                ResourceQuantities.EMPTY,
                Optional.empty(),
                Optional.empty(),
                Optional.of(ENG),
                "its role eng is at its limit of 10 cpus");
        return Optional.of(new Diagnosis.OfRole(
                ENG,
                1,
                1,
                Map.of(Reason.QUOTA_LIMIT, 1),
                foremost,
                "is at its limit of 10 cpus; its only framework waits"));
    }

    @Test
    void isSaidWhenItHasLastedAWhile() {
        assertThat(waiting.judge(ENG, atLimit(), NOW)).isEmpty();
        assertThat(waiting.isWaiting(ENG)).isTrue();
        Instant later = NOW.plus(QueueWaiting.PATIENCE);
        assertThat(waiting.judge(ENG, atLimit(), later))
                .hasValue(new Waiting(
                        "2026-01-01T00:00:00Z", "AtLimit", "is at its limit of 10 cpus; its only framework waits"));
    }

    @Test
    void beginsAnewAfterNobodyWaited() {
        waiting.judge(ENG, atLimit(), NOW);
        assertThat(waiting.judge(ENG, Optional.empty(), NOW.plusSeconds(5))).isEmpty();
        assertThat(waiting.isWaiting(ENG)).isFalse();
        assertThat(waiting.judge(ENG, atLimit(), NOW.plus(QueueWaiting.PATIENCE)))
                .isEmpty();
    }
}
