package io.offerplane.protocol.recordio;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;

/** Frames records for a stream. Stateless. */
public final class RecordIoEncoder {
    private RecordIoEncoder() {}

    /**
     * One framed record in a buffer of its own, which the caller releases.
     *
     * @param record may be empty: then the frame is {@code 0\n}
     */
    public static ByteBuf encode(ByteBufAllocator allocator, byte[] record) {
        byte[] length = Integer.toString(record.length).getBytes(StandardCharsets.US_ASCII);
        ByteBuf frame = allocator.buffer(length.length + 1 + record.length);
        frame.writeBytes(length);
        frame.writeByte('\n');
        frame.writeBytes(record);
        return frame;
    }
}
