package io.offerplane.mesos.translate;

import io.offerplane.engine.resource.Resources;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.mesos.v1.Protos;

/**
 * What can be wrong with a task's description by itself, in Mesos' words and order. What depends on offers, agents or other tasks
 * is the engine's to judge.
 */
final class TaskValidation {
    private static final int MAX_ID_LENGTH = 255;

    /** Mesos' MIN_CPUS and MIN_MEM. */
    private static final double MIN_CPUS = 0.01;

    private static final long MIN_MEMORY_MEGABYTES = 32;

    private TaskValidation() {}

    /** What is wrong with an id that becomes part of a path, or empty. */
    static Optional<String> idFault(String id) {
        if (id.isEmpty()) {
            return Optional.of("ID must not be empty");
        }
        if (id.length() > MAX_ID_LENGTH) {
            return Optional.of("ID must not be greater than " + MAX_ID_LENGTH + " characters");
        }
        if (id.equals(".") || id.equals("..")) {
            return Optional.of("'" + id + "' is disallowed");
        }
        if (id.chars().anyMatch(c -> c < 0x20 || c == 0x7f || c == '/' || c == '\\')) {
            return Optional.of("'" + id + "' contains invalid characters");
        }
        return Optional.empty();
    }

    /**
     * The first fault of everything but ids, the resources' form and the executor.
     *
     * @param resources what the task asks for, as far as it could be read
     */
    static Optional<String> fault(Protos.TaskInfo task, Resources resources) {
        if (task.hasKillPolicy() && task.getKillPolicy().getGracePeriod().getNanoseconds() < 0) {
            return Optional.of("Task's 'kill_policy.grace_period' must be non-negative");
        }
        if (task.hasMaxCompletionTime() && task.getMaxCompletionTime().getNanoseconds() < 0) {
            return Optional.of("Task's `max_completion_time` must be non-negative");
        }
        return first(
                () -> task.hasCheck()
                        ? checkFault(task.getCheck()).map(fault -> "Task uses invalid check: " + fault)
                        : Optional.empty(),
                () -> task.hasHealthCheck()
                        ? healthCheckFault(task.getHealthCheck())
                                .map(fault -> "Task uses invalid health check: " + fault)
                        : Optional.empty(),
                () -> resourcesFault(task.getResourcesList(), resources),
                () -> task.hasCommand()
                        ? commandFault(task.getCommand()).map(fault -> "Task's `CommandInfo` is invalid: " + fault)
                        : Optional.empty(),
                () -> task.hasContainer()
                        ? containerFault(task.getContainer())
                                .map(fault -> "Task's `ContainerInfo` is invalid: " + fault)
                        : Optional.empty(),
                () -> limitsFault(task, resources));
    }

