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
 * This machine's files, as Hadoop knows them, for the state that the head keeps. Without a native library Hadoop's own runs the program chmod for each
 * file, and beside the head there is none.
 */
public final class StateFileSystem extends LocalFileSystem {
    /** For Hadoop, which makes one by its class name. */
    public StateFileSystem() {
        super(new WithoutPrograms());
    }

    private static final class WithoutPrograms extends RawLocalFileSystem {
        // As they stand in a mode, from the least bit on.
        private static final PosixFilePermission[] BITS = {
            PosixFilePermission.OTHERS_EXECUTE,
            PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.GROUP_EXECUTE,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.OWNER_EXECUTE,
            PosixFilePermission.OWNER_WRITE,
            PosixFilePermission.OWNER_READ
        };

        @Override
        public void setPermission(Path path, FsPermission permission) throws IOException {
            Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
            for (int bit = 0; bit < BITS.length; bit++) {
                if ((permission.toShort() & 1 << bit) != 0) {
                    permissions.add(BITS[bit]);
                }
            }
            Files.setPosixFilePermissions(pathToFile(path).toPath(), permissions);
        }
    }
}
