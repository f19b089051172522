package io.offerplane.shim.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Who a container's processes are.
 *
 * @param uid user number
 * @param gid primary group number
 * @param supplementary further group numbers
 * @param home home directory by the image's user list; / when it has none
 */
public record ContainerUser(int uid, int gid, List<Integer> supplementary, String home) {
    public ContainerUser {
        supplementary = List.copyOf(supplementary);
    }

    /**
     * Looks a user up in a root filesystem's own {@code /etc/passwd} and {@code /etc/group}, not in the node's.
     *
     * @param name a name, a number, or {@code number:number} of user and group
     * @throws ContainerLaunchException when there is no such user, in Mesos' words
     */
    public static ContainerUser find(Path rootfs, String name) throws ContainerLaunchException {
        String[] numbers = name.split(":", 2);
        boolean numeric = isNumber(numbers[0]);
        if (numeric && numbers.length == 2 && isNumber(numbers[1])) {
            return new ContainerUser(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]), List.of(), "/");
        }
        for (String[] entry : lines(rootfs.resolve("etc/passwd"), 7)) {
            if (entry[0].equals(name) || (numeric && entry[2].equals(name))) {
                int gid = Integer.parseInt(entry[3]);
                String home = entry[5].startsWith("/") ? entry[5] : "/";
                return new ContainerUser(
                        Integer.parseInt(entry[2]), gid, groupsOf(rootfs.resolve("etc/group"), entry[0], gid), home);
            }
        }
        if (numeric && numbers.length == 1) {
            int uid = Integer.parseInt(name);
            return new ContainerUser(uid, uid, List.of(), "/");
        }
        throw new ContainerLaunchException("Failed to get user information for '" + name
                + "': no such user in the root filesystem's /etc/passwd; set CommandInfo.user or FrameworkInfo.user"
                + " to a user of it, or to a number");
    }

    /** Gives a file or folder to this user, never what a link points to. */
    public void own(Path path) throws IOException {
        Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.length() <= 9 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static List<Integer> groupsOf(Path file, String user, int primary) throws ContainerLaunchException {
        List<Integer> groups = new ArrayList<>();
        for (String[] entry : lines(file, 4)) {
            int gid = Integer.parseInt(entry[2]);
            if (gid != primary && List.of(entry[3].split(",")).contains(user)) {
                groups.add(gid);
            }
        }
        return groups;
    }

    /** The well-formed lines of a colon-separated file; an image without the file has no users by name. */
    private static List<String[]> lines(Path file, int fields) throws ContainerLaunchException {
        List<String[]> lines = new ArrayList<>();
        if (!Files.isRegularFile(file)) {
            return lines;
        }
        try {
            for (String line : Files.readAllLines(file)) {
                String[] entry = line.split(":", -1);
                if (entry.length == fields && isNumber(entry[2]) && (fields < 7 || isNumber(entry[3]))) {
                    lines.add(entry);
                }
            }
        } catch (IOException e) {
            throw new ContainerLaunchException("Failed to read " + file.getFileName() + " of the root filesystem", e);
        }
        return lines;
    }
}
