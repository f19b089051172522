package io.offerplane.shim.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.offerplane.shim.container.ContainerUser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives as people make them, and as attackers do. */
class ArchivesTest {

    /** More than any test here writes. */
    private static final long PLENTY_BYTES = 1L << 30;

    @TempDir
    private Path folder;

    private Path sandbox;
    private Path received;
    private DecoderMemory memory;
    private SandboxTree tree;

    @BeforeEach
    void makeSandbox() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "giving files away needs root");
        sandbox = Files.createDirectory(folder.resolve("sandbox"));
        received = Files.createDirectory(folder.resolve("received"));
        memory = new DecoderMemory(32 << 10);
        allow(PLENTY_BYTES);
        Files.writeString(folder.resolve("outside"), "untouched");
    }

    private void allow(long bytes) throws IOException {
        tree = new SandboxTree(
                sandbox,
                new ContainerUser(0, 0, List.of(), "/"),
                new WriteBudget(bytes, 0, Files.getFileStore(sandbox)));
    }

    private void extract(String name, byte[] content) throws IOException, InterruptedException {
        Path archive = received.resolve(name);
        Files.write(archive, content);
        new Archives(memory).extract(archive, Archives.Kind.of(name), name, tree);
    }

    private void assertUntouched() {
        assertThat(folder.resolve("outside")).hasContent("untouched");
        assertThat(folder.toFile().list()).containsExactlyInAnyOrder("sandbox", "received", "outside");
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void everyCompressionOfTarIsUnpacked() throws Exception {
        byte[] plain = Packed.tar(t -> Packed.file(t, "bin/run", "content", 0755));
        for (var archive : Map.of(
                        "a.tar", plain,
                        "a.tar.gz", Packed.gz(plain),
                        "a.tgz", Packed.gz(plain),
                        "a.tar.bz2", Packed.bz2(plain),
                        "a.tbz2", Packed.bz2(plain),
                        "a.tar.xz", Packed.xz(plain),
                        "a.txz", Packed.xz(plain),
                        "a.tar.zst", Packed.zst(plain),
                        "a.tzst", Packed.zst(plain))
                .entrySet()) {
            Files.deleteIfExists(sandbox.resolve("bin/run"));
            extract(archive.getKey(), archive.getValue());
            assertThat(sandbox.resolve("bin/run")).as(archive.getKey()).hasContent("content");
            assertThat(Files.isExecutable(sandbox.resolve("bin/run"))).isTrue();
        }
    }

    @Test
    void zipIsUnpackedWithItsModesAndLinks() throws Exception {
        extract("a.zip", Packed.zip(z -> {
            Packed.file(z, "d/", "", 040750);
            Packed.file(z, "d/run", "zipped", 0100755);
            Packed.file(z, "to-run", "d/run", 0120777);
        }));
        assertThat(sandbox.resolve("d/run")).hasContent("zipped");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(sandbox.resolve("d/run"))))
                .isEqualTo("rwxr-xr-x");
        assertThat(Files.readSymbolicLink(sandbox.resolve("to-run"))).hasToString("d/run");
    }

    @Test
    void oneFileIsUnpackedFromGzipAloneAsInMesos() throws Exception {
        extract("notes.txt.gz", Packed.gz(utf8("one file")));
        assertThat(sandbox.resolve("notes.txt")).hasContent("one file");
        for (String left : List.of("data.xz", "data.bz2", "data.zst")) {
            extract(left, utf8("unpacked by the command itself"));
        }
        assertThat(sandbox.toFile().list()).containsExactly("notes.txt");
    }

    @Test
    void namesThatLeadOutsideAreRefused() throws Exception {
        for (String name :
                List.of("../outside", "a/../../outside", "/" + folder.resolve("outside"), "a/b/../../../outside")) {
            byte[] hostile = Packed.tar(t -> Packed.file(t, name, "overwritten", 0644));
            assertThatThrownBy(() -> extract("h.tar", hostile)).as(name).hasMessageContaining("outside the sandbox");
            byte[] zipped = Packed.zip(z -> Packed.file(z, name, "overwritten", 0100644));
            assertThatThrownBy(() -> extract("h.zip", zipped)).as(name).hasMessageContaining("outside the sandbox");
            assertUntouched();
        }
    }

    @Test
    void nothingIsWrittenThroughALink() throws Exception {
        byte[] through = Packed.tar(t -> {
            Packed.link(t, "d", "..", TarConstants.LF_SYMLINK);
            Packed.file(t, "d/outside", "overwritten", 0644);
        });
        assertThatThrownBy(() -> extract("h.tar", through)).hasMessageContaining("passes through 'd'");
        byte[] absolute = Packed.tar(t -> {
            Packed.link(t, "e", folder.toString(), TarConstants.LF_SYMLINK);
            Packed.file(t, "e/new", "written", 0644);
        });
        assertThatThrownBy(() -> extract("h.tar", absolute)).hasMessageContaining("passes through 'e'");
        byte[] zipped = Packed.zip(z -> {
            Packed.file(z, "z", "..", 0120777);
            Packed.file(z, "z/outside", "overwritten", 0100644);
        });
        assertThatThrownBy(() -> extract("h.zip", zipped)).hasMessageContaining("passes through 'z'");
        byte[] replaced = Packed.tar(t -> {
            Packed.link(t, "f", folder.resolve("outside").toString(), TarConstants.LF_SYMLINK);
            Packed.file(t, "f", "only inside", 0644);
        });
        extract("h.tar", replaced);
        assertThat(Files.isSymbolicLink(sandbox.resolve("f"))).isFalse();
        assertThat(sandbox.resolve("f")).hasContent("only inside");
        assertUntouched();
    }

    @Test
    void aFoldersModeIsNotSetThroughALink() throws Exception {
        Path other = Files.createDirectory(received.resolve("other"));
        Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rwx------"));
        byte[] hostile = Packed.tar(t -> {
            Packed.link(t, "d", other.toString(), TarConstants.LF_SYMLINK);
            TarArchiveEntry entry = new TarArchiveEntry("d/", true);
            entry.setMode(0777);
            Packed.put(t, entry, new byte[0]);
        });
        assertThatThrownBy(() -> extract("h.tar", hostile)).hasMessageContaining("passes through 'd'");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(other)))
                .isEqualTo("rwx------");
    }

    @Test
    void hardLinksStayInside() throws Exception {
        for (String target : List.of("../outside", folder.resolve("outside").toString())) {
            byte[] hostile = Packed.tar(t -> Packed.link(t, "h", target, TarConstants.LF_LINK));
            assertThatThrownBy(() -> extract("h.tar", hostile)).hasMessageContaining("outside the sandbox");
        }
        byte[] viaLink = Packed.tar(t -> {
            Packed.link(t, "s", folder.resolve("outside").toString(), TarConstants.LF_SYMLINK);
            Packed.link(t, "h", "s", TarConstants.LF_LINK);
        });
        assertThatThrownBy(() -> extract("h.tar", viaLink)).hasMessageContaining("no file of the sandbox");
        extract("good.tar", Packed.tar(t -> {
            Packed.file(t, "one", "twice", 0644);
            Packed.link(t, "two", "one", TarConstants.LF_LINK);
            Packed.link(t, "one", "one", TarConstants.LF_LINK);
        }));
        assertThat(sandbox.resolve("two")).hasContent("twice");
        assertUntouched();
    }

    @Test
    void devicesAndSetUserIdBitsDoNotComeIn() throws Exception {
        for (byte kind : new byte[] {TarConstants.LF_CHR, TarConstants.LF_BLK, TarConstants.LF_FIFO}) {
            byte[] device = Packed.tar(t -> Packed.link(t, "null", "", kind));
            assertThatThrownBy(() -> extract("h.tar", device)).hasMessageContaining("device or pipe");
        }
        extract("s.tar", Packed.tar(t -> Packed.file(t, "su", "x", 06755)));
        extract("s.zip", Packed.zip(z -> Packed.file(z, "zu", "x", 0106755)));
        for (String name : List.of("su", "zu")) {
            assertThat((Integer) Files.getAttribute(sandbox.resolve(name), "unix:mode") & 07777)
                    .as(name)
                    .isEqualTo(0755);
        }
    }

    @Test
    void whatIsNoArchiveIsAnError() {
        for (String name : List.of("x.tar", "x.tgz", "x.tbz2", "x.txz", "x.tzst", "x.zip", "x.gz")) {
            assertThatThrownBy(() -> extract(name, utf8("no archive, and long enough to be read as one's header")))
                    .as(name)
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> extract(name, new byte[0])).as(name).isInstanceOf(IOException.class);
        }
    }

    @Test
    void anArchiveThatEndsTooEarlyIsAnError() throws Exception {
        byte[] plain = Packed.tar(t -> Packed.file(t, "f", "content".repeat(3000), 0644));
        for (var archive : Map.of(
                        "x.tar", plain,
                        "x.tgz", Packed.gz(plain),
                        "x.tbz2", Packed.bz2(plain),
                        "x.txz", Packed.xz(plain),
                        "x.tzst", Packed.zst(plain))
                .entrySet()) {
            byte[] whole = archive.getValue();
            assertThatThrownBy(() -> extract(archive.getKey(), Arrays.copyOf(whole, whole.length / 2)))
                    .as(archive.getKey())
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void anArchiveThatUnpacksToMoreThanAllowedIsStopped() throws Exception {
        byte[] plain = Packed.tar(t -> Packed.put(t, new TarArchiveEntry("zeros"), new byte[2 << 20]));
        byte[] zipped = Packed.zip(z -> Packed.file(z, "zeros", "0".repeat(2 << 20), 0100644));
        for (var bomb : Map.of(
                        "b.tgz", Packed.gz(plain),
                        "b.tbz2", Packed.bz2(plain),
                        "b.txz", Packed.xz(plain),
                        "b.tzst", Packed.zst(plain),
                        "b.zip", zipped,
                        "zeros.gz", Packed.gz(new byte[2 << 20]))
                .entrySet()) {
            assertThat(bomb.getValue().length).isLessThan(100_000);
            allow(1 << 20);
            assertThatThrownBy(() -> extract(bomb.getKey(), bomb.getValue()))
                    .as(bomb.getKey())
                    .hasMessageContaining("fetch.maxSize of the AgentPool");
            assertThat(Files.size(sandbox.resolve("zeros"))).isLessThanOrEqualTo(1 << 20);
        }
    }

    @Test
    void emptyFilesAndFoldersCountToo() throws Exception {
        allow(100 * WriteBudget.ENTRY_BYTES);
        byte[] many = Packed.tar(t -> {
            for (int i = 0; i < 101; i++) {
                Packed.file(t, "f" + i, "", 0644);
            }
        });
        assertThatThrownBy(() -> extract("many.tar", many)).hasMessageContaining("fetch.maxSize of the AgentPool");
        allow(100 * WriteBudget.ENTRY_BYTES);
        byte[] deep = Packed.tar(t -> Packed.file(t, "d/".repeat(200) + "f", "", 0644));
        assertThatThrownBy(() -> extract("deep.tar", deep)).hasMessageContaining("fetch.maxSize of the AgentPool");
    }

    @Test
    void theLastOfTheDiskIsLeftAlone() throws Exception {
        tree = new SandboxTree(
                sandbox,
                new ContainerUser(0, 0, List.of(), "/"),
                new WriteBudget(PLENTY_BYTES, Long.MAX_VALUE, Files.getFileStore(sandbox)));
        assertThatThrownBy(() -> extract("a.gz", Packed.gz(utf8("x")))).hasMessageContaining("disk has only");
    }

    @Test
    void aHeaderOfGigabytesIsNotReadIntoMemory() throws Exception {
        byte[] longName = Packed.tar(t -> {
            Packed.put(t, new TarArchiveEntry("./@LongLink", TarConstants.LF_GNUTYPE_LONGNAME), new byte[1 << 20]);
            Packed.file(t, "f", "content", 0644);
        });
        assertThatThrownBy(() -> extract("l.tgz", Packed.gz(longName))).hasMessageContaining("one of its headers");
        byte[] fine = Packed.tar(t -> Packed.file(t, "n".repeat(200) + "/" + "m".repeat(200), "content", 0644));
        extract("fine.tgz", Packed.gz(fine));
        assertThat(sandbox.resolve("n".repeat(200)).resolve("m".repeat(200))).hasContent("content");
    }

    @Test
    void anArchiveThatNeedsTooMuchMemoryIsRefusedWithWhatWouldDo() throws Exception {
        byte[] plain = Packed.tar(t -> Packed.file(t, "f", "content", 0644));
        extract("needs-more-than-usual.txz", Packed.xz(plain, 16 << 20));
        assertThat(sandbox.resolve("f")).hasContent("content");
        assertThatThrownBy(() -> extract("large.txz", Packed.xz(plain, 64 << 20)))
                .hasMessageContaining("MiB of memory and the agent has 32 for that")
                .hasMessageContaining("xz -6");
        byte[] zst = Packed.zst(plain);
        // A window of 128 MiB, as zstd --long=27 writes it, in the second frame.
        byte[] window = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) (17 << 3), 1, 0, 0};
        byte[] both = Arrays.copyOf(zst, zst.length + window.length);
        System.arraycopy(window, 0, both, zst.length, window.length);
        assertThatThrownBy(() -> extract("long.tzst", both))
                .hasMessageContaining("takes 257 MiB of memory")
                .hasMessageContaining("zstd -19");
        memory = new DecoderMemory(64);
        byte[] list = Packed.zip(z -> {
            for (int i = 0; i < 200; i++) {
                Packed.file(z, "f" + i, "", 0100644);
            }
        });
        assertThatThrownBy(() -> extract("list.zip", list)).hasMessageContaining("MiB of memory");
    }

    @Test
    void aZipsLinkToAnEndlessNameIsRefused() throws Exception {
        byte[] hostile = Packed.zip(z -> Packed.file(z, "l", "x".repeat(1 << 20), 0120777));
        assertThatThrownBy(() -> extract("h.zip", hostile)).hasMessageContaining("more than 4096 bytes");
    }

    @Test
    void allFilesBelongToTheTasksUser() throws Exception {
        tree = new SandboxTree(
                sandbox,
                new ContainerUser(1234, 2345, List.of(), "/"),
                new WriteBudget(PLENTY_BYTES, 0, Files.getFileStore(sandbox)));
        extract("a.tar", Packed.tar(t -> {
            Packed.file(t, "d/e/f", "content", 0644);
            Packed.link(t, "l", "d/e/f", TarConstants.LF_SYMLINK);
            Packed.link(t, "h", "d/e/f", TarConstants.LF_LINK);
        }));
        for (String name : List.of("d", "d/e", "d/e/f", "l", "h")) {
            assertThat(Files.getAttribute(sandbox.resolve(name), "unix:uid", LinkOption.NOFOLLOW_LINKS))
                    .as(name)
                    .isEqualTo(1234);
            assertThat(Files.getAttribute(sandbox.resolve(name), "unix:gid", LinkOption.NOFOLLOW_LINKS))
                    .as(name)
                    .isEqualTo(2345);
        }
    }

    @Test
    void aDownloadIsNotWrittenThroughALinkThatAnArchiveLeft() throws Exception {
        extract(
                "h.tar",
                Packed.tar(t -> Packed.link(t, "next", folder.resolve("outside").toString(), TarConstants.LF_SYMLINK)));
        tree.file("next", new ByteArrayInputStream(utf8("downloaded")), 0644);
        assertThat(Files.isRegularFile(sandbox.resolve("next"), LinkOption.NOFOLLOW_LINKS))
                .isTrue();
        assertUntouched();
    }
}
