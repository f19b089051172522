package io.offerplane.protocol.mesos;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import io.netty.buffer.Unpooled;
import io.offerplane.protocol.recordio.MalformedRecordException;
import io.offerplane.protocol.recordio.RecordIoDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.junit.jupiter.api.Test;

/**
 * Bytes that were right once and were then bitten: readers answer with their own exception or with a message, never with another
 * exception, and soon. Longer runs: {@code -Dfuzz.runs=1000000 -Dfuzz.seed=1}.
 */
class WireFuzzTest {
    private static final long SEED = Long.getLong("fuzz.seed", 20261121);
    private static final int RUNS = Integer.getInteger("fuzz.runs", 20_000);
    private static final Duration LONGEST = Duration.ofSeconds(2);

    /** Reads bytes; may throw only what it declares. */
    private interface Reader {
        void read(byte[] bytes)
                throws MalformedMessageException, MalformedRecordException, InvalidProtocolBufferException;
    }

    @Test
    void jsonReaderAnswersBittenCalls() {
        fuzz(
                seed -> MesosJsonWriter.toBytes(new RandomMessages(seed).fill(Call.newBuilder())),
                bytes -> MesosJsonReader.merge(bytes, Call.newBuilder()));
    }

    @Test
    void jsonReaderAnswersText() {
        String[] words = {
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "\"",
            "\"type\"",
            "\"SUBSCRIBE\"",
            "\"subscribe\"",
            "\"accept\"",
            "null",
            "true",
            "1",
            "-",
            "1e9999",
            "0.1",
            "\"framework_info\"",
            "\\u",
            "\\ud800",
            "\u0000",
            "\"\\",
            "\n",
            "\"limits\"",
            "NaN"
        };
        fuzz(
                seed -> {
                    Random random = new Random(seed);
                    StringBuilder text = new StringBuilder("{");
                    for (int i = random.nextInt(40); i > 0; i--) {
                        text.append(words[random.nextInt(words.length)]);
                    }
                    return text.toString().getBytes(StandardCharsets.UTF_8);
                },
                bytes -> MesosJsonReader.merge(bytes, Call.newBuilder()));
    }

    @Test
    void protobufReaderAnswersBittenCalls() {
        fuzz(seed -> new RandomMessages(seed).fill(Call.newBuilder()).toByteArray(), bytes -> Call.newBuilder()
                .mergeFrom(bytes, ExtensionRegistryLite.getEmptyRegistry()));
    }

    @Test
    void recordReaderAnswersBittenStreams() {
        fuzz(
                seed -> {
                    byte[] record =
                            new RandomMessages(seed).fill(Call.newBuilder()).toByteArray();
                    byte[] length = (record.length + "\n").getBytes(StandardCharsets.US_ASCII);
                    byte[] stream = Arrays.copyOf(length, length.length + record.length);
                    System.arraycopy(record, 0, stream, length.length, record.length);
                    return stream;
                },
                bytes -> new RecordIoDecoder(1 << 20).decode(Unpooled.wrappedBuffer(bytes)));
    }

    private interface Corpus {
        byte[] make(long seed);
    }

    private static void fuzz(Corpus corpus, Reader reader) {
        int refused = 0;
        int taken = 0;
        for (int run = 0; run < RUNS; run++) {
            long seed = SEED + run;
            byte[] bytes = bite(corpus.make(seed), new Random(seed));
            long start = CpuTime.nanos();
            try {
                reader.read(bytes);
                taken++;
            } catch (MalformedMessageException | MalformedRecordException | InvalidProtocolBufferException e) {
                refused++;
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed + ": " + Arrays.toString(bytes), e);
            }
            assertThat(Duration.ofNanos(CpuTime.nanos() - start))
                    .as("seed %s", seed)
                    .isLessThan(LONGEST);
        }
        // Were all refused or none, the mutations would be too wild or too tame to say anything.
        assertThat(refused).as("refused").isPositive();
        assertThat(taken).as("taken").isPositive();
    }

    private static byte[] bite(byte[] bytes, Random random) {
        byte[] bitten = bytes.clone();
        for (int bites = random.nextInt(4); bites > 0 && bitten.length > 0; bites--) {
            int at = random.nextInt(bitten.length);
            switch (random.nextInt(4)) {
                case 0 -> bitten[at] = (byte) random.nextInt(256);
                case 1 -> bitten = Arrays.copyOf(bitten, at);
                case 2 -> bitten[at] ^= (byte) (1 << random.nextInt(8));
                default -> {
                    int length = Math.min(random.nextInt(30) + 1, bitten.length - at);
                    byte[] doubled = Arrays.copyOf(bitten, bitten.length + length);
                    System.arraycopy(bitten, at, doubled, at + length, bitten.length - at);
                    bitten = doubled;
                }
            }
        }
        return bitten;
    }
}
