package io.offerplane.shim.task;

import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.OciConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.Environment;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.Secret;
import org.apache.mesos.v1.Protos.TaskInfo;

/** A command task's environment, in Mesos' order of precedence: the image's, the agent's, the sandbox, the command's own. */
public final class TaskEnvironment {

    /** Mesos' command executor gets this long: the kill grace of 3 s and 2 s more. */
    private static final String SHUTDOWN_GRACE = "5secs";

    private TaskEnvironment() {}

    static Map<String, String> of(
            NodeIdentity node,
            FrameworkInfo framework,
            String frameworkId,
            String executorId,
            TaskInfo task,
            String role,
            Path sandbox,
            Map<String, String> base)
            throws ContainerLaunchException {
        String taskId = task.getTaskId().getValue();
        Map<String, String> variables = new LinkedHashMap<>(base);
        variables.put("MESOS_FRAMEWORK_ID", frameworkId);
        variables.put("MESOS_EXECUTOR_ID", executorId);
        variables.put("MESOS_SLAVE_ID", node.agentId());
        variables.put("MESOS_SLAVE_PID", "slave(1)@" + node.ip() + ":" + node.httpPort());
        variables.put("MESOS_AGENT_ENDPOINT", node.ip() + ":" + node.httpPort());
        variables.put("MESOS_CHECKPOINT", framework.getCheckpoint() ? "1" : "0");
        variables.put("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", SHUTDOWN_GRACE);
        variables.put("MESOS_HTTP_COMMAND_EXECUTOR", "0");
        variables.put("LIBPROCESS_PORT", "0");
        variables.put("MESOS_DIRECTORY", sandbox.toString());
        variables.put("MESOS_SANDBOX", OciConfig.SANDBOX);
        variables.put("MESOS_TASK_ID", taskId);
        variables.put("MESOS_ALLOCATION_ROLE", role);
        addOwn(variables, task.getCommand());
        return variables;
    }

    /** Adds a command's own variables over those that are there. */
    public static void addOwn(Map<String, String> variables, CommandInfo command) throws ContainerLaunchException {
        for (Environment.Variable variable : command.getEnvironment().getVariablesList()) {
            if (variable.getName().isEmpty()
                    || variable.getName().indexOf('=') >= 0
                    || variable.getName().indexOf('\0') >= 0) {
                throw new ContainerLaunchException("Environment variable name '" + variable.getName()
                        + "' is not valid: it must not be empty nor contain '=' or NUL");
            }
            variables.put(variable.getName(), value(variable));
        }
    }

    private static String value(Environment.Variable variable) throws ContainerLaunchException {
        if (variable.getType() != Environment.Variable.Type.SECRET) {
            return variable.getValue();
        }
        Secret secret = variable.getSecret();
        if (secret.getType() != Secret.Type.VALUE) {
            throw new ContainerLaunchException("Environment variable '" + variable.getName()
                    + "' refers to secret '" + secret.getReference().getName()
                    + "', and no secret resolver is configured; use a secret of type VALUE");
        }
        return secret.getValue().getData().toStringUtf8();
    }
}
