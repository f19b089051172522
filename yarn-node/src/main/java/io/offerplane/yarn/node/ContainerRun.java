package io.offerplane.yarn.node;

import io.offerplane.yarn.node.launch.RunningContainer;
import io.offerplane.yarn.node.launch.RunningContainer.Signal;
import io.offerplane.yarn.node.localize.LocalizationException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ContainerExitStatus;
import org.apache.hadoop.yarn.api.records.ContainerId;
import org.apache.hadoop.yarn.api.records.ContainerState;
import org.apache.hadoop.yarn.api.records.ContainerStatus;
import org.apache.hadoop.yarn.api.records.ContainerSubState;
import org.apache.hadoop.yarn.security.ContainerTokenIdentifier;
import org.apache.hadoop.yarn.server.api.protocolrecords.NMContainerStatus;
import org.apache.hadoop.yarn.server.utils.BuilderUtils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One container from its start request to its end. Thread-safe. */
final class ContainerRun {
    private static final Logger log = LoggerFactory.getLogger(ContainerRun.class);

    /** Prepares a container and starts its processes. */
    interface Start {
        RunningContainer start() throws IOException, LocalizationException;
    }

    private record Stop(int exitStatus, String diagnostics) {}

    private final ContainerTokenIdentifier token;
    private final Duration killDelay;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    // Guarded by this.
    private ContainerSubState state = ContainerSubState.SCHEDULED;
    private @Nullable RunningContainer running;
    private @Nullable Stop stop;
    private int exitStatus = ContainerExitStatus.INVALID;
    private String diagnostics = "";

    ContainerRun(ContainerTokenIdentifier token, Duration killDelay) {
        this.token = token;
        this.killDelay = killDelay;
    }

    ContainerId id() {
        return token.getContainerID();
    }

    ApplicationId application() {
        return id().getApplicationAttemptId().getApplicationId();
    }

    ContainerTokenIdentifier token() {
        return token;
    }

    /** Completes when nothing of the container runs any more. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    /** It ended under an earlier process. */
    void over(NodeState.End end) {
        finish(end.exitStatus(), end.diagnostics());
    }

    /** How it ended; only when it has. */
    synchronized NodeState.End end() {
        return new NodeState.End(exitStatus, diagnostics);
    }

    /** Starts it, on a thread that may wait for its files. */
    void run(Start start) {
        RunningContainer started;
        try {
            started = start.start();
        } catch (LocalizationException e) {
            finish(ContainerExitStatus.INVALID, "Failed to localize: " + e.getMessage());
            return;
        } catch (IOException | RuntimeException e) {
            log.warn("{} could not be started", id(), e);
            finish(ContainerExitStatus.INVALID, "Exception from container-launch: " + e);
            return;
        }
        boolean stopped;
        synchronized (this) {
            running = started;
            state = ContainerSubState.RUNNING;
            stopped = stop != null;
        }
        var _ = started.exit().whenComplete((exit, failure) -> {
            if (failure != null) {
                finish(ContainerExitStatus.INVALID, "The container's end is not known: " + failure);
            } else if (exit.outOfMemory()) {
                finish(
                        ContainerExitStatus.KILLED_EXCEEDED_PMEM,
                        "Container " + id() + " is running beyond physical memory limits: it needed more than its "
                                + token.getResource().getMemorySize()
                                + " MB. Container killed on request. Exit code is "
                                + exit.status());
            } else {
                int status = exit.status();
                finish(status, status == 0 ? "" : "Container exited with a non-zero exit code " + status + ".");
            }
        });
        if (stopped) {
            terminate(started);
        }
    }

    /** Whether it was asked to stop; one that has not been started yet need not be. */
    synchronized boolean stopping() {
        return stop != null;
    }

    /** Asks it to end, and makes it after the delay; the first reason stands. */
    void stop(int reason, String text) {
        RunningContainer toEnd;
        synchronized (this) {
            if (stop == null && state != ContainerSubState.DONE) {
                stop = new Stop(reason, text);
            }
            toEnd = running;
        }
        if (toEnd != null) {
            terminate(toEnd);
        }
    }

    private void terminate(RunningContainer container) {
        container.signal(Signal.TERM);
        CompletableFuture.delayedExecutor(killDelay.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> container.signal(Signal.KILL));
    }

    void signal(Signal signal) {
        RunningContainer to;
        synchronized (this) {
            to = running;
        }
        if (to != null) {
            to.signal(signal);
        }
    }

    private void finish(int status, String text) {
        synchronized (this) {
            Stop asked = stop;
            exitStatus = asked == null ? status : asked.exitStatus();
            diagnostics = asked == null ? text : asked.diagnostics() + (text.isEmpty() ? "" : "\n" + text);
            state = ContainerSubState.DONE;
        }
        ended.complete(null);
    }

    synchronized boolean done() {
        return state == ContainerSubState.DONE;
    }

    private ContainerState wireState() {
        return state == ContainerSubState.DONE ? ContainerState.COMPLETE : ContainerState.RUNNING;
    }

    synchronized ContainerStatus status(String host) {
        ContainerStatus status =
                BuilderUtils.newContainerStatus(id(), wireState(), diagnostics, exitStatus, token.getResource());
        status.setContainerSubState(state);
        status.setHost(host);
        return status;
    }

    synchronized NMContainerStatus reported() {
        return NMContainerStatus.newInstance(
                id(),
                token.getVersion(),
                wireState(),
                token.getResource(),
                diagnostics,
                exitStatus,
                token.getPriority(),
                token.getCreationTime(),
                token.getNodeLabelExpression(),
                token.getExecutionType(),
                token.getAllocationRequestId());
    }
}
