package io.offerplane.shim.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Places in a sandbox that a container is about to have something mounted at or from. They are looked at after the files were fetched
 * and before any process of the task lives, so that what was found stays as it is until the mount. Safe for use by several threads: tasks of one
 * executor may share a folder of its sandbox, and start together.
 */
final class SandboxPaths {

    private SandboxPaths() {}

    /**
     * Finds a place, making what is missing, in the user's name.
     *
     * @param relative without {@code ..}
     * @param folder whether it is to be a folder; else a file
     * @return the place on the host, with no link on the way from the sandbox
     * @throws IOException when something else, such as a link out of an archive, is in its place
     */
    static synchronized Path ensure(Path sandbox, Path relative, boolean folder, ContainerUser user)
            throws IOException {
        Path at = sandbox;
        for (int i = 0; i < relative.getNameCount(); i++) {
            at = at.resolve(relative.getName(i));
            boolean asFolder = folder || i < relative.getNameCount() - 1;
            if (!Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
                if (asFolder) {
                    Files.createDirectory(at);
                } else {
                    Files.createFile(at);
                }
                user.own(at);
            } else if (asFolder
                    ? !Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS)
                    : !Files.isRegularFile(at, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException("Failed to mount a volume: '" + relative.subpath(0, i + 1)
                        + "' in the sandbox is no " + (asFolder ? "folder" : "file") + "; links are not followed");
            }
        }
        return at;
    }

    /** The same of a place that something is mounted from: a file when one is there, else a folder. */
    static Path ensureSource(Path sandbox, Path relative, ContainerUser user) throws IOException {
        boolean file = Files.isRegularFile(sandbox.resolve(relative), LinkOption.NOFOLLOW_LINKS);
        return ensure(sandbox, relative, !file, user);
    }
}
