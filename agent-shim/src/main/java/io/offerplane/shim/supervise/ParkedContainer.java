package io.offerplane.shim.supervise;

import io.offerplane.shim.container.ContainerSpec;
import io.offerplane.shim.container.LaunchOrder;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * What the bundle of a container that was made ahead has beside what all have: {@code order/}, which the container sees and can't write, with the pipe
 * {@code wake} and, as soon as there is a task, the file {@code order}; and {@code sandbox/}, which becomes that task's. The file appears whole or not
 * at all, so that it says, also after a crash, whether the task has begun.
 */
record ParkedContainer(Path bundle) {

    private static final FileAttribute<?> ROOTS =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<?> ROOTS_FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** Makes the folders; the spawner makes the pipe. */
    static ParkedContainer prepare(Path bundle) throws IOException {
        ParkedContainer parked = new ParkedContainer(bundle);
        Files.createDirectory(parked.orders(), ROOTS_FOLDER);
        Files.createDirectory(parked.sandbox(), ROOTS_FOLDER);
        return parked;
    }

    /** Whether a bundle is that of such a container. */
    static boolean isIn(Path bundle) {
        return Files.isDirectory(bundle.resolve("order"));
    }

    /** The folder that the container sees. */
    Path orders() {
        return bundle.resolve("order");
    }

    /** The folder that is mounted as its sandbox, as long as it isn't a task's. */
    Path sandbox() {
        return bundle.resolve("sandbox");
    }

    /** Whether its process 1 has been told what to run. */
    boolean isOrdered() {
        return Files.exists(orders().resolve("order"));
    }

    /** Tells its process 1 what to run. */
    void order(ContainerSpec spec) throws IOException {
        Path partial = bundle.resolve("order.partial");
        Files.deleteIfExists(partial);
        Files.createFile(partial, ROOTS);
        try (OutputStream out = Files.newOutputStream(partial)) {
            out.write(LaunchOrder.of(spec));
        }
        Files.move(partial, orders().resolve("order"), StandardCopyOption.ATOMIC_MOVE);
        wake();
    }

    /** Has its process 1 look for an order; may be repeated. */
    void wake() throws IOException {
        // Opened for both, a pipe never has its opener wait for the other end: process 1 may be gone.
        try (FileChannel pipe =
                FileChannel.open(orders().resolve("wake"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            pipe.write(ByteBuffer.wrap(new byte[] {1}));
        }
    }
}
