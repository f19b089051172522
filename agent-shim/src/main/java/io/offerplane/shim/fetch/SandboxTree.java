package io.offerplane.shim.fetch;

import io.offerplane.shim.container.ContainerUser;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/**
 * Writes into one sandbox, and nowhere else: names are relative, have no {@code ..}, and never pass through a link, whoever put it
 * there. Nothing else writes to the sandbox meanwhile, as its task has not started.
 */
final class SandboxTree {

    /** Linux' PATH_MAX, and so the longest target of a link. */
    static final int MAX_PATH_BYTES = 4096;

    private static final int BUFFER_BYTES = 1 << 16;

    private final Path root;
    private final ContainerUser user;
    private final WriteBudget budget;

    SandboxTree(Path root, ContainerUser user, WriteBudget budget) {
        this.root = root;
        this.user = user;
        this.budget = budget;
    }

    /**
     * Refuses names that no sandbox can hold.
     *
     * @return the name as a path
     * @throws IOException when it leads outside, or can't be written in this node's file system
     */
    static Path checkName(String name) throws IOException {
        if (name.startsWith("/") || name.indexOf('\0') >= 0) {
            throw new IOException("'" + name + "' leads outside the sandbox: only relative names are accepted");
        }
        Path relative = path(name);
        for (Path step : relative) {
            if (step.toString().equals("..")) {
                throw new IOException("'" + name + "' leads outside the sandbox: '..' is not accepted");
            }
        }
        return relative;
    }

    private static Path path(String text) throws IOException {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IOException("'" + text + "' can't name a file here: " + e.getReason(), e);
        }
    }

    /** Where a name leads; makes the folders above it. */
    private Path place(String name) throws IOException {
        Path at = root;
        for (Path step : checkName(name)) {
            String text = step.toString();
            if (text.isEmpty() || text.equals(".")) {
                continue;
            }
            if (!at.equals(root)) {
                makeFolder(at, name);
            }
            at = at.resolve(text);
        }
        return at;
    }

    /** Whether a name is taken, if only by a link. */
    boolean has(String name) throws IOException {
        return Files.exists(place(name), LinkOption.NOFOLLOW_LINKS);
    }

    /** Makes way for a new file or link: what has its name so far is removed, or it would be written through. */
    Path makeWay(String name) throws IOException {
        Path path = place(name);
        if (path.equals(root)) {
            throw new IOException("'" + name + "' names no file");
        }
        budget.charge(WriteBudget.ENTRY_BYTES);
        try {
            Files.deleteIfExists(path);
        } catch (DirectoryNotEmptyException e) {
            throw new IOException("'" + name + "' is a folder with files in it already", e);
        }
        return path;
    }

    private void makeFolder(Path folder, String name) throws IOException {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        budget.charge(WriteBudget.ENTRY_BYTES);
        try {
            Files.createDirectory(folder);
            user.own(folder);
        } catch (FileAlreadyExistsException e) {
            throw new IOException(
                    "'" + name + "' passes through '" + root.relativize(folder) + "', which is a link or a file", e);
        }
    }

    void folder(String name, int mode) throws IOException {
        Path path = place(name);
        if (path.equals(root)) {
            return;
        }
        makeFolder(path, name);
        Files.setPosixFilePermissions(path, permissions(mode | 0700));
    }

    /** Writes a file anew. */
    Path file(String name, InputStream content, int mode) throws IOException {
        Path path = makeWay(name);
        try (OutputStream out = Files.newOutputStream(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new InterruptedIOException("the task was killed meanwhile");
                }
                budget.charge(n);
                out.write(buffer, 0, n);
            }
        }
        Files.setPosixFilePermissions(path, permissions(mode));
        user.own(path);
        return path;
    }

    /** Gives a file of ours, of the same disk if it can be, to the sandbox. Its bytes are counted already. */
    Path adopt(String name, Path file, int mode) throws IOException {
        Path path = makeWay(name);
        Files.move(file, path);
        Files.setPosixFilePermissions(path, permissions(mode));
        user.own(path);
        return path;
    }

    /** A link may say anything: it is followed by the task alone, inside its container. */
    void link(String name, String target) throws IOException {
        Path path = makeWay(name);
        Files.createSymbolicLink(path, path(target));
        user.own(path);
    }

    /** A second name of a file that is in the sandbox already. */
    void hardLink(String name, String existing) throws IOException {
        Path from = place(existing);
        if (!Files.isRegularFile(from, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("'" + name + "' is a link to '" + existing + "', which is no file of the sandbox");
        }
        if (from.equals(place(name))) {
            return;
        }
        Path path = makeWay(name);
        Files.createLink(path, from);
    }

    /** The nine usual bits; set-user-id and its like don't come in through an archive. */
    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] highestFirst = PosixFilePermission.values();
        for (int i = 0; i < highestFirst.length; i++) {
            if ((mode & (0400 >> i)) != 0) {
                permissions.add(highestFirst[i]);
            }
        }
        return permissions;
    }
}
