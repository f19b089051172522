package io.offerplane.shim.local;

import io.offerplane.protocol.container.v1.Container;
import io.offerplane.protocol.container.v1.End;
import io.offerplane.shim.journal.v1.Exit;
import io.offerplane.shim.task.TaskStatuses;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.jspecify.annotations.Nullable;

/** What is known of one container; those who wait for it wait here. Safe for use by several threads. */
final class LocalContainer {

    private static final Set<TaskStatus.Reason> NEVER_STARTED = Set.of(
            TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED, TaskStatus.Reason.REASON_TASK_KILLED_DURING_LAUNCH);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // All guarded by lock.
    private TaskInfo task;
    private TaskState state;
    private String message = "";
    private boolean started = true;
    private @Nullable Exit exit;

    /**
     * @param task as it is now
     * @param state that an earlier shim brought it to
     * @param exit that an earlier shim saw
     */
    LocalContainer(TaskInfo task, TaskState state, @Nullable Exit exit) {
        this.task = task;
        this.state = state;
        this.exit = exit;
    }

    TaskInfo task() {
        lock.lock();
        try {
            return task;
        } finally {
            lock.unlock();
        }
    }

    void resized(TaskInfo now) {
        lock.lock();
        try {
            task = now;
        } finally {
            lock.unlock();
        }
    }

    void exited(Exit how) {
        lock.lock();
        try {
            exit = how;
        } finally {
            lock.unlock();
        }
    }

    /** An update of its task's. */
    void update(TaskStatus status) {
        lock.lock();
        try {
            state = status.getState();
            message = status.getMessage();
            started = !NEVER_STARTED.contains(status.getReason());
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** As far as it is known here. */
    Container.Builder view() {
        lock.lock();
        try {
            Container.Builder container = Container.newBuilder()
                    .setName(task.getTaskId().getValue())
                    .setState(stateOf(state))
                    .setMessage(message)
                    .setSize(ContainerOrder.size(task));
            return stateOf(state) == Container.State.ENDED ? container.setEnd(end()) : container;
        } finally {
            lock.unlock();
        }
    }

    private End end() {
        End.Builder end = End.newBuilder().setStopped(state == TaskState.TASK_KILLED);
        Exit how = exit;
        if (!started) {
            return end.setNotStarted(true).build();
        }
        if (how == null) {
            // It went with the node's reboot.
            return end.build();
        }
        end.setOutOfMemory(how.getOutOfMemory());
        switch (how.getHowCase()) {
            case EXIT_STATUS -> end.setExitStatus(how.getExitStatus());
            case SIGNAL -> end.setSignal(how.getSignal());
            // Nobody saw it end.
            case HOW_NOT_SET -> {}
        }
        return end.build();
    }

    Container.State state() {
        lock.lock();
        try {
            return stateOf(state);
        } finally {
            lock.unlock();
        }
    }

    /** Returns when it has come to such a state, or the patience is over. */
    void await(Predicate<Container.State> wanted, Duration patience) throws InterruptedException {
        long nanos = patience.toNanos();
        lock.lock();
        try {
            while (!wanted.test(stateOf(state)) && nanos > 0) {
                nanos = changed.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }

    private static Container.State stateOf(TaskState state) {
        if (TaskStatuses.isTerminal(state)) {
            return Container.State.ENDED;
        }
        return state == TaskState.TASK_RUNNING || state == TaskState.TASK_KILLING
                ? Container.State.RUNNING
                : Container.State.PREPARING;
    }
}
