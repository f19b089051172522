package io.offerplane.shim.http;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.Protos.FileInfo;
import org.apache.mesos.v1.Protos.TimeInfo;

/**
 * What Mesos' {@code /files/*} and the calls LIST_FILES and READ_FILE show: reads sandboxes and nothing else. A path is resolved with its links first and must lie in the sandbox
 * that it started in; then it is opened step by step beneath the sandbox's own folder without following links, so that a task that
 * swaps a folder for a link in between gains nothing.
 */
final class SandboxFiles {

    /** Mesos reads at most 16 pages per request. */
    static final int MAX_READ = 16 * 4096;

    /** A task may make any number of files; a list of them all must not take the shim's memory. */
    private static final int MAX_ENTRIES = 20_000;

    private final Path slaves;

    SandboxFiles(Path work) {
        this.slaves = work.resolve("slaves");
    }

    /** Names between {@code slaves} and what is in a sandbox: agent, frameworks, id, executors, id, runs, container. */
    private static final int SANDBOX_DEPTH = 7;

    /** The same without the agent, as in the virtual paths. */
    private static final int VIRTUAL_DEPTH = 6;

    /**
     * Something in a sandbox.
     *
     * @param root the sandbox, without links
     * @param inside the rest, without links; empty for the sandbox itself
     */
    private record Place(Path root, Path inside) {
        Path real() {
            return root.resolve(inside);
        }

        boolean isRoot() {
            return inside.toString().isEmpty();
        }
    }

    private Place find(String path) throws Refusal {
        try {
            Path asked = absolute(Path.of(path).normalize());
            Path names = asked.startsWith(slaves) ? slaves.relativize(asked) : Path.of("");
            if (names.getNameCount() < SANDBOX_DEPTH
                    || !names.getName(1).toString().equals("frameworks")
                    || !names.getName(3).toString().equals("executors")
                    || !names.getName(5).toString().equals("runs")) {
                throw new Refusal(404, "");
            }
            Path root = slaves.resolve(names.subpath(0, SANDBOX_DEPTH)).toRealPath();
            Path real = slaves.resolve(names).toRealPath();
            if (!root.startsWith(slaves.toRealPath()) || !real.startsWith(root)) {
                throw new Refusal(400, "'" + path + "' is inaccessible.\n");
            }
            return new Place(root, root.relativize(real));
        } catch (NoSuchFileException e) {
            throw new Refusal(404, "");
        } catch (IOException | InvalidPathException e) {
            throw new Refusal(400, "'" + path + "' is inaccessible.\n");
        }
    }

    /** Turns the virtual {@code /frameworks/<id>/executors/<id>/runs/<run>...} into where it lies. */
    private Path absolute(Path asked) throws IOException {
        if (asked.getNameCount() < VIRTUAL_DEPTH || !asked.getName(0).toString().equals("frameworks")) {
            return asked;
        }
        Path inside = asked.subpath(0, asked.getNameCount());
        try (DirectoryStream<Path> agents = Files.newDirectoryStream(slaves)) {
            for (Path agent : agents) {
                if (Files.isDirectory(agent.resolve(inside.subpath(0, VIRTUAL_DEPTH)))) {
                    return agent.resolve(inside);
                }
            }
        }
        throw new NoSuchFileException(asked.toString());
    }

    /** Opens a regular file beneath the sandbox without following any link. */
    private static SeekableByteChannel open(Place place, String directoryMessage) throws IOException, Refusal {
        if (place.isRoot() || Files.isDirectory(place.real(), LinkOption.NOFOLLOW_LINKS)) {
            throw new Refusal(400, directoryMessage);
        }
        try (DirectoryStream<Path> root = Files.newDirectoryStream(place.root())) {
            return open(secure(root), place.inside());
        }
    }

