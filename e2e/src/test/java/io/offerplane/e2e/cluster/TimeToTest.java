package io.offerplane.e2e.cluster;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;

/**
 * Leaves out what can't end in time. With {@code -De2e.deadline}, in seconds of the epoch, a test is begun only before that moment, and only
 * while the machine isn't far too slow for what tests wait for: those left out count as skipped, and say why. Without it nothing is left out.
 */
public final class TimeToTest implements ExecutionCondition {
    private static final String DEADLINE = "e2e.deadline";

    /** At 10 times, leases are lost every minute; at 2 all is well. */
    private static final int TOO_SLOW = 5;

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return whyNot().map(ConditionEvaluationResult::disabled)
                .orElseGet(() -> ConditionEvaluationResult.enabled("there is time, on a machine that can"));
    }

    /** For parts of a test that JUnit asks no condition for. @throws TestAbortedException which counts as skipped */
    public static void orLeaveOut() {
        whyNot().ifPresent(why -> {
            throw new TestAbortedException(why);
        });
    }

    private static Optional<String> whyNot() {
        Long deadline = Long.getLong(DEADLINE);
        if (deadline == null) {
            return Optional.empty();
        }
        if (Instant.now().getEpochSecond() >= deadline) {
            return Optional.of("left out: the run was to begin no test after " + Instant.ofEpochSecond(deadline));
        }
        double slowness = MachineSpeed.slowness();
        return slowness < TOO_SLOW
                ? Optional.empty()
                : Optional.of(
                        "left out: this machine is %.0f times slower than an ordinary one, and systems of many programs fall apart from %d times on"
                                .formatted(slowness, TOO_SLOW));
    }
}
