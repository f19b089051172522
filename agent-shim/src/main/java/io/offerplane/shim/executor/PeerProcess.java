package io.offerplane.shim.executor;

import io.offerplane.shim.cgroup.CgroupHierarchy;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Tells whether the other end of a connection is a process of a container, by the kernel's own tables: the number of the socket in
 * {@code /proc/net/tcp}, and who holds it in {@code /proc/<pid>/fd}. So an executor whose library knows nothing of tokens proves
 * who it is by where it runs; nobody outside the container can.
 */
public final class PeerProcess {

    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int STATE = 3;
    private static final int INODE = 9;

    /** The kernel's TCP_ESTABLISHED. */
    private static final String ESTABLISHED = "01";

    private final CgroupHierarchy cgroups;
    private final Path proc;

    /** @param proc the node's {@code /proc} */
    public PeerProcess(CgroupHierarchy cgroups, Path proc) {
        this.cgroups = cgroups;
        this.proc = proc;
    }

    /**
     * Whether the connection comes from a process of the group, or of one below it.
     *
     * @param peer the other end's address, as seen from here
     * @param own this end's
     */
    boolean isIn(String group, InetSocketAddress peer, InetSocketAddress own) throws IOException {
        return isInAny(List.of(group), peer, own);
    }

    /** The same for several groups. */
    boolean isInAny(Collection<String> groups, InetSocketAddress peer, InetSocketAddress own) throws IOException {
        return holder(groups, peer, own).isPresent();
    }

    /**
     * The process of one of the groups, or of one below them, that has the other end of the connection.
     *
     * @param peer the other end's address, as seen from here
     * @param own this end's
     */
    public OptionalLong holder(Collection<String> groups, InetSocketAddress peer, InetSocketAddress own)
            throws IOException {
        for (String table : List.of("net/tcp", "net/tcp6")) {
            for (String line : Files.readAllLines(proc.resolve(table))) {
                String[] fields = line.strip().split("\\s+");
                if (fields.length > INODE && matches(fields[LOCAL], peer) && matches(fields[REMOTE], own)) {
                    for (String group : groups) {
                        OptionalLong holder = holder(group, fields[INODE]);
                        if (holder.isPresent()) {
                            return holder;
                        }
                    }
                }
            }
        }
        return OptionalLong.empty();
    }

    /**
     * Whether the other end has neither closed the connection nor its own half of it.
     *
     * @param peer the other end's address, as seen from here
     * @param own this end's
     */
    public boolean isConnected(InetSocketAddress peer, InetSocketAddress own) throws IOException {
        for (String table : List.of("net/tcp", "net/tcp6")) {
            for (String line : Files.readAllLines(proc.resolve(table))) {
                String[] fields = line.strip().split("\\s+");
                if (fields.length > INODE && matches(fields[LOCAL], own) && matches(fields[REMOTE], peer)) {
                    return fields[STATE].equals(ESTABLISHED);
                }
            }
        }
        return false;
    }

    private OptionalLong holder(String group, String inode) throws IOException {
        String socket = "socket:[" + inode + "]";
        for (long pid : cgroups.processes(group)) {
            try (Stream<Path> descriptors =
                    Files.list(proc.resolve(Long.toString(pid)).resolve("fd"))) {
                for (Path descriptor : descriptors.toList()) {
                    try {
                        if (Files.readSymbolicLink(descriptor).toString().equals(socket)) {
                            return OptionalLong.of(pid);
                        }
                    } catch (IOException closed) {
                        // Another may still be it.
                    }
                }
            } catch (IOException ended) {
                // Another process may still hold it.
            }
        }
        return OptionalLong.empty();
    }

    /** An address of the kernel's tables: words of 4 bytes in the machine's order, a colon, the port, all in hexadecimal. */
    private static boolean matches(String entry, InetSocketAddress address) {
        int colon = entry.indexOf(':');
        if (colon < 0 || address.getPort() != Integer.parseInt(entry.substring(colon + 1), 16)) {
            return false;
        }
        byte[] bytes = HexFormat.of().parseHex(entry.substring(0, colon));
        for (int word = 0; word < bytes.length; word += 4) {
            byte first = bytes[word];
            byte second = bytes[word + 1];
            bytes[word] = bytes[word + 3];
            bytes[word + 1] = bytes[word + 2];
            bytes[word + 2] = second;
            bytes[word + 3] = first;
        }
        try {
            // An IPv4 address in IPv6's clothes becomes what it is.
            InetAddress listed = InetAddress.getByAddress(bytes);
            InetAddress other = address.getAddress();
            if (listed instanceof Inet4Address || listed instanceof Inet6Address) {
                return other != null && Arrays.equals(listed.getAddress(), other.getAddress());
            }
            return false;
        } catch (java.net.UnknownHostException e) {
            return false;
        }
    }
}
