package io.offerplane.protocol.recordio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordIoTest {
    private static final int LIMIT = 1 << 20;

    @Test
    void writesLengthLineFeedAndBytesWithNothingBehind() {
        assertThat(text(RecordIoEncoder.encode(UnpooledByteBufAllocator.DEFAULT, bytes("{\"a\":1}"))))
                .isEqualTo("7\n{\"a\":1}");
        assertThat(text(RecordIoEncoder.encode(UnpooledByteBufAllocator.DEFAULT, new byte[0])))
                .isEqualTo("0\n");
    }

    @Test
    void readsTheSameRecordsHoweverTheStreamIsCut() throws MalformedRecordException {
        long seed = 7;
        Random random = new Random(seed);
        for (int run = 0; run < 200; run++) {
            List<byte[]> records = new ArrayList<>();
            ByteBuf stream = Unpooled.buffer();
            for (int i = random.nextInt(5) + 1; i > 0; i--) {
                byte[] record = new byte[random.nextInt(4) == 0 ? 0 : random.nextInt(40)];
                random.nextBytes(record);
                records.add(record);
                stream.writeBytes(RecordIoEncoder.encode(UnpooledByteBufAllocator.DEFAULT, record));
            }
            for (int cut = 0; cut <= stream.writerIndex(); cut++) {
                RecordIoDecoder decoder = new RecordIoDecoder(LIMIT);
                List<byte[]> read = new ArrayList<>(decoder.decode(stream.slice(0, cut)));
                read.addAll(decoder.decode(stream.slice(cut, stream.writerIndex() - cut)));
                assertThat(read)
                        .as("seed %s, run %s, cut at %s", seed, run, cut)
                        .usingElementComparator(java.util.Arrays::compare)
                        .containsExactlyElementsOf(records);
                assertThat(decoder.isBetweenRecords()).isTrue();
            }
        }
    }

    @Test
    void readsByteByByte() throws MalformedRecordException {
        RecordIoDecoder decoder = new RecordIoDecoder(LIMIT);
        List<String> read = new ArrayList<>();
        for (byte one : bytes("3\nabc0\n12\nhello, world")) {
            decoder.decode(Unpooled.wrappedBuffer(new byte[] {one}))
                    .forEach(record -> read.add(new String(record, StandardCharsets.UTF_8)));
        }
        assertThat(read).containsExactly("abc", "", "hello, world");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "-1\n", "abc\n", "1.5\na", " 1\na", "+1\na", "0x1\na", "1\r\na", "{\"a\":1}"})
    void refusesWhatIsNoLength(String stream) {
        RecordIoDecoder decoder = new RecordIoDecoder(LIMIT);
        assertThatThrownBy(() -> decoder.decode(Unpooled.wrappedBuffer(bytes(stream))))
                .isInstanceOf(MalformedRecordException.class)
                .hasMessageStartingWith("record length: ");
        assertThat(decoder.isBetweenRecords()).isFalse();
        assertThatThrownBy(() -> decoder.decode(Unpooled.wrappedBuffer(bytes("1\na"))))
                .as("a stream out of step stays so")
                .isInstanceOf(MalformedRecordException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"1048577\n", "99999999999999999999\n", "18446744073709551615\n", "000000000000000000000001\n"})
    void refusesLengthsBeyondItsLimit(String stream) {
        assertThatThrownBy(() -> new RecordIoDecoder(LIMIT).decode(Unpooled.wrappedBuffer(bytes(stream))))
                .isInstanceOf(MalformedRecordException.class);
    }

    @Test
    void takesNoMemoryForALengthThatIsOnlyClaimed() throws MalformedRecordException {
        List<RecordIoDecoder> decoders = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            RecordIoDecoder decoder = new RecordIoDecoder(1 << 30);
            // 2000 times a gibibyte: far beyond any heap, were it taken at its word.
            decoder.decode(Unpooled.wrappedBuffer(bytes("1073741824\nx")));
            decoders.add(decoder);
        }
        assertThat(decoders).noneMatch(RecordIoDecoder::isBetweenRecords);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(ByteBuf buffer) {
        try {
            return buffer.toString(StandardCharsets.UTF_8);
        } finally {
            buffer.release();
        }
    }
}
