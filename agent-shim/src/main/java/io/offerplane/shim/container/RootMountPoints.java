package io.offerplane.shim.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Places in a root filesystem where a container is to have something mounted. The filesystem is shared by all containers, so nothing may
 * be made in it: a container that needs a place which isn't there gets a root of its own, of the shared one's entries mounted one by
 * one, in which only the folders on the way to the new place are taken apart.
 */
final class RootMountPoints {

    /** As the kernel's. */
    private static final int MOST_LINKS = 40;

    private static final int MOST_MOUNTS = 512;

    /** Where containers have file systems of their own, in which the runtime makes what is missing. */
    private static final List<String> OWN = List.of("tmp/", "var/tmp/", "run/");

    /** Folders of the root that every container has something of its own mounted over. */
    private static final Set<String> COVERED = Set.of("proc", "sys", "dev", "run", "tmp");

    /** What containers stand on. */
    private static final List<String> RESERVED = List.of("proc", "sys", "dev", "mnt/mesos");

    private final Path rootfs;
    private final Map<String, Boolean> missing = new TreeMap<>();

    RootMountPoints(Path rootfs) {
        this.rootfs = rootfs;
    }

    /**
     * Has a place be there.
     *
     * @param folder whether a folder is to be mounted; else a file
     * @throws IOException when something of the other kind is there already, or the place isn't for volumes
     */
    void add(Path containerPath, boolean folder) throws IOException {
        String place = resolve(containerPath);
        refuseReserved(containerPath, Path.of("/" + place));
        if (OWN.stream().anyMatch(place::startsWith)) {
            return;
        }
        Path host = rootfs.resolve(place);
        if (Files.exists(host, LinkOption.NOFOLLOW_LINKS)) {
            if (Files.isDirectory(host, LinkOption.NOFOLLOW_LINKS) != folder) {
                throw new IOException("Failed to mount a volume: container_path '" + containerPath + "' is a "
                        + (folder ? "file" : "folder") + " in the root filesystem, and the volume is not");
            }
            return;
        }
        for (String parent = parent(place); !parent.isEmpty(); parent = parent(parent)) {
            Path above = rootfs.resolve(parent);
            if (Files.exists(above, LinkOption.NOFOLLOW_LINKS)
                    && !Files.isDirectory(above, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException("Failed to mount a volume: '/" + parent + "' on the way to container_path '"
                        + containerPath + "' is a file in the root filesystem");
            }
        }
        missing.put(place, folder);
    }

    /** Refuses what containers stand on, by the absolute place to which the path leads. */
    static void refuseReserved(Path containerPath, Path place) throws IOException {
        boolean isRoot = place.getNameCount() == 0;
        if (isRoot || RESERVED.stream().anyMatch(r -> place.startsWith("/" + r))) {
            throw new IOException("Failed to mount a volume: container_path '" + containerPath
                    + "' is not for volumes, as the container stands on it");
        }
    }

    /** Follows links as the container would, never out of the root filesystem. */
    private String resolve(Path containerPath) throws IOException {
        Deque<String> ahead = new ArrayDeque<>();
        containerPath.forEach(name -> ahead.addLast(name.toString()));
        List<String> done = new ArrayList<>();
        int links = 0;
        while (!ahead.isEmpty()) {
            String name = ahead.removeFirst();
            if (name.equals("..")) {
                if (!done.isEmpty()) {
                    done.removeLast();
                }
                continue;
            }
            if (name.isEmpty() || name.equals(".")) {
                continue;
            }
            done.add(name);
            Path at = rootfs.resolve(String.join("/", done));
            if (!Files.isSymbolicLink(at)) {
                continue;
            }
            if (++links > MOST_LINKS) {
                throw new IOException("Failed to mount a volume: too many links on the way to container_path '"
                        + containerPath + "'");
            }
            Path target = Files.readSymbolicLink(at);
            if (target.isAbsolute()) {
                done.clear();
            } else {
                done.removeLast();
            }
            for (int i = target.getNameCount() - 1; i >= 0; i--) {
                ahead.addFirst(target.getName(i).toString());
            }
        }
        return String.join("/", done);
    }

    private static String parent(String place) {
        return place.substring(0, Math.max(0, place.lastIndexOf('/')));
    }

    boolean areThere() {
        return missing.isEmpty();
    }

    /**
     * Makes a root in which all places are.
     *
     * @param root a folder that isn't there yet
     * @return what is to be mounted in it before anything else
     */
    List<MountPlan.Mount> build(Path root) throws IOException {
        TreeSet<String> opened = new TreeSet<>();
        opened.add("");
        for (String place : missing.keySet()) {
            for (String above = parent(place); !above.isEmpty(); above = parent(above)) {
                if (Files.isDirectory(rootfs.resolve(above), LinkOption.NOFOLLOW_LINKS)) {
                    opened.add(above);
                }
            }
        }
        List<MountPlan.Mount> mounts = new ArrayList<>();
        makeLike(rootfs, root);
        // A folder sorts before what is in it.
        for (String folder : opened) {
            open(folder, root, opened, mounts);
        }
        for (var place : missing.entrySet()) {
            Path at = root.resolve(place.getKey());
            Path above = at.getParent();
            if (above != null) {
                Files.createDirectories(above);
            }
            if (place.getValue()) {
                Files.createDirectories(at);
            } else {
                Files.createFile(at);
            }
        }
        return mounts;
    }

    private void open(String folder, Path root, Set<String> opened, List<MountPlan.Mount> mounts) throws IOException {
        List<Path> entries;
        try (var listed = Files.list(rootfs.resolve(folder))) {
            entries = listed.sorted().toList();
        }
        for (Path entry : entries) {
            String name = String.valueOf(entry.getFileName());
            String place = folder.isEmpty() ? name : folder + "/" + name;
            Path made = root.resolve(place);
            if (Files.isSymbolicLink(entry)) {
                Files.createSymbolicLink(made, Files.readSymbolicLink(entry));
            } else if (opened.contains(place) || COVERED.contains(place)) {
                makeLike(entry, made);
            } else {
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createDirectory(made);
                } else {
                    Files.createFile(made);
                }
                mounts.add(new MountPlan.Mount("/" + place, entry, List.of("rbind", "rprivate", "ro")));
            }
            if (mounts.size() > MOST_MOUNTS) {
                throw new IOException("Failed to mount a volume: '/" + folder + "' holds more than " + MOST_MOUNTS
                        + " entries; use a container_path elsewhere, such as one in '/mnt'");
            }
        }
    }

    private static void makeLike(Path folder, Path made) throws IOException {
        Files.createDirectory(made);
        for (String attribute : List.of("unix:uid", "unix:gid", "unix:mode")) {
            Object value = Files.getAttribute(folder, attribute, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(made, attribute, attribute.endsWith("mode") ? (Integer) value & 07777 : value);
        }
    }
}
