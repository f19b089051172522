package io.offerplane.yarn.node.localize;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;

/**
 * A file of the node itself, in a folder that is open to applications. This process can read more than they may, such as its own credentials: so each step of the
 * way is taken from the directory before it, and none over a link, whoever changes names meanwhile.
 */
final class LocalFile implements Source {
    private final SecureDirectoryStream<Path> directory;
    private final Path name;
    private final PosixFileAttributes attributes;
    private final boolean passable;

    private LocalFile(
            SecureDirectoryStream<Path> directory, Path name, PosixFileAttributes attributes, boolean passable) {
        this.directory = directory;
        this.name = name;
        this.attributes = attributes;
        this.passable = passable;
    }

    /**
     * Finds a file.
     *
     * @param folders that are open
     * @throws LocalizationException when it is in none of them
     * @throws IOException when it isn't there, or a link is on the way
     */
    @SuppressWarnings("StreamResourceLeak") // Closed with the file, or as soon as the next step is open.
    static LocalFile find(Path path, List<Path> folders) throws IOException, LocalizationException {
        Path wanted = path.normalize();
        Path folder = folders.stream()
                .filter(open -> wanted.startsWith(open) && !wanted.equals(open))
                .findFirst()
                .orElseThrow(() -> new LocalizationException(
                        "file:" + path + " is in no folder of the node that is open to applications"
                                + (folders.isEmpty() ? "; none is" : " (expected: one of " + folders + ")")));
        Path below = folder.relativize(wanted);
        boolean passable = othersMay(
                Files.readAttributes(folder, PosixFileAttributes.class).permissions(),
                PosixFilePermission.OTHERS_EXECUTE);
        SecureDirectoryStream<Path> at = opened(Files.newDirectoryStream(folder), path);
        try {
            for (Path step : below.getNameCount() == 1 ? List.<Path>of() : below.subpath(0, below.getNameCount() - 1)) {
                passable &= othersMay(attributes(at, step).permissions(), PosixFilePermission.OTHERS_EXECUTE);
                SecureDirectoryStream<Path> next = at.newDirectoryStream(step, LinkOption.NOFOLLOW_LINKS);
                at.close();
                at = next;
            }
            return new LocalFile(at, below.getFileName(), attributes(at, below.getFileName()), passable);
        } catch (IOException | RuntimeException e) {
            at.close();
            throw e;
        }
    }

    private static SecureDirectoryStream<Path> opened(DirectoryStream<Path> stream, Path path) throws IOException {
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        stream.close();
        throw new IOException("file:" + path + ": links can't be told from folders on this system");
    }

    private static PosixFileAttributes attributes(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        return directory
                .getFileAttributeView(name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes();
    }

    private static boolean othersMay(Set<PosixFilePermission> permissions, PosixFilePermission what) {
        return permissions.contains(what);
    }

    @Override
    public boolean isDirectory() {
        return attributes.isDirectory();
    }

    @Override
    public long modified() {
        return attributes.lastModifiedTime().toMillis();
    }

    @Override
    public long length() {
        return attributes.size();
    }

    @Override
    public boolean isPublic() {
        return passable && othersMay(attributes.permissions(), PosixFilePermission.OTHERS_READ);
    }

    /** Of what has the name now: one that was changed meanwhile is another regular file of the same directory, or refused. */
    @Override
    public InputStream open() throws IOException {
        return Channels.newInputStream(
                directory.newByteChannel(name, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)));
    }

    @Override
    public void close() throws IOException {
        directory.close();
    }
}
