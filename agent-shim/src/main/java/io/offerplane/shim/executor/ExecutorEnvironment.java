package io.offerplane.shim.executor;

import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.OciConfig;
import io.offerplane.shim.journal.v1.ExecutorLaunch;
import io.offerplane.shim.task.NodeIdentity;
import io.offerplane.shim.task.TaskEnvironment;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkInfo;

/** What Mesos' agent hands to an executor, in Mesos' order of precedence: the image's, the agent's, the sandbox, the command's own. */
final class ExecutorEnvironment {

    /** Mesos' default of {@code --recovery_timeout}: how long an executor waits for its agent to come back. */
    private static final String RECOVERY_TIMEOUT = "15mins";

    /** Mesos' EXECUTOR_SUBSCRIPTION_BACKOFF_MAX. */
    private static final String SUBSCRIPTION_BACKOFF_MAX = "2secs";

    private ExecutorEnvironment() {}

    static Map<String, String> of(
            NodeIdentity node,
            FrameworkInfo framework,
            ExecutorInfo executor,
            ExecutorLaunch launch,
            Duration grace,
            Map<String, String> base)
            throws ContainerLaunchException {
        Map<String, String> variables = new LinkedHashMap<>(base);
        variables.put("MESOS_FRAMEWORK_ID", launch.getFrameworkId());
        variables.put("MESOS_EXECUTOR_ID", launch.getExecutorId());
        variables.put("MESOS_SLAVE_ID", node.agentId());
        variables.put("MESOS_SLAVE_PID", "slave(1)@" + node.ip() + ":" + node.httpPort());
        variables.put("MESOS_AGENT_ENDPOINT", node.ip() + ":" + node.httpPort());
        variables.put("MESOS_CHECKPOINT", framework.getCheckpoint() ? "1" : "0");
        if (framework.getCheckpoint()) {
            // Executor libraries take their absence for "don't wait for the agent", and refuse to start on half of it.
            variables.put("MESOS_RECOVERY_TIMEOUT", RECOVERY_TIMEOUT);
            variables.put("MESOS_SUBSCRIPTION_BACKOFF_MAX", SUBSCRIPTION_BACKOFF_MAX);
        }
        variables.put("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", text(grace));
        variables.put("MESOS_EXECUTOR_AUTHENTICATION_TOKEN", launch.getToken());
        variables.put("MESOS_HTTP_COMMAND_EXECUTOR", "0");
        variables.put("LIBPROCESS_IP", node.ip());
        variables.put("LIBPROCESS_PORT", "0");
        variables.put("MESOS_DIRECTORY", launch.getSandbox());
        variables.put("MESOS_SANDBOX", OciConfig.SANDBOX);
        TaskEnvironment.addOwn(variables, executor.getCommand());
        return variables;
    }

    /** Mesos' text of a duration: in the largest unit that keeps it a whole number. */
    static String text(Duration duration) {
        long nanos = duration.toNanos();
        String[] units = {"ns", "us", "ms", "secs", "mins", "hrs"};
        long[] factors = {1000, 1000, 1000, 60, 60};
        int unit = 0;
        while (unit < factors.length && nanos != 0 && nanos % factors[unit] == 0) {
            nanos /= factors[unit];
            unit++;
        }
        return nanos + units[nanos == 0 ? 3 : unit];
    }
}
