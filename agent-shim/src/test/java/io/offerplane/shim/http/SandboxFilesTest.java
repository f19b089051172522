package io.offerplane.shim.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.mesos.v1.Protos.FileInfo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the calls show of a sandbox; that they show nothing else is asked over HTTP. */
class SandboxFilesTest {

    @TempDir
    private Path work;

    private Path sandbox;
    private SandboxFiles files;

    @BeforeEach
    void makeSandbox() throws IOException {
        sandbox = Files.createDirectories(work.toRealPath().resolve("slaves/a-S0/frameworks/f/executors/e/runs/c"));
        files = new SandboxFiles(work.toRealPath());
    }

    @Test
    void aFolderIsListedByNameWithTheFilesTypeAndRights() throws Exception {
        Files.writeString(sandbox.resolve("b"), "12345");
        Files.createDirectory(sandbox.resolve("a"));
        assertThat(files.list(sandbox.toString()))
                .extracting(FileInfo::getPath)
                .containsExactly(sandbox + "/a", sandbox + "/b");
        FileInfo file = files.list("/frameworks/f/executors/e/runs/c/").get(1);
        assertThat(file.getPath()).isEqualTo("/frameworks/f/executors/e/runs/c/b");
        assertThat(file.getSize()).isEqualTo(5);
        assertThat(file.getNlink()).isEqualTo(1);
        // S_IFREG
        assertThat(file.getMode() & 0170000).isEqualTo(0100000);
        assertThat(file.getUid()).isEqualTo(System.getProperty("user.name"));
        assertThat(files.list(sandbox + "/b")).isEmpty();
    }

    @Test
    void piecesAreOf64KibibytesAtMost() throws Exception {
        Files.write(sandbox.resolve("big"), new byte[100_000]);
        String big = sandbox + "/big";
        assertThat(files.read(big, 0, -1).data().size()).isEqualTo(65_536);
        assertThat(files.read(big, 0, 1_000_000).data().size()).isEqualTo(65_536);
        assertThat(files.read(big, 65_536, -1).data().size()).isEqualTo(34_464);
        assertThat(files.read(big, 99_999, 10).data().size()).isEqualTo(1);
        assertThat(files.read(big, 0, 0).data().size()).isZero();
        assertThat(files.read(big, 100_000, -1).data().size()).isZero();
        assertThat(files.read(big, Long.MAX_VALUE, Long.MAX_VALUE).data().size())
                .isZero();
        assertThat(files.read(big, -1, -1).size()).isEqualTo(100_000);
    }

    @Test
    void aPipeHoldsNobody() throws Exception {
        Path pipe = sandbox.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        assertThatThrownBy(() -> files.read(pipe.toString(), 0, -1))
                .isInstanceOf(Refusal.class)
                .hasMessage("'pipe' is no regular file.\n");
    }

    /** A task that makes any number of files doesn't take the shim's memory with them. */
    @Test
    void aFolderOfTooManyEntriesIsRefused() throws IOException {
        Path many = Files.createDirectory(sandbox.resolve("many"));
        for (int i = 0; i <= 20_000; i++) {
            Files.createFile(many.resolve(Integer.toString(i)));
        }
        assertThatThrownBy(() -> files.list(many.toString()))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("holds more than 20000 entries");
    }
}
