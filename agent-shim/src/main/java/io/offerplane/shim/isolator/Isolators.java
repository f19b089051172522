package io.offerplane.shim.isolator;

import io.offerplane.shim.container.CapabilitySets;
import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ContainerUser;
import io.offerplane.shim.container.ContainerWishes;
import io.offerplane.shim.container.SharedMemory;
import io.offerplane.shim.container.Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.LinuxInfo;
import org.apache.mesos.v1.Protos.Resource;

/**
 * All that a node does for what tasks and executors ask of their containers. Safe for use by several threads.
 *
 * <p>Source of the behaviour: Mesos 1.11's isolators of the names that the parts of this package give.
 */
public final class Isolators {

    private static final long BYTES_PER_MEGABYTE = 1L << 20;

    /** A label of a name in the Domain Name System, or several. */
    private static final Pattern HOSTNAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?");

    /** The kernel's. */
    private static final int MAX_HOSTNAME = 64;

    private final ContainerPolicy policy;
    private final String address;
    private final Volumes volumes;
    private final PersistentVolumes persistentVolumes;
    private final DiskQuota diskQuota;

    /**
     * @param work the shim's work directory
     * @param address that frameworks reach the node by
     */
    public Isolators(ContainerPolicy policy, Path work, String address) {
        this.policy = policy;
        this.address = address;
        this.volumes = new Volumes(new HostFolders(policy.volumeFolders(), work));
        this.persistentVolumes = new PersistentVolumes(work);
        this.diskQuota = new DiskQuota(policy.enforceDiskQuota(), policy.diskWatchInterval());
    }

    public PersistentVolumes persistentVolumes() {
        return persistentVolumes;
    }

    public DiskQuota diskQuota() {
        return diskQuota;
    }

    /**
     * Reads what a container is to have, and makes its persistent volumes.
     *
     * @param container without a field that nothing here acts on
     * @param resources of the task, or of the executor
     * @param user who runs the command
     * @throws ContainerLaunchException when something makes no sense, or isn't allowed on this node
     */
    public ContainerWishes prepare(ContainerInfo container, List<Resource> resources, ContainerUser user)
            throws ContainerLaunchException {
        return prepare(container, resources, user, Optional.empty());
    }

    /**
     * As {@link #prepare(ContainerInfo, List, ContainerUser)}, of a container within an executor's.
     *
     * @param parent sandbox of the executor
     */
    public ContainerWishes prepare(
            ContainerInfo container, List<Resource> resources, ContainerUser user, Optional<Path> parent)
            throws ContainerLaunchException {
        List<Volume> mounted = new ArrayList<>();
        for (Protos.Volume volume : container.getVolumesList()) {
            mounted.add(volumes.read(volume, parent));
        }
        for (Resource resource : resources) {
            if (resource.getDisk().hasPersistence()) {
                mounted.add(persistentVolumes.prepare(resource, user));
            }
        }
        Volumes.refuseNested(mounted);
        LinuxInfo linux = container.getLinuxInfo();
        Optional<CapabilitySets> capabilities = Capabilities.read(linux, policy.capabilities(), user);
        List<String> may = capabilities.map(CapabilitySets::bounding).orElse(CapabilitySets.usualOf(user));
        return new ContainerWishes(
                mounted,
                Rlimits.read(container.getRlimitInfo()),
                capabilities,
                sharedMemory(linux),
                hostname(container),
                SeccompProfiles.read(linux.getSeccomp(), policy, may));
    }

    /** Source: Mesos' isolator namespaces/ipc, of containers that aren't nested in another. */
    private SharedMemory sharedMemory(LinuxInfo linux) throws ContainerLaunchException {
        if (linux.getIpcMode() == LinuxInfo.IpcMode.SHARE_PARENT) {
            if (!policy.shareIpc()) {
                throw new ContainerLaunchException(
                        "Sharing agent IPC namespace with container is not allowed; containers.shareIpc of the AgentPool would");
            }
            if (linux.hasShmSize()) {
                throw new ContainerLaunchException(
                        "Shared memory size can't be set for a container that shares the agent's IPC namespace");
            }
            return new SharedMemory(true, 0);
        }
        if (linux.hasShmSize() && linux.getShmSize() == 0) {
            throw new ContainerLaunchException("Shared memory size is 0; expected at least 1, in megabytes");
        }
        return linux.hasShmSize()
                ? new SharedMemory(false, Integer.toUnsignedLong(linux.getShmSize()) * BYTES_PER_MEGABYTE)
                : SharedMemory.USUAL;
    }

    private Optional<ContainerWishes.Hostname> hostname(ContainerInfo container) throws ContainerLaunchException {
        if (!container.hasHostname()) {
            return Optional.empty();
        }
        String name = container.getHostname();
        if (name.length() > MAX_HOSTNAME || !HOSTNAME.matcher(name).matches()) {
            throw new ContainerLaunchException("Failed to set hostname '" + name + "': expected 1 to " + MAX_HOSTNAME
                    + " letters, digits, '-' and '.', the first and the last a letter or a digit");
        }
        return Optional.of(new ContainerWishes.Hostname(name, address));
    }
}
