package io.offerplane.shim.executor;

import com.google.protobuf.ByteString;
import io.offerplane.shim.container.ContainerExit;
import io.offerplane.shim.container.ContainerSpec;
import io.offerplane.shim.journal.TaskKey;
import io.offerplane.shim.journal.v1.Entry;
import io.offerplane.shim.journal.v1.GroupHandedOver;
import io.offerplane.shim.journal.v1.GroupLaunch;
import io.offerplane.shim.journal.v1.HandedOver;
import io.offerplane.shim.journal.v1.Kill;
import io.offerplane.shim.journal.v1.KillCause;
import io.offerplane.shim.journal.v1.Launch;
import io.offerplane.shim.task.TaskLife;
import io.offerplane.shim.task.TaskStatuses;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.mesos.v1.Protos.ContainerStatus;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One task of a custom executor: written down, waiting for its executor, handed over, and from then on what the executor says of it,
 * until it ends or the executor does. Safe for use by several threads.
 */
final class ExecutorTask implements TaskLife {

    private static final Logger log = LoggerFactory.getLogger(ExecutorTask.class);

    /** What an executor's update came to. */
    enum Taken {
        /** On disk; the framework will have it. */
        STORED,
        /** Known already: the executor missed our acknowledgement. */
        REPEATED,
        /** After the task's end: nobody is to know. */
        LATE,
        /** The disk wouldn't take it; the executor will send it again. */
        NOT_STORED
    }

    private final ExecutorNode node;
    private final ExecutorRun executor;
    private final TaskKey key;
    private final Launch launch;
    private final FrameworkInfo framework;
    private final TaskInfo task;
    private final ContainerStatus containerStatus;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<ByteString> seen;
    private volatile TaskState latest;
    private volatile boolean handedOver;
    private volatile boolean written;
    private @Nullable Kill kill;

    /** @param written whether the launch is in the journal already */
    ExecutorTask(ExecutorNode node, ExecutorRun executor, Launch launch, @Nullable Kill kill, boolean written)
            throws IOException {
        this.node = node;
        this.executor = executor;
        this.launch = launch;
        this.kill = kill;
        this.written = written;
        this.key = new TaskKey(launch.getFrameworkId(), launch.getTaskId());
        this.framework = FrameworkInfo.parseFrom(launch.getFrameworkInfo());
        this.task = TaskInfo.parseFrom(launch.getTaskInfo());
        this.latest =
                launch.getLatestState().isEmpty() ? TaskState.TASK_STAGING : TaskState.valueOf(launch.getLatestState());
        this.handedOver = launch.getHandedOver();
        this.seen = new HashSet<>(launch.getRecentUuidsList());
        this.containerStatus = TaskStatuses.container(
                launch.getContainerId(), node.identity().get().ip());
        if (isTerminal()) {
            ended.countDown();
        }
    }

    @Override
    public TaskKey key() {
        return key;
    }

    @Override
    public Launch launch() {
        return launch;
    }

    @Override
    public FrameworkInfo framework() {
        return framework;
    }

    @Override
    public TaskInfo task() {
        return task;
    }

    @Override
    public TaskState latest() {
        return latest;
    }

    @Override
    public String executorId() {
        return launch.getExecutorId();
    }

    /** Of a task in an executor nothing is left when it has ended; the container is the executor's. */
    @Override
    public boolean isRemoved() {
        return isTerminal();
    }

