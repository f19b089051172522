package io.offerplane.shim.nested;

import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ContainerLimits;
import io.offerplane.shim.container.ContainerSpec;
import io.offerplane.shim.container.ContainerUser;
import io.offerplane.shim.container.OciConfig;
import io.offerplane.shim.container.Program;
import io.offerplane.shim.container.RootFilesystem;
import io.offerplane.shim.image.ContainerBase;
import io.offerplane.shim.task.HostContainer;
import io.offerplane.shim.task.NodeIdentity;
import io.offerplane.shim.task.TaskEnvironment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.mesos.v1.Protos.TaskInfo;

/** What a nested container gets of its parent, and what is its own. */
final class NestedSpec {

    /** Proves who the executor is, which nobody within it has to be. */
    static final String TOKEN = "MESOS_EXECUTOR_AUTHENTICATION_TOKEN";

    private NestedSpec() {}

    /**
     * Who its processes are: the command's user, else its parent's.
     *
     * @param rootfs that the command's user is looked up in
     * @throws ContainerLaunchException when there is no such user
     * @throws ForbiddenUserException when the order may not choose this one
     */
    static ContainerUser user(NestedOrder order, ContainerUser inherited, RootFilesystem rootfs)
            throws ContainerLaunchException, ForbiddenUserException {
        if (!order.command().hasUser()) {
            return inherited;
        }
        ContainerUser asked = ContainerUser.find(rootfs, order.command().getUser());
        if (order.anyUser() || inherited.uid() == 0) {
            return asked;
        }
        if (asked.uid() != inherited.uid()) {
            throw new ForbiddenUserException("An executor that runs as user " + inherited.uid()
                    + " can't start containers as user '" + order.command().getUser() + "'");
        }
        // The groups of a list of users that the executor chose by its image count for nothing.
        return inherited;
    }

    /**
     * The container.
     *
     * @param id the runtime's
     * @param sandbox on the host
     */
    static ContainerSpec of(
            NestedOrder order,
            HostContainer parent,
            ContainerBase base,
            ContainerUser user,
            NodeIdentity node,
            String id,
            Path sandbox)
            throws ContainerLaunchException {
        Program program = base.program(order.command());
        return new ContainerSpec(
                id,
                cgroup(parent, id),
                sandbox,
                base.rootfs(),
                program.command(),
                program.arguments(),
                environment(order, parent, base, user, node),
                user,
                base.workingDirectory(),
                limits(order, node),
                node.isolators().prepare(order.container(), List.of(), user));
    }

    static String cgroup(HostContainer parent, String id) {
        return parent.spec().cgroup() + "/" + id;
    }

    /** Those of its parent, where it stands on the same; what an image says of its own goes before them. */
    private static Map<String, String> environment(
            NestedOrder order, HostContainer parent, ContainerBase base, ContainerUser user, NodeIdentity node)
            throws ContainerLaunchException {
        Map<String, String> variables = new HashMap<>(parent.spec().environment());
        variables.remove(TOKEN);
        if (!base.rootfs().equals(parent.spec().rootfs())
                || !user.equals(parent.spec().user())) {
            variables.putAll(base.environment(user));
        }
        variables.put("MESOS_FRAMEWORK_ID", parent.frameworkId());
        variables.put("MESOS_EXECUTOR_ID", parent.executorId());
        variables.put("MESOS_SLAVE_ID", node.agentId());
        variables.put("MESOS_AGENT_ENDPOINT", node.ip() + ":" + node.httpPort());
        variables.put(
                "MESOS_DIRECTORY",
                NestedSandboxes.path(parent.rootSandbox(), order.name()).toString());
        variables.put("MESOS_SANDBOX", OciConfig.SANDBOX);
        TaskEnvironment.addOwn(variables, order.command());
        return variables;
    }

    private static ContainerLimits limits(NestedOrder order, NodeIdentity node) {
        if (order.sharesLimits()) {
            return ContainerLimits.NONE;
        }
        return ContainerLimits.of(
                TaskInfo.newBuilder()
                        .addAllResources(order.resources())
                        .putAllLimits(order.limits())
                        .buildPartial(),
                node.hardCpu(),
                node.pids());
    }
}
