package io.offerplane.shim.container;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A container as it is to run.
 *
 * @param id a UUID's text
 * @param cgroup its control group, relative to the root of each hierarchy, with a leading slash
 * @param sandbox the task's working directory on the host; exists and belongs to the user
 * @param rootfs the unpacked root filesystem, shared read-only
 * @param command found through the container's PATH
 * @param arguments the argument vector, with argv[0]
 * @param environment complete
 * @param user who runs the command
 * @param limits what the kernel enforces
 * @param wishes what it has beside what all have
 */
public record ContainerSpec(
        String id,
        String cgroup,
        Path sandbox,
        Path rootfs,
        String command,
        List<String> arguments,
        Map<String, String> environment,
        ContainerUser user,
        ContainerLimits limits,
        ContainerWishes wishes) {
    /** The same with other variables. */
    public ContainerSpec withEnvironment(Map<String, String> variables) {
        return new ContainerSpec(id, cgroup, sandbox, rootfs, command, arguments, variables, user, limits, wishes);
    }

    public ContainerSpec {
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
    }

    /** A container without wishes. */
    public ContainerSpec(
            String id,
            String cgroup,
            Path sandbox,
            Path rootfs,
            String command,
            List<String> arguments,
            Map<String, String> environment,
            ContainerUser user,
            ContainerLimits limits) {
        this(id, cgroup, sandbox, rootfs, command, arguments, environment, user, limits, ContainerWishes.NONE);
    }
}
