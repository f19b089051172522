package io.offerplane.shim.isolator;

import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.OciConfig;
import io.offerplane.shim.container.Volume;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.Protos.MountPropagation;
import org.apache.mesos.v1.Protos.Secret;

/**
 * Reads volumes. Source: Mesos 1.11 isolators filesystem/linux, volume/host_path, volume/sandbox_path and volume/secret.
 */
final class Volumes {

    /** What the agent itself keeps in an executor's sandbox. */
    private static final Set<String> OWN_OF_EXECUTOR = Set.of("containers", "tasks");

    private final HostFolders hostFolders;

    Volumes(HostFolders hostFolders) {
        this.hostFolders = hostFolders;
    }

    /**
     * Reads one.
     *
     * @param volume that asks for nothing but mode, container_path, host_path and a source
     * @param parent sandbox of the executor that the container is within
     * @throws ContainerLaunchException when it makes no sense or is not allowed
     */
    Volume read(Protos.Volume volume, Optional<Path> parent) throws ContainerLaunchException {
        Path at = containerPath(volume.getContainerPath());
        boolean readOnly = volume.getMode() == Protos.Volume.Mode.RO;
        if (volume.hasHostPath() == volume.hasSource()) {
            throw new ContainerLaunchException("Failed to mount a volume: the one at '" + volume.getContainerPath()
                    + "' must have exactly one of host_path and source");
        }
        if (volume.hasHostPath()) {
            String path = volume.getHostPath();
            // As in Mesos, a relative one is a place in the sandbox.
            return path.startsWith("/")
                    ? new Volume(new Volume.HostPath(hostFolders.find(path)), at, readOnly, false)
                    : new Volume(new Volume.SandboxPath(relative("host_path", path)), at, readOnly, false);
        }
        MountPropagation.Mode propagation =
                volume.getSource().getHostPath().getMountPropagation().getMode();
        boolean receives = propagation == MountPropagation.Mode.HOST_TO_CONTAINER;
        return new Volume(source(volume.getSource(), volume.getContainerPath(), parent), at, readOnly, receives);
    }

    private Volume.Source source(Protos.Volume.Source source, String at, Optional<Path> parent)
            throws ContainerLaunchException {
        return switch (source.getType()) {
            case HOST_PATH -> {
                String path = source.getHostPath().getPath();
                if (!path.startsWith("/")) {
                    throw new ContainerLaunchException(
                            "Failed to mount a volume: path '" + path + "' of a HOST_PATH volume is not absolute");
                }
                yield new Volume.HostPath(hostFolders.find(path));
            }
            case SANDBOX_PATH -> {
                Path path = relative("path", source.getSandboxPath().getPath());
                if (source.getSandboxPath().getType() != Protos.Volume.Source.SandboxPath.Type.PARENT) {
                    yield new Volume.SandboxPath(path);
                }
                if (parent.isEmpty() || OWN_OF_EXECUTOR.contains(path.getName(0).toString())) {
                    throw new ContainerLaunchException(
                            "Failed to mount a volume: '" + path + "' of the executor's sandbox is not for its tasks");
                }
                yield new Volume.ParentPath(parent.get(), path);
            }
            case SECRET -> {
                Secret secret = source.getSecret();
                if (secret.getType() != Secret.Type.VALUE) {
                    throw new ContainerLaunchException("Failed to mount a volume: the one at '" + at
                            + "' refers to secret '" + secret.getReference().getName()
                            + "', and no secret resolver is configured; use a secret of type VALUE");
                }
                yield new Volume.SecretFile(secret.getValue().getData());
            }
            case UNKNOWN, DOCKER_VOLUME, CSI_VOLUME ->
                throw new ContainerLaunchException(
                        "Failed to mount a volume: source type " + source.getType() + " is not supported");
        };
    }

    /** Where a volume goes: a relative path is below the sandbox. */
    static Path containerPath(String text) throws ContainerLaunchException {
        Path sandbox = Path.of(OciConfig.SANDBOX);
        Path parts = Path.of("/").resolve(relative("container_path", text.replaceFirst("^/+", "")));
        Path path = text.startsWith("/") ? parts : sandbox.resolve(Path.of("/").relativize(parts));
        if (sandbox.startsWith(path)) {
            throw new ContainerLaunchException(
                    "Failed to mount a volume: container_path '" + text + "' would hide the sandbox");
        }
        return path;
    }

    private static Path relative(String field, String text) throws ContainerLaunchException {
        List<String> parts = new ArrayList<>();
        for (String part : text.split("/", -1)) {
            if (part.equals("..") || part.indexOf('\0') >= 0) {
                throw new ContainerLaunchException("Failed to mount a volume: " + field + " '" + text
                        + "' is not allowed: '..' and NUL have no place in it");
            }
            if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        if (text.startsWith("/") || parts.isEmpty()) {
            throw new ContainerLaunchException(
                    "Failed to mount a volume: " + field + " is '" + text + "'; expected a path "
                            + (field.equals("container_path") ? "other than '/'" : "below the sandbox"));
        }
        return Path.of(String.join("/", parts));
    }

    /** @throws ContainerLaunchException when one lies in another: what is mounted first would have to grow the place */
    static void refuseNested(List<Volume> volumes) throws ContainerLaunchException {
        for (int i = 0; i < volumes.size(); i++) {
            for (int j = 0; j < volumes.size(); j++) {
                Path inner = volumes.get(i).containerPath();
                Path outer = volumes.get(j).containerPath();
                if (i != j && inner.startsWith(outer)) {
                    throw new ContainerLaunchException("Failed to mount a volume: container_path '" + inner
                            + "' lies in another volume, at '" + outer + "'");
                }
            }
        }
    }
}