    private static SeekableByteChannel open(SecureDirectoryStream<Path> folder, Path inside)
            throws IOException, Refusal {
        Path name = inside.getName(0);
        if (inside.getNameCount() > 1) {
            try (SecureDirectoryStream<Path> next = folder.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
                return open(next, inside.subpath(1, inside.getNameCount()));
            }
        }
        var view = folder.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (!view.readAttributes().isRegularFile()) {
            // A pipe would hold the request for ever.
            throw new Refusal(400, "'" + name + "' is no regular file.\n");
        }
        return folder.newByteChannel(name, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    }

    private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream) throws IOException {
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        throw new IOException("this file system can't open files beneath a folder");
    }

    /**
     * What a folder holds, by name; nothing for a file.
     *
     * @param path of the folder, which the entries' paths begin with
     */
    List<FileInfo> list(String path) throws IOException, Refusal {
        Place place = find(path);
        List<FileInfo> files = new ArrayList<>();
        if (!Files.isDirectory(place.real(), LinkOption.NOFOLLOW_LINKS)) {
            return files;
        }
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(place.real())) {
            for (Path entry : entries) {
                if (names.size() == MAX_ENTRIES) {
                    throw new Refusal(400, "'" + path + "' holds more than " + MAX_ENTRIES + " entries.\n");
                }
                names.add(String.valueOf(entry.getFileName()));
            }
        }
        Collections.sort(names);
        String prefix = path.endsWith("/") ? path : path + "/";
        for (String name : names) {
            entry(place.real().resolve(name), prefix + name).ifPresent(files::add);
        }
        return files;
    }

    private static Optional<FileInfo> entry(Path file, String shown) throws IOException {
        Map<String, Object> unix;
        PosixFileAttributes posix;
        try {
            unix = Files.readAttributes(file, "unix:mode,nlink,size,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
            posix = Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        }
        long seconds = ((FileTime) value(unix, "lastModifiedTime")).to(TimeUnit.SECONDS);
        return Optional.of(FileInfo.newBuilder()
                .setPath(shown)
                .setNlink(((Number) value(unix, "nlink")).intValue())
                .setSize(((Number) value(unix, "size")).longValue())
                .setMtime(TimeInfo.newBuilder().setNanoseconds(TimeUnit.SECONDS.toNanos(seconds)))
                .setMode((Integer) value(unix, "mode"))
                .setUid(posix.owner().getName())
                .setGid(posix.group().getName())
                .build());
    }

    private static Object value(Map<String, Object> attributes, String name) throws IOException {
        Object value = attributes.get(name);
        if (value == null) {
            throw new IOException("this file system has no attribute " + name);
        }
        return value;
    }

    /**
     * A piece of a file.
     *
     * @param size of the whole file, in bytes
     * @param data the piece
     */
    record Piece(long size, ByteString data) {}

    /**
     * Reads a piece of a file, of 64 KiB at most.
     *
     * @param offset in bytes; at or beyond the end there is nothing to read, nor is there at a negative one, by which only the size is
     *     asked for
     * @param length in bytes; negative for what there is
     */
    Piece read(String path, long offset, long length) throws IOException, Refusal {
        try (SeekableByteChannel file = open(find(path), "Cannot read a directory.\n")) {
            long size = file.size();
            if (offset < 0 || offset >= size) {
                return new Piece(size, ByteString.EMPTY);
            }
            long wanted = Math.min(length < 0 ? MAX_READ : length, Math.min(MAX_READ, size - offset));
            ByteBuffer buffer = ByteBuffer.allocate((int) wanted);
            file.position(offset);
            int n = 0;
            while (buffer.hasRemaining() && n >= 0) {
                n = file.read(buffer);
            }
            return new Piece(size, ByteString.copyFrom(buffer.flip()));
        }
    }

    /**
     * A file to be sent as a whole.
     *
     * @param name without folders
     * @param content to be closed by whoever gets it
     */
    record Download(Path name, SeekableByteChannel content) {}

    Download open(String path) throws IOException, Refusal {
        Place place = find(path);
        SeekableByteChannel content = open(place, "Cannot download a directory.\n");
        return new Download(place.inside().getName(place.inside().getNameCount() - 1), content);
    }
}
