package io.offerplane.shim.fetch;

import java.io.IOException;
import java.util.concurrent.Semaphore;

/**
 * The heap that archives may take while they are unpacked. Some formats let whoever packed an archive choose how much memory
 * unpacking takes, up to gibibytes, and the shim's heap is small: without a share of its own, one task's archive would end the shim.
 * Archives that don't fit beside each other wait for each other; those that never fit are refused.
 */
final class DecoderMemory {

    private final int kibibytes;
    private final Semaphore left;

    /** @param kibibytes for all archives that are unpacked at one time */
    DecoderMemory(int kibibytes) {
        this.kibibytes = kibibytes;
        this.left = new Semaphore(kibibytes, true);
    }

    /** Three eighths of the heap that this process may have: the shim itself takes about a third of its 64 MiB. */
    static DecoderMemory ofHeap() {
        long heapKibibytes = Runtime.getRuntime().maxMemory() / 1024;
        return new DecoderMemory((int) Math.min(Integer.MAX_VALUE, heapKibibytes * 3 / 8));
    }

    /** Memory taken until closed. */
    interface Share extends AutoCloseable {
        @Override
        void close();
    }

    int kibibytes() {
        return kibibytes;
    }

    /**
     * Takes memory; waits for it.
     *
     * @throws IOException when there is never so much
     */
    Share take(long wanted) throws IOException, InterruptedException {
        if (wanted > kibibytes) {
            throw new IOException("unpacking it takes " + mebibytes(wanted) + " MiB of memory and the agent has "
                    + mebibytes(kibibytes) + " for that; pack it with a smaller dictionary, such as xz -6 or zstd -19");
        }
        int taken = (int) wanted;
        left.acquire(taken);
        return () -> left.release(taken);
    }

    private static long mebibytes(long kibibytes) {
        return (kibibytes + 1023) >> 10;
    }
}
