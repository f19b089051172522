package io.offerplane.yarn.node.localize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveUnpackerTest {
    private static final ArchiveUnpacker.Limits LIMITS = new ArchiveUnpacker.Limits(100, 10_000);

    @TempDir
    Path home;

    private Path target;

    @BeforeEach
    void target() throws IOException {
        target = Files.createDirectory(home.resolve("target"));
    }

    @Test
    void aZipsFilesComeOutInTheirDirectories() throws Exception {
        Path zip = zip("lib/a.txt", "b.txt");
        ArchiveUnpacker.unpack(zip, "x.zip", target, name -> true, LIMITS);
        assertThat(target.resolve("lib/a.txt")).hasContent("lib/a.txt");
        assertThat(target.resolve("b.txt")).hasContent("b.txt");
    }

    @Test
    void onlyWantedEntriesComeOut() throws Exception {
        ArchiveUnpacker.unpack(zip("lib/a.txt", "b.txt"), "x.jar", target, name -> name.startsWith("lib/"), LIMITS);
        assertThat(target.resolve("lib/a.txt")).exists();
        assertThat(target.resolve("b.txt")).doesNotExist();
    }

    @Test
    void aTarKeepsItsExecutablesAndLinks() throws Exception {
        Path tar = tar(out -> {
            file(out, "bin/run", 0755);
            link(out, "run", "bin/run");
        });
        ArchiveUnpacker.unpack(tar, "x.tgz", target, name -> true, LIMITS);
        assertThat(target.resolve("bin/run")).isExecutable();
        assertThat(target.resolve("run")).isSymbolicLink().hasContent("content");
    }

    @Test
    void noEntryOfAZipLeadsOutByItsName() throws Exception {
        for (String name : new String[] {"../out.txt", "a/../../out.txt"}) {
            assertThatThrownBy(() -> ArchiveUnpacker.unpack(zip(name), "x.zip", target, any -> true, LIMITS))
                    .isInstanceOf(LocalizationException.class)
                    .hasMessageContaining("outside");
        }
        assertThat(home.resolve("out.txt")).doesNotExist();
    }

    @Test
    void noLinkOfATarLeadsOut() throws Exception {
        for (String to : new String[] {"/etc", "../..", "a/../../out"}) {
            Path tar = tar(out -> link(out, "evil", to));
            assertThatThrownBy(() -> ArchiveUnpacker.unpack(tar, "x.tar.gz", target, any -> true, LIMITS))
                    .isInstanceOf(LocalizationException.class)
                    .hasMessageContaining("leads out");
        }
    }

    @Test
    void nothingIsWrittenThroughALinkThatLeadsOut() throws Exception {
        Path outside = Files.createDirectory(home.resolve("outside"));
        Files.createSymbolicLink(target.resolve("there"), outside);
        Path tar = tar(out -> file(out, "there/out.txt", 0644));
        assertThatThrownBy(() -> ArchiveUnpacker.unpack(tar, "x.tar.gz", target, any -> true, LIMITS))
                .isInstanceOf(LocalizationException.class);
        assertThat(outside).isEmptyDirectory();
    }

    @Test
    void anEntryReplacesALinkOfItsNameInsteadOfFollowingIt() throws Exception {
        Path tar = tar(out -> {
            file(out, "first", 0644);
            link(out, "second", "first");
            file(out, "second", 0644);
        });
        ArchiveUnpacker.unpack(tar, "x.tar.gz", target, any -> true, LIMITS);
        assertThat(Files.isSymbolicLink(target.resolve("second"))).isFalse();
    }

    @Test
    void thereIsALimitToEntriesAndBytes() throws Exception {
        assertThatThrownBy(() -> ArchiveUnpacker.unpack(
                        zip("a", "b", "c"), "x.zip", target, any -> true, new ArchiveUnpacker.Limits(2, 10_000)))
                .hasMessageContaining("more than 2 entries");
        assertThatThrownBy(() -> ArchiveUnpacker.unpack(
                        zip("0123456789"), "x.zip", target, any -> true, new ArchiveUnpacker.Limits(10, 9)))
                .hasMessageContaining("more than 9 bytes");
    }

    // Each entry holds its own name.
    private Path zip(String... names) throws IOException {
        Path zip = Files.createTempFile(home, "x", ".zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (String name : names) {
                out.putNextEntry(new ZipEntry(name));
                out.write(name.getBytes(StandardCharsets.UTF_8));
                out.closeEntry();
            }
        }
        return zip;
    }

    private interface Fill {
        void into(TarArchiveOutputStream out) throws IOException;
    }

    private Path tar(Fill fill) throws IOException {
        Path tar = Files.createTempFile(home, "x", ".tar.gz");
        try (OutputStream file = Files.newOutputStream(tar);
                OutputStream gzip = new GZIPOutputStream(file);
                TarArchiveOutputStream out = new TarArchiveOutputStream(gzip)) {
            fill.into(out);
        }
        return tar;
    }

    private static void file(TarArchiveOutputStream out, String name, int mode) throws IOException {
        byte[] content = "content".getBytes(StandardCharsets.UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        entry.setMode(mode);
        out.putArchiveEntry(entry);
        out.write(content);
        out.closeArchiveEntry();
    }

    private static void link(TarArchiveOutputStream out, String name, String to) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, TarArchiveEntry.LF_SYMLINK);
        entry.setLinkName(to);
        out.putArchiveEntry(entry);
        out.closeArchiveEntry();
    }
}
