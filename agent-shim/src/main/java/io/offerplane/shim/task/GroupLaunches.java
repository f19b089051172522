package io.offerplane.shim.task;

import io.offerplane.protocol.link.v1.LaunchTaskGroup;
import io.offerplane.shim.journal.Journal;
import io.offerplane.shim.journal.v1.Entry;
import io.offerplane.shim.journal.v1.GroupLaunch;
import io.offerplane.shim.journal.v1.Launch;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.jspecify.annotations.Nullable;

/** Takes groups of tasks on: by an executor that is nothing but its tasks, or by a custom one that is handed the group as a whole. */
final class GroupLaunches {

    /** What puts a group on disk. */
    interface Write {
        void run() throws IOException;
    }

    /**
     * A group that was taken on.
     *
     * @param tasks of it
     * @param write before they go their ways
     */
    record Accepted(List<? extends TaskLife> tasks, Write write) {
        Accepted {
            tasks = List.copyOf(tasks);
        }
    }

    /** Makes tasks with containers of their own. */
    interface Maker {
        TaskRun make(Launch launch, NodeIdentity identity, @Nullable DefaultExecutor executor) throws IOException;
    }

    private final Journal journal;
    private final DefaultExecutors defaults;
    private final Clock clock;
    private final Maker maker;

    GroupLaunches(Journal journal, DefaultExecutors defaults, Clock clock, Maker maker) {
        this.journal = journal;
        this.defaults = defaults;
        this.clock = clock;
        this.maker = maker;
    }

    /**
     * Takes one on. Nothing is written or started.
     *
     * @param tasks of the message, at least one
     * @param custom who has custom executors, if there is anybody
     * @throws IOException when the message holds what is no message
     */
    Accepted accept(
            LaunchTaskGroup message,
            List<TaskInfo> tasks,
            NodeIdentity identity,
            String taskGroup,
            Optional<ExecutorHost> custom)
            throws IOException {
        ExecutorInfo executor = tasks.getFirst().getExecutor();
        if (custom.isPresent() && executor.getType() == ExecutorInfo.Type.CUSTOM) {
            List<TaskLife> group =
                    custom.get().acceptGroup(launches(message, tasks, executor), executor, identity, taskGroup);
            return new Accepted(group, () -> custom.get().write(group));
        }
        try {
            List<TaskRun> group = defaults.accept(
                    message,
                    tasks,
                    identity.agentId(),
                    taskGroup,
                    clock.millis(),
                    (launch, within) -> maker.make(launch, identity, within));
            return new Accepted(
                    group,
                    () -> journal.append(Entry.newBuilder()
                            .setGroupLaunch(GroupLaunch.newBuilder()
                                    .addAllLaunches(
                                            group.stream().map(TaskRun::launch).toList()))
                            .build()));
        } catch (IllegalArgumentException e) {
            return refused(message, tasks, identity, String.valueOf(e.getMessage()));
        }
    }

    private List<Launch> launches(LaunchTaskGroup message, List<TaskInfo> tasks, ExecutorInfo executor) {
        String group = UUID.randomUUID().toString();
        List<Launch> launches = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            launches.add(launch(message, i, tasks.get(i))
                    .setExecutorId(executor.getExecutorId().getValue())
                    .setAcceptedAtMillis(clock.millis())
                    .setHandedOverWith(group)
                    .build());
        }
        return launches;
    }

    private static Launch.Builder launch(LaunchTaskGroup message, int index, TaskInfo task) {
        return Launch.newBuilder()
                .setFrameworkId(message.getFrameworkId())
                .setTaskId(task.getTaskId().getValue())
                .setFrameworkInfo(message.getFrameworkInfo())
                .setTaskInfo(message.getTaskInfos(index))
                .setRole(message.getRole());
    }

    private Accepted refused(LaunchTaskGroup message, List<TaskInfo> tasks, NodeIdentity identity, String why)
            throws IOException {
        List<TaskRun> group = new ArrayList<>();
        for (int i = 0; i < tasks.size(); i++) {
            Launch launch = launch(message, i, tasks.get(i))
                    .setContainerId(UUID.randomUUID().toString())
                    .build();
            group.add(maker.make(launch, identity, null));
        }
        group.forEach(run -> run.refuse(why));
        return new Accepted(group, () -> {});
    }
}
