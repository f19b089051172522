package io.offerplane.operator.task;

import io.offerplane.crd.v1alpha1.task.Task;
import io.offerplane.crd.v1alpha1.task.TaskSpec;
import io.offerplane.crd.v1alpha1.task.TaskStatus;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskId;
import io.offerplane.operator.task.InstanceRun.Stand;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One Task object as the built-in framework runs it. Only the framework's thread touches it. */
final class TaskRun {
    private static final int HISTORY = 20;
    private static final int MAX_NAME = 100;

    final String uid;
    Task object;
    boolean deleted;
    long version;

    /** The last version that the object's status tells of. */
    long writtenVersion;

    @Nullable
    String waitingReason;

    @Nullable
    String waitingMessage;

    @Nullable
    Instant waitingSince;

    final TreeMap<Integer, InstanceRun> instances = new TreeMap<>();
    final Deque<TaskStatus.Happening> history = new ArrayDeque<>();

    /** Acknowledged once the status that tells of them is written, so that no end is forgotten with a leader. */
    final List<Acknowledgement> owed = new ArrayList<>();

    record Acknowledgement(AgentId agentId, TaskId taskId, UUID uuid, long version) {}

    TaskRun(Task object) {
        this.uid = object.getMetadata().getUid();
        this.object = object;
        TaskStatus status = object.getStatus();
        if (status != null) {
            status.instances().forEach(noted -> instances.put(noted.index(), InstanceRun.restored(noted)));
            history.addAll(status.history());
        }
    }

    TaskSpec spec() {
        return object.getSpec();
    }

    TaskSpec.Desired desired() {
        if (deleted) {
            return TaskSpec.Desired.KILLED;
        }
        return Objects.requireNonNullElse(spec().desired(), TaskSpec.Desired.RUNNING);
    }

    int wanted() {
        return Objects.requireNonNullElse(spec().instances(), 1);
    }

    /** Sees to it that there is a run for each copy that is wanted; those too many are left to {@link #isSurplus}. */
    void fill() {
        for (int index = 0; index < wanted(); index++) {
            if (!instances.containsKey(index)) {
                instances.put(index, new InstanceRun(index));
                changed();
            }
        }
        instances.values().removeIf(instance -> isSurplus(instance) && instance.stand != Stand.LAUNCHED);
    }

    boolean isSurplus(InstanceRun instance) {
        return instance.index >= wanted();
    }

    boolean hasLaunched() {
        return instances.values().stream().anyMatch(instance -> instance.stand == Stand.LAUNCHED);
    }

    boolean runsOn(String agentId) {
        return instances.values().stream()
                .anyMatch(instance -> instance.stand == Stand.LAUNCHED && agentId.equals(instance.agentId));
    }

    /** {@code <name>.<object>.<copy>.<attempt>}: told apart from all that ever were, and found again from its end. */
    String newTaskId(InstanceRun instance) {
        String name = object.getMetadata().getName();
        return name.substring(0, Math.min(MAX_NAME, name.length())) + "." + uid.substring(0, 8) + "." + instance.index
                + "." + (instance.attempts + 1);
    }

    void changed() {
        version++;
    }

    void remember(InstanceRun instance, StatusUpdate update) {
        history.addLast(new TaskStatus.Happening(
                InstanceRun.text(update.timestamp()),
                instance.index,
                update.state().wireName(),
                "SOURCE_" + update.source().name(),
                update.reason().map(reason -> "REASON_" + reason.name()).orElse(null)));
        while (history.size() > HISTORY) {
            history.removeFirst();
        }
    }

    /** Decides what follows from the end of an attempt. */
    void ended(InstanceRun instance, Instant now) {
        TaskSpec.RestartSettings restart = spec().restart();
        TaskSpec.RestartPolicy policy =
                restart == null || restart.policy() == null ? TaskSpec.RestartPolicy.ON_FAILURE : restart.policy();
        boolean killedByWish = instance.killing && !instance.deadlinePassed;
        instance.stand = switch (Objects.requireNonNull(instance.state)) {
            case FINISHED -> policy == TaskSpec.RestartPolicy.ALWAYS && !killedByWish ? Stand.WAITING : Stand.FINISHED;
            case LOST, DROPPED, GONE, GONE_BY_OPERATOR, UNKNOWN ->
                policy == TaskSpec.RestartPolicy.NEVER
                        ? Stand.FAILED
                        : desired() == TaskSpec.Desired.KILLED ? Stand.KILLED : Stand.WAITING;
            case KILLED, FAILED, ERROR, STAGING, STARTING, RUNNING, KILLING, UNREACHABLE -> {
                if (killedByWish) {
                    yield Stand.KILLED;
                }
                instance.failures++;
                yield mayRestart(policy, restart, instance) ? Stand.WAITING : Stand.FAILED;
            }
        };
        if (instance.stand == Stand.WAITING) {
            instance.retryAt = now.plus(backoff(restart, instance));
        }
        if (instance.deadlinePassed) {
            instance.reason = "DeadlinePassed";
        }
    }

    private static boolean mayRestart(
            TaskSpec.RestartPolicy policy, TaskSpec.@Nullable RestartSettings restart, InstanceRun instance) {
        if (policy == TaskSpec.RestartPolicy.NEVER) {
            return false;
        }
        Integer max = restart == null ? null : restart.maxRestarts();
        int limit = max == null ? 5 : max;
        return limit == 0 || instance.failures <= limit;
    }

    /** Doubled with each failure, up to the maximum. */
    static Duration backoff(TaskSpec.@Nullable RestartSettings restart, InstanceRun instance) {
        long first = restart == null || restart.backoffSeconds() == null ? 1 : restart.backoffSeconds();
        long most = restart == null || restart.backoffMaxSeconds() == null ? 300 : restart.backoffMaxSeconds();
        int doublings = Math.min(20, Math.max(0, instance.failures - 1));
        return Duration.ofSeconds(Math.min(most, first << doublings));
    }
}
