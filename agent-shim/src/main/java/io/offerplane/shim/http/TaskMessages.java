package io.offerplane.shim.http;

import io.offerplane.shim.task.HeldTasks;
import java.util.Optional;
import org.apache.mesos.v1.Protos.Environment;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.Task;
import org.apache.mesos.v1.Protos.TaskInfo;

/** Held tasks and executors as Mesos' messages. */
final class TaskMessages {

    private TaskMessages() {}

    /** The task, with its executor's id only if that is a custom one, as Mesos has it. */
    static Task task(HeldTasks.View view) {
        TaskInfo info = view.task();
        Task.Builder task = Task.newBuilder()
                .setName(info.getName())
                .setTaskId(info.getTaskId())
                .setFrameworkId(FrameworkID.newBuilder().setValue(view.key().frameworkId()))
                .setAgentId(info.getAgentId())
                .setState(view.state())
                .addAllResources(info.getResourcesList())
                .addAllStatuses(view.told().statuses())
                .putAllLimits(info.getLimitsMap());
        if (info.hasExecutor()) {
            task.setExecutorId(ExecutorID.newBuilder().setValue(view.executorId()));
        }
        view.told().forwarded().ifPresent(status -> task.setStatusUpdateState(status.getState())
                .setStatusUpdateUuid(status.getUuid()));
        if (info.hasLabels()) {
            task.setLabels(info.getLabels());
        }
        if (info.hasDiscovery()) {
            task.setDiscovery(info.getDiscovery());
        }
        if (info.hasContainer()) {
            task.setContainer(info.getContainer());
        }
        if (info.hasHealthCheck()) {
            task.setHealthCheck(info.getHealthCheck());
        }
        if (info.hasKillPolicy()) {
            task.setKillPolicy(info.getKillPolicy());
        }
        user(info).ifPresent(task::setUser);
        return task.build();
    }

    /** Who runs the task, if it or its executor says so. */
    static Optional<String> user(TaskInfo task) {
        if (task.getCommand().hasUser()) {
            return Optional.of(task.getCommand().getUser());
        }
        return task.getExecutor().getCommand().hasUser()
                ? Optional.of(task.getExecutor().getCommand().getUser())
                : Optional.empty();
    }

    /** The executor without the secrets in its environment: whoever reads here hasn't said who they are. */
    static ExecutorInfo executor(ExecutorInfo info) {
        if (info.getCommand().getEnvironment().getVariablesList().stream().noneMatch(Environment.Variable::hasSecret)) {
            return info;
        }
        ExecutorInfo.Builder shown = info.toBuilder();
        shown.getCommandBuilder()
                .getEnvironmentBuilder()
                .getVariablesBuilderList()
                .forEach(Environment.Variable.Builder::clearSecret);
        return shown.build();
    }
}
