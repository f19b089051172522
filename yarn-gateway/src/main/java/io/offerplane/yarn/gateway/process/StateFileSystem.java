package io.offerplane.yarn.gateway.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Hadoop's local file system, which sets permissions itself: Hadoop's own runs {@code chmod} where its native library is missing, and
 * there is no program beside the head.
 */
public final class StateFileSystem extends LocalFileSystem {
    /** Made by Hadoop, by its name. */
    public StateFileSystem() {
        super(new WithoutPrograms());
    }

    private static final class WithoutPrograms extends RawLocalFileSystem {
        @Override
        public void setPermission(Path path, FsPermission permission) throws IOException {
            var _ = Files.setPosixFilePermissions(pathToFile(path).toPath(), posix(permission));
        }

        private static Set<PosixFilePermission> posix(FsPermission permission) {
            // Both list them from the owner's read to the others' execute.
            PosixFilePermission[] all = PosixFilePermission.values();
            Set<PosixFilePermission> granted = EnumSet.noneOf(PosixFilePermission.class);
            for (int i = 0; i < all.length; i++) {
                if ((permission.toShort() >> (all.length - 1 - i) & 1) == 1) {
                    granted.add(all[i]);
                }
            }
            return granted;
        }
    }
}
