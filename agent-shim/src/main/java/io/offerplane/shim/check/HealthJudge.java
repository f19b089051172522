package io.offerplane.shim.check;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.mesos.v1.Protos.HealthCheck;

/**
 * Whether a task is healthy by what its health checks showed, and when its framework is told. Failures don't count in the grace period
 * until the first success; then each is told, and so is the first success, and the first after failures. Not safe for use by several threads.
 *
 * <p>Source of the behaviour: Mesos 1.11 checks/health_checker.cpp.
 */
public final class HealthJudge {

    /**
     * What the framework is told.
     *
     * @param healthy whether the task is
     * @param failures in a row so far
     * @param kill whether the task has to end for it
     */
    public record Verdict(boolean healthy, int failures, boolean kill) {}

    private final int allowed;
    private final Instant graceEnds;
    private boolean neverHealthy;
    private int failures;

    /**
     * @param started when the task was
     * @param healthyBefore whether a check has succeeded already, which an earlier shim saw
     */
    public HealthJudge(HealthCheck check, Instant started, boolean healthyBefore) {
        Duration grace = CheckPlan.seconds("grace_period_seconds", check.getGracePeriodSeconds());
        allowed = check.getConsecutiveFailures();
        graceEnds = started.plus(grace);
        neverHealthy = !healthyBefore;
    }

    /** One more result; says what the framework is to be told, if anything. */
    public Optional<Verdict> judge(boolean healthy, Instant now) {
        if (healthy) {
            boolean news = neverHealthy || failures > 0;
            neverHealthy = false;
            failures = 0;
            return news ? Optional.of(new Verdict(true, 0, false)) : Optional.empty();
        }
        if (neverHealthy && now.isBefore(graceEnds)) {
            return Optional.empty();
        }
        failures++;
        return Optional.of(new Verdict(false, failures, failures >= allowed));
    }
}
