package io.offerplane.shim.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Records of a stream in Mesos' RecordIO: each after its length in decimal digits and a line feed. For one thread. */
final class RecordReader {

    private static final int MAX_DIGITS = 10;

    private final InputStream in;
    private final int maxBytes;

    /** @param maxBytes the most that a record may have */
    RecordReader(InputStream in, int maxBytes) {
        this.in = in;
        this.maxBytes = maxBytes;
    }

    /**
     * Waits for the next.
     *
     * @return empty at the end of the stream
     * @throws Refusal when it is no record, or too large a one
     */
    Optional<byte[]> next() throws IOException, Refusal {
        StringBuilder digits = new StringBuilder();
        int next = in.read();
        if (next < 0) {
            return Optional.empty();
        }
        while (next != '\n') {
            if (next < '0' || next > '9' || digits.length() == MAX_DIGITS) {
                throw new Refusal(
                        400,
                        "Decoding failure: expected the length of a record in decimal digits, and a line feed after it");
            }
            digits.append((char) next);
            next = in.read();
        }
        long length = digits.isEmpty() ? -1 : Long.parseLong(digits.toString());
        if (length < 0 || length > maxBytes) {
            throw new Refusal(
                    length < 0 ? 400 : 413,
                    "Decoding failure: a record of '" + digits + "' bytes; " + maxBytes + " are the most");
        }
        byte[] record = new byte[(int) length];
        // The other form of this asks for zero bytes at the end, for which the JDK's server waits until the next chunk.
        if (in.readNBytes(record, 0, record.length) < length) {
            throw new Refusal(400, "Decoding failure: the stream ends within a record");
        }
        return Optional.of(record);
    }
}
