package io.offerplane.shim.fetch;

import java.io.IOException;
import java.nio.file.FileStore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much one fetch may still write. It ends archives that unpack to more than anybody has room for, and keeps the last of the disk
 * for the other tasks of the node. Safe for several threads.
 */
final class WriteBudget {

    /** What a file, folder or link takes however small it is, so that a million empty ones count too. */
    static final long ENTRY_BYTES = 4096;

    /** Left alone on the disk: without it, the journal could not be written. */
    static final long RESERVE_BYTES = 1L << 30;

    /** Asking the file system for its free room at each write would cost more than the write. */
    private static final long LOOK_EVERY_BYTES = 16L << 20;

    private final long most;
    private final long reserve;
    private final FileStore disk;
    private final AtomicLong written = new AtomicLong();

    /**
     * @param most bytes in all
     * @param reserve bytes that stay free on the disk
     */
    WriteBudget(long most, long reserve, FileStore disk) {
        this.most = most;
        this.reserve = reserve;
        this.disk = disk;
    }

    /**
     * Counts bytes that are about to be written.
     *
     * @throws IOException when they are too many
     */
    void charge(long bytes) throws IOException {
        long after = written.addAndGet(bytes);
        if (after > most) {
            throw new IOException("it brings the task's files to more than " + most
                    + " bytes, unpacked ones included; fetch.maxSize of the AgentPool allows no more");
        }
        if ((after - bytes) / LOOK_EVERY_BYTES != after / LOOK_EVERY_BYTES || after == bytes) {
            long free = disk.getUsableSpace();
            if (free < reserve) {
                throw new IOException("the node's disk has only " + free + " bytes left; expected " + reserve);
            }
        }
    }
}
