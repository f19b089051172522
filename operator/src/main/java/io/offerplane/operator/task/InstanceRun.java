package io.offerplane.operator.task;

import io.offerplane.crd.v1alpha1.task.TaskStatus;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskState;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One copy of a Task's command, over all its attempts. Only the framework's thread touches it. */
final class InstanceRun {
    private static final Pattern EXIT = Pattern.compile("exited with status (\\d{1,9})");
    private static final Pattern SIGNAL = Pattern.compile("terminated with signal ([A-Za-z0-9 ]{1,16})");

    /** Where the copy stands. */
    enum Stand {
        /** Wants an offer, now or from {@code retryAt} on. */
        WAITING,
        LAUNCHED,
        FINISHED,
        FAILED,
        KILLED;

        boolean isEnded() {
            return this == FINISHED || this == FAILED || this == KILLED;
        }
    }

    final int index;
    Stand stand = Stand.WAITING;

    @Nullable
    String taskId;

    @Nullable
    String agentId;

    @Nullable
    String node;

    @Nullable
    TaskState state;

    @Nullable
    String reason;

    @Nullable
    String message;

    @Nullable
    Integer exitCode;

    @Nullable
    String signal;

    @Nullable
    Instant started;

    @Nullable
    Instant finished;

    @Nullable
    Instant retryAt;

    List<Integer> ports = List.of();
    int attempts;
    int failures;
    long generation;

    /** Set when we asked for its end: by the user's wish, or because its deadline passed. */
    boolean killing;

    boolean deadlinePassed;

    /** False for what an earlier leader launched and nobody has confirmed yet. */
    boolean confirmed = true;

    InstanceRun(int index) {
        this.index = index;
    }

    static InstanceRun restored(TaskStatus.Instance noted) {
        InstanceRun run = new InstanceRun(noted.index());
        run.taskId = noted.taskId();
        run.agentId = noted.agentId();
        run.node = noted.node();
        run.reason = noted.reason();
        run.message = noted.message();
        run.exitCode = noted.exitCode();
        run.signal = noted.signal();
        run.started = time(noted.startTime());
        run.finished = time(noted.finishTime());
        run.retryAt = time(noted.retryTime());
        run.ports = noted.ports();
        run.attempts = Objects.requireNonNullElse(noted.attempts(), 0);
        run.failures = Objects.requireNonNullElse(noted.failures(), 0);
        run.generation = Objects.requireNonNullElse(noted.generation(), 0L);
        String state = noted.state();
        run.state = state == null ? null : TaskState.valueOf(state.replaceFirst("^TASK_", ""));
        run.stand = stand(run, noted);
        run.confirmed = run.stand != Stand.LAUNCHED;
        return run;
    }

    private static Stand stand(InstanceRun run, TaskStatus.Instance noted) {
        if (run.state == null || noted.retryTime() != null || run.taskId == null) {
            return Stand.WAITING;
        }
        if (!run.state.isTerminal()) {
            return Stand.LAUNCHED;
        }
        return switch (run.state) {
            case FINISHED -> Stand.FINISHED;
            case KILLED -> Stand.KILLED;
            default -> Stand.FAILED;
        };
    }

    private static @Nullable Instant time(@Nullable String text) {
        return text == null ? null : Instant.parse(text);
    }

    void launched(String newTaskId, String newAgentId, String newNode, List<Integer> newPorts, long newGeneration) {
        stand = Stand.LAUNCHED;
        state = TaskState.STAGING;
        taskId = newTaskId;
        agentId = newAgentId;
        node = newNode;
        ports = newPorts;
        generation = newGeneration;
        attempts++;
        reason = null;
        message = null;
        exitCode = null;
        signal = null;
        started = null;
        finished = null;
        retryAt = null;
        killing = false;
        deadlinePassed = false;
        confirmed = true;
    }

    /** Takes in what the update says; what follows from an end is decided by the caller. */
    void note(StatusUpdate update) {
        state = update.state();
        confirmed = true;
        reason = update.reason().map(r -> "REASON_" + r.name()).orElse(null);
        message = update.message().map(InstanceRun::cut).orElse(null);
        if (update.state() == TaskState.RUNNING && started == null) {
            started = update.timestamp();
        }
        if (update.state().isTerminal()) {
            finished = update.timestamp();
            String text = update.message().orElse("");
            Matcher exit = EXIT.matcher(text);
            Matcher killedBy = SIGNAL.matcher(text);
            if (exit.find()) {
                exitCode = Integer.valueOf(exit.group(1));
            } else if (killedBy.find()) {
                signal = killedBy.group(1).strip();
            } else if (update.state() == TaskState.FINISHED) {
                exitCode = 0;
            }
        }
    }

    TaskStatus.Instance toStatus() {
        return new TaskStatus.Instance(
                index,
                taskId,
                state == null ? null : state.wireName(),
                reason,
                message,
                node,
                agentId,
                ports,
                exitCode,
                signal,
                text(started),
                text(finished),
                attempts,
                failures,
                text(retryAt),
                generation);
    }

    static @Nullable String text(@Nullable Instant at) {
        return at == null ? null : at.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String cut(String text) {
        return text.length() > 512 ? text.substring(0, 511) + "…" : text;
    }
}
