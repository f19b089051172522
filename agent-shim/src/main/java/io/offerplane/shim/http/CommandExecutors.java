package io.offerplane.shim.http;

import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.TaskInfo;

/**
 * The executor that Mesos' agent makes for a task that brings none. Here no process of that kind runs and none of its resources are
 * taken, but those who look expect to see it. Source: Mesos 1.11 slave.cpp, getExecutorInfo.
 */
final class CommandExecutors {

    private static final int COMMAND_SHOWN = 12;

    private CommandExecutors() {}

    /** Deprecated is {@code source}, which Mesos still fills in and tools still read. */
    @SuppressWarnings("deprecation")
    static ExecutorInfo info(FrameworkID framework, TaskInfo task) {
        CommandInfo.Builder command = CommandInfo.newBuilder()
                .addAllUris(task.getCommand().getUrisList())
                .setShell(false);
        if (task.getCommand().hasUser()) {
            command.setUser(task.getCommand().getUser());
        }
        if (task.getCommand().hasEnvironment()) {
            command.setEnvironment(task.getCommand().getEnvironment());
        }
        ExecutorInfo.Builder info = ExecutorInfo.newBuilder()
                .setExecutorId(ExecutorID.newBuilder().setValue(task.getTaskId().getValue()))
                .setFrameworkId(framework)
                .setName(name(task))
                .setSource(task.getTaskId().getValue())
                .setCommand(command);
        if (task.hasContainer()) {
            info.setContainer(task.getContainer());
        }
        if (task.hasLabels()) {
            info.setLabels(task.getLabels());
        }
        return info.build();
    }

    private static String name(TaskInfo task) {
        CommandInfo command = task.getCommand();
        String shown;
        if (command.getShell()) {
            String value = command.getValue();
            String start = value.length() > COMMAND_SHOWN + 3 ? value.substring(0, COMMAND_SHOWN) + "..." : value;
            shown = "(Command: sh -c '" + start + "')";
        } else {
            shown = "(Command: [" + String.join(", ", command.getArgumentsList()) + "])";
        }
        return "Command Executor (Task: " + task.getTaskId().getValue() + ") " + shown;
    }
}