    @SafeVarargs
    private static Optional<String> first(java.util.function.Supplier<Optional<String>>... checks) {
        for (java.util.function.Supplier<Optional<String>> check : checks) {
            Optional<String> fault = check.get();
            if (fault.isPresent()) {
                return fault;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> checkFault(Protos.CheckInfo check) {
        if (!check.hasType()) {
            return Optional.of("CheckInfo must specify 'type'");
        }
        switch (check.getType()) {
            case COMMAND -> {
                if (!check.hasCommand()) {
                    return Optional.of("Expecting 'command' to be set for COMMAND check");
                }
                Optional<String> fault = checkCommandFault(check.getCommand().getCommand(), "Command check", "check's");
                if (fault.isPresent()) {
                    return fault;
                }
            }
            case HTTP -> {
                if (!check.hasHttp()) {
                    return Optional.of("Expecting 'http' to be set for HTTP check");
                }
                if (check.getHttp().hasPath() && !check.getHttp().getPath().startsWith("/")) {
                    return Optional.of(
                            "The path '" + check.getHttp().getPath() + "' of HTTP check must start with '/'");
                }
            }
            case TCP -> {
                if (!check.hasTcp()) {
                    return Optional.of("Expecting 'tcp' to be set for TCP check");
                }
            }
            case UNKNOWN -> {
                return Optional.of("'UNKNOWN' is not a valid check type");
            }
        }
        return timesFault(check.getDelaySeconds(), check.getIntervalSeconds(), check.getTimeoutSeconds());
    }

    private static Optional<String> healthCheckFault(Protos.HealthCheck given) {
        Protos.HealthCheck check = withInferredType(given);
        if (!check.hasType()) {
            return Optional.of("HealthCheck must specify 'type'");
        }
        switch (check.getType()) {
            case COMMAND -> {
                if (!check.hasCommand()) {
                    return Optional.of("Expecting 'command' to be set for COMMAND health check");
                }
                Optional<String> fault =
                        checkCommandFault(check.getCommand(), "Command health check", "health check's");
                if (fault.isPresent()) {
                    return fault;
                }
            }
            case HTTP -> {
                if (!check.hasHttp()) {
                    return Optional.of("Expecting 'http' to be set for HTTP health check");
                }
                Protos.HealthCheck.HTTPCheckInfo http = check.getHttp();
                if (http.hasScheme()
                        && !http.getScheme().equals("http")
                        && !http.getScheme().equals("https")) {
                    return Optional.of("Unsupported HTTP health check scheme: '" + http.getScheme() + "'");
                }
                if (http.hasPath() && !http.getPath().startsWith("/")) {
                    return Optional.of("The path '" + http.getPath() + "' of HTTP health check must start with '/'");
                }
            }
            case TCP -> {
                if (!check.hasTcp()) {
                    return Optional.of("Expecting 'tcp' to be set for TCP health check");
                }
            }
            case UNKNOWN -> {
                return Optional.of("'UNKNOWN' is not a valid health check type");
            }
        }
        Optional<String> times =
                timesFault(check.getDelaySeconds(), check.getIntervalSeconds(), check.getTimeoutSeconds());
        if (times.isEmpty() && check.getGracePeriodSeconds() < 0) {
            return Optional.of("Expecting 'grace_period_seconds' to be non-negative");
        }
        return times;
    }

    /** Mesos fills in the type that old frameworks leave out. */
    static Protos.HealthCheck withInferredType(Protos.HealthCheck check) {
        if (check.hasType()) {
            return check;
        }
        if (check.hasCommand() && !check.hasHttp()) {
            return check.toBuilder().setType(Protos.HealthCheck.Type.COMMAND).build();
        }
        if (check.hasHttp() && !check.hasCommand()) {
            return check.toBuilder().setType(Protos.HealthCheck.Type.HTTP).build();
        }
        return check;
    }

    private static Optional<String> checkCommandFault(Protos.CommandInfo command, String kind, String whose) {
        if (!command.hasValue()) {
            return Optional.of(
                    kind + " must contain " + (command.getShell() ? "'shell command'" : "'executable path'"));
        }
        return commandFault(command).map(fault -> "The " + whose + " `CommandInfo` is invalid: " + fault);
    }

    private static Optional<String> timesFault(double delay, double interval, double timeout) {
        if (delay < 0) {
            return Optional.of("Expecting 'delay_seconds' to be non-negative");
        }
        if (interval < 0) {
            return Optional.of("Expecting 'interval_seconds' to be non-negative");
        }
        return timeout < 0 ? Optional.of("Expecting 'timeout_seconds' to be non-negative") : Optional.empty();
    }

    private static Optional<String> resourcesFault(List<Protos.Resource> list, Resources resources) {
        long gpus = resources.scalars().get("gpus").milli();
        if (gpus % 1000 != 0) {
            return Optional.of("Task uses invalid resources: Invalid 'gpus' resource: The 'gpus' resource must be an"
                    + " unsigned integer");
        }
        Set<String> roles = new LinkedHashSet<>();
        Map<String, Boolean> revocable = new HashMap<>();
        Set<String> mixed = new HashSet<>();
        for (Protos.Resource resource : list) {
            if (resource.hasAllocationInfo()) {
                roles.add(resource.getAllocationInfo().getRole());
            }
            Boolean before = revocable.put(resource.getName(), resource.hasRevocable());
            if (before != null && before != resource.hasRevocable()) {
                mixed.add(resource.getName());
            }
        }
        if (roles.size() > 1) {
            List<String> two = roles.stream().limit(2).toList();
            return Optional.of("Invalid task resources: The resources have multiple allocation roles ('" + two.get(1)
                    + "' and '" + two.get(0) + "') but only one allocation role is allowed");
        }
        if (!mixed.isEmpty()) {
            return Optional.of("Task mixes revocable and non-revocable resources: Cannot use both revocable and"
                    + " non-revocable '" + mixed.iterator().next() + "' at the same time");
        }
        return Optional.empty();
    }

    private static Optional<String> commandFault(Protos.CommandInfo command) {
        for (Protos.Environment.Variable variable : command.getEnvironment().getVariablesList()) {
            Optional<String> fault = variableFault(variable);
            if (fault.isPresent()) {
                return fault;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> variableFault(Protos.Environment.Variable variable) {
        String who = "Environment variable '" + variable.getName() + "'";
        return switch (variable.getType()) {
            case SECRET -> {
                if (!variable.hasSecret()) {
                    yield Optional.of(who + " of type 'SECRET' must have a secret set");
                }
                if (variable.hasValue()) {
                    yield Optional.of(who + " of type 'SECRET' must not have a value set");
                }
                yield Optional.empty();
            }
            case VALUE -> {
                if (!variable.hasValue()) {
                    yield Optional.of(who + " of type 'VALUE' must have a value set");
                }
                if (variable.hasSecret()) {
                    yield Optional.of(who + " of type 'VALUE' must not have a secret set");
                }
                if (variable.getValue().indexOf('\0') >= 0 || variable.getName().indexOf('\0') >= 0) {
                    // An environment ends at the byte: refused here rather than cut off on the agent.
                    yield Optional.of(who + " must not contain null bytes");
                }
                yield Optional.empty();
            }
            case UNKNOWN -> Optional.of("Environment variable of type 'UNKNOWN' is not allowed");
        };
    }

    private static Optional<String> containerFault(Protos.ContainerInfo container) {
        for (Protos.Volume volume : container.getVolumesList()) {
            int origins = (volume.hasHostPath() ? 1 : 0) + (volume.hasImage() ? 1 : 0) + (volume.hasSource() ? 1 : 0);
            if (origins > 1) {
                return Optional.of("Invalid volume: Only one of them should be set: 'host_path', 'image' and 'source'");
            }
        }
        if (container.getType() == Protos.ContainerInfo.Type.DOCKER) {
            if (!container.hasDocker()) {
                return Optional.of("DockerInfo 'docker' is not set for DOCKER typed ContainerInfo");
            }
            if (container.getDocker().getParametersList().stream()
                    .anyMatch(parameter -> parameter.getKey().equals("name"))) {
                return Optional.of("Parameter in DockerInfo must not be 'name'");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> limitsFault(Protos.TaskInfo task, Resources resources) {
        Map<String, Protos.Value.Scalar> limits = task.getLimitsMap();
        for (String name : limits.keySet()) {
            if (!name.equals("cpus") && !name.equals("mem")) {
                return Optional.of("Only cpus and mem may be included in a task's resource limits");
            }
        }
        Protos.Value.Scalar cpus = limits.get("cpus");
        if (cpus != null) {
            double asked = resources.scalars().get("cpus").units();
            if (asked == 0) {
                return Optional.of("When a CPU limit is specified, a CPU request must also be specified");
            }
            if (cpus.getValue() < asked) {
                return Optional.of("The cpu limit must be greater than or equal to the cpu request");
            }
        }
        Protos.Value.Scalar mem = limits.get("mem");
        if (mem != null) {
            double asked = resources.scalars().get("mem").units();
            if (asked == 0) {
                return Optional.of("When a memory limit is specified, a memory request must also be specified");
            }
            if (mem.getValue() < asked) {
                return Optional.of("The memory limit must be greater than or equal to the memory request");
            }
        }
        return Optional.empty();
    }

    /** What a task may not be in a group, though it may be alone. */
    static Optional<String> groupFault(Protos.TaskInfo task) {
        Protos.ContainerInfo container = task.getContainer();
        if (task.hasContainer() && container.getType() == Protos.ContainerInfo.Type.DOCKER) {
            return Optional.of("Docker ContainerInfo is not supported on the task");
        }
        boolean ownNetwork = container.getNetworkInfosCount() > 0;
        Protos.HealthCheck.Type type = withInferredType(task.getHealthCheck()).getType();
        if (task.hasHealthCheck()
                && ownNetwork
                && (type == Protos.HealthCheck.Type.HTTP || type == Protos.HealthCheck.Type.TCP)) {
            return Optional.of(
                    "HTTP and TCP health checks are not supported for nested containers not joining parent's network");
        }
        if (sharesCgroups(task) && task.getLimitsCount() > 0) {
            return Optional.of("Resource limits may only be set for tasks within a task group when the 'share_cgroups'"
                    + " field is set to 'false'.");
        }
        return Optional.empty();
    }

    /** Whether a task of a group has no limits but its executor's, which it has unless it is said otherwise. */
    static boolean sharesCgroups(Protos.TaskInfo task) {
        Protos.LinuxInfo linux = task.getContainer().getLinuxInfo();
        return !linux.hasShareCgroups() || linux.getShareCgroups();
    }

    /** What is wrong with the executor that a group is to run in, but for its framework and its resources' form. */
    static Optional<String> groupExecutorFault(Protos.ExecutorInfo executor, Resources resources) {
        if (!executor.hasType()) {
            return Optional.of("'ExecutorInfo.type' must be set");
        }
        return first(
                () -> switch (executor.getType()) {
                    case DEFAULT -> defaultExecutorFault(executor);
                    case CUSTOM ->
                        executor.hasCommand()
                                ? commandFault(executor.getCommand())
                                        .map(fault -> "Executor's `CommandInfo` is invalid: " + fault)
                                : Optional.of("'ExecutorInfo.command' must be set for 'CUSTOM' executor");
                    case UNKNOWN -> Optional.of("Unknown executor type");
                },
                () -> idFault(executor.getExecutorId().getValue()),
                () -> executor.hasShutdownGracePeriod()
                                && executor.getShutdownGracePeriod().getNanoseconds() < 0
                        ? Optional.of("ExecutorInfo's 'shutdown_grace_period' must be non-negative")
                        : Optional.empty(),
                () -> minimumFault(executor.getExecutorId().getValue(), resources),
                () -> executor.getContainer().getLinuxInfo().hasShareCgroups()
                                && executor.getContainer().getLinuxInfo().getShareCgroups()
                        ? Optional.of("The 'share_cgroups' field cannot be set to 'true' on executor containers")
                        : Optional.empty());
    }

    private static Optional<String> defaultExecutorFault(Protos.ExecutorInfo executor) {
        if (executor.hasCommand()) {
            return Optional.of("'ExecutorInfo.command' must not be set for 'DEFAULT' executor");
        }
        if (!executor.hasContainer()) {
            return Optional.empty();
        }
        if (executor.getContainer().getType() != Protos.ContainerInfo.Type.MESOS) {
            return Optional.of("'ExecutorInfo.container.type' must be 'MESOS' for 'DEFAULT' executor");
        }
        return executor.getContainer().getMesos().hasImage()
                ? Optional.of("'ExecutorInfo.container.mesos.image' must not be set for 'DEFAULT' executor")
                : Optional.empty();
    }

    private static Optional<String> minimumFault(String id, Resources resources) {
        double cpus = resources.scalars().get("cpus").units();
        if (cpus < MIN_CPUS) {
            String used = cpus == 0 ? "None" : Double.toString(cpus);
            return Optional.of("Executor '" + id + "' uses less CPUs (" + used + ") than the minimum required (0.01)");
        }
        long megabytes = (long) resources.scalars().get("mem").units();
        if (megabytes < MIN_MEMORY_MEGABYTES) {
            String used = megabytes == 0 ? "None" : megabytes + "MB";
            return Optional.of(
                    "Executor '" + id + "' uses less memory (" + used + ") than the minimum required (32MB)");
        }
        return resources.scalars().get("disk").units() == 0
                ? Optional.of("Executor '" + id + "' uses no disk")
                : Optional.empty();
    }

    /** What is wrong with the executor of a task that is alone. */
    static Optional<String> executorFault(Protos.TaskInfo task) {
        if (task.hasExecutor() == task.hasCommand()) {
            return Optional.of("Task should have at least one (but not both) of CommandInfo or ExecutorInfo present");
        }
        if (!task.hasExecutor()) {
            return Optional.empty();
        }
        Protos.ExecutorInfo executor = task.getExecutor();
        return first(
                () -> executor.hasType() && executor.getType() != Protos.ExecutorInfo.Type.CUSTOM
                        ? Optional.of("'ExecutorInfo.type' must be 'CUSTOM'")
                        : Optional.empty(),
                () -> executor.hasCommand() ? Optional.empty() : Optional.of("'ExecutorInfo.command' must be set"),
                () -> idFault(executor.getExecutorId().getValue()),
                () -> executor.hasShutdownGracePeriod()
                                && executor.getShutdownGracePeriod().getNanoseconds() < 0
                        ? Optional.of("ExecutorInfo's 'shutdown_grace_period' must be non-negative")
                        : Optional.empty(),
                () -> commandFault(executor.getCommand())
                        .map(fault -> "Executor's `CommandInfo` is invalid: " + fault));
    }
}
