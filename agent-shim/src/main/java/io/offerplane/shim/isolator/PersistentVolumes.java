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
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.Protos.Resource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's persistent volumes, laid out as Mesos does: {@code <work>/volumes/roles/<role>/<persistence id>}. They belong to the user of
 * the first task that has them and stay until they are destroyed. Safe for use by several threads.
 */
public final class PersistentVolumes {

    private static final Logger log = LoggerFactory.getLogger(PersistentVolumes.class);

    private static final int MAX_NAME_BYTES = 255;

    private final Path roles;
    private final Path destroyed;

    /** @param work the shim's work directory */
    public PersistentVolumes(Path work) {
        this.roles = work.resolve("volumes").resolve("roles");
        this.destroyed = work.resolve("volumes").resolve("destroyed");
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
        Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The folders of the volumes among these resources; none for one whose role or id can't name a folder. */
    public Set<Path> folders(List<Resource> resources) {
        Set<Path> folders = new HashSet<>();
        for (Resource resource : resources) {
            if (resource.getDisk().hasPersistence()) {
                String id = resource.getDisk().getPersistence().getId();
                try {
                    folders.add(path(role(resource), id));
                } catch (IllegalArgumentException e) {
                    log.debug("Volume '{}' was never made", id, e);
                }
            }
        }
        return folders;
    }

    /**
     * Puts aside all volumes but those that there are according to the leader, and those that a container may have mounted: no task sees
     * their content again. What is put aside stays like an ended task's sandbox, as a leader that was misled, by an Agent object that somebody
     * deleted, mustn't cost anybody's data at once.
     *
     * @param kept their folders, as {@link #path} names them
     * @param inUse asked after the look at what there is: a task that comes meanwhile either is in it, or gets a volume of its own
     * @throws IOException when one can't be put aside; those before it were
     */
    public synchronized void retire(Set<Path> kept, Supplier<Set<Path>> inUse, Instant now) throws IOException {
        List<Path> unknown = new ArrayList<>();
        for (Path role : entries(roles)) {
            for (Path volume : entries(role)) {
                if (!kept.contains(volume)) {
                    unknown.add(volume);
                }
            }
        }
        if (unknown.isEmpty()) {
            return;
        }
        Set<Path> staying = inUse.get();
        Files.createDirectories(destroyed);
        Files.setPosixFilePermissions(destroyed, PosixFilePermissions.fromString("rwx------"));
        for (Path volume : unknown) {
            if (staying.contains(volume)) {
                continue;
            }
            log.info("Volume {} of role {} is no more", volume.getFileName(), roleOf(volume));
            Files.setLastModifiedTime(volume, FileTime.from(now));
            Files.move(volume, destroyed.resolve(UUID.randomUUID().toString()), StandardCopyOption.ATOMIC_MOVE);
            Path role = volume.getParent();
            if (role != null && entries(role).isEmpty()) {
                Files.delete(role);
            }
        }
    }

    /**
     * Removes what was put aside before a moment. One that can't be removed doesn't keep the others.
     *
     * @throws IOException when the folder can't be looked at
     */
    public void collect(Instant before) throws IOException {
        for (Path volume : entries(destroyed)) {
            if (Files.getLastModifiedTime(volume, LinkOption.NOFOLLOW_LINKS)
                    .toInstant()
                    .isBefore(before)) {
                try {
                    DefaultRootfs.removeTree(volume);
                } catch (IOException e) {
                    log.warn("Cannot remove the destroyed volume {}", volume, e);
                }
            }
        }
    }

    private static String roleOf(Path volume) {
        Path role = volume.getParent();
        return role == null ? "" : String.valueOf(role.getFileName()).replace(' ', '/');
    }

    private static List<Path> entries(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (var entries = Files.list(folder)) {
            return entries.toList();
        }
    }
}