    @Override
    public boolean isUnwanted() {
        lock.lock();
        try {
            return kill != null && kill.getCause() == KillCause.KILL_CAUSE_FRAMEWORK_SHUTDOWN;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public ContainerSpec handle() {
        return executor.handle();
    }

    boolean isWritten() {
        return written;
    }

    boolean isHandedOver() {
        return handedOver;
    }

    boolean isKilled() {
        lock.lock();
        try {
            return kill != null;
        } finally {
            lock.unlock();
        }
    }

    /** How long its executor may take to end it, if it was asked to. */
    Duration killGrace() {
        lock.lock();
        try {
            return kill == null ? ownGrace() : Duration.ofNanos(kill.getGraceNanos());
        } finally {
            lock.unlock();
        }
    }

    /** What is the same for the tasks of its group; empty for one that is alone. */
    String group() {
        return launch.getHandedOverWith();
    }

    /** Writes a group's tasks down, all or none, after their executor. */
    static void write(ExecutorNode node, List<ExecutorTask> tasks) throws IOException {
        tasks.getFirst().executor.ensureWritten();
        node.journal()
                .append(Entry.newBuilder()
                        .setGroupLaunch(GroupLaunch.newBuilder()
                                .addAllLaunches(
                                        tasks.stream().map(ExecutorTask::launch).toList()))
                        .build());
        tasks.forEach(task -> task.written = true);
    }

    @Override
    public void run() throws InterruptedException {
        if (!written && !isTerminal()) {
            try {
                executor.ensureWritten();
                node.journal().append(Entry.newBuilder().setLaunch(launch).build());
                written = true;
            } catch (IOException e) {
                log.error("Cannot write down {}", key, e);
                refuse("the node can't write to its disk: " + e.getMessage());
            }
        }
        executor.ready();
        ended.await();
    }

    @Override
    public void endByReboot() {
        end(agentStatus(goneOrLost())
                .setReason(TaskStatus.Reason.REASON_EXECUTOR_REREGISTRATION_TIMEOUT)
                .setMessage("Executor did not reregister: the node was rebooted")
                .build());
    }

    /**
     * Says on disk that the executor has a task from now on, or a group. Called by its executor before it sends them.
     *
     * @param tasks one, or all of a group
     */
    static void handOver(ExecutorNode node, List<ExecutorTask> tasks) throws IOException {
        TaskKey key = tasks.getFirst().key();
        String group = tasks.getFirst().group();
        Entry.Builder entry = Entry.newBuilder();
        if (group.isEmpty()) {
            entry.setHandedOver(
                    HandedOver.newBuilder().setFrameworkId(key.frameworkId()).setTaskId(key.taskId()));
        } else {
            entry.setGroupHandedOver(GroupHandedOver.newBuilder()
                    .setFrameworkId(key.frameworkId())
                    .setGroupId(group));
        }
        node.journal().append(entry.build());
        tasks.forEach(task -> task.handedOver = true);
    }

    /** An update of its executor's. */
    Taken update(TaskStatus status) {
        lock.lock();
        try {
            if (seen.contains(status.getUuid())) {
                return Taken.REPEATED;
            }
            if (isTerminal()) {
                return Taken.LATE;
            }
            TaskStatus complete = completed(status);
            if (!unwanted()) {
                node.streams().append(key, complete);
            }
            seen.add(status.getUuid());
            latest = status.getState();
        } catch (IOException e) {
            log.warn("Cannot write {} of {}", status.getState(), key, e);
            return Taken.NOT_STORED;
        } finally {
            lock.unlock();
        }
        afterUpdate();
        return Taken.STORED;
    }

    /** What Mesos' agent adds to an executor's words. */
    private TaskStatus completed(TaskStatus status) {
        TaskStatus.Builder complete = status.toBuilder()
                .setAgentId(agentStatus(status.getState()).getAgentId())
                .setExecutorId(ExecutorID.newBuilder().setValue(launch.getExecutorId()))
                .setSource(TaskStatus.Source.SOURCE_EXECUTOR);
        if (!status.hasTimestamp()) {
            complete.setTimestamp(seconds());
        }
        ContainerStatus.Builder container = status.getContainerStatus().toBuilder();
        if (!container.hasContainerId()) {
            container.setContainerId(containerStatus.getContainerId());
        }
        if (container.getNetworkInfosCount() == 0) {
            container.addAllNetworkInfos(containerStatus.getNetworkInfosList());
        }
        return complete.setContainerStatus(container).build();
    }

    private boolean unwanted() {
        return kill != null && kill.getCause() == KillCause.KILL_CAUSE_FRAMEWORK_SHUTDOWN;
    }

    /** A terminal update of the agent's own; the first terminal word counts. */
    void end(TaskStatus status) {
        lock.lock();
        try {
            if (isTerminal()) {
                return;
            }
            log.info(
                    "{} ended: {} {}",
                    key,
                    status.getState(),
                    status.getMessage().lines().findFirst().orElse(""));
            if (!unwanted()) {
                try {
                    node.streams().append(key, status);
                } catch (IOException e) {
                    log.error("Cannot write {} of {}; it is told from memory", status.getState(), key, e);
                    node.streams().appendUnwritten(key, status);
                }
            }
            latest = status.getState();
        } finally {
            lock.unlock();
        }
        afterUpdate();
    }

    private void afterUpdate() {
        if (isTerminal()) {
            executor.taskEnded(this);
            ended.countDown();
        }
    }

    @Override
    public void kill(KillCause cause, Duration grace) {
        lock.lock();
        try {
            if (isTerminal()) {
                return;
            }
            Kill asked = Kill.newBuilder()
                    .setFrameworkId(key.frameworkId())
                    .setTaskId(key.taskId())
                    .setCause(cause)
                    .setAskedAtMillis(node.clock().millis())
                    .setGraceNanos(grace.toNanos())
                    .build();
            if (unwanted()) {
                return;
            }
            kill = asked;
            try {
                node.journal().append(Entry.newBuilder().setKill(asked).build());
            } catch (IOException e) {
                // A kill that a crash forgets will be asked for again by whoever wanted it; not to kill would be worse.
                log.warn("Cannot write down the kill of {}", key, e);
            }
        } finally {
            lock.unlock();
        }
        if (cause != KillCause.KILL_CAUSE_FRAMEWORK_SHUTDOWN) {
            executor.kill(this);
        }
    }

    void endOutOfMemory(ContainerExit.OutOfMemory memory) {
        end(
                TaskStatuses.outOfMemory(node.identity().get().agentId(), task, memory, seconds(), containerStatus)
                        .toBuilder()
                        .setExecutorId(ExecutorID.newBuilder().setValue(launch.getExecutorId()))
                        .build());
    }

    /** The executor never had it. */
    void endUndelivered() {
        end(agentStatus(TaskState.TASK_KILLED)
                .setReason(TaskStatus.Reason.REASON_TASK_KILLED_DURING_LAUNCH)
                .setMessage("Killed before delivery to the executor")
                .build());
    }

    /** The executor says that it doesn't know it, or will not be there for it. */
    void endDropped(TaskStatus.Reason reason, String message) {
        end(agentStatus(isPartitionAware() ? TaskState.TASK_DROPPED : TaskState.TASK_LOST)
                .setReason(reason)
                .setMessage(message)
                .build());
    }

    @Override
    public void refuse(String message) {
        end(agentStatus(TaskState.TASK_FAILED)
                .setReason(TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED)
                .setMessage("Failed to launch container: " + message)
                .build());
    }

    TaskStatus.Builder agentStatus(TaskState state) {
        return TaskStatuses.byAgent(node.identity().get().agentId(), key.taskId(), state, seconds(), containerStatus)
                .setExecutorId(ExecutorID.newBuilder().setValue(launch.getExecutorId()));
    }

    /** The state of a task whose executor went with nobody looking. */
    TaskState goneOrLost() {
        return isPartitionAware() ? TaskState.TASK_GONE : TaskState.TASK_LOST;
    }

    private boolean isPartitionAware() {
        return framework.getCapabilitiesList().stream()
                .anyMatch(c -> c.getType() == FrameworkInfo.Capability.Type.PARTITION_AWARE);
    }

    private double seconds() {
        return node.clock().millis() / 1000.0;
    }

    @Override
    public Duration ownGrace() {
        return task.getKillPolicy().hasGracePeriod()
                ? Duration.ofNanos(task.getKillPolicy().getGracePeriod().getNanoseconds())
                : ExecutorRun.DEFAULT_KILL_GRACE;
    }
}
