package io.offerplane.yarn.node.launch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
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
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
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

    /** Where containers have the cluster's configuration. In /etc, the shim would have to mount each of its files alone. */
    public static final Path CONFIGURATION = Path.of("/opt/hadoop-conf");

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
     * Puts everything in place, each thing under a name that says what is in it: containers that go on keep what they began with.
     *
     * @param image a folder with {@code java} and {@code hadoop}, and a file {@code id} that names their content
     * @param configuration a folder of XML files
     * @param uid of the user that containers run as
     * @param inUse whether containers run on what an earlier call put there; else all of that goes
     * @return what is to be mounted
     * @throws IOException naming the file that is missing or can't be written
     */
    public List<NodeMount> install(Path image, Path configuration, int uid, boolean inUse) throws IOException {
        String id = Files.readString(image.resolve(ID)).strip();
        if (!NAME.matcher(id).matches() || id.startsWith(".")) {
            throw new IOException(image.resolve(ID) + " has \"" + id + "\" (expected: a name fit for a folder)");
        }
        Files.createDirectories(folder);
        try (Stream<Path> unfinished = Files.list(folder)) {
            for (Path left : unfinished.filter(ContainerRoot::isUnfinished).toList()) {
                delete(left);
            }
        }
        Path programs = placed("image-" + id, place -> copy(image, place));
        SequencedMap<String, byte[]> files = xmlFiles(configuration);
        Path settings = placed("conf-" + digest(files), place -> {
            Files.createDirectory(place);
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                write(place.resolve(file.getKey()), file.getValue());
            }
        });
        Path users = placed("passwd-" + uid, place -> write(place, users(uid)));
        if (!inUse) {
            Set<Path> present = Set.of(programs, settings, users);
            try (Stream<Path> all = Files.list(folder)) {
                for (Path other : all.filter(path -> !present.contains(path)).toList()) {
                    delete(other);
                }
            }
        }
        return List.of(
                new NodeMount(programs.resolve("java"), JAVA),
                new NodeMount(programs.resolve("hadoop"), HADOOP),
                new NodeMount(settings, CONFIGURATION),
                new NodeMount(users, USERS));
    }

    private static byte[] users(int uid) {
        return ("root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\nyarn:x:" + uid + ":" + uid
                        + ":yarn:/:/bin/bash\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static SequencedMap<String, byte[]> xmlFiles(Path configuration) throws IOException {
        SequencedMap<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(configuration)) {
            for (Path file :
                    all.filter(path -> path.toString().endsWith(".xml")).toList()) {
                files.put(String.valueOf(file.getFileName()), Files.readAllBytes(file));
            }
        }
        return files;
    }

    private static String digest(Map<String, byte[]> files) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            files.forEach((name, content) -> {
                digest.update((name + " " + content.length + "\n").getBytes(StandardCharsets.UTF_8));
                digest.update(content);
            });
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private interface Making {
        void at(Path place) throws IOException;
    }

    /** Under its name it is whole, or not there. */
    private Path placed(String name, Making making) throws IOException {
        Path place = folder.resolve(name);
        if (!Files.exists(place)) {
            long began = System.nanoTime();
            Path unfinished = folder.resolve(name + UNFINISHED);
            making.at(unfinished);
            moved(unfinished, place);
            log.info("{} is there after {} ms", place, (System.nanoTime() - began) / 1_000_000);
        }
        return place;
    }

    private static boolean isUnfinished(Path path) {
        return path.toString().endsWith(UNFINISHED);
    }

    private static void write(Path file, byte[] content) throws IOException {
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                out.write(left);
            }
            out.force(false);
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
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
