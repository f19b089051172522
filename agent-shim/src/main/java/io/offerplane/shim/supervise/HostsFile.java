package io.offerplane.shim.supervise;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;

/**
 * {@code /etc/hosts} of containers: the node's, and the name that the node has in its kernel, which containers see as theirs. Programs ask what it stands for,
 * every Java that wants to know its own address among them, and not on every node does the node's file say.
 */
final class HostsFile {
    private HostsFile() {}

    /**
     * Writes the file.
     *
     * @param node the node's own; may be missing
     * @param name the node's, as gethostname has it
     * @param address of the node, that others reach it by
     */
    static Path write(Path node, String name, String address, Path to) throws IOException {
        String text = Files.exists(node) ? Files.readString(node) : "";
        if (!name.isBlank() && !names(text, name)) {
            text += (text.isEmpty() || text.endsWith("\n") ? "" : "\n") + address + " " + name + "\n";
        }
        Files.writeString(to, text);
        Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rw-r--r--"));
        return to;
    }

    private static boolean names(String hosts, String name) {
        return hosts.lines()
                .map(line -> line.split("#", 2)[0].strip().split("\\s+"))
                .anyMatch(words -> Arrays.asList(words).subList(1, words.length).contains(name));
    }
}
