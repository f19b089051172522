package io.offerplane.operator.task;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.offerplane.crd.v1alpha1.common.ApiGroup;
import io.offerplane.crd.v1alpha1.common.Waiting;
import io.offerplane.crd.v1alpha1.task.Task;
import io.offerplane.crd.v1alpha1.task.TaskSpec;
import io.offerplane.crd.v1alpha1.task.TaskStatus;
import io.offerplane.operator.status.Conditions;
import io.offerplane.operator.status.EventRecorder;
import io.offerplane.operator.status.EventRecorder.Severity;
import io.offerplane.operator.status.StatusWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tells people of one Task what the framework made of it, and deletes it when its time is over. */
public final class TaskReconciler implements Reconciler<Task> {
    private static final String ADMITTED = "Admitted";
    private static final String PLACED = "Placed";
    private static final String RUNNING = "Running";
    private static final String COMPLETE = "Complete";
    private static final String FAILED = "Failed";

    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);
    private static final Duration LOOK_SOON = Duration.ofMillis(500);

    private final KubernetesClient client;
    private final TaskFramework framework;
    private final StatusWriter statuses;
    private final EventRecorder events;
    private final InstantSource clock;
    private final SimpleInboundEventSource<Task> triggers = new SimpleInboundEventSource<>("task-news");

    public TaskReconciler(
            KubernetesClient client,
            TaskFramework framework,
            StatusWriter statuses,
            EventRecorder events,
            InstantSource clock) {
        this.client = client;
        this.framework = framework;
        this.statuses = statuses;
        this.events = events;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, Task>> prepareEventSources(EventSourceContext<Task> context) {
        return List.of(triggers);
    }

    /** Has the object looked at soon. Doesn't block. */
    public void look(Task task) {
        triggers.propagateEvent(
                new ResourceID(task.getMetadata().getName(), task.getMetadata().getNamespace()));
    }

    @Override
    public UpdateControl<Task> reconcile(Task task, Context<Task> context) {
        if (task.getMetadata().getDeletionTimestamp() != null) {
            return UpdateControl.noUpdate();
        }
        Optional<TaskFramework.Snapshot> snapshot = framework.snapshot(task);
        if (snapshot.isEmpty()) {
            return UpdateControl.<Task>noUpdate().rescheduleAfter(LOOK_SOON);
        }
        TaskStatus before = task.getStatus();
        TaskStatus after = status(task, before, snapshot.get());
        Optional<Duration> wait = statuses.write(task, after);
        if (wait.isPresent()) {
            return UpdateControl.<Task>noUpdate().rescheduleAfter(wait.get());
        }
        framework.written(task, snapshot.get().version());
        tellTransitions(task, before, after);
        return UpdateControl.<Task>noUpdate().rescheduleAfter(timeToLive(task, after));
    }

    /** Deletes the object when it has been over for long enough; otherwise says when to look again. */
    private Duration timeToLive(Task task, TaskStatus status) {
        Long seconds = task.getSpec().ttlAfterFinishedSeconds();
        String finished = status.finishedTime();
        if (seconds == null || finished == null) {
            return LOOK_AGAIN;
        }
        Duration left =
                Duration.between(clock.instant(), Instant.parse(finished).plusSeconds(seconds));
        if (left.isPositive()) {
            return left.compareTo(LOOK_AGAIN) < 0 ? left : LOOK_AGAIN;
        }
        client.resource(task).delete();
        return LOOK_AGAIN;
    }

    private TaskStatus status(Task task, @Nullable TaskStatus before, TaskFramework.Snapshot snapshot) {
        TaskStatus.Phase phase = phase(task, snapshot);
        boolean over = isOver(phase);
        String finished = before == null ? null : before.finishedTime();
        if (over && finished == null) {
            finished = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        }
        return new TaskStatus(
                generation(task),
                phase,
                snapshot.instances(),
                snapshot.counts(),
                snapshot.launched(),
                ApiGroup.LABEL_TASK + "=" + shortened(task.getMetadata().getName()),
                snapshot.history(),
                over ? null : waiting(task, snapshot),
                over ? finished : null,
                display(snapshot.instances()),
                conditions(task, before, snapshot, phase));
    }

    /** A label's value has at most 63 characters. */
    private static String shortened(String name) {
        return name.substring(0, Math.min(63, name.length()));
    }

    private static boolean isOver(TaskStatus.Phase phase) {
        return phase == TaskStatus.Phase.FINISHED
                || phase == TaskStatus.Phase.FAILED
                || phase == TaskStatus.Phase.KILLED;
    }

    private static int of(@Nullable Integer count) {
        return Objects.requireNonNullElse(count, 0);
    }

    static TaskStatus.Phase phase(Task task, TaskFramework.Snapshot snapshot) {
        TaskStatus.Counts counts = snapshot.counts();
        int live = of(counts.running()) + of(counts.launching());
        int waiting = of(counts.waiting());
        int ended = of(counts.finished()) + of(counts.failed()) + of(counts.killed());
        TaskSpec.Desired desired = task.getSpec().desired();
        if (live == 0 && waiting == 0 && (ended > 0 || desired == TaskSpec.Desired.KILLED)) {
            if (of(counts.failed()) > 0) {
                return TaskStatus.Phase.FAILED;
            }
            return of(counts.killed()) > 0 || ended == 0 ? TaskStatus.Phase.KILLED : TaskStatus.Phase.FINISHED;
        }
        if (of(counts.running()) > 0) {
            return TaskStatus.Phase.RUNNING;
        }
        if (live > 0) {
            return TaskStatus.Phase.LAUNCHING;
        }
        return desired == TaskSpec.Desired.HELD ? TaskStatus.Phase.HELD : TaskStatus.Phase.WAITING;
    }

    private @Nullable Waiting waiting(Task task, TaskFramework.Snapshot snapshot) {
        if (of(snapshot.counts().waiting()) == 0) {
            return null;
        }
        String since = snapshot.waitingSince().map(InstanceRun::text).orElse(null);
        return framework
                .queueFault(task)
                .map(fault -> new Waiting(since, fault.reason(), fault.message()))
                .orElseGet(() -> new Waiting(
                        since,
                        snapshot.waitingReason().orElse("AwaitingOffer"),
                        snapshot.waitingMessage().orElse("no offer has come yet, or a restart is put off")));
    }

    private static TaskStatus.@Nullable Display display(List<TaskStatus.Instance> instances) {
        if (instances.isEmpty()) {
            return null;
        }
        TaskStatus.Instance first = instances.getFirst();
        String exit = instances.stream()
                .filter(instance ->
                        instance.signal() != null || (instance.exitCode() != null && instance.exitCode() != 0))
                .map(instance -> instance.signal() == null
                        ? String.valueOf(instance.exitCode())
                        : String.valueOf(instance.signal()))
                .findFirst()
                .orElse(first.exitCode() == null ? null : String.valueOf(first.exitCode()));
        return new TaskStatus.Display(first.node(), exit, first.taskId(), first.state());
    }

    private List<io.offerplane.crd.v1alpha1.common.Condition> conditions(
            Task task, @Nullable TaskStatus before, TaskFramework.Snapshot snapshot, TaskStatus.Phase phase) {
        Conditions conditions =
                new Conditions(before == null ? List.of() : before.conditions(), generation(task), clock.instant());
        Optional<QueueFault> fault = framework.queueFault(task);
        if (fault.isPresent()) {
            conditions.setFalse(ADMITTED, fault.get().reason(), fault.get().message());
        } else {
            conditions.setTrue(ADMITTED, "Admitted", "Queue " + TaskFramework.queueOf(task) + " pays for it.");
        }
        TaskStatus.Counts counts = snapshot.counts();
        switch (phase) {
            case FINISHED ->
                conditions
                        .setTrue(COMPLETE, "Finished", "All " + of(counts.finished()) + " instances ended well.")
                        .setTrue(Conditions.READY, "Completed", "All instances ended well.");
            case FAILED -> {
                String why = failure(snapshot);
                String message = of(counts.failed()) + " instances failed for good: " + failureMessage(snapshot);
                conditions
                        .setTrue(FAILED, why, message)
                        .setFalse(Conditions.READY, why, message)
                        .setTrue(Conditions.STALLED, why, message);
            }
            case KILLED ->
                conditions
                        .setTrue(FAILED, "KilledByUser", "It was killed on request.")
                        .setFalse(Conditions.READY, "KilledByUser", "It was killed on request.");
            case WAITING, LAUNCHING, RUNNING, HELD -> judgeLive(conditions, task, snapshot);
        }
        return conditions.toList();
    }

    private void judgeLive(Conditions conditions, Task task, TaskFramework.Snapshot snapshot) {
        TaskStatus.Counts counts = snapshot.counts();
        int waiting = of(counts.waiting());
        boolean held = task.getSpec().desired() == TaskSpec.Desired.HELD;
        if (waiting == 0) {
            conditions.setTrue(PLACED, "Placed", "Every instance has its node.");
        } else if (held) {
            conditions.setFalse(PLACED, "Held", waiting + " instances aren't started while desired is Held.");
        } else if (framework.queueFault(task).isPresent()) {
            conditions.setFalse(
                    PLACED,
                    framework.queueFault(task).get().reason(),
                    waiting + " instances wait for a queue that they may run in.");
        } else {
            boolean backingOff = snapshot.instances().stream().anyMatch(i -> i.retryTime() != null);
            conditions.setFalse(
                    PLACED,
                    snapshot.waitingReason().orElse(backingOff ? "BackingOff" : "AwaitingOffer"),
                    waiting + " instances wait: "
                            + snapshot.waitingMessage()
                                    .orElse(backingOff ? "a restart is put off" : "no offer has come yet")
                            + ".");
        }
        if (!snapshot.allConfirmed()) {
            conditions.setUnknown(
                    RUNNING, "Unreachable", "Not every instance has been heard of since the leader changed.");
        } else if (of(counts.launching()) > 0) {
            conditions.setFalse(RUNNING, "Staging", of(counts.launching()) + " instances are being started.");
        } else if (of(counts.running()) > 0) {
            conditions.setTrue(RUNNING, "Running", of(counts.running()) + " instances run.");
        } else {
            conditions.setFalse(RUNNING, "NotPlaced", "No instance runs.");
        }
        conditions.readyFrom(List.of(ADMITTED, PLACED, RUNNING), of(counts.running()) + " instances run.");
        if (!conditions.isTrue(Conditions.READY) && !held) {
            conditions.setTrue(Conditions.RECONCILING, "Progressing", "Instances are being placed or started.");
        }
    }

    /** Why the first instance that failed did, in a documented word. */
    private static String failure(TaskFramework.Snapshot snapshot) {
        return snapshot.instances().stream()
                .filter(TaskReconciler::hasFailed)
                .map(instance -> {
                    String reason = Objects.requireNonNullElse(instance.reason(), "");
                    String state = Objects.requireNonNullElse(instance.state(), "");
                    if (reason.equals("DeadlinePassed")) {
                        return "DeadlinePassed";
                    }
                    if (reason.contains("MEMORY")) {
                        return "MemoryLimit";
                    }
                    return switch (state) {
                        case "TASK_ERROR" -> "InvalidTask";
                        case "TASK_LOST", "TASK_DROPPED", "TASK_GONE", "TASK_GONE_BY_OPERATOR", "TASK_UNKNOWN" ->
                            "Lost";
                        default -> "NonZeroExit";
                    };
                })
                .findFirst()
                .orElse("NonZeroExit");
    }

    private static boolean hasFailed(TaskStatus.Instance instance) {
        String state = instance.state();
        return state != null && !state.equals("TASK_FINISHED") && !state.equals("TASK_RUNNING");
    }

    private static String failureMessage(TaskFramework.Snapshot snapshot) {
        return snapshot.instances().stream()
                .filter(TaskReconciler::hasFailed)
                .map(instance -> "instance " + instance.index() + " on " + instance.node() + ": "
                        + Objects.requireNonNullElse(instance.message(), String.valueOf(instance.state())))
                .findFirst()
                .orElse("see status.instances");
    }

    private void tellTransitions(Task task, @Nullable TaskStatus before, TaskStatus after) {
        TaskStatus.Phase was = before == null ? null : before.phase();
        if (after.phase() == was || after.phase() == null) {
            return;
        }
        switch (after.phase()) {
            case LAUNCHING, RUNNING -> {
                if (was == null || was == TaskStatus.Phase.WAITING) {
                    events.record(task, Severity.NORMAL, "TaskLaunched", "Instances were launched.");
                }
            }
            case FINISHED -> events.record(task, Severity.NORMAL, "Finished", "All instances ended well.");
            case FAILED ->
                events.record(
                        task,
                        Severity.WARNING,
                        "TaskFailed",
                        after.conditions().stream()
                                .filter(condition -> condition.type().equals(FAILED))
                                .map(condition -> Objects.requireNonNullElse(condition.message(), ""))
                                .findFirst()
                                .orElse(""));
            case KILLED -> events.record(task, Severity.NORMAL, "KilledByUser", "It was killed on request.");
            case WAITING, HELD -> {
                // Said by conditions.
            }
        }
    }

    private static long generation(Task task) {
        return Objects.requireNonNullElse(task.getMetadata().getGeneration(), 0L);
    }
}
