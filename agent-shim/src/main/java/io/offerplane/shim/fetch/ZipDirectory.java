package io.offerplane.shim.fetch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * How much memory a zip's list of files takes. The library reads the whole list before the first file, and a hundred megabytes of
 * zip can be nothing but list. Source: PKWARE's APPNOTE, sections 4.3.12 to 4.3.16.
 */
final class ZipDirectory {

    private static final int END_SIGNATURE = 0x06054b50;
    private static final int END_BYTES = 22;
    private static final int OFFSET_IN_END = 16;
    private static final int MAX_COMMENT_BYTES = 0xffff;
    private static final int END64_LOCATOR_SIGNATURE = 0x07064b50;
    private static final int END64_LOCATOR_BYTES = 20;
    private static final int END64_OFFSET_IN_LOCATOR = 8;
    private static final int END64_BYTES = 56;
    private static final int OFFSET_IN_END64 = 48;

    /** An entry is at least 46 bytes and its name in the file, and some 600 bytes of objects on the heap. */
    private static final int HEAP_PER_BYTE = 10;

    private ZipDirectory() {}

    /**
     * Measures, without believing the lengths that the file states: the list ends at its end record at the latest.
     *
     * @return kibibytes of heap
     * @throws IOException when there is no end record
     */
    static long kibibytes(Path zip) throws IOException {
        try (FileChannel file = FileChannel.open(zip)) {
            long length = file.size();
            int tail = (int) Math.min(length, END_BYTES + MAX_COMMENT_BYTES);
            ByteBuffer last = read(file, length - tail, tail);
            for (int at = tail - END_BYTES; at >= 0; at--) {
                if (last.getInt(at) == END_SIGNATURE) {
                    long end = length - tail + at;
                    long begin = begin(file, end, Integer.toUnsignedLong(last.getInt(at + OFFSET_IN_END)));
                    return 1 + Math.max(0, end - Math.max(0, begin)) * HEAP_PER_BYTE / 1024;
                }
            }
        }
        throw new IOException("it is no zip archive: it has no list of its files at its end");
    }

    /** A zip64's end record is found by the locator before the usual one, and wins over it. */
    private static long begin(FileChannel file, long end, long stated) throws IOException {
        long locator = end - END64_LOCATOR_BYTES;
        if (locator < 0) {
            return stated;
        }
        ByteBuffer text = read(file, locator, END64_LOCATOR_BYTES);
        if (text.getInt(0) != END64_LOCATOR_SIGNATURE) {
            return stated;
        }
        long end64 = text.getLong(END64_OFFSET_IN_LOCATOR);
        if (end64 < 0 || end64 > locator - END64_BYTES) {
            throw new IOException("it is no zip archive: its zip64 record lies outside it");
        }
        return Math.min(stated, read(file, end64, END64_BYTES).getLong(OFFSET_IN_END64));
    }

    private static ByteBuffer read(FileChannel file, long from, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (file.read(buffer, from + buffer.position()) < 0) {
                throw new IOException("it ends too early");
            }
        }
        return buffer;
    }
}
