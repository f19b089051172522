package io.offerplane.shim.nested;

import io.offerplane.shim.container.ContainerName;
import io.offerplane.shim.container.ContainerUser;
import io.offerplane.shim.container.DefaultRootfs;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * Sandboxes of nested containers: {@code containers/<id>} in their parent's, as in Mesos. The parent runs and may be root in its own sandbox,
 * so any name there can become a link at any moment. A sandbox is made, and filled, where nobody else can reach it, moved to its place when the
 * container has it, and from then on reached step by step without following links.
 */
final class NestedSandboxes {

    private static final String CONTAINERS = "containers";

    private final Path stage;

    /** @param stage a folder of its own, on the file system of the sandboxes */
    NestedSandboxes(Path stage) {
        this.stage = stage;
    }

    /** Where a sandbox is to be found, from outside. */
    static Path path(Path rootSandbox, ContainerName name) {
        Path path = rootSandbox;
        for (String id : name.ids().subList(1, name.ids().size())) {
            path = path.resolve(CONTAINERS).resolve(id);
        }
        return path;
    }

    /** Removes what earlier shims left half done. */
    void open() throws IOException {
        DefaultRootfs.removeTree(stage);
        Files.createDirectories(stage);
        Files.setPosixFilePermissions(stage, PosixFilePermissions.fromString("rwx--x--x"));
    }

    /**
     * Makes one where only this agent reaches it.
     *
     * @param id the runtime's
     */
    Path make(String id, ContainerUser user) throws IOException {
        Path sandbox = stage.resolve(id);
        Files.createDirectory(sandbox);
        Files.setPosixFilePermissions(sandbox, PosixFilePermissions.fromString("rwxr-xr-x"));
        user.own(sandbox);
        return sandbox;
    }

    /**
     * Moves one to its place. Whoever has it mounted keeps it.
     *
     * @throws IOException when something else is in its place, or on the way to it
     */
    void place(String id, Path rootSandbox, ContainerName name) throws IOException {
        try (SecureDirectoryStream<Path> from = secure(stage);
                Steps to = new Steps(rootSandbox)) {
            List<String> ids = name.ids();
            for (int i = 1; i < ids.size(); i++) {
                enterContainers(to, from, id);
                if (i < ids.size() - 1) {
                    to.enter(ids.get(i));
                }
            }
            from.move(Path.of(id), to.at(), Path.of(ids.getLast()));
        }
    }

    /** There is no way to make a folder in an open one, but one can be moved there; one that is there already stays, with what is in it. */
    private void enterContainers(Steps to, SecureDirectoryStream<Path> from, String id) throws IOException {
        try {
            to.enter(CONTAINERS);
        } catch (NoSuchFileException absent) {
            Path made = Files.createDirectory(
                    stage.resolve(id + "-" + CONTAINERS),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
            try {
                from.move(made.getFileName(), to.at(), Path.of(CONTAINERS));
            } finally {
                Files.deleteIfExists(made);
            }
            to.enter(CONTAINERS);
        }
    }

    /** Removes what isn't at its place yet. */
    void discard(String id) throws IOException {
        DefaultRootfs.removeTree(stage.resolve(id));
    }

    /** Removes one from its place; absent is fine, and so is what isn't there for the want of a folder above it. */
    void remove(Path rootSandbox, ContainerName name) throws IOException {
        try (Steps to = new Steps(rootSandbox)) {
            List<String> ids = name.ids();
            for (int i = 1; i < ids.size(); i++) {
                to.enter(CONTAINERS);
                if (i < ids.size() - 1) {
                    to.enter(ids.get(i));
                }
            }
            delete(to.at(), Path.of(ids.getLast()));
        } catch (NoSuchFileException | NotDirectoryException gone) {
            // Its parent could do that, too.
        }
    }

    private static void delete(SecureDirectoryStream<Path> in, Path name) throws IOException {
        BasicFileAttributeView view =
                in.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (!view.readAttributes().isDirectory()) {
            in.deleteFile(name);
            return;
        }
        try (SecureDirectoryStream<Path> inner = in.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
            for (Path entry : inner) {
                delete(inner, Path.of(String.valueOf(entry.getFileName())));
            }
        }
        in.deleteDirectory(name);
    }

    private static SecureDirectoryStream<Path> secure(Path folder) throws IOException {
        DirectoryStream<Path> stream = folder.getFileSystem().provider().newDirectoryStream(folder, _ -> true);
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        stream.close();
        throw new IOException("the file system of " + folder + " can't be walked without following links");
    }

    /** Folders that are entered one after the other, each by the one before. */
    private static final class Steps implements AutoCloseable {
        private final List<SecureDirectoryStream<Path>> open = new ArrayList<>();

        Steps(Path first) throws IOException {
            open.add(secure(first));
        }

        SecureDirectoryStream<Path> at() {
            return open.getLast();
        }

        void enter(String name) throws IOException {
            open.add(at().newDirectoryStream(Path.of(name), LinkOption.NOFOLLOW_LINKS));
        }

        @Override
        public void close() throws IOException {
            for (SecureDirectoryStream<Path> stream : open.reversed()) {
                stream.close();
            }
        }
    }
}
