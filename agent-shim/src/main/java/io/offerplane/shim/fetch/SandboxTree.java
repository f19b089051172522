package io.offerplane.shim.fetch;

import io.offerplane.shim.container.ContainerUser;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
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

    private static final int BUFFER_BYTES = 1 << 16;

    private final Path root;
    private final ContainerUser user;

    SandboxTree(Path root, ContainerUser user) {
        this.root = root;
        this.user = user;
    }

    /** Where a name leads; makes the folders above it. */
    private Path place(String name) throws IOException {
        if (name.startsWith("/") || name.indexOf('\0') >= 0) {
            throw new IOException("'" + name + "' leads outside the sandbox: only relative names are accepted");
        }
        Path at = root;
        Path relative = Path.of(name);
        for (int i = 0; i < relative.getNameCount(); i++) {
            String step = relative.getName(i).toString();
            if (step.equals("..")) {
                throw new IOException("'" + name + "' leads outside the sandbox: '..' is not accepted");
            }
            if (step.isEmpty() || step.equals(".")) {
                continue;
            }
            if (!at.equals(root)) {
                makeFolder(at, name);
            }
            at = at.resolve(step);
        }
        return at;
    }

    private void makeFolder(Path folder, String name) throws IOException {
        if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
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

    /** Writes a file anew; what had its name before is replaced, not written through. */
    Path file(String name, InputStream content, int mode) throws IOException {
        Path path = place(name);
        if (path.equals(root)) {
            throw new IOException("'" + name + "' names no file");
        }
        Files.deleteIfExists(path);
        try (OutputStream out = Files.newOutputStream(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new java.io.InterruptedIOException("the task was killed meanwhile");
                }
                out.write(buffer, 0, n);
            }
        }
        Files.setPosixFilePermissions(path, permissions(mode));
        user.own(path);
        return path;
    }

    /** A link may say anything: it is followed by the task alone, inside its container. */
    void link(String name, String target) throws IOException {
        Path path = place(name);
        Files.deleteIfExists(path);
        Files.createSymbolicLink(path, Path.of(target));
        user.own(path);
    }

    /** A second name of a file that is in the sandbox already. */
    void hardLink(String name, String existing) throws IOException {
        Path path = place(name);
        Path from = place(existing);
        if (!Files.isRegularFile(from, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException("'" + name + "' is a link to '" + existing + "', which is no file of the sandbox");
        }
        Files.deleteIfExists(path);
        Files.createLink(path, from);
    }

    void makeExecutable(Path file) throws IOException {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        permissions.addAll(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS));
        permissions.add(PosixFilePermission.OWNER_EXECUTE);
        permissions.add(PosixFilePermission.GROUP_EXECUTE);
        permissions.add(PosixFilePermission.OTHERS_EXECUTE);
        Files.setPosixFilePermissions(file, permissions);
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
