package io.offerplane.yarn.node.localize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFileTest {
    @TempDir
    Path home;

    private Path open;
    private Path secret;

    @BeforeEach
    void fill() throws IOException {
        open = Files.createDirectories(home.resolve("open/below")).getParent();
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(open.resolve("below"), PosixFilePermissions.fromString("rwxr-xr-x"));
        secret =
                Files.writeString(Files.createDirectory(home.resolve("secrets")).resolve("token"), "secret");
    }

    private String read(Path path) throws IOException, LocalizationException {
        try (LocalFile file = LocalFile.find(path, List.of(open))) {
            return new String(file.open().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void filesOfAnOpenFolderAreReadWithTimeAndSize() throws Exception {
        Path file = Files.writeString(open.resolve("below/jar"), "program");
        assertThat(read(file)).isEqualTo("program");
        try (LocalFile found = LocalFile.find(file, List.of(open))) {
            assertThat(found.length()).isEqualTo(7);
            assertThat(found.modified())
                    .isEqualTo(Files.getLastModifiedTime(file).toMillis());
        }
    }

    @Test
    void whatIsElsewhereIsRefused() {
        for (Path path : List.of(secret, open.resolve("../secrets/token"), open, Path.of("/etc/passwd"))) {
            assertThatThrownBy(() -> read(path))
                    .isInstanceOf(LocalizationException.class)
                    .hasMessageContaining("open to applications");
        }
    }

    @Test
    void noLinkIsFollowedNeitherAtTheEndNorOnTheWay() throws IOException {
        Files.createSymbolicLink(open.resolve("token"), secret);
        Files.createSymbolicLink(open.resolve("away"), secret.getParent());
        assertThatThrownBy(() -> read(open.resolve("token"))).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> read(open.resolve("away/token"))).isInstanceOf(IOException.class);
    }

    @Test
    void aFileIsPublicWhenEverybodyMayGetToIt() throws Exception {
        Path file = Files.writeString(open.resolve("below/jar"), "program");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        try (LocalFile found = LocalFile.find(file, List.of(open))) {
            assertThat(found.isPublic()).isTrue();
        }
        Files.setPosixFilePermissions(open.resolve("below"), PosixFilePermissions.fromString("rwxr-x---"));
        try (LocalFile found = LocalFile.find(file, List.of(open))) {
            assertThat(found.isPublic()).isFalse();
        }
    }
}
