package io.offerplane.shim.task;

import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ContainerLimits;
import io.offerplane.shim.container.ContainerRuntime;
import io.offerplane.shim.container.ContainerSpec;
import io.offerplane.shim.container.ContainerUser;
import io.offerplane.shim.container.RootFilesystem;
import io.offerplane.shim.journal.v1.GroupMember;
import io.offerplane.shim.journal.v1.KillCause;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.LinuxInfo;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.Volume;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An executor of type DEFAULT: no process, but a sandbox and a control group that its tasks' are in, for as long as it has tasks. Safe for
 * use by several threads.
 *
 * <p>Source of the behaviour: Mesos 1.11 launcher/default_executor.cpp.
 */
final class DefaultExecutor {

    private static final Logger log = LoggerFactory.getLogger(DefaultExecutor.class);

    /** No process of the executor's is there to have the sandbox, and its tasks' users may differ. */
    private static final ContainerUser AGENT = new ContainerUser(0, 0, List.of(), "/");

    private final ContainerRuntime runtime;
    private final Sandboxes sandboxes;
    private final GroupMember self;
    private final String frameworkId;
    private final ExecutorInfo info;
    private final ReentrantLock lock = new ReentrantLock();

    /** Guarded by lock. Those whose container is there, or may be. */
    private final Set<TaskRun> tasks = new LinkedHashSet<>();

    /** Guarded by lock. */
    private boolean enclosed;

    /** @param self as its tasks know it; the group is without meaning here */
    DefaultExecutor(
            ContainerRuntime runtime, Sandboxes sandboxes, GroupMember self, String frameworkId, ExecutorInfo info) {
        this.runtime = runtime;
        this.sandboxes = sandboxes;
        this.self = self;
        this.frameworkId = frameworkId;
        this.info = info;
    }

    GroupMember self() {
        return self;
    }

    String frameworkId() {
        return frameworkId;
    }

    ExecutorInfo info() {
        return info;
    }

    /** FrameworkInfo.user; empty when none of its tasks is left to tell. */
    String frameworkUser() {
        return tasks().stream()
                .map(task -> task.framework().getUser())
                .findFirst()
                .orElse("");
    }

    Path sandbox() {
        return Path.of(self.getExecutorSandbox());
    }

    /** Its control group and sandbox: it has no process. */
    ContainerSpec handle() {
        return ContainerSpec.handle(
                self.getExecutorContainerId(),
                self.getExecutorCgroup(),
                sandbox(),
                new RootFilesystem.Layered(List.of()),
                limits());
    }

    void enrol(TaskRun task) {
        lock.lock();
        try {
            tasks.add(task);
        } finally {
            lock.unlock();
        }
    }

    /** Whether another group may join: one that has nothing but ended tasks is about to be gone. */
    boolean isLive() {
        return tasks().stream().anyMatch(task -> !task.isTerminal());
    }

