package io.offerplane.shim.fetch;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.XZInputStream;

/** Unpacks what Mesos' fetcher unpacks, told by the end of the name: tar with its compressions, zip, and gzip of one file. */
final class Archives {

    private static final int ANY = 0644;

    private Archives() {}

    /** How a name's end says that it is packed. */
    enum Kind {
        TAR,
        TAR_GZ,
        TAR_BZ2,
        TAR_XZ,
        ZIP,
        GZ,
        NONE;

        static Kind of(String fileName) {
            String name = fileName.toLowerCase(Locale.ROOT);
            if (name.endsWith(".tar")) {
                return TAR;
            }
            if (name.endsWith(".tar.gz") || name.endsWith(".tgz")) {
                return TAR_GZ;
            }
            if (name.endsWith(".tar.bz2") || name.endsWith(".tbz2")) {
                return TAR_BZ2;
            }
            if (name.endsWith(".tar.xz") || name.endsWith(".txz")) {
                return TAR_XZ;
            }
            if (name.endsWith(".zip")) {
                return ZIP;
            }
            return name.endsWith(".gz") ? GZ : NONE;
        }
    }

    /** Unpacks a file of the sandbox into it; the file stays. */
    static void extract(Path archive, Kind kind, SandboxTree into) throws IOException {
        switch (kind) {
            case TAR -> tar(open(archive), into);
            case TAR_GZ -> tar(new GZIPInputStream(open(archive)), into);
            case TAR_BZ2 -> tar(new BZip2CompressorInputStream(open(archive), true), into);
            case TAR_XZ -> tar(new XZInputStream(open(archive)), into);
            case ZIP -> zip(archive, into);
            case GZ -> {
                String name = String.valueOf(archive.getFileName());
                try (InputStream in = new GZIPInputStream(open(archive))) {
                    into.file(name.substring(0, name.length() - ".gz".length()), in, ANY);
                }
            }
            case NONE -> {}
        }
    }

    private static InputStream open(Path file) throws IOException {
        return new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    }

    private static void tar(InputStream in, SandboxTree into) throws IOException {
        boolean empty = true;
        try (TarArchiveInputStream tar = new TarArchiveInputStream(in, StandardCharsets.UTF_8.name())) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                empty = false;
                if (entry.isDirectory()) {
                    into.folder(entry.getName(), entry.getMode());
                } else if (entry.isSymbolicLink()) {
                    into.link(entry.getName(), entry.getLinkName());
                } else if (entry.isLink()) {
                    into.hardLink(entry.getName(), entry.getLinkName());
                } else if (isPlainFile(entry)) {
                    into.file(entry.getName(), tar, entry.getMode());
                } else {
                    throw new IOException(
                            "'" + entry.getName() + "' is a device or pipe, which a sandbox doesn't hold");
                }
            }
        } catch (IllegalArgumentException e) {
            throw new IOException("it is no tar archive: " + e.getMessage(), e);
        }
        if (empty) {
            throw new IOException("it is no tar archive, or an empty one");
        }
    }

    /** The library takes whatever it doesn't know for a file. */
    private static boolean isPlainFile(TarArchiveEntry entry) {
        byte flag = entry.getLinkFlag();
        return flag == TarConstants.LF_NORMAL || flag == TarConstants.LF_OLDNORM || flag == TarConstants.LF_CONTIG;
    }

    private static void zip(Path archive, SandboxTree into) throws IOException {
        try (ZipFile zip = ZipFile.builder().setPath(archive).get()) {
            var entries = zip.getEntries();
            while (entries.hasMoreElements()) {
                ZipArchiveEntry entry = entries.nextElement();
                int mode = entry.getUnixMode() == 0 ? ANY : entry.getUnixMode();
                if (entry.isDirectory()) {
                    into.folder(entry.getName(), entry.getUnixMode() == 0 ? 0755 : mode);
                } else if (entry.isUnixSymlink()) {
                    into.link(entry.getName(), zip.getUnixSymlink(entry));
                } else {
                    try (InputStream content = zip.getInputStream(entry)) {
                        into.file(entry.getName(), content, mode);
                    }
                }
            }
        }
    }
}
