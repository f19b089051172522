package io.offerplane.yarn.node.launch;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What containers of YARN find beside the shim's root filesystem, which has neither Java nor Hadoop: both from this process' image, the cluster's
 * configuration, and a list of users that knows theirs, without which Java programs of Hadoop's don't start. The shim mounts files of the node, so all is copied there first.
 */
public final class ContainerRoot {
    private static final Logger log = LoggerFactory.getLogger(ContainerRoot.class);

    /** Where containers have Java. */
    public static final Path JAVA = Path.of("/opt/java");

    /** Where containers have Hadoop's client jars, in the layout of its own packages. */
    public static final Path HADOOP = Path.of("/opt/hadoop");

    /** Where containers have the cluster's configuration. */
    public static final Path CONFIGURATION = Path.of("/etc/hadoop");

    private static final Path USERS = Path.of("/etc/passwd");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");
    private static final String UNFINISHED = ".new";

    /** Of the image's folder: names what is in it. */
    private static final String ID = "id";

    private final Path folder;

    /** @param folder of the node, for this alone */
    public ContainerRoot(Path folder) {
        this.folder = folder;
    }

    /**
     * Puts everything in place. Nothing may run on what an earlier call put there.
     *
     * @param image a folder with {@code java} and {@code hadoop}, and a file {@code id} that names their content
     * @param configuration a folder of XML files
     * @param uid of the user that containers run as
     * @return what is to be mounted
     * @throws IOException naming the file that is missing or can't be written
     */
    public List<NodeMount> install(Path image, Path configuration, int uid) throws IOException {
        String id = Files.readString(image.resolve(ID)).strip();
        if (!NAME.matcher(id).matches() || id.endsWith(UNFINISHED) || id.startsWith(".")) {
            throw new IOException(image.resolve(ID) + " has \"" + id + "\" (expected: a name fit for a folder)");
        }
        Files.createDirectories(folder);
        Path present = folder.resolve("image-" + id);
        Path settings = folder.resolve("conf");
        Path users = folder.resolve("passwd");
        try (Stream<Path> all = Files.list(folder)) {
            for (Path other : all.filter(path -> !path.equals(present)).toList()) {
                delete(other);
            }
        }
        if (!Files.isDirectory(present)) {
            long began = System.nanoTime();
            Path unfinished = folder.resolve("image-" + id + UNFINISHED);
            copy(image, unfinished);
            moved(unfinished, present);
            log.info(
                    "Java and Hadoop for containers lie in {} after {} ms",
                    present,
                    (System.nanoTime() - began) / 1_000_000);
        }
        Files.createDirectory(settings);
        try (Stream<Path> all = Files.list(configuration)) {
            for (Path file :
                    all.filter(path -> path.toString().endsWith(".xml")).toList()) {
                copyFile(file.toRealPath(), settings.resolve(file.getFileName()));
            }
        }
        Files.writeString(
                users,
                "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\nyarn:x:" + uid + ":" + uid
                        + ":yarn:/:/bin/bash\n");
        Files.setPosixFilePermissions(users, PosixFilePermissions.fromString("rw-r--r--"));
        return List.of(
                new NodeMount(present.resolve("java"), JAVA),
                new NodeMount(present.resolve("hadoop"), HADOOP),
                new NodeMount(settings, CONFIGURATION),
                new NodeMount(users, USERS));
    }

    private static void moved(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException(to + " and " + from + " must be on one file system", e);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                Files.createDirectory(to.resolve(from.relativize(directory)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Path target = to.resolve(from.relativize(file));
                if (attributes.isSymbolicLink()) {
                    Files.copy(file, target, LinkOption.NOFOLLOW_LINKS);
                } else {
                    copyFile(file, target);
                }
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** On the disk before it returns: a folder that is there is whole, also after the node has lost its power. */
    private static void copyFile(Path from, Path to) throws IOException {
        try (FileChannel in = FileChannel.open(from);
                FileChannel out = FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long size = in.size();
            long done = 0;
            while (done < size) {
                done += in.transferTo(done, size - done, out);
            }
            out.force(false);
        }
        Files.setPosixFilePermissions(
                to, PosixFilePermissions.fromString(Files.isExecutable(from) ? "rwxr-xr-x" : "rw-r--r--"));
    }

    private static void delete(Path tree) throws IOException {
        List<Path> all = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(tree)) {
            walk.forEach(all::add);
        } catch (NoSuchFileException gone) {
            return;
        }
        for (Path path : all.reversed()) {
            Files.deleteIfExists(path);
        }
    }
}