    private List<TaskRun> tasks() {
        lock.lock();
        try {
            return List.copyOf(tasks);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Makes what a task's container is to be in. May be repeated.
     *
     * @param user of the task
     */
    void prepare(TaskRun task, ContainerUser user) throws ContainerLaunchException {
        refuseNested(task.task());
        try {
            sandboxes.create(sandbox(), AGENT);
            sandboxes.createWithin(
                    sandbox(), Path.of(task.launch().getSandbox()), task.key().taskId(), user);
        } catch (IOException e) {
            throw new ContainerLaunchException(
                    "Failed to create the sandbox " + task.launch().getSandbox() + ": " + e, e);
        }
        try {
            enclose();
        } catch (IOException e) {
            throw new ContainerLaunchException(
                    "Failed to limit the executor's control group " + self.getExecutorCgroup() + ": " + e, e);
        }
    }

    private void enclose() throws IOException {
        lock.lock();
        try {
            runtime.enclose(self.getExecutorCgroup(), limits());
            enclosed = true;
        } finally {
            lock.unlock();
        }
    }

    /** Of all that is in it: Mesos' agent counts the executor's own and its tasks' together. */
    ContainerLimits limits() {
        List<ContainerLimits> all = new ArrayList<>();
        all.add(ContainerLimits.of(
                TaskInfo.newBuilder().addAllResources(info.getResourcesList()).buildPartial(),
                false,
                OptionalLong.empty()));
        tasks().forEach(task -> all.add(task.ownLimits()));
        boolean quotas =
                all.stream().skip(1).allMatch(one -> one.cpuQuotaMicros().isPresent());
        boolean memory = all.stream().allMatch(one -> one.memoryLimitBytes().isPresent());
        return new ContainerLimits(
                all.stream().mapToLong(ContainerLimits::cpuShares).sum(),
                sum(quotas, all, ContainerLimits::cpuQuotaMicros),
                sum(memory, all, ContainerLimits::memoryLimitBytes),
                all.stream().mapToLong(ContainerLimits::memoryReservationBytes).sum(),
                OptionalLong.empty());
    }

    private static OptionalLong sum(
            boolean limited, List<ContainerLimits> all, Function<ContainerLimits, OptionalLong> limit) {
        return limited
                ? OptionalLong.of(all.stream()
                        .mapToLong(one -> limit.apply(one).orElse(0))
                        .sum())
                : OptionalLong.empty();
    }

    /** Whether a task has no limits but the executor's. Mesos' {@code share_cgroups}, which is true unless it is said otherwise. */
    static boolean shares(TaskInfo task) {
        LinuxInfo linux = task.getContainer().getLinuxInfo();
        return !linux.hasShareCgroups() || linux.getShareCgroups();
    }

    /**
     * A task that may write to a folder could swap what another is about to be given below it.
     *
     * @throws ContainerLaunchException when that could be
     */
    private void refuseNested(TaskInfo task) throws ContainerLaunchException {
        for (Path own : ofParent(task)) {
            for (TaskRun other : tasks()) {
                for (Path path : ofParent(other.task())) {
                    if (!own.equals(path) && (own.startsWith(path) || path.startsWith(own))) {
                        throw new ContainerLaunchException("Failed to mount a volume: '" + own
                                + "' and '" + path + "' of the executor's sandbox lie in each other; "
                                + "tasks of one executor may share a folder, not a part of one");
                    }
                }
            }
        }
    }

    private static List<Path> ofParent(TaskInfo task) {
        return task.getContainer().getVolumesList().stream()
                .map(Volume::getSource)
                .filter(source -> source.getType() == Volume.Source.Type.SANDBOX_PATH
                        && source.getSandboxPath().getType() == Volume.Source.SandboxPath.Type.PARENT)
                // Others are refused on their own account.
                .filter(source -> source.getSandboxPath().getPath().indexOf('\0') < 0)
                .map(source -> Path.of(source.getSandboxPath().getPath()).normalize())
                .toList();
    }

    /** A task has ended: unless it did well, so does the rest of its group. To be called before its container is removed; may be repeated. */
    void ended(TaskRun task) {
        if (task.latest() == TaskState.TASK_FINISHED || task.isUnwanted()) {
            return;
        }
        String group = task.launch().getMember().getGroupId();
        for (TaskRun other : tasks()) {
            if (other != task
                    && !other.isTerminal()
                    && other.launch().getMember().getGroupId().equals(group)) {
                log.info("{} is killed, as {} of its group has ended: {}", other.key(), task.key(), task.latest());
                other.kill(KillCause.KILL_CAUSE_ASKED, other.ownGrace());
            }
        }
    }

    /** Nothing is left of a task's container. Returns whether it was the last, so that the executor is gone too. */
    boolean left(TaskRun task) {
        lock.lock();
        try {
            if (!tasks.remove(task)) {
                return false;
            }
            if (!tasks.isEmpty()) {
                if (enclosed) {
                    runtime.enclose(self.getExecutorCgroup(), limits());
                }
                return false;
            }
        } catch (IOException e) {
            log.warn("Cannot set the limits of executor {}", self.getExecutorId(), e);
            return false;
        } finally {
            lock.unlock();
        }
        return true;
    }

    /** Removes what only it was in need of. */
    void close() {
        if (!self.getExecutorCgroup().isEmpty()) {
            try {
                runtime.release(self.getExecutorCgroup());
            } catch (IOException e) {
                // Empty, and gone with the claim; the next shim removes what it doesn't know.
                log.warn("Cannot remove the control group of executor {}", self.getExecutorId(), e);
            }
        }
        sandboxes.ended(sandbox());
    }
}
