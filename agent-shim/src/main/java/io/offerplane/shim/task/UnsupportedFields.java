package io.offerplane.shim.task;

import io.offerplane.shim.image.ContainerBases;
import java.util.ArrayList;
import java.util.List;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.LinuxInfo;
import org.apache.mesos.v1.Protos.MountPropagation;
import org.apache.mesos.v1.Protos.NetworkInfo;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.Volume;

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

    /** The same of a task that has a container within that of a DEFAULT executor, and of the executor, which has no process. */
    static List<String> inGroup(TaskInfo task) {
        List<String> fields = new ArrayList<>(of(task.getExecutor()));
        // Nothing is mounted where there is nobody to see it.
        add(fields, task.getExecutor().getContainer().getVolumesCount() > 0, "ExecutorInfo.container.volumes");
        add(
                fields,
                task.getExecutor().getResourcesList().stream()
                        .anyMatch(r -> r.getDisk().hasPersistence()),
                "ExecutorInfo.resources.disk.persistence");
        TaskInfo.Builder plain = task.toBuilder().clearExecutor();
        LinuxInfo linux = task.getContainer().getLinuxInfo();
        // There is no executor whose it could share.
        add(
                fields,
                linux.getIpcMode() == LinuxInfo.IpcMode.SHARE_PARENT,
                "TaskInfo.container.linux_info.ipc_mode of SHARE_PARENT");
        if (linux.hasShareCgroups()) {
            plain.getContainerBuilder().getLinuxInfoBuilder().clearShareCgroups();
        }
        for (int i = 0; i < plain.getContainer().getVolumesCount(); i++) {
            if (isOfParent(plain.getContainer().getVolumes(i))) {
                plain.getContainerBuilder().removeVolumes(i--);
            }
        }
        of(plain.build()).forEach(field -> add(fields, true, field));
        return List.copyOf(fields);
    }

    private static boolean isOfParent(Volume volume) {
        return volume.getSource().getType() == Volume.Source.Type.SANDBOX_PATH
                && volume.getSource().getSandboxPath().getType() == Volume.Source.SandboxPath.Type.PARENT;
    }

    /**
     * The same of a container that is started within a running one.
     *
     * @param at what the names begin with, with a full stop at its end
     */
    public static List<String> inRunning(ContainerInfo container, List<Resource> asked, String at) {
        List<String> fields = new ArrayList<>();
        ContainerInfo.Builder plain = container.toBuilder();
        if (container.getLinuxInfo().hasShareCgroups()) {
            plain.getLinuxInfoBuilder().clearShareCgroups();
        }
        resources(fields, asked, at + "resources");
        add(fields, asked.stream().anyMatch(r -> r.getDisk().hasPersistence()), at + "resources.disk.persistence");
        add(
                fields,
                container.getLinuxInfo().getIpcMode() == LinuxInfo.IpcMode.SHARE_PARENT,
                at + "container.linux_info.ipc_mode of SHARE_PARENT");
        container(fields, plain.build(), at + "container.");
        return List.copyOf(fields);
    }

    /** The same of a task in a custom executor. */
    public static List<String> ofTaskInExecutor(TaskInfo task) {
        List<String> fields = new ArrayList<>();
        resources(fields, task.getResourcesList(), "TaskInfo.resources");
        // The executor's container is there by then, and can't be given another mount.
        add(
                fields,
                task.getResourcesList().stream().anyMatch(r -> r.getDisk().hasPersistence()),
                "TaskInfo.resources.disk.persistence");
        return List.copyOf(fields);
    }

    private static void resources(List<String> fields, List<Resource> resources, String at) {
        for (Resource resource : resources) {
            add(
                    fields,
                    resource.getName().equals("gpus") && resource.getScalar().getValue() > 0,
                    at + " of 'gpus'");
            // A volume that isn't persistent has no meaning in Mesos either.
            add(fields, resource.hasDisk() && !resource.getDisk().hasPersistence(), at + ".disk");
            add(fields, resource.getDisk().hasSource(), at + ".disk.source");
            add(fields, resource.getDisk().getVolume().hasHostPath(), at + ".disk.volume.host_path");
        }
    }

    private static void container(List<String> fields, ContainerInfo container, String at) {
        ContainerBases.unsupported(container).forEach(field -> add(fields, true, at + field));
        for (Volume volume : container.getVolumesList()) {
            volume(fields, volume, at + "volumes.");
        }
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
        add(fields, container.hasTtyInfo(), at + "tty_info");
    }

    private static void volume(List<String> fields, Volume volume, String at) {
        add(fields, volume.hasImage(), at + "image");
        if (!volume.hasSource()) {
            return;
        }
        Volume.Source source = volume.getSource();
        switch (source.getType()) {
            case UNKNOWN, DOCKER_VOLUME, CSI_VOLUME -> add(fields, true, at + "source of type " + source.getType());
            case SANDBOX_PATH -> {
                Volume.Source.SandboxPath.Type type = source.getSandboxPath().getType();
                // Only a container within another has a parent.
                boolean own = type == Volume.Source.SandboxPath.Type.SELF;
                add(fields, !own, at + "source.sandbox_path of type " + type);
            }
            case HOST_PATH ->
                add(
                        fields,
                        source.getHostPath().getMountPropagation().getMode() == MountPropagation.Mode.BIDIRECTIONAL,
                        at + "source.host_path.mount_propagation of mode BIDIRECTIONAL");
            case SECRET -> {}
        }
    }

    private static void linux(List<String> fields, LinuxInfo linux, String at) {
        // Process 1 passes signals on to all processes that it sees, which must not be the node's.
        add(fields, linux.getSharePidNamespace(), at + "share_pid_namespace");
        add(fields, linux.hasShareCgroups() && !linux.getShareCgroups(), at + "share_cgroups");
    }

    private static void add(List<String> fields, boolean present, String name) {
        if (present && !fields.contains(name)) {
            fields.add(name);
        }
    }
}
