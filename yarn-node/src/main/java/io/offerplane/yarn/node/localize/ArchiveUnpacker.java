package io.offerplane.yarn.node.localize;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Unpacks an archive entry by entry. No entry gets out of the directory, be it by its name, by a link, or through a link made by an
 * earlier entry; and there is a limit to how much comes out.
 */
final class ArchiveUnpacker {
    /** How much may come out of one archive. */
    record Limits(long entries, long bytes) {}

    private final Limits limits;
    private final Path target;
    private final Predicate<String> wanted;
    private long entries;
    private long bytes;

    private ArchiveUnpacker(Limits limits, Path target, Predicate<String> wanted) {
        this.limits = limits;
        this.target = target;
        this.wanted = wanted;
    }

    /** Whether a file of this name is unpacked at all. */
    static boolean isArchive(String name) {
        return isZip(name) || isTar(name);
    }

    private static boolean isZip(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".jar") || lower.endsWith(".zip");
    }

    private static boolean isTar(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".tar.gz") || lower.endsWith(".tgz") || lower.endsWith(".tar");
    }

    /** Unpacks the entries whose names are wanted into a directory that exists. */
    static void unpack(Path archive, String name, Path target, Predicate<String> wanted, Limits limits)
            throws IOException, LocalizationException {
        ArchiveUnpacker unpacker = new ArchiveUnpacker(limits, target.toRealPath(), wanted);
        if (isZip(name)) {
            unpacker.zip(archive);
        } else {
            unpacker.tar(archive, !name.toLowerCase(Locale.ROOT).endsWith(".tar"));
        }
    }

    private void zip(Path archive) throws IOException, LocalizationException {
        try (ZipFile zip = ZipFile.builder().setPath(archive).get()) {
            List<ZipArchiveEntry> all = Collections.list(zip.getEntries());
            for (ZipArchiveEntry entry : all) {
                if (!wanted.test(entry.getName())) {
                    continue;
                }
                Path path = place(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else if (entry.isUnixSymlink()) {
                    link(path, zip.getUnixSymlink(entry));
                } else {
                    try (InputStream content = zip.getInputStream(entry)) {
                        file(path, content, entry.getUnixMode());
                    }
                }
            }
        }
    }

    private void tar(Path archive, boolean gzip) throws IOException, LocalizationException {
        try (InputStream file = new BufferedInputStream(Files.newInputStream(archive));
                InputStream plain = gzip ? new GZIPInputStream(file) : file;
                TarArchiveInputStream tar = new TarArchiveInputStream(plain)) {
            TarArchiveEntry entry;
            while ((entry = next(tar)) != null) {
                if (!wanted.test(entry.getName())) {
                    continue;
                }
                Path path = place(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else if (entry.isSymbolicLink()) {
                    link(path, entry.getLinkName());
                } else if (entry.isLink()) {
                    Path other = place(entry.getLinkName());
                    Files.createLink(path, other);
                } else if (entry.isFile()) {
                    file(path, tar, entry.getMode());
                } else {
                    throw new LocalizationException(
                            "entry " + entry.getName() + " is neither file, directory nor link");
                }
            }
        }
    }

    private static @Nullable TarArchiveEntry next(TarArchiveInputStream tar) throws IOException {
        return tar.getNextEntry();
    }

    // Where an entry goes; its parent directories are made and lie, links followed, within the target.
    private Path place(String name) throws IOException, LocalizationException {
        if (++entries > limits.entries()) {
            throw new LocalizationException("the archive has more than " + limits.entries() + " entries");
        }
        Path path = target.resolve(name).normalize();
        if (Path.of(name).isAbsolute() || !path.startsWith(target)) {
            throw new LocalizationException("entry " + name + " would lie outside of the archive's directory");
        }
        Path parent = path.equals(target) ? target : path.getParent();
        if (parent != null) {
            // Step by step: createDirectories would follow a link and make directories elsewhere.
            Path made = target;
            for (Path step : target.relativize(parent)) {
                made = made.resolve(step);
                if (Files.isSymbolicLink(made) && !made.toRealPath().startsWith(target)) {
                    throw new LocalizationException("entry " + name + " would lie behind a link that leads out");
                }
                if (!step.toString().isEmpty() && !Files.exists(made)) {
                    Files.createDirectory(made);
                }
            }
        }
        return path;
    }

    private void link(Path path, String to) throws IOException, LocalizationException {
        Path parent = path.getParent();
        if (parent == null || Path.of(to).isAbsolute()) {
            throw new LocalizationException("link " + target.relativize(path) + " leads out, to " + to);
        }
        Path leads = parent.toRealPath().resolve(to).normalize();
        if (!leads.startsWith(target)) {
            throw new LocalizationException("link " + target.relativize(path) + " leads out, to " + to);
        }
        Files.deleteIfExists(path);
        Files.createSymbolicLink(path, Path.of(to));
    }

    private void file(Path path, InputStream content, int mode) throws IOException, LocalizationException {
        // An entry that a link of the same name precedes would be written through it.
        Files.deleteIfExists(path);
        try (OutputStream out = Files.newOutputStream(path)) {
            byte[] buffer = new byte[64 * 1024];
            int read;
            while ((read = content.read(buffer)) >= 0) {
                bytes += read;
                if (bytes > limits.bytes()) {
                    throw new LocalizationException("more than " + limits.bytes() + " bytes come out of the archive");
                }
                out.write(buffer, 0, read);
            }
        }
        Files.setPosixFilePermissions(
                path, PosixFilePermissions.fromString((mode & 0111) != 0 ? "rwxr-xr-x" : "rw-r--r--"));
    }
}
