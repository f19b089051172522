package io.offerplane.yarn.gateway.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileSystemTest {
    @TempDir
    private java.nio.file.Path folder;

    @Test
    void permissionsAreSetAsAsked() throws Exception {
        Configuration conf = new Configuration();
        try (StateFileSystem files = new StateFileSystem()) {
            files.initialize(URI.create("file:///"), conf);
            for (int mode : new int[] {0750, 0400, 0777, 0611}) {
                java.nio.file.Path file = Files.createFile(folder.resolve("mode-" + mode));
                files.setPermission(new Path(file.toUri()), new FsPermission((short) mode));
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .isEqualTo(new FsPermission((short) mode).toString());
            }
        }
    }
}
