package io.offerplane.shim.fetch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * How much memory a Zstandard file takes to unpack: each of its frames names a window of its own, up to terabytes, and the decoder
 * believes it. So all frames are looked at first, from one block's header to the next. Source: RFC 8878, section 3.1.
 */
final class ZstdFrames {

    private static final int MAGIC = 0xFD2FB528;
    private static final int SKIPPABLE_MAGIC = 0x184D2A50;
    private static final int LONGEST_HEADER_BYTES = 18;
    private static final int BLOCK_HEADER_BYTES = 3;
    private static final int CHECKSUM_BYTES = 4;
    private static final int ONE_BYTE_REPEATED = 1;

    /** More than anybody has; keeps sums from overflowing. */
    private static final long ENDLESS = 1L << 50;

    private ZstdFrames() {}

    /**
     * Measures the largest of a file's windows. The decoder keeps up to two.
     *
     * @return kibibytes of heap
     * @throws IOException when it is no such file
     */
    static long kibibytes(Path zstd) throws IOException {
        long largest = 0;
        try (FileChannel file = FileChannel.open(zstd)) {
            long at = 0;
            do {
                ByteBuffer header = read(file, at, LONGEST_HEADER_BYTES);
                if ((header.getInt(0) & ~0xf) == SKIPPABLE_MAGIC) {
                    at += 8 + Integer.toUnsignedLong(header.getInt(4));
                    continue;
                }
                if (header.getInt(0) != MAGIC) {
                    throw new IOException("it is no Zstandard file");
                }
                largest = Math.max(largest, window(header));
                at = end(file, at + headerBytes(header), header);
            } while (at < file.size());
        }
        return 1024 + 2 * (largest / 1024);
    }

    private static int descriptor(ByteBuffer header) {
        return header.get(4);
    }

    private static boolean isSingleSegment(ByteBuffer header) {
        return (descriptor(header) & 0x20) != 0;
    }

    private static int dictionaryBytes(ByteBuffer header) {
        return (1 << (descriptor(header) & 3)) >> 1;
    }

    private static int contentSizeBytes(ByteBuffer header) {
        int flag = (descriptor(header) >> 6) & 3;
        return flag == 0 ? (isSingleSegment(header) ? 1 : 0) : 1 << flag;
    }

    private static int headerBytes(ByteBuffer header) {
        return (isSingleSegment(header) ? 5 : 6) + dictionaryBytes(header) + contentSizeBytes(header);
    }

    /** A frame of a single segment has its whole content for a window. */
    private static long window(ByteBuffer header) {
        if (!isSingleSegment(header)) {
            int code = header.get(5) & 0xff;
            long base = 1L << (10 + (code >> 3));
            return Math.min(ENDLESS, base + base / 8 * (code & 7));
        }
        int at = 5 + dictionaryBytes(header);
        long content =
                switch (contentSizeBytes(header)) {
                    case 1 -> header.get(at) & 0xff;
                    case 2 -> 256 + (header.getShort(at) & 0xffff);
                    case 4 -> Integer.toUnsignedLong(header.getInt(at));
                    default -> header.getLong(at);
                };
        return content < 0 ? ENDLESS : Math.min(ENDLESS, content);
    }

    private static long end(FileChannel file, long blocks, ByteBuffer header) throws IOException {
        long at = blocks;
        boolean last = false;
        while (!last) {
            if (at >= file.size()) {
                throw new IOException("it ends too early");
            }
            int block = read(file, at, BLOCK_HEADER_BYTES + 1).getInt(0) & 0xffffff;
            last = (block & 1) != 0;
            at += BLOCK_HEADER_BYTES + (((block >> 1) & 3) == ONE_BYTE_REPEATED ? 1 : block >> 3);
        }
        return at + ((descriptor(header) & 4) != 0 ? CHECKSUM_BYTES : 0);
    }

    /** What is beyond the file's end reads as zeros. */
    private static ByteBuffer read(FileChannel file, long from, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int n = 0;
        while (buffer.hasRemaining() && n >= 0) {
            n = file.read(buffer, from + buffer.position());
        }
        return buffer;
    }
}
