package io.offerplane.shim.fetch;

import io.airlift.compress.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Makes archives of every kind, hostile ones too. */
final class Packed {

    private Packed() {}

    interface TarFiller {
        void fill(TarArchiveOutputStream tar) throws IOException;
    }

    interface ZipFiller {
        void fill(ZipArchiveOutputStream zip) throws IOException;
    }

    private interface Compressor {
        OutputStream over(OutputStream out) throws IOException;
    }

    static byte[] tar(TarFiller filler) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            filler.fill(tar);
        }
        return bytes.toByteArray();
    }

    static void file(TarArchiveOutputStream tar, String name, String content, int mode) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        entry.setMode(mode);
        put(tar, entry, content.getBytes(StandardCharsets.UTF_8));
    }

    static void put(TarArchiveOutputStream tar, TarArchiveEntry entry, byte[] content) throws IOException {
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    static void link(TarArchiveOutputStream tar, String name, String target, byte kind) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, kind, true);
        entry.setLinkName(target);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }

    static byte[] zip(ZipFiller filler) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(bytes)) {
            filler.fill(zip);
        }
        return bytes.toByteArray();
    }

    static void file(ZipArchiveOutputStream zip, String name, String content, int mode) throws IOException {
        ZipArchiveEntry entry = new ZipArchiveEntry(name);
        entry.setUnixMode(mode);
        zip.putArchiveEntry(entry);
        zip.write(content.getBytes(StandardCharsets.UTF_8));
        zip.closeArchiveEntry();
    }

    static byte[] gz(byte[] plain) throws IOException {
        return compressed(plain, GZIPOutputStream::new);
    }

    static byte[] bz2(byte[] plain) throws IOException {
        return compressed(plain, BZip2CompressorOutputStream::new);
    }

    static byte[] xz(byte[] plain) throws IOException {
        return compressed(plain, out -> new XZOutputStream(out, new LZMA2Options()));
    }

    static byte[] xz(byte[] plain, int dictionaryBytes) throws IOException {
        LZMA2Options options = new LZMA2Options(1);
        options.setDictSize(dictionaryBytes);
        return compressed(plain, out -> new XZOutputStream(out, options));
    }

    static byte[] zst(byte[] plain) throws IOException {
        return compressed(plain, ZstdOutputStream::new);
    }

    private static byte[] compressed(byte[] plain, Compressor compressor) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = compressor.over(bytes)) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }
}
