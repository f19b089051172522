package io.offerplane.shim.container;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The root filesystem of tasks without an image: unpacked once per content, then shared read-only by all of them. */
public final class DefaultRootfs {

    private static final Logger log = LoggerFactory.getLogger(DefaultRootfs.class);

    /** Folders and files that a container mounts over; a read-only root can't grow them later. */
    private static final List<String> FOLDERS =
            List.of("proc", "sys", "dev", "run", "tmp", "var/tmp", "etc", "mnt/mesos/sandbox", "mnt/mesos/orders");

    private static final List<String> FILES =
            List.of("mnt/mesos/init", "mnt/mesos/status", "etc/resolv.conf", "etc/hosts");

    private DefaultRootfs() {}

    /**
     * Makes the filesystem ready.
     *
     * @param source a tar, perhaps compressed, which is unpacked below {@code folder}; or a folder of the host, used as it is
     * @param folder where unpacked filesystems are kept, by digest
     * @throws IOException when the source is absent or can't be unpacked
     */
    public static Path prepare(Path source, Path folder) throws IOException, InterruptedException {
        if (Files.isDirectory(source)) {
            addMountPoints(source);
            return source;
        }
        if (!Files.isRegularFile(source)) {
            throw new IOException("OFFERPLANE_DEFAULT_ROOTFS names " + source
                    + ", which is neither a tar nor a folder: tasks without an image need a root filesystem");
        }
        Files.createDirectories(folder);
        String digest = digest(source);
        Path unpacked = folder.resolve(digest);
        if (Files.isDirectory(unpacked)) {
            // An earlier release may have unpacked it that knew fewer of them.
            addMountPoints(unpacked);
            return unpacked;
        }
        Path partial = folder.resolve(digest + ".partial");
        removeTree(partial);
        Files.createDirectories(partial);
        log.info("Unpacking {} into {}", source, unpacked);
        Process tar = new ProcessBuilder(
                        "tar", "--extract", "--numeric-owner", "--same-permissions", "--file", source.toString())
                .directory(partial.toFile())
                .redirectErrorStream(true)
                .start();
        String output;
        try (InputStream in = tar.getInputStream()) {
            output = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        if (tar.waitFor() != 0) {
            throw new IOException("tar can't unpack " + source + ": " + output.strip());
        }
        addMountPoints(partial);
        Files.move(partial, unpacked, StandardCopyOption.ATOMIC_MOVE);
        return unpacked;
    }

    private static void addMountPoints(Path root) throws IOException {
        for (String name : FOLDERS) {
            Path path = root.resolve(name);
            if (!Files.isDirectory(path)) {
                Files.createDirectories(path);
            }
        }
        for (String name : FILES) {
            Path path = root.resolve(name);
            // A link, as distributions make of resolv.conf, would lead the mount elsewhere.
            if (Files.isSymbolicLink(path)) {
                Files.delete(path);
            }
            if (!Files.exists(path)) {
                Files.createFile(path);
            }
        }
    }

    private static String digest(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                sha.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Removes a folder with all that is in it, following no link. Absent is fine. */
    public static void removeTree(Path root) throws IOException {
        if (!Files.exists(root, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(
                    Path folder, java.io.@org.jspecify.annotations.Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.deleteIfExists(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
