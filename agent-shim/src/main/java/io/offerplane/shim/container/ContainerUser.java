package io.offerplane.shim.container;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who a container's processes are.
 *
 * @param uid user number
 * @param gid primary group number
 * @param supplementary further group numbers
 * @param home home directory by the image's user list; / when it has none
 */
public record ContainerUser(int uid, int gid, List<Integer> supplementary, String home) {
    private static final String ROOT = "root";
    private static final int MAX_LIST_BYTES = 4 << 20;

    public ContainerUser {
        supplementary = List.copyOf(supplementary);
    }

    /**
     * Looks a user up in a root filesystem's own {@code /etc/passwd} and {@code /etc/group}, not in the node's.
     *
     * @param name a name or a number, with or without {@code :group}, a name or a number too
     * @throws ContainerLaunchException when there is no such user, in Mesos' words
     */
    public static ContainerUser find(RootFilesystem rootfs, String name) throws ContainerLaunchException {
        String[] parts = name.split(":", 2);
        boolean numeric = isNumber(parts[0]);
        Optional<String[]> entry = lines(rootfs, "etc/passwd", 7).stream()
                .filter(e -> e[0].equals(parts[0]) || (numeric && e[2].equals(parts[0])))
                .findFirst();
        if (entry.isEmpty() && parts[0].equals(ROOT)) {
            // Images of one static program have no list of users.
            return new ContainerUser(0, parts.length == 2 ? group(rootfs, parts[1]) : 0, List.of(), "/");
        }
        if (entry.isEmpty() && !numeric) {
            throw new ContainerLaunchException("Failed to get user information for '" + name
                    + "': no such user in the root filesystem's /etc/passwd; set CommandInfo.user or FrameworkInfo.user"
                    + " to a user of it, or to a number");
        }
        int uid = Integer.parseInt(entry.map(e -> e[2]).orElse(parts[0]));
        String home = entry.map(e -> e[5]).filter(h -> h.startsWith("/")).orElse("/");
        if (parts.length == 2) {
            return new ContainerUser(uid, group(rootfs, parts[1]), List.of(), home);
        }
        if (entry.isEmpty()) {
            return new ContainerUser(uid, uid, List.of(), "/");
        }
        int gid = Integer.parseInt(entry.get()[3]);
        return new ContainerUser(uid, gid, groupsOf(rootfs, entry.get()[0], gid), home);
    }

    private static int group(RootFilesystem rootfs, String name) throws ContainerLaunchException {
        if (isNumber(name)) {
            return Integer.parseInt(name);
        }
        for (String[] entry : lines(rootfs, "etc/group", 4)) {
            if (entry[0].equals(name)) {
                return Integer.parseInt(entry[2]);
            }
        }
        throw new ContainerLaunchException("Failed to get group information for '" + name
                + "': no such group in the root filesystem's /etc/group; use one of it, or a number");
    }

    /** Gives a file or folder to this user, never what a link points to. */
    public void own(Path path) throws IOException {
        Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.length() <= 9 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static List<Integer> groupsOf(RootFilesystem rootfs, String user, int primary)
            throws ContainerLaunchException {
        List<Integer> groups = new ArrayList<>();
        for (String[] entry : lines(rootfs, "etc/group", 4)) {
            int gid = Integer.parseInt(entry[2]);
            if (gid != primary && List.of(entry[3].split(",")).contains(user)) {
                groups.add(gid);
            }
        }
        return groups;
    }

    /** The well-formed lines of a colon-separated file; an image without the file has no users by name. */
    private static List<String[]> lines(RootFilesystem rootfs, String name, int fields)
            throws ContainerLaunchException {
        List<String[]> lines = new ArrayList<>();
        Optional<Path> file = rootfs.file(name);
        if (file.isEmpty()) {
            return lines;
        }
        try {
            if (Files.size(file.get()) > MAX_LIST_BYTES) {
                throw new IOException("it has more than " + MAX_LIST_BYTES + " bytes");
            }
            // Others' images may hold anything in it.
            for (String line :
                    Files.readString(file.get(), StandardCharsets.ISO_8859_1).split("\n")) {
                String[] entry = line.split(":", -1);
                if (entry.length == fields && isNumber(entry[2]) && (fields < 7 || isNumber(entry[3]))) {
                    lines.add(entry);
                }
            }
        } catch (IOException e) {
            throw new ContainerLaunchException(
                    "Failed to read /" + name + " of the root filesystem: " + e.getMessage(), e);
        }
        return lines;
    }
}
