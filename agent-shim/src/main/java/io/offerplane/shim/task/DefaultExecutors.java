package io.offerplane.shim.task;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.offerplane.protocol.link.v1.LaunchTaskGroup;
import io.offerplane.shim.container.ContainerName;
import io.offerplane.shim.container.ContainerRuntime;
import io.offerplane.shim.journal.TaskKey;
import io.offerplane.shim.journal.v1.GroupMember;
import io.offerplane.shim.journal.v1.Launch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.jspecify.annotations.Nullable;

/** All executors of type DEFAULT of the node. They are where their tasks are, so the tasks' launches are all that is written of them. Safe for use by several threads. */
final class DefaultExecutors {

    /** Who hears of executors that have ended. */
    interface Exits {
        void exited(String frameworkId, String executorId, int waitStatus);
    }

    /** Makes tasks. */
    interface Maker {
        TaskRun make(Launch launch, DefaultExecutor executor) throws IOException;
    }

    private final ContainerRuntime runtime;
    private final Sandboxes sandboxes;
    private final Supplier<InnerContainers> inner;
    private final Exits exits;

    /** By container. */
    private final Map<String, DefaultExecutor> executors = new LinkedHashMap<>();

    DefaultExecutors(ContainerRuntime runtime, Sandboxes sandboxes, Supplier<InnerContainers> inner, Exits exits) {
        this.runtime = runtime;
        this.sandboxes = sandboxes;
        this.inner = inner;
        this.exits = exits;
    }

    /**
     * Takes a group on: in the executor that it names, if that runs, else in a new one. Nothing is written or started.
     *
     * @param cgroup below which the executor's own will be; empty when the claim's isn't there
     * @return its tasks
     * @throws IllegalArgumentException when an id can't be a folder's name
     */
    synchronized List<TaskRun> accept(
            LaunchTaskGroup message, List<TaskInfo> tasks, String agentId, String cgroup, long nowMillis, Maker maker)
            throws IOException {
        ExecutorInfo info = tasks.getFirst().getExecutor();
        DefaultExecutor executor = running(message.getFrameworkId(), info)
                .orElseGet(() -> executor(name(message.getFrameworkId(), info, agentId, cgroup), message, info));
        GroupMember member = executor.self().toBuilder()
                .setGroupId(UUID.randomUUID().toString())
                .build();
        List<TaskRun> runs = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            TaskKey key = new TaskKey(
                    message.getFrameworkId(), tasks.get(i).getTaskId().getValue());
            String containerId = UUID.randomUUID().toString();
            // Its id becomes a link's name, under the same rules.
            sandboxes.path(agentId, key, containerId);
            runs.add(maker.make(
                    launch(message, message.getTaskInfos(i), key, containerId, member, nowMillis), executor));
        }
        executors.put(member.getExecutorContainerId(), executor);
        runs.forEach(executor::enrol);
        return runs;
    }

    private static Launch launch(
            LaunchTaskGroup message,
            ByteString task,
            TaskKey key,
            String containerId,
            GroupMember member,
            long nowMillis) {
        Launch.Builder launch = Launch.newBuilder()
                .setFrameworkId(key.frameworkId())
                .setTaskId(key.taskId())
                .setFrameworkInfo(message.getFrameworkInfo())
                .setTaskInfo(task)
                .setRole(message.getRole())
                .setContainerId(containerId)
                .setSandbox(Sandboxes.within(Path.of(member.getExecutorSandbox()), containerId)
                        .toString())
                .setAcceptedAtMillis(nowMillis)
                .setMember(member);
        if (!member.getExecutorCgroup().isEmpty()) {
            launch.setCgroup(member.getExecutorCgroup() + "/" + containerId);
        }
        return launch.build();
    }

    private Optional<DefaultExecutor> running(String frameworkId, ExecutorInfo info) {
        return executors.values().stream()
                .filter(executor -> executor.frameworkId().equals(frameworkId)
                        && executor.info().equals(info)
                        && executor.isLive())
                .findFirst();
    }

    private GroupMember name(String frameworkId, ExecutorInfo info, String agentId, String cgroup) {
        String id = info.getExecutorId().getValue();
        String containerId = UUID.randomUUID().toString();
        return GroupMember.newBuilder()
                .setExecutorId(id)
                .setExecutorContainerId(containerId)
                .setExecutorSandbox(
                        sandboxes.path(agentId, frameworkId, id, containerId).toString())
                .setExecutorCgroup(cgroup.isEmpty() ? "" : cgroup + "/" + containerId)
                .build();
    }

    private DefaultExecutor executor(GroupMember self, LaunchTaskGroup message, ExecutorInfo info) {
        return new DefaultExecutor(runtime, sandboxes, self, message.getFrameworkId(), info);
    }

    /** Takes up a task that an earlier shim held. */
    synchronized TaskRun restore(Launch launch, Maker maker) throws IOException {
        GroupMember member = launch.getMember();
        DefaultExecutor executor = executors.get(member.getExecutorContainerId());
        if (executor == null) {
            executor = new DefaultExecutor(runtime, sandboxes, member, launch.getFrameworkId(), info(launch));
        }
        TaskRun run = maker.make(launch, executor);
        if (!run.isRemoved()) {
            executors.put(member.getExecutorContainerId(), executor);
            executor.enrol(run);
        }
        return run;
    }

    private static ExecutorInfo info(Launch launch) throws InvalidProtocolBufferException {
        return TaskInfo.parseFrom(launch.getTaskInfo()).getExecutor();
    }

    /**
     * Nothing is left of a task's container.
     *
     * @param waitStatus that the executor's is, if this was its last
     */
    void left(TaskRun task, @Nullable DefaultExecutor executor, int waitStatus) {
        if (executor == null) {
            return;
        }
        synchronized (this) {
            if (!executor.left(task)) {
                return;
            }
            executors.remove(executor.self().getExecutorContainerId());
        }
        try {
            inner.get().endWithin(ContainerName.of(executor.self().getExecutorContainerId()));
        } catch (InterruptedException stopping) {
            // The next shim finds them without a host.
            Thread.currentThread().interrupt();
            return;
        }
        executor.close();
        exits.exited(executor.frameworkId(), executor.self().getExecutorId(), waitStatus);
    }

    /** An executor that has a living task. */
    synchronized Optional<HostContainer> host(ContainerName name) {
        return Optional.ofNullable(executors.get(name.ids().getLast()))
                .filter(DefaultExecutor::isLive)
                .map(executor -> new HostContainer(
                        name,
                        executor.handle(),
                        false,
                        executor.sandbox(),
                        executor.frameworkId(),
                        executor.self().getExecutorId(),
                        executor.frameworkUser()));
    }

    /** Containers that executors live in. */
    synchronized Set<String> containers() {
        return Set.copyOf(executors.keySet());
    }
}
