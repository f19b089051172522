package io.offerplane.shim.fetch;

import io.airlift.compress.zstd.ZstdInputStream;
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
import org.tukaani.xz.MemoryLimitException;
import org.tukaani.xz.XZInputStream;

/**
 * Unpacks what Mesos' fetcher unpacks, told by the end of the name: tar with its compressions, zip, and gzip of one file. Tar with
 * Zstandard is ours. One file alone in xz, bzip2 or Zstandard stays packed as in Mesos: commands that unpack it themselves would
 * find its place taken. Safe for several threads, each with a sandbox of its own.
 */
final class Archives {

    private static final int ANY = 0644;

    /** A block of the format's largest size, and the decoder's tables. */
    private static final int BZIP2_KIBIBYTES = 6 << 10;

    /** For xz -6, its default; an archive that needs another amount says so in its header. */
    private static final int XZ_KIBIBYTES = 10 << 10;

    private final DecoderMemory memory;

    Archives(DecoderMemory memory) {
        this.memory = memory;
    }

    /** How a name's end says that it is packed. */
    enum Kind {
        TAR,
        TAR_GZ,
        TAR_BZ2,
        TAR_XZ,
        TAR_ZST,
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
            if (name.endsWith(".tar.zst") || name.endsWith(".tzst")) {
                return TAR_ZST;
            }
            if (name.endsWith(".zip")) {
                return ZIP;
            }
            return name.endsWith(".gz") ? GZ : NONE;
        }

        /** Whether Mesos knows it: a client may rely on its archive being there if not. */
        boolean isOfMesos() {
            return this != TAR_ZST && this != NONE;
        }
    }

    /**
     * Unpacks a file into a sandbox; the file stays.
     *
     * @param archive where no task can change it
     * @param name the file's in the sandbox, for the name of what was packed alone
     */
    void extract(Path archive, Kind kind, String name, SandboxTree into) throws IOException, InterruptedException {
        try {
            switch (kind) {
                case TAR -> tar(archive, 0, in -> in, into);
                case TAR_GZ -> tar(archive, 0, GZIPInputStream::new, into);
                case TAR_BZ2 -> tar(archive, BZIP2_KIBIBYTES, in -> new BZip2CompressorInputStream(in, true), into);
                case TAR_XZ -> tarXz(archive, into);
                case TAR_ZST -> tar(archive, ZstdFrames.kibibytes(archive), ZstdInputStream::new, into);
                case ZIP -> zip(archive, into);
                case GZ -> gzip(archive, name, into);
                case NONE -> {}
            }
        } catch (RuntimeException e) {
            // What the libraries do with some damaged archives.
            throw new IOException("it is damaged: " + e.getMessage(), e);
        }
    }

    /** Makes what is packed readable. */
    private interface Decoder {
        InputStream over(InputStream packed) throws IOException;
    }

    private static InputStream open(Path file) throws IOException {
        return new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    }

    private static void gzip(Path archive, String name, SandboxTree into) throws IOException {
        String file = String.valueOf(Path.of(name).getFileName());
        try (InputStream packed = open(archive);
                InputStream in = new GZIPInputStream(packed)) {
            into.file(file.substring(0, file.length() - ".gz".length()), in, ANY);
        }
    }

    /** Xz tells how much memory it needs only when it is read, in each of its blocks. */
    private void tarXz(Path archive, SandboxTree into) throws IOException, InterruptedException {
        long kibibytes = Math.min(XZ_KIBIBYTES, memory.kibibytes());
        while (true) {
            int granted = (int) kibibytes;
            try {
                tar(archive, granted, in -> new XZInputStream(in, granted), into);
                return;
            } catch (MemoryLimitException e) {
                if (e.getMemoryNeeded() <= granted) {
                    throw e;
                }
                kibibytes = e.getMemoryNeeded();
            }
        }
    }

    private void tar(Path archive, long kibibytes, Decoder decoder, SandboxTree into)
            throws IOException, InterruptedException {
        try (DecoderMemory.Share _ = memory.take(kibibytes);
                InputStream packed = open(archive);
                TarHeaderLimit in = new TarHeaderLimit(decoder.over(packed));
                TarArchiveInputStream tar = new TarArchiveInputStream(in, StandardCharsets.UTF_8.name())) {
            boolean empty = true;
            for (TarArchiveEntry entry = next(tar, in); entry != null; entry = next(tar, in)) {
                empty = false;
                unpack(entry, tar, into);
            }
            if (empty) {
                throw new IOException("it is no tar archive, or an empty one");
            }
        }
    }

    private static TarArchiveEntry next(TarArchiveInputStream tar, TarHeaderLimit in) throws IOException {
        in.headerBegins();
        try {
            return tar.getNextEntry();
        } catch (IllegalArgumentException e) {
            throw new IOException("it is no tar archive: " + e.getMessage(), e);
        } finally {
            in.headerEnds();
        }
    }

    private static void unpack(TarArchiveEntry entry, TarArchiveInputStream tar, SandboxTree into) throws IOException {
        if (entry.isDirectory()) {
            into.folder(entry.getName(), entry.getMode());
        } else if (entry.isSymbolicLink()) {
            into.link(entry.getName(), entry.getLinkName());
        } else if (entry.isLink()) {
            into.hardLink(entry.getName(), entry.getLinkName());
        } else if (isPlainFile(entry)) {
            into.file(entry.getName(), tar, entry.getMode());
        } else {
            throw new IOException("'" + entry.getName() + "' is a device or pipe, which a sandbox doesn't hold");
        }
    }

    /** The library takes whatever it doesn't know for a file. */
    private static boolean isPlainFile(TarArchiveEntry entry) {
        byte flag = entry.getLinkFlag();
        return flag == TarConstants.LF_NORMAL || flag == TarConstants.LF_OLDNORM || flag == TarConstants.LF_CONTIG;
    }

    private void zip(Path archive, SandboxTree into) throws IOException, InterruptedException {
        try (DecoderMemory.Share _ = memory.take(ZipDirectory.kibibytes(archive));
                ZipFile zip = ZipFile.builder()
                        .setPath(archive)
                        .setIgnoreLocalFileHeader(true)
                        .get()) {
            var entries = zip.getEntriesInPhysicalOrder();
            while (entries.hasMoreElements()) {
                ZipArchiveEntry entry = entries.nextElement();
                int mode = entry.getUnixMode() == 0 ? ANY : entry.getUnixMode();
                if (entry.isDirectory()) {
                    into.folder(entry.getName(), entry.getUnixMode() == 0 ? 0755 : mode);
                } else if (entry.isUnixSymlink()) {
                    into.link(entry.getName(), target(zip, entry));
                } else {
                    try (InputStream content = zip.getInputStream(entry)) {
                        into.file(entry.getName(), content, mode);
                    }
                }
            }
        }
    }

    /** The content of a link's entry, which the library would read however long it is. */
    private static String target(ZipFile zip, ZipArchiveEntry entry) throws IOException {
        try (InputStream content = zip.getInputStream(entry)) {
            byte[] bytes = content.readNBytes(SandboxTree.MAX_PATH_BYTES + 1);
            if (bytes.length > SandboxTree.MAX_PATH_BYTES) {
                throw new IOException("'" + entry.getName() + "' is a link to a name of more than "
                        + SandboxTree.MAX_PATH_BYTES + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }
}
