package io.offerplane.protocol.recordio;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes a RecordIO stream apart, however it was cut into pieces. Holds at most one unfinished record. Not thread-safe.
 *
 * <p>After the first {@link MalformedRecordException} every further call throws it again: such a stream has no way back into step.
 */
public final class RecordIoDecoder {
    /** Digits of the largest 64-bit length that Mesos could write. */
    private static final int MAX_LENGTH_DIGITS = 20;

    private final int maxRecordLength;
    private int digits;
    private long length;
    private byte[] record = new byte[0];
    private int filled;
    private boolean inRecord;
    private String fault = "";

    /** @param maxRecordLength the longest record, in bytes, that is read; a longer one ends the stream */
    public RecordIoDecoder(int maxRecordLength) {
        if (maxRecordLength < 0) {
            throw new IllegalArgumentException("maxRecordLength: " + maxRecordLength + " (expected: 0 or more)");
        }
        this.maxRecordLength = maxRecordLength;
    }

    /**
     * Reads all of {@code bytes}.
     *
     * @return the records that these bytes completed, in order
     * @throws MalformedRecordException on a length that is not a decimal number, or is above the limit
     */
    public List<byte[]> decode(ByteBuf bytes) throws MalformedRecordException {
        if (!fault.isEmpty()) {
            throw new MalformedRecordException(fault);
        }
        List<byte[]> records = new ArrayList<>();
        while (bytes.isReadable()) {
            if (inRecord) {
                fill(bytes);
            } else {
                readLength(bytes);
            }
            if (inRecord && filled == length) {
                records.add(record);
                inRecord = false;
                digits = 0;
                length = 0;
                record = new byte[0];
            }
        }
        return records;
    }

    /** Whether the stream may end here: no record and no length is unfinished. */
    public boolean isBetweenRecords() {
        return !inRecord && digits == 0 && fault.isEmpty();
    }

    private void readLength(ByteBuf bytes) throws MalformedRecordException {
        while (bytes.isReadable()) {
            byte next = bytes.readByte();
            if (next == '\n') {
                if (digits == 0) {
                    throw fault("record length: '' (expected: a decimal number before the line feed)");
                }
                inRecord = true;
                filled = 0;
                // Grows with what arrives: a claimed length alone must not cost memory.
                record = new byte[(int) Math.min(length, 4096)];
                return;
            }
            if (next < '0' || next > '9') {
                throw fault(
                        "record length: byte 0x" + Integer.toHexString(next & 0xff) + " (expected: a decimal digit)");
            }
            digits++;
            if (digits > MAX_LENGTH_DIGITS) {
                throw fault("record length: more than " + MAX_LENGTH_DIGITS + " digits");
            }
            length = length * 10 + (next - '0');
            if (length > maxRecordLength) {
                throw fault("record length: " + length + " (expected: at most " + maxRecordLength + " bytes)");
            }
        }
    }

    private void fill(ByteBuf bytes) {
        int now = (int) Math.min(bytes.readableBytes(), length - filled);
        if (record.length < filled + now) {
            int larger = (int) Math.min(length, Math.max((long) record.length * 2, filled + now));
            record = java.util.Arrays.copyOf(record, larger);
        }
        bytes.readBytes(record, filled, now);
        filled += now;
        if (filled == length && record.length != length) {
            record = java.util.Arrays.copyOf(record, filled);
        }
    }

    private MalformedRecordException fault(String message) {
        fault = message;
        return new MalformedRecordException(message);
    }
}
