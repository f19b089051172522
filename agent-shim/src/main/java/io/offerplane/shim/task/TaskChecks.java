package io.offerplane.shim.task;

import com.google.protobuf.InvalidProtocolBufferException;
import io.offerplane.shim.check.CheckPlan;
import io.offerplane.shim.check.CheckResults;
import io.offerplane.shim.check.CheckRounds;
import io.offerplane.shim.check.HealthJudge;
import io.offerplane.shim.check.NetworkProber;
import io.offerplane.shim.check.Probe;
import io.offerplane.shim.check.ProbeOutcome;
import io.offerplane.shim.check.Prober;
import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ContainerRuntime;
import io.offerplane.shim.container.ContainerSpec;
import io.offerplane.shim.container.Program;
import io.offerplane.shim.container.WaitStatus;
import io.offerplane.shim.journal.v1.Launch;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.apache.mesos.v1.Protos.CheckInfo;
import org.apache.mesos.v1.Protos.CheckStatusInfo;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The check and the health check of one running task. Safe for use by several threads.
 *
 * <p>Source of the behaviour: Mesos 1.11 checks/checker.cpp, checks/health_checker.cpp and launcher/executor.cpp.
 */
final class TaskChecks implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(TaskChecks.class);

    private static final Prober NETWORK = new NetworkProber();

    /** Who hears of the task. Called from the checks' own threads. */
    interface Listener {
        /** The check shows something else than before. */
        void checked();

        /**
         * The task is healthy again, or has failed once more.
         *
         * @param kill whether it has to end for it
         */
        void judged(boolean kill);
    }

    private final TaskInfo task;
    private final List<CheckRounds> rounds = new ArrayList<>(2);
    private volatile CheckStatusInfo check;
    private volatile Optional<Boolean> healthy;

    /** @param launch with what an earlier shim has told of the task */
    TaskChecks(TaskInfo task, Launch launch) throws InvalidProtocolBufferException {
        this.task = task;
        this.check = launch.getCheckStatus().isEmpty()
                ? CheckResults.none(task.getCheck().getType())
                : CheckStatusInfo.parseFrom(launch.getCheckStatus());
        this.healthy = launch.hasHealthy() ? Optional.of(launch.getHealthy()) : Optional.empty();
    }

    /** Why the task can't be looked at as it wishes, in words; nothing when it can. */
    List<String> faults() {
        List<String> faults = new ArrayList<>();
        try {
            if (task.hasCheck()) {
                prepare(CheckPlan.of(task.getCheck()));
            }
            if (task.hasHealthCheck()) {
                prepare(CheckPlan.of(task.getHealthCheck()));
            }
        } catch (IllegalArgumentException | ContainerLaunchException e) {
            faults.add(String.valueOf(e.getMessage()));
        }
        return faults;
    }

    private static void prepare(CheckPlan plan) throws ContainerLaunchException {
        if (plan.probe() instanceof Probe.Command command) {
            Program.of(command.command());
            TaskEnvironment.addOwn(new LinkedHashMap<>(), command.command());
        }
    }

    boolean areWanted() {
        return task.hasCheck() || task.hasHealthCheck();
    }

    /**
     * Begins to look.
     *
     * @param spec the container as it was started
     * @param running since when the task runs
     */
    synchronized void start(
            ContainerRuntime runtime, ContainerSpec spec, Instant running, Clock clock, Listener listener) {
        if (task.hasCheck()) {
            CheckInfo.Type type = task.getCheck().getType();
            rounds.add(CheckRounds.start(
                    name("check"), CheckPlan.of(task.getCheck()), prober(runtime, spec, "check"), outcome -> {
                        CheckStatusInfo seen = CheckResults.of(type, outcome);
                        if (!seen.equals(check)) {
                            check = seen;
                            listener.checked();
                        }
                    }));
        }
        if (task.hasHealthCheck()) {
            HealthJudge judge = new HealthJudge(task.getHealthCheck(), running, healthy.isPresent());
            rounds.add(CheckRounds.start(
                    name("health check"),
                    CheckPlan.of(task.getHealthCheck()),
                    prober(runtime, spec, "health"),
                    outcome -> judge.judge(outcome.isHealthy(), clock.instant()).ifPresent(verdict -> {
                        log.info("Health check of {}: {}", task.getTaskId().getValue(), outcome.text());
                        healthy = Optional.of(verdict.healthy());
                        listener.judged(verdict.kill());
                    })));
        }
    }

    /** Adds what is known to an update of the running task. */
    void addTo(TaskStatus.Builder status) {
        if (task.hasCheck()) {
            status.setCheckStatus(check);
        }
        healthy.ifPresent(status::setHealthy);
    }

    private String name(String what) {
        return what + " of " + task.getTaskId().getValue();
    }

    private static Prober prober(ContainerRuntime runtime, ContainerSpec spec, String purpose) {
        return (probe, timeout) -> probe instanceof Probe.Command command
                ? exec(runtime, spec, purpose, command.command(), timeout)
                : NETWORK.probe(probe, timeout);
    }

    private static ProbeOutcome exec(
            ContainerRuntime runtime, ContainerSpec spec, String purpose, CommandInfo command, Duration timeout)
            throws InterruptedException {
        try {
            Map<String, String> environment = new LinkedHashMap<>(spec.environment());
            TaskEnvironment.addOwn(environment, command);
            WaitStatus status = runtime.exec(spec.withEnvironment(environment), purpose, Program.of(command), timeout);
            return switch (status) {
                case WaitStatus.Exited exited -> new ProbeOutcome.Exited(exited.code());
                case WaitStatus.Signaled signaled -> new ProbeOutcome.Failed("the command was " + signaled);
                case WaitStatus.Unknown unknown -> new ProbeOutcome.Failed("the command's end was not seen");
            };
        } catch (TimeoutException e) {
            return new ProbeOutcome.Failed("the command has not ended after " + timeout.toMillis() + " ms");
        } catch (IOException | ContainerLaunchException e) {
            return new ProbeOutcome.Failed("the command could not be run: " + e.getMessage());
        }
    }

    /** Stops looking. Returns at once. */
    @Override
    public synchronized void close() {
        rounds.forEach(CheckRounds::close);
    }
}
