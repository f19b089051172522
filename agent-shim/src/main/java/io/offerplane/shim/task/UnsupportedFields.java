package io.offerplane.shim.task;

import java.util.ArrayList;
import java.util.List;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.LinuxInfo;
import org.apache.mesos.v1.Protos.NetworkInfo;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskInfo;

/**
 * The parts of a task that this agent would have to act on and doesn't. A task that has any is refused rather than run without
 * them: a service whose volume or health check is silently missing looks well and isn't. Fields that only tell something (labels,
 * discovery, a network's groups) and those that ask for what is so anyway (the node's network, an own pid namespace) pass.
 */
public final class UnsupportedFields {

    private UnsupportedFields() {}

    /** Names of the fields by their way from TaskInfo, in the order of Mesos' messages; empty when all can be honoured. */
    static List<String> of(TaskInfo task) {
        List<String> fields = new ArrayList<>();
        add(fields, task.hasExecutor(), "TaskInfo.executor");
        resources(fields, task.getResourcesList(), "TaskInfo.resources");
        if (task.hasContainer()) {
            container(fields, task.getContainer(), "TaskInfo.container.");
        }
        return List.copyOf(fields);
    }

    /** The same of an executor: its tasks' containers, checks and health checks are its own business, as in Mesos. */
    public static List<String> of(ExecutorInfo executor) {
        List<String> fields = new ArrayList<>();
        resources(fields, executor.getResourcesList(), "ExecutorInfo.resources");
        if (executor.hasContainer()) {
            container(fields, executor.getContainer(), "ExecutorInfo.container.");
        }
        return List.copyOf(fields);
    }

    /** The same of a task in a custom executor. */
    public static List<String> ofTaskInExecutor(TaskInfo task) {
        List<String> fields = new ArrayList<>();
        resources(fields, task.getResourcesList(), "TaskInfo.resources");
        return List.copyOf(fields);
    }

    private static void resources(List<String> fields, List<Resource> resources, String at) {
        for (Resource resource : resources) {
            add(
                    fields,
                    resource.getName().equals("gpus") && resource.getScalar().getValue() > 0,
                    at + " of 'gpus'");
            add(fields, resource.hasDisk(), at + ".disk");
        }
    }

    private static void container(List<String> fields, ContainerInfo container, String at) {
        add(fields, container.hasDocker(), at + "docker");
        add(fields, container.getMesos().hasImage(), at + "mesos.image");
        add(fields, container.getVolumesCount() > 0, at + "volumes");
        add(fields, container.hasHostname(), at + "hostname");
        for (NetworkInfo network : container.getNetworkInfosList()) {
            // Without a name it is the node's network, as in Mesos.
            add(fields, network.hasName(), at + "network_infos.name");
            add(fields, network.getPortMappingsCount() > 0, at + "network_infos.port_mappings");
            add(
                    fields,
                    network.getIpAddressesList().stream().anyMatch(NetworkInfo.IPAddress::hasIpAddress),
                    at + "network_infos.ip_addresses");
        }
        if (container.hasLinuxInfo()) {
            linux(fields, container.getLinuxInfo(), at + "linux_info.");
        }
        add(fields, container.getRlimitInfo().getRlimitsCount() > 0, at + "rlimit_info");
        add(fields, container.hasTtyInfo(), at + "tty_info");
    }

    /** Deprecated in Mesos is {@code capability_info}, which old frameworks still send. */
    @SuppressWarnings("deprecation")
    private static void linux(List<String> fields, LinuxInfo linux, String at) {
        // An empty set of capabilities is a wish too: for none.
        add(fields, linux.hasCapabilityInfo(), at + "capability_info");
        add(fields, linux.hasBoundingCapabilities(), at + "bounding_capabilities");
        add(fields, linux.hasEffectiveCapabilities(), at + "effective_capabilities");
        add(fields, linux.getSharePidNamespace(), at + "share_pid_namespace");
        add(fields, linux.getSeccomp().hasProfileName() || linux.getSeccomp().getUnconfined(), at + "seccomp");
        add(fields, linux.getIpcMode() == LinuxInfo.IpcMode.SHARE_PARENT, at + "ipc_mode");
        add(fields, linux.hasShmSize(), at + "shm_size");
        add(fields, linux.hasShareCgroups() && !linux.getShareCgroups(), at + "share_cgroups");
    }

    private static void add(List<String> fields, boolean present, String name) {
        if (present && !fields.contains(name)) {
            fields.add(name);
        }
    }
}
