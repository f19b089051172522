package io.offerplane.shim.cgroup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * The node's control groups, of either version. Groups are named by their path relative to the root of each hierarchy, with
 * a leading slash, as {@code /proc/self/cgroup} names them. Safe for use by several threads.
 */
public sealed interface CgroupHierarchy permits CgroupV1, CgroupV2 {

    /** How deep below the root a pod's group may lie: kubelets nest by quality of service and by their own parent. */
    int MAX_POD_DEPTH = 8;

    /**
     * Looks at what is mounted.
     *
     * @param root usually {@code /sys/fs/cgroup}
     * @throws IOException when neither version is recognisable there
     */
    static CgroupHierarchy detect(Path root) throws IOException {
        if (Files.exists(root.resolve("cgroup.controllers"))) {
            return new CgroupV2(root);
        }
        if (Files.isDirectory(root.resolve("memory")) && Files.isDirectory(root.resolve("cpu"))) {
            return new CgroupV1(root);
        }
        throw new IOException("No control groups at " + root
                + ": expected cgroup.controllers (version 2), or the folders memory and cpu (version 1)."
                + " Mount the host's hierarchy there or set OFFERPLANE_CGROUP_ROOT");
    }

    /** {@code v1} or {@code v2}. */
    String version();

    /**
     * The group of a pod, by the kubelet's two naming schemes: {@code pod<uid>} (cgroupfs) and
     * {@code ...-pod<uid, with underscores>.slice} (systemd), wherever the kubelet's root is.
     */
    Optional<String> podGroup(String podUid) throws IOException;

    /** Makes a group in every hierarchy, usable by processes at once. */
    void create(String group) throws IOException;

    /** Moves a process into a group in every hierarchy. Takes 6 to 35 ms where the kernel's fast moves are off. */
    void join(String group, long pid) throws IOException;

    /**
     * Moves a process to where it is. Nothing changes, but the kernel, which lets some 10 ms go by before the first move after a while
     * without any, has done so when the next move comes soon after.
     */
    void rehearseMove(String group, long pid) throws IOException;

    /** Processes of the group and of all groups below it. */
    List<Long> processes(String group) throws IOException;

    /** True while the group exists in some hierarchy. */
    boolean exists(String group);

    /** Removes an empty group, and the empty ones below it, from every hierarchy; absent is fine. */
    void remove(String group) throws IOException;

    /**
     * Holds a group, with all groups below it, to limits.
     *
     * @param cpuShares weight, 1024 per core
     * @param cpuQuotaMicros run time per 100 ms; absent means none
     * @param memoryBytes hard limit; absent means none
     * @param memoryReservationBytes soft limit
     */
    void limit(
            String group,
            long cpuShares,
            OptionalLong cpuQuotaMicros,
            OptionalLong memoryBytes,
            long memoryReservationBytes)
            throws IOException;

    /** What the group has used and may use; absent when it is gone. */
    Optional<ContainerUsage> usage(String group) throws IOException;

    /** How busy the group is; absent when it is gone, or when the kernel doesn't count. */
    Optional<GroupLoad> load(String group);

    /** The groups directly below one, by name. */
    List<String> children(String group) throws IOException;

    /** The file whose line {@code oom_kill} counts processes of the group that the kernel killed for the lack of memory. */
    Path oomCounter(String group);

    /** The kernel's memory statistics of the group, as it prints them. */
    Optional<String> memoryStatistics(String group) throws IOException;

    /** Walks down from {@code base} to a folder that is the pod's, not into other pods' folders. */
    static Optional<String> findPod(Path base, String podUid) throws IOException {
        String plain = "pod" + podUid;
        String slice = "-pod" + podUid.replace('-', '_') + ".slice";
        return findPod(base, base, plain, slice, MAX_POD_DEPTH).map(p -> "/" + base.relativize(p));
    }

