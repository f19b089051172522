package io.offerplane.engine.recording;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads what {@link ByteSink} wrote. Never reads or reserves more than there is. */
final class ByteSource {
    private static final int DEEPEST = 64;

    private final byte[] bytes;
    private int position;
    private int depth;
    private final List<String> texts = new ArrayList<>();

    ByteSource(byte[] bytes) {
        this.bytes = bytes;
    }

    boolean isAtEnd() {
        return position == bytes.length;
    }

    /** A value inside another begins. */
    void descend() {
        if (++depth > DEEPEST) {
            throw damaged("values are more than " + DEEPEST + " deep");
        }
    }

    void ascend() {
        depth--;
    }

    int readByte() {
        if (position == bytes.length) {
            throw damaged("it ends in the middle of a value");
        }
        return bytes[position++] & 0xFF;
    }

    byte[] readBytes(int count) {
        if (count > bytes.length - position) {
            throw damaged(count + " bytes are announced, and " + (bytes.length - position) + " are left");
        }
        position += count;
        return Arrays.copyOfRange(bytes, position - count, position);
    }

    long readUnsigned() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = readByte();
            value |= (long) (next & 0x7F) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw damaged("a number is longer than 64 bits");
    }

    long readSigned() {
        long value = readUnsigned();
        return (value >>> 1) ^ -(value & 1);
    }

    long readFixed() {
        long value = 0;
        for (int i = 0; i < 8; i++) {
            value = value << 8 | readByte();
        }
        return value;
    }

    /** How many elements follow, of at least one byte each. */
    int readCount() {
        long count = readUnsigned();
        if (count < 0 || count > bytes.length - position) {
            throw damaged(count + " elements are announced, and " + (bytes.length - position) + " bytes are left");
        }
        return (int) count;
    }

    String readText() {
        long number = readUnsigned();
        if (number == 0) {
            String text = new String(readBytes(readCount()), StandardCharsets.UTF_8);
            texts.add(text);
            return text;
        }
        if (number < 0 || number > texts.size()) {
            throw damaged("text number " + number + " of " + texts.size());
        }
        return texts.get((int) number - 1);
    }

    DamagedRecordingException damaged(String what) {
        return new DamagedRecordingException(text(what));
    }

    DamagedRecordingException damaged(String what, Throwable cause) {
        return new DamagedRecordingException(text(what), cause);
    }

    private String text(String what) {
        return "recording: at byte " + position + ": " + what;
    }
}
