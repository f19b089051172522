package io.offerplane.protocol.libprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names of processes, and requests that are messages: what is sent, and what is taken. */
class LibprocessFramingTest {

    private static final long SEED = Long.getLong("fuzz.seed", 20261128);
    private static final int RUNS = Integer.getInteger("fuzz.runs", 20_000);

    private static Upid upid(String text) {
        try {
            return Upid.parse(text);
        } catch (MalformedUpidException e) {
            throw new AssertionError(text, e);
        }
    }

    private static String encoded(LibprocessMessage message, String to) {
        return new String(message.encode(upid("slave(1)@10.0.0.1:5051"), upid(to)), StandardCharsets.US_ASCII);
    }

    @Test
    void aPidIsPrintedAsItWasRead() {
        assertThat(upid("executor(1)@10.1.2.3:41000")).hasToString("executor(1)@10.1.2.3:41000");
        assertThat(upid("executor(1)@10.1.2.3:41000").socketAddress().getPort()).isEqualTo(41000);
        assertThat(upid(Upid.NOBODY).isNobody()).isTrue();
        assertThat(upid("executor(1)@127.0.0.1:0").isNobody()).isFalse();
    }

    @Test
    void aHostByNameIsTheSamePid() {
        assertThat(upid("e@localhost:80")).isEqualTo(upid("e@127.0.0.1:80"));
        assertThat(upid("e@127.0.0.1:80")).isNotEqualTo(upid("e@127.0.0.1:81"));
        assertThat(upid("e@127.0.0.1:80")).isNotEqualTo(upid("f@127.0.0.1:80"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "executor(1)",
                "e@127.0.0.1",
                "e@:80",
                "e@127.0.0.1:",
                "e@127.0.0.1:65536",
                "e@127.0.0.1:-1",
                "e@127.0.0.1:+1",
                "e/f@127.0.0.1:80",
                "e\r\nHost: x@127.0.0.1:80",
                "e@127.0.0.1 :80",
                "e@[::1]:80"
            })
    void whatNamesNoProcessIsRefused(String text) {
        assertThatThrownBy(() -> Upid.parse(text)).isInstanceOf(MalformedUpidException.class);
    }

    @Test
    void aPidOfAnyLengthIsRefusedBeforeItIsRead() {
        assertThatThrownBy(() -> Upid.parse("e".repeat(600) + "@127.0.0.1:80"))
                .isInstanceOf(MalformedUpidException.class)
                .hasMessageContaining("512");
    }

    @Test
    void aMessageIsOneChunk() {
        LibprocessMessage message =
                new LibprocessMessage("mesos.internal.RunTaskMessage", ByteString.copyFromUtf8("x".repeat(0x1a)));
        assertThat(encoded(message, "executor(1)@10.0.0.2:4000")).isEqualTo("""
                        POST /executor(1)/mesos.internal.RunTaskMessage HTTP/1.1\r
                        User-Agent: libprocess/slave(1)@10.0.0.1:5051\r
                        Libprocess-From: slave(1)@10.0.0.1:5051\r
                        Connection: Keep-Alive\r
                        Host: \r
                        Transfer-Encoding: chunked\r
                        \r
                        1a\r
                        xxxxxxxxxxxxxxxxxxxxxxxxxx\r
                        0\r
                        \r
                        """);
    }

    @Test
    void anEmptyMessageHasNoLength() {
        LibprocessMessage message = new LibprocessMessage("mesos.internal.PongSlaveMessage", ByteString.EMPTY);
        assertThat(encoded(message, "@10.0.0.2:4000")).isEqualTo("""
                        POST /mesos.internal.PongSlaveMessage HTTP/1.1\r
                        User-Agent: libprocess/slave(1)@10.0.0.1:5051\r
                        Libprocess-From: slave(1)@10.0.0.1:5051\r
                        Connection: Keep-Alive\r
                        Host: \r
                        \r
                        """);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a\r\nb", "a/b"})
    void aNameThatWouldBreakTheRequestIsRefused(String name) {
        assertThatThrownBy(() -> new LibprocessMessage(name, ByteString.EMPTY))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void oneOfTwoHeadersMakesAPostAMessage() {
        assertThat(LibprocessRequest.of("POST", "/slave(1)/mesos.internal.X", "libprocess/e@1.2.3.4:5", null))
                .contains(new LibprocessRequest("e@1.2.3.4:5", "slave(1)", "mesos.internal.X"));
        assertThat(LibprocessRequest.of("POST", "/slave%281%29/mesos.internal.X", "Go", " e@1.2.3.4:6 "))
                .contains(new LibprocessRequest("e@1.2.3.4:6", "slave(1)", "mesos.internal.X"));
        assertThat(LibprocessRequest.of("POST", "/mesos.internal.X", "libprocess/a@1.2.3.4:5", "b@1.2.3.4:5"))
                .contains(new LibprocessRequest("b@1.2.3.4:5", "", "mesos.internal.X"));
    }

    @Test
    void everythingElseIsOrdinaryHttp() {
        assertThat(LibprocessRequest.of("GET", "/slave(1)/state", "libprocess/e@1.2.3.4:5", "e@1.2.3.4:5"))
                .isEmpty();
        assertThat(LibprocessRequest.of("POST", "/slave(1)/api/v1", "curl/8", null))
                .isEmpty();
        assertThat(LibprocessRequest.of("POST", "/slave(1)/api/v1", null, null)).isEmpty();
    }

    /** Only ids and ports are bitten: hosts would be asked of the network. */
    @Test
    void bittenRequestsAreTakenOrRefused() {
        int taken = 0;
        int refused = 0;
        for (int run = 0; run < RUNS; run++) {
            long seed = SEED + run;
            Random random = new Random(seed);
            String id = bitten("slave(1)", random);
            String port = bitten("5051", random);
            try {
                Optional<LibprocessRequest> request = LibprocessRequest.of(
                        "POST", "/" + bitten("slave%281%29/mesos.internal.X", random), "libprocess/" + id, null);
                assertThat(request).as("seed %s", seed).isPresent();
                Upid upid = Upid.parse(id.replace("@", "") + "@127.0.0.1:" + port);
                assertThat(Upid.parse(upid.toString())).isEqualTo(upid);
                taken++;
            } catch (MalformedUpidException e) {
                refused++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(taken).isPositive();
        assertThat(refused).isPositive();
    }

    private static String bitten(String text, Random random) {
        StringBuilder bitten = new StringBuilder(text);
        for (int bites = random.nextInt(3); bites > 0 && !bitten.isEmpty(); bites--) {
            int at = random.nextInt(bitten.length());
            switch (random.nextInt(3)) {
                case 0 -> bitten.setCharAt(at, (char) random.nextInt(0x180));
                case 1 -> bitten.deleteCharAt(at);
                default -> bitten.insert(at, (char) random.nextInt(0x80));
            }
        }
        return bitten.toString();
    }
}