    private static Optional<Path> findPod(Path base, Path at, String plain, String slice, int depth)
            throws IOException {
        List<Path> folders;
        try (Stream<Path> entries = Files.list(at)) {
            folders = entries.filter(Files::isDirectory).toList();
        } catch (IOException gone) {
            if (at.equals(base)) {
                throw gone;
            }
            return Optional.empty();
        }
        for (Path folder : folders) {
            String name = folder.getFileName().toString();
            if (name.equals(plain) || name.endsWith(slice)) {
                return Optional.of(folder);
            }
        }
        if (depth == 0) {
            return Optional.empty();
        }
        for (Path folder : folders) {
            Optional<Path> found = findPod(base, folder, plain, slice, depth - 1);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /** A file's number; absent when the file is, or when it says {@code max}. */
    static OptionalLong number(Path file) {
        try {
            String text = Files.readString(file).strip();
            return text.equals("max") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
        } catch (IOException | NumberFormatException absent) {
            return OptionalLong.empty();
        }
    }

    /** All numbers of a file of {@code key value} lines; none when the file is absent. */
    static Map<String, Long> table(Path file) {
        Map<String, Long> table = new HashMap<>();
        for (String line : text(file).split("\n")) {
            int space = line.indexOf(' ');
            if (space > 0) {
                parse(line.substring(space + 1)).ifPresent(value -> table.put(line.substring(0, space), value));
            }
        }
        return table;
    }

    private static OptionalLong parse(String number) {
        try {
            return OptionalLong.of(Long.parseLong(number.strip()));
        } catch (NumberFormatException notANumber) {
            return OptionalLong.empty();
        }
    }

    /** A table's number; absent when there is none. */
    static OptionalLong in(Map<String, Long> table, String key) {
        Long value = table.get(key);
        return value == null ? OptionalLong.empty() : OptionalLong.of(value);
    }

    /** What a file holds; nothing when it is absent. */
    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException absent) {
            return "";
        }
    }

    /** How many processes there are in the tree of groups of one hierarchy. */
    static long countProcesses(Path folder) {
        long count = text(folder.resolve("cgroup.procs"))
                .lines()
                .filter(line -> !line.isBlank())
                .count();
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path child : entries.filter(Files::isDirectory).toList()) {
                count += countProcesses(child);
            }
        } catch (IOException gone) {
            return count;
        }
        return count;
    }

    /** The number after a key in a file of {@code key value} lines. */
    static OptionalLong keyed(Path file, String key) {
        try {
            return keyed(Files.readString(file), key);
        } catch (IOException absent) {
            return OptionalLong.empty();
        }
    }

    /** The number after a key in {@code key value} lines. */
    static OptionalLong keyed(String lines, String key) {
        for (String line : lines.split("\n")) {
            int space = line.indexOf(' ');
            if (space == key.length() && line.startsWith(key)) {
                try {
                    return OptionalLong.of(
                            Long.parseLong(line.substring(space + 1).strip()));
                } catch (NumberFormatException notANumber) {
                    return OptionalLong.empty();
                }
            }
        }
        return OptionalLong.empty();
    }

    /** Removes a tree of groups from one hierarchy: only folders can be removed there, and only from below. */
    static void removeTree(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> children;
        try (Stream<Path> entries = Files.list(folder)) {
            children = entries.filter(Files::isDirectory).toList();
        } catch (IOException gone) {
            return;
        }
        for (Path child : children) {
            removeTree(child);
        }
        Files.deleteIfExists(folder);
    }

    /** Process numbers in the tree of groups of one hierarchy. */
    static void processes(Path folder, List<Long> into) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Path file = folder.resolve("cgroup.procs");
        if (Files.exists(file)) {
            try {
                for (String line : Files.readAllLines(file)) {
                    long pid = Long.parseLong(line.strip());
                    if (!into.contains(pid)) {
                        into.add(pid);
                    }
                }
            } catch (IOException gone) {
                return;
            }
        }
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path child : entries.filter(Files::isDirectory).toList()) {
                processes(child, into);
            }
        }
    }
}
