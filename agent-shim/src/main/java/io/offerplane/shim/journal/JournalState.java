package io.offerplane.shim.journal;

import com.google.protobuf.ByteString;
import io.offerplane.shim.journal.v1.Entry;
import io.offerplane.shim.journal.v1.ExecutorLaunch;
import io.offerplane.shim.journal.v1.ExecutorShutdown;
import io.offerplane.shim.journal.v1.Forget;
import io.offerplane.shim.journal.v1.Kill;
import io.offerplane.shim.journal.v1.Launch;
import io.offerplane.shim.journal.v1.NestedLaunch;
import io.offerplane.shim.journal.v1.Node;
import io.offerplane.shim.journal.v1.Update;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.jspecify.annotations.Nullable;

/**
 * What a journal's entries add up to. Applying entries one by one, or those of {@link #entries()} to an empty state, gives the
 * same. Entries about an unknown task are passed over: the task was forgotten in an earlier entry. Not for concurrent use.
 */
public final class JournalState {

    /** One task, as far as it was written down. */
    public static final class Task {
        private Launch launch;
        private @Nullable Kill kill;
        private final List<Update> unacknowledged = new ArrayList<>();

        private Task(Launch launch) {
            this.launch = launch;
        }

        /** How it was launched; with the latest state and whether its container is removed. */
        public Launch launch() {
            return launch;
        }

        /** The strictest kill that was asked for. */
        public Optional<Kill> kill() {
            return Optional.ofNullable(kill);
        }

        /** In order. */
        public List<Update> unacknowledged() {
            return List.copyOf(unacknowledged);
        }
    }

    /** One custom executor, as far as it was written down. */
    public static final class Executor {
        private ExecutorLaunch launch;
        private @Nullable ExecutorShutdown shutdown;

        private Executor(ExecutorLaunch launch) {
            this.launch = launch;
        }

        /** How it was launched; with whether it has subscribed since. */
        public ExecutorLaunch launch() {
            return launch;
        }

        /** The last shutdown that was begun. */
        public Optional<ExecutorShutdown> shutdown() {
            return Optional.ofNullable(shutdown);
        }
    }

    /** Enough to know a repeated update again: an executor holds few that the agent hasn't taken. */
    private static final int RECENT_UUIDS = 64;

    private Node node = Node.getDefaultInstance();
    private final Map<ExecutorKey, Executor> executors = new LinkedHashMap<>();
    private final Map<TaskKey, Task> tasks = new LinkedHashMap<>();

    /** By the runtime's id. */
    private final Map<String, NestedLaunch> nested = new LinkedHashMap<>();

    /** What the node remembers of itself. */
    public Node node() {
        return node;
    }

    /** In order of launch. */
    public Map<TaskKey, Task> tasks() {
        return tasks;
    }

    /** In order of launch; those that are gone from the node aren't among them. */
    public Map<ExecutorKey, Executor> executors() {
        return executors;
    }

    /** Containers within others', in order of launch; with whether they have started, and how they ended. */
    public List<NestedLaunch> nested() {
        return List.copyOf(nested.values());
    }

    /** Adds one entry. */
    public void apply(Entry entry) {
        switch (entry.getEntryCase()) {
            case NODE -> node = entry.getNode();
            case LAUNCH -> launched(entry.getLaunch());
            case GROUP_LAUNCH -> entry.getGroupLaunch().getLaunchesList().forEach(this::launched);
            case KILL -> {
                Kill kill = entry.getKill();
                Task task = tasks.get(new TaskKey(kill.getFrameworkId(), kill.getTaskId()));
                if (task != null) {
                    task.kill = kill;
                }
            }
            case UPDATE -> applyUpdate(entry.getUpdate());
            case ACKNOWLEDGE -> {
                var acknowledge = entry.getAcknowledge();
                Task task = tasks.get(new TaskKey(acknowledge.getFrameworkId(), acknowledge.getTaskId()));
                if (task != null
                        && !task.unacknowledged.isEmpty()
                        && uuidOf(task.unacknowledged.getFirst()).equals(acknowledge.getUuid())) {
                    task.unacknowledged.removeFirst();
                }
            }
            case REMOVED -> {
                var removed = entry.getRemoved();
                Task task = tasks.get(new TaskKey(removed.getFrameworkId(), removed.getTaskId()));
                if (task != null) {
                    task.launch = task.launch.toBuilder().setRemoved(true).build();
                }
            }
            case FORGET -> {
                Forget forget = entry.getForget();
                tasks.remove(new TaskKey(forget.getFrameworkId(), forget.getTaskId()));
            }
            case EXECUTOR_LAUNCH -> {
                ExecutorLaunch launch = entry.getExecutorLaunch();
                executors.putIfAbsent(
                        new ExecutorKey(launch.getFrameworkId(), launch.getExecutorId()), new Executor(launch));
            }
            case EXECUTOR_PROGRESS -> {
                var progress = entry.getExecutorProgress();
                Executor executor = executors.get(new ExecutorKey(progress.getFrameworkId(), progress.getExecutorId()));
                if (executor != null) {
                    executor.launch = executor.launch.toBuilder()
                            .setStage(progress.getStage())
                            .setDriverPid(progress.getDriverPid())
                            .build();
                }
            }
            case EXECUTOR_SHUTDOWN -> {
                ExecutorShutdown shutdown = entry.getExecutorShutdown();
                Executor executor = executors.get(new ExecutorKey(shutdown.getFrameworkId(), shutdown.getExecutorId()));
                if (executor != null) {
                    executor.shutdown = shutdown;
                }
            }
            case EXECUTOR_REMOVED -> {
                var removed = entry.getExecutorRemoved();
                executors.remove(new ExecutorKey(removed.getFrameworkId(), removed.getExecutorId()));
            }
            case HANDED_OVER -> {
                var handed = entry.getHandedOver();
                Task task = tasks.get(new TaskKey(handed.getFrameworkId(), handed.getTaskId()));
                if (task != null) {
                    task.launch = task.launch.toBuilder().setHandedOver(true).build();
                }
            }
            case GROUP_HANDED_OVER -> {
                var handed = entry.getGroupHandedOver();
                tasks.values().stream()
                        .filter(task -> task.launch.getFrameworkId().equals(handed.getFrameworkId())
                                && task.launch.getHandedOverWith().equals(handed.getGroupId()))
                        .forEach(task -> task.launch =
                                task.launch.toBuilder().setHandedOver(true).build());
            }
            case EXIT -> {
                var exit = entry.getExit();
                Task task = tasks.get(new TaskKey(exit.getFrameworkId(), exit.getTaskId()));
                if (task != null) {
                    task.launch = task.launch.toBuilder().setExit(exit).build();
                }
            }
            case RESIZED -> {
                var resized = entry.getResized();
                Task task = tasks.get(new TaskKey(resized.getFrameworkId(), resized.getTaskId()));
                if (task != null) {
                    task.launch = task.launch.toBuilder()
                            .setTaskInfo(resized.getTaskInfo())
                            .build();
                }
            }
            case NESTED_LAUNCH -> {
                NestedLaunch launch = entry.getNestedLaunch();
                nested.putIfAbsent(launch.getContainerId(), launch);
            }
            case NESTED_STARTED ->
                changeNested(
                        entry.getNestedStarted().getContainerId(),
                        launch -> launch.toBuilder().setStarted(true).build());
            case NESTED_ENDED ->
                changeNested(entry.getNestedEnded().getContainerId(), launch -> launch.toBuilder()
                        .setTermination(entry.getNestedEnded().getTermination())
                        .build());
            case NESTED_REMOVED -> nested.remove(entry.getNestedRemoved().getContainerId());
            // From a later release.
            case ENTRY_NOT_SET -> {}
        }
    }

