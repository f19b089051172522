package io.offerplane.shim.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.shim.check.HealthJudge.Verdict;
import java.time.Instant;
import org.apache.mesos.v1.Protos.HealthCheck;
import org.junit.jupiter.api.Test;

/** When a framework is told of a task's health, and when the task has to end for it. */
class HealthJudgeTest {

    private static final Instant STARTED = Instant.parse("2026-01-01T00:00:00Z");

    private static HealthJudge judge(int consecutiveFailures, double graceSeconds) {
        return new HealthJudge(
                HealthCheck.newBuilder()
                        .setConsecutiveFailures(consecutiveFailures)
                        .setGracePeriodSeconds(graceSeconds)
                        .build(),
                STARTED,
                false);
    }

    private static Instant after(long seconds) {
        return STARTED.plusSeconds(seconds);
    }

    @Test
    void theFirstSuccessIsToldAndTheNextAreNot() {
        HealthJudge judge = judge(3, 10);
        assertThat(judge.judge(true, after(1))).contains(new Verdict(true, 0, false));
        assertThat(judge.judge(true, after(2))).isEmpty();
    }

    @Test
    void failuresInTheGracePeriodDontCount() {
        HealthJudge judge = judge(1, 10);
        assertThat(judge.judge(false, after(1))).isEmpty();
        assertThat(judge.judge(false, after(9))).isEmpty();
        assertThat(judge.judge(false, after(10))).contains(new Verdict(false, 1, true));
    }

    @Test
    void theGracePeriodEndsWithTheFirstSuccess() {
        HealthJudge judge = judge(2, 100);
        judge.judge(true, after(1));
        assertThat(judge.judge(false, after(2))).contains(new Verdict(false, 1, false));
        assertThat(judge.judge(false, after(3))).contains(new Verdict(false, 2, true));
    }

    @Test
    void everyFailureIsToldAndOneSuccessMakesTheCountBeginAnew() {
        HealthJudge judge = judge(3, 0);
        assertThat(judge.judge(false, after(1))).contains(new Verdict(false, 1, false));
        assertThat(judge.judge(false, after(2))).contains(new Verdict(false, 2, false));
        assertThat(judge.judge(true, after(3))).contains(new Verdict(true, 0, false));
        assertThat(judge.judge(false, after(4))).contains(new Verdict(false, 1, false));
    }

    @Test
    void aTaskThatAllowsNoFailureEndsWithTheFirst() {
        assertThat(judge(0, 0).judge(false, after(1))).contains(new Verdict(false, 1, true));
    }

    @Test
    void aTaskThatAnEarlierShimSawHealthyHasNoGraceAndIsNotToldHealthyAgain() {
        HealthJudge judge = new HealthJudge(
                HealthCheck.newBuilder()
                        .setConsecutiveFailures(3)
                        .setGracePeriodSeconds(100)
                        .build(),
                STARTED,
                true);
        assertThat(judge.judge(true, after(1))).isEmpty();
        assertThat(judge.judge(false, after(2))).contains(new Verdict(false, 1, false));
    }
}
