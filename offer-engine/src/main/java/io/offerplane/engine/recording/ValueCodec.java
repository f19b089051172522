package io.offerplane.engine.recording;

import io.offerplane.engine.framework.AttributeConstraint.TextPattern;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Values of one type as bytes and back. The same value gives the same bytes on any JVM.
 *
 * <p>Bytes begin with a mark and a fingerprint of all types that are in them, so that a program whose types have changed refuses them
 * instead of reading something else. Any number of threads may share one; making one reflects over many
 * types, so keep it.
 *
 * @param <T> a record or a sealed interface of records, of the engine's
 */
public final class ValueCodec<T> {
    private static final byte[] MARK = {'O', 'P', 'V', '1'};
    private static final int FINGERPRINT = 8;

    private final Form<T> form;
    private final byte[] head;

    private ValueCodec(Form<T> form) {
        this.form = form;
        Set<String> description = new TreeSet<>();
        form.describe(description);
        head = Arrays.copyOf(MARK, MARK.length + FINGERPRINT);
        System.arraycopy(digest(String.join("\n", description)), 0, head, MARK.length, FINGERPRINT);
    }

    /**
     * @param compiler makes an expression of its text, for what frameworks demand of agents
     * @throws IllegalArgumentException when there are types in it that can't be written
     */
    public static <T> ValueCodec<T> of(Class<T> type, Function<String, TextPattern> compiler) {
        return new ValueCodec<>(new Forms(compiler).of(type));
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    public byte[] encode(T value) {
        ByteSink sink = new ByteSink();
        sink.writeBytes(head);
        form.write(sink, value);
        return sink.toByteArray();
    }

    /** @throws DamagedRecordingException when the bytes are not what {@link #encode} of this version makes */
    public T decode(byte[] bytes) {
        ByteSource source = new ByteSource(bytes);
        byte[] found = bytes.length < head.length ? bytes : source.readBytes(head.length);
        if (!Arrays.equals(found, 0, Math.min(MARK.length, found.length), MARK, 0, MARK.length)) {
            throw new DamagedRecordingException("recording: it does not begin as one (expected: OPV1)");
        }
        if (!Arrays.equals(found, head)) {
            throw new DamagedRecordingException(
                    "recording: made by another version, whose types differ (expected: one made by this version)");
        }
        T value;
        try {
            value = form.read(source);
        } catch (DamagedRecordingException e) {
            throw e;
        } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
            throw source.damaged("no such value is possible", e);
        }
        if (!source.isAtEnd()) {
            throw source.damaged("something follows after its end");
        }
        return value;
    }
}