    private void changeNested(String containerId, UnaryOperator<NestedLaunch> change) {
        nested.computeIfPresent(containerId, (id, launch) -> change.apply(launch));
    }

    private void launched(Launch launch) {
        tasks.putIfAbsent(new TaskKey(launch.getFrameworkId(), launch.getTaskId()), new Task(launch));
    }

    private void applyUpdate(Update update) {
        TaskKey key = new TaskKey(update.getFrameworkId(), update.getTaskId());
        TaskStatus status = statusOf(update);
        // An update about a task that was never launched here answers a leader that expected it: it has a place of its
        // own.
        Task task = tasks.computeIfAbsent(
                key,
                k -> new Task(Launch.newBuilder()
                        .setFrameworkId(k.frameworkId())
                        .setTaskId(k.taskId())
                        .setRemoved(true)
                        .build()));
        Launch.Builder launch =
                task.launch.toBuilder().setLatestState(status.getState().name());
        if (status.getState() == TaskState.TASK_RUNNING && launch.getRunningAtMillis() == 0) {
            launch.setRunningAtMillis((long) (status.getTimestamp() * 1000));
        }
        if (status.getState() == TaskState.TASK_RUNNING && status.hasHealthy()) {
            launch.setHealthy(status.getHealthy());
        }
        if (status.getState() == TaskState.TASK_RUNNING && status.hasCheckStatus()) {
            launch.setCheckStatus(status.getCheckStatus().toByteString());
        }
        if (status.hasContainerStatus()) {
            launch.setContainerStatus(status.getContainerStatus().toByteString());
        }
        if (!launch.getExecutorId().isEmpty() && !launch.getRecentUuidsList().contains(status.getUuid())) {
            launch.addRecentUuids(status.getUuid());
            if (launch.getRecentUuidsCount() > RECENT_UUIDS) {
                List<ByteString> last = List.copyOf(launch.getRecentUuidsList()
                        .subList(launch.getRecentUuidsCount() - RECENT_UUIDS, launch.getRecentUuidsCount()));
                launch.clearRecentUuids().addAllRecentUuids(last);
            }
        }
        task.launch = launch.build();
        task.unacknowledged.add(update);
    }

    /** The shortest list of entries that adds up to this state. */
    public List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        entries.add(Entry.newBuilder().setNode(node).build());
        for (Executor executor : executors.values()) {
            entries.add(Entry.newBuilder().setExecutorLaunch(executor.launch).build());
            if (executor.shutdown != null) {
                entries.add(Entry.newBuilder()
                        .setExecutorShutdown(executor.shutdown)
                        .build());
            }
        }
        for (Task task : tasks.values()) {
            entries.add(Entry.newBuilder().setLaunch(task.launch).build());
            if (task.kill != null) {
                entries.add(Entry.newBuilder().setKill(task.kill).build());
            }
            for (Update update : task.unacknowledged) {
                entries.add(Entry.newBuilder().setUpdate(update).build());
            }
        }
        for (NestedLaunch launch : nested.values()) {
            entries.add(Entry.newBuilder().setNestedLaunch(launch).build());
        }
        return entries;
    }

    /** A state of its own with the same content. */
    public JournalState copy() {
        JournalState copy = new JournalState();
        entries().forEach(copy::apply);
        return copy;
    }

    static ByteString uuidOf(Update update) {
        return statusOf(update).getUuid();
    }

    private static TaskStatus statusOf(Update update) {
        try {
            return TaskStatus.parseFrom(update.getTaskStatus());
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new IllegalStateException(
                    "journal holds an update of task " + update.getTaskId() + " that is no mesos.v1.TaskStatus", e);
        }
    }
}
