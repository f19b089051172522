package io.offerplane.engine.recording;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Writes numbers and texts one after the other. A text is written out once; after that its number stands for it. */
final class ByteSink {
    private byte[] bytes = new byte[256];
    private int size;
    private final Map<String, Integer> texts = new HashMap<>();

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    void writeByte(int value) {
        if (size == bytes.length) {
            bytes = Arrays.copyOf(bytes, 2 * size);
        }
        bytes[size++] = (byte) value;
    }

    void writeBytes(byte[] value) {
        if (size + value.length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + value.length));
        }
        System.arraycopy(value, 0, bytes, size, value.length);
        size += value.length;
    }

    /** Seven bits a byte, lowest first. */
    void writeUnsigned(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            writeByte((int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        writeByte((int) rest);
    }

    /** Small numbers of either sign are short. */
    void writeSigned(long value) {
        writeUnsigned((value << 1) ^ (value >> 63));
    }

    /** Eight bytes, highest first. */
    void writeFixed(long value) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            writeByte((int) (value >>> shift));
        }
    }

    void writeText(String text) {
        Integer known = texts.putIfAbsent(text, texts.size());
        if (known != null) {
            writeUnsigned(known + 1L);
            return;
        }
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        writeUnsigned(0);
        writeUnsigned(encoded.length);
        writeBytes(encoded);
    }
}
