package io.offerplane.shim.isolator;

import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ContainerUser;
import io.offerplane.shim.container.DefaultRootfs;
import io.offerplane.shim.container.Volume;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.Protos.Resource;

/**
 * The node's persistent volumes, laid out as Mesos does: {@code <work>/volumes/roles/<role>/<persistence id>}. They belong to the user of
 * the first task that has them and stay until they are destroyed. Safe for use by several threads.
 */
public final class PersistentVolumes {

    private static final int MAX_NAME_BYTES = 255;

    private final Path roles;

    /** @param work the shim's work directory */
    public PersistentVolumes(Path work) {
        this.roles = work.resolve("volumes").resolve("roles");
    }

    /**
     * Where a volume's content is; makes nothing.
     *
     * @throws IllegalArgumentException when role or id can't name a folder
     */
    public Path path(String role, String id) {
        // Roles have no blanks, so as in Mesos one of them stands for what no folder's name can have.
        return roles.resolve(name(role.replace('/', ' '))).resolve(name(id));
    }

    private static String name(String text) {
        if (text.isEmpty()
                || text.equals(".")
                || text.equals("..")
                || text.indexOf('/') >= 0
                || text.indexOf('\0') >= 0
                || text.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("'" + text + "' can't name a volume's folder: expected 1 to "
                    + MAX_NAME_BYTES + " bytes without '/', and not '.' or '..'");
        }
        return text;
    }

    /**
     * Makes a volume of a resource ready.
     *
     * @param resource with {@code disk.persistence}
     * @param user of the task
     */
    Volume prepare(Resource resource, ContainerUser user) throws ContainerLaunchException {
        Protos.Volume volume = resource.getDisk().getVolume();
        String id = resource.getDisk().getPersistence().getId();
        Path folder;
        try {
            folder = path(role(resource), id);
        } catch (IllegalArgumentException e) {
            throw new ContainerLaunchException("Failed to mount persistent volume '" + id + "': " + e.getMessage(), e);
        }
        try {
            make(folder, user);
        } catch (IOException e) {
            throw new ContainerLaunchException("Failed to mount persistent volume '" + id + "': " + e, e);
        }
        return new Volume(
                new Volume.Folder(folder),
                Volumes.containerPath(volume.getContainerPath()),
                volume.getMode() == Protos.Volume.Mode.RO,
                false);
    }

    /** The role that a resource is reserved for. */
    @SuppressWarnings("deprecation")
    private static String role(Resource resource) {
        int layers = resource.getReservationsCount();
        return layers > 0 ? resource.getReservations(layers - 1).getRole() : resource.getRole();
    }

    private synchronized void make(Path folder, ContainerUser user) throws IOException {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.createDirectories(roles);
        Files.setPosixFilePermissions(roles, PosixFilePermissions.fromString("rwx------"));
        Path role = folder.getParent();
        if (role != null) {
            Files.createDirectories(role);
        }
        // Complete before it has its name: a crash in between must not leave it to root.
        Path partial = roles.resolveSibling("partial");
        DefaultRootfs.removeTree(partial);
        Files.createDirectory(partial);
        Files.setPosixFilePermissions(partial, PosixFilePermissions.fromString("rwxr-xr-x"));
        user.own(partial);
        Files.move(partial, folder, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Removes a volume and its content; no container may have it mounted. One that isn't there is fine.
     *
     * @param role that it is reserved for
     * @param id of its persistence
     * @throws IOException naming what could not be removed
     * @throws IllegalArgumentException when role or id can't name a folder
     */
    public synchronized void destroy(String role, String id) throws IOException {
        Path folder = path(role, id);
        DefaultRootfs.removeTree(folder);
        Path above = folder.getParent();
        if (above != null && Files.isDirectory(above)) {
            try (var left = Files.list(above)) {
                if (left.findAny().isPresent()) {
                    return;
                }
            }
            Files.delete(above);
        }
    }
}
