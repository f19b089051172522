package io.offerplane.shim.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.offerplane.shim.container.ContainerUser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Archives as people make them, and as attackers do. */
class ArchivesTest {

    @TempDir
    private Path folder;

    private Path sandbox;
    private SandboxTree tree;

    @BeforeEach
    void makeSandbox() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "giving files away needs root");
        sandbox = Files.createDirectory(folder.resolve("sandbox"));
        tree = new SandboxTree(sandbox, new ContainerUser(0, 0, List.of(), "/"));
        Files.writeString(folder.resolve("outside"), "untouched");
    }

    private interface Filler {
        void fill(TarArchiveOutputStream tar) throws IOException;
    }

    private static byte[] tar(Filler filler) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            filler.fill(tar);
        }
        return bytes.toByteArray();
    }

    private static void file(TarArchiveOutputStream tar, String name, String content, int mode) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        entry.setSize(bytes.length);
        entry.setMode(mode);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }

    private static void link(TarArchiveOutputStream tar, String name, String target, byte kind) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, kind, true);
        entry.setLinkName(target);
        tar.putArchiveEntry(entry);
        tar.closeArchiveEntry();
    }

    private void extract(String name, byte[] content) throws IOException {
        Path archive = sandbox.resolve(name);
        Files.write(archive, content);
        Archives.extract(archive, Archives.Kind.of(name), tree);
    }

    private void assertUntouched() {
        assertThat(folder.resolve("outside")).hasContent("untouched");
        assertThat(folder.toFile().list()).containsExactlyInAnyOrder("sandbox", "outside");
    }

    @Test
    void everyCompressionOfTarIsUnpacked() throws Exception {
        byte[] plain = tar(t -> file(t, "bin/run", "content", 0755));
        ByteArrayOutputStream gz = new ByteArrayOutputStream();
        ByteArrayOutputStream bz2 = new ByteArrayOutputStream();
        ByteArrayOutputStream xz = new ByteArrayOutputStream();
        try (OutputStream a = new GZIPOutputStream(gz);
                OutputStream b = new BZip2CompressorOutputStream(bz2);
                OutputStream c = new XZOutputStream(xz, new LZMA2Options())) {
            a.write(plain);
            b.write(plain);
            c.write(plain);
        }
        for (var archive : List.of(
                java.util.Map.entry("a.tar", plain),
                java.util.Map.entry("a.tgz", gz.toByteArray()),
                java.util.Map.entry("a.tar.bz2", bz2.toByteArray()),
                java.util.Map.entry("a.tar.xz", xz.toByteArray()))) {
            Files.deleteIfExists(sandbox.resolve("bin/run"));
            extract(archive.getKey(), archive.getValue());
            assertThat(sandbox.resolve("bin/run")).hasContent("content");
            assertThat(Files.isExecutable(sandbox.resolve("bin/run"))).isTrue();
        }
    }

    @Test
    void zipAndGzipAreUnpacked() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("d/"));
            zip.putNextEntry(new ZipEntry("d/f"));
            zip.write("zipped".getBytes(StandardCharsets.UTF_8));
        }
        extract("a.zip", bytes.toByteArray());
        assertThat(sandbox.resolve("d/f")).hasContent("zipped");
        ByteArrayOutputStream gz = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(gz)) {
            out.write("one file".getBytes(StandardCharsets.UTF_8));
        }
        extract("notes.txt.gz", gz.toByteArray());
        assertThat(sandbox.resolve("notes.txt")).hasContent("one file");
    }

    @Test
    void namesThatLeadOutsideAreRefused() throws IOException {
        for (String name :
                List.of("../outside", "a/../../outside", "/" + folder.resolve("outside"), "a/b/../../../outside")) {
            byte[] hostile = tar(t -> file(t, name, "overwritten", 0644));
            assertThatThrownBy(() -> extract("h.tar", hostile)).as(name).hasMessageContaining("outside the sandbox");
            ByteArrayOutputStream zipped = new ByteArrayOutputStream();
            try (ZipOutputStream zip = new ZipOutputStream(zipped)) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write("overwritten".getBytes(StandardCharsets.UTF_8));
            }
            assertThatThrownBy(() -> extract("h.zip", zipped.toByteArray()))
                    .as(name)
                    .hasMessageContaining("outside the sandbox");
            assertUntouched();
        }
    }

    @Test
    void nothingIsWrittenThroughALink() throws IOException {
        byte[] through = tar(t -> {
            link(t, "d", "..", TarConstants.LF_SYMLINK);
            file(t, "d/outside", "overwritten", 0644);
        });
        assertThatThrownBy(() -> extract("h.tar", through)).hasMessageContaining("passes through 'd'");
        byte[] absolute = tar(t -> {
            link(t, "e", folder.toString(), TarConstants.LF_SYMLINK);
            file(t, "e/new", "written", 0644);
        });
        assertThatThrownBy(() -> extract("h.tar", absolute)).hasMessageContaining("passes through 'e'");
        byte[] replaced = tar(t -> {
            link(t, "f", folder.resolve("outside").toString(), TarConstants.LF_SYMLINK);
            file(t, "f", "only inside", 0644);
        });
        extract("h.tar", replaced);
        assertThat(Files.isSymbolicLink(sandbox.resolve("f"))).isFalse();
        assertThat(sandbox.resolve("f")).hasContent("only inside");
        assertUntouched();
    }

    @Test
    void hardLinksStayInside() throws IOException {
        for (String target : List.of("../outside", folder.resolve("outside").toString())) {
            byte[] hostile = tar(t -> link(t, "h", target, TarConstants.LF_LINK));
            assertThatThrownBy(() -> extract("h.tar", hostile)).hasMessageContaining("outside the sandbox");
        }
        byte[] viaLink = tar(t -> {
            link(t, "s", folder.resolve("outside").toString(), TarConstants.LF_SYMLINK);
            link(t, "h", "s", TarConstants.LF_LINK);
        });
        assertThatThrownBy(() -> extract("h.tar", viaLink)).hasMessageContaining("no file of the sandbox");
        assertUntouched();
    }

    @Test
    void devicesAndSetUserIdBitsDoNotComeIn() throws IOException {
        byte[] device = tar(t -> link(t, "null", "", TarConstants.LF_CHR));
        assertThatThrownBy(() -> extract("h.tar", device)).hasMessageContaining("device or pipe");
        extract("s.tar", tar(t -> file(t, "su", "x", 04755)));
        assertThat((Integer) Files.getAttribute(sandbox.resolve("su"), "unix:mode") & 07000)
                .isZero();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(sandbox.resolve("su"))))
                .isEqualTo("rwxr-xr-x");
    }

    @Test
    void whatIsNoArchiveIsAnError() {
        assertThatThrownBy(() -> extract("x.tar", "not a tar".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> extract("x.tgz", "not a gzip".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> extract("x.zip", "not a zip".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aDownloadIsNotWrittenThroughALinkThatAnArchiveLeft() throws IOException {
        extract("h.tar", tar(t -> link(t, "next", folder.resolve("outside").toString(), TarConstants.LF_SYMLINK)));
        tree.file("next", new ByteArrayInputStream("downloaded".getBytes(StandardCharsets.UTF_8)), 0644);
        assertThat(Files.isRegularFile(sandbox.resolve("next"), LinkOption.NOFOLLOW_LINKS))
                .isTrue();
        assertUntouched();
    }

    @Test
    void theNodesFilesAreClosedUnlessAFolderIsAllowed() throws Exception {
        ContainerUser root = new ContainerUser(0, 0, List.of(), "/");
        CommandInfo.URI uri = CommandInfo.URI
                .newBuilder()
                .setValue("file://" + folder.resolve("outside"))
                .setOutputFile("sub/copy")
                .build();
        assertThatThrownBy(() -> new UriFetcher(List.of()).fetch(List.of(uri), sandbox, root))
                .isInstanceOf(FetchException.class)
                .hasMessageContaining("Failed to fetch 'file://")
                .hasMessageContaining("OFFERPLANE_FETCH_FOLDERS allows none");
        new UriFetcher(List.of(folder.toRealPath())).fetch(List.of(uri), sandbox, root);
        assertThat(sandbox.resolve("sub/copy")).hasContent("untouched");
        for (String refused : List.of("ftp://host/file", "http://", "relative/path", "hdfs://nn/x")) {
            assertThatThrownBy(() -> new UriFetcher(List.of())
                            .fetch(
                                    List.of(CommandInfo.URI
                                            .newBuilder()
                                            .setValue(refused)
                                            .build()),
                                    sandbox,
                                    root))
                    .as(refused)
                    .isInstanceOf(FetchException.class)
                    .hasMessageContaining("'" + refused + "'");
        }
    }
}
