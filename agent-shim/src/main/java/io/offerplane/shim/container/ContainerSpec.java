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
 * @param rootfs what it sees as /
 * @param command found through the container's PATH
 * @param arguments the argument vector, with argv[0]
 * @param environment complete
 * @param user who runs the command
 * @param workingDirectory where the command starts
 * @param limits what the kernel enforces
 * @param wishes what it has beside what all have
 */
public record ContainerSpec(
        String id,
        String cgroup,
        Path sandbox,
        RootFilesystem rootfs,
        String command,
        List<String> arguments,
        Map<String, String> environment,
        ContainerUser user,
        String workingDirectory,
        ContainerLimits limits,
        ContainerWishes wishes) {
    /** The same with other variables. */
    public ContainerSpec withEnvironment(Map<String, String> variables) {
        return new ContainerSpec(
                id, cgroup, sandbox, rootfs, command, arguments, variables, user, workingDirectory, limits, wishes);
    }

    /** The same run by another. */
    public ContainerSpec withUser(ContainerUser other) {
        return new ContainerSpec(
                id, cgroup, sandbox, rootfs, command, arguments, environment, other, workingDirectory, limits, wishes);
    }

    public ContainerSpec {
        arguments = List.copyOf(arguments);
        environment = Map.copyOf(environment);
    }

    /**
     * A container as far as removing, signalling and measuring it goes; what it runs isn't needed for that.
     *
     * @param limits what the kernel enforces
     */
    public static ContainerSpec handle(
            String id, String cgroup, Path sandbox, RootFilesystem rootfs, ContainerLimits limits) {
        return new ContainerSpec(
                id,
                cgroup,
                sandbox,
                rootfs,
                "",
                List.of(),
                Map.of(),
                new ContainerUser(0, 0, List.of(), "/"),
                OciConfig.SANDBOX,
                limits,
                ContainerWishes.NONE);
    }
}
