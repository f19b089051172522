package io.offerplane.yarn.gateway.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileSystemTest {
    @Test
    void filesAndFoldersHaveTheModeThatTheyAreMadeWith(@TempDir Path home) throws Exception {
        Configuration hadoop = new Configuration(false);
        hadoop.set("fs.file.impl", StateFileSystem.class.getName());
        try (FileSystem files = FileSystem.newInstance(URI.create("file:///"), hadoop)) {
            var folder = new org.apache.hadoop.fs.Path(home.resolve("state").toUri());
            files.mkdirs(folder, new FsPermission((short) 0700));
            var file = new org.apache.hadoop.fs.Path(folder, "application");
            try (OutputStream out = files.create(file)) {
                out.write(7);
            }
            files.setPermission(file, new FsPermission((short) 0640));

            assertThat(mode(home.resolve("state"))).isEqualTo("rwx------");
            assertThat(mode(home.resolve("state/application"))).isEqualTo("rw-r-----");
            assertThat(files.open(file).read()).isEqualTo(7);
        }
    }

    private static String mode(Path path) throws Exception {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
