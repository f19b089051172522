package io.offerplane.mesos.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ResourceLeakDetector;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Bytes in, bytes out, through the whole pipeline of a connection. */
class ConnectionHandlerTest {
    private static final HttpLimits LIMITS = new HttpLimits(200, 500, 1000, 4, Duration.ofSeconds(60), 2);

    private final HttpCounters counters = new HttpCounters();
    private final List<Exchange> held = new ArrayList<>();
    private final List<EventStream> streams = new ArrayList<>();
    private final Router router = new Router(
            Map.of(
                    "/master/echo", exchange -> exchange.respond(Answer.text(200, echo(exchange))),
                    "/master/hold", held::add,
                    "/master/large",
                            exchange -> exchange.respond(
                                    Answer.json("{\"a\":1}".repeat(400).getBytes(StandardCharsets.UTF_8))),
                    "/master/fail",
                            exchange -> {
                                throw new IllegalStateException("planted");
                            },
                    "/master/stream",
                            exchange -> {
                                EventStream stream = exchange.newStream(10_000);
                                exchange.open(stream, "application/json", Map.of("Mesos-Stream-Id", "id"));
                                streams.add(stream);
                            }),
            Set.of());
    private EmbeddedChannel channel = connect();

    @BeforeAll
    static void watchForLeaks() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private static String echo(Exchange exchange) {
        return exchange.method() + " " + exchange.routedPathAndQuery() + " "
                + new String(exchange.body(), StandardCharsets.UTF_8);
    }

    private EmbeddedChannel connect() {
        EmbeddedChannel connected = new EmbeddedChannel();
        ConnectionHandler.pipeline(router, LIMITS, counters).accept(connected.pipeline());
        connected.pipeline().fireChannelActive();
        return connected;
    }

    private void send(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    }

    private String sent() {
        return new String(sentBytes(), StandardCharsets.ISO_8859_1);
    }

    private byte[] sentBytes() {
        channel.runPendingTasks();
        ByteBuf all = Unpooled.buffer();
        try {
            ByteBuf next = channel.readOutbound();
            while (next != null) {
                all.writeBytes(next);
                next.release();
                next = channel.readOutbound();
            }
            byte[] bytes = new byte[all.readableBytes()];
            all.readBytes(bytes);
            return bytes;
        } finally {
            all.release();
        }
    }

    @Test
    void answersWithLengthTypeAndDate() {
        send("GET /echo?a=b HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(sent())
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("Content-Type: text/plain; charset=utf-8\r\n")
                .contains("Content-Length: 21\r\n")
                .containsPattern("Date: \\w{3}, \\d{1,2} \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT\r\n")
                .doesNotContain("Connection:")
                .endsWith("\r\n\r\nGET /master/echo?a=b ");
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void takesWhatClientsHaveBeenSeenToSend() {
        send(
                "POST /echo HTTP/1.1\r\nHost: \r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n");
        assertThat(sent()).endsWith("POST /master/echo abcde");
        send("POST http://host:5050/echo HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi");
        assertThat(sent()).endsWith("POST /master/echo hi");
        send("GET /echo HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
        assertThat(sent()).startsWith("HTTP/1.0 200 OK\r\n").contains("Connection: Keep-Alive\r\n");
        assertThat(channel.isOpen()).isTrue();
        send("GET /echo HTTP/1.0\r\n\r\n");
        assertThat(sent()).startsWith("HTTP/1.0 200 OK\r\n");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void closesAfterTheAnswerWhenAskedTo() {
        send("GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        assertThat(sent()).startsWith("HTTP/1.1 200 OK");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void answersPipelinedRequestsInTheirOrderWhateverTheOrderOfTheWork() {
        send(
                "GET /hold HTTP/1.1\r\nHost: h\r\n\r\nGET /hold HTTP/1.1\r\nHost: h\r\n\r\nGET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(sent()).isEmpty();
        held.get(1).respond(Answer.text(200, "second"));
        assertThat(sent()).isEmpty();
        held.get(0).respond(Answer.text(200, "first"));
        String all = sent();
        assertThat(all.indexOf("first")).isPositive().isLessThan(all.indexOf("second"));
        assertThat(all.indexOf("second")).isLessThan(all.indexOf("GET /master/echo"));
    }

    @Test
    void stopsReadingWhenTooManyRequestsWait() {
        send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n".repeat(3));
        assertThat(channel.config().isAutoRead()).isTrue();
        send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(channel.config().isAutoRead()).isFalse();
        held.forEach(exchange -> exchange.respond(Answer.empty(202)));
        assertThat(sent().split("HTTP/1.1 202", -1)).hasSize(5);
        assertThat(channel.config().isAutoRead()).isTrue();
    }

    @Test
    void anEmptyAnswerHasLengthZeroAndNoType() {
        send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
        held.getFirst().respond(Answer.empty(202));
        assertThat(sent()).contains("Content-Length: 0\r\n").doesNotContain("Content-Type");
    }

    @Test
    void onlyTheFirstAnswerCounts() {
        send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n");
        held.getFirst().respond(Answer.text(200, "one"));
        held.getFirst().respond(Answer.text(200, "two"));
        assertThat(sent()).endsWith("one");
    }

    @Test
    void compressesLargeAnswersForThoseWhoAcceptIt() throws IOException {
        send("GET /large HTTP/1.1\r\nHost: h\r\nAccept-Encoding: deflate, gzip\r\n\r\n");
        byte[] bytes = sentBytes();
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        assertThat(text).contains("Content-Encoding: gzip\r\n");
        int body = text.indexOf("\r\n\r\n") + 4;
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes, body, bytes.length - body))) {
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("{\"a\":1}".repeat(400));
        }
        send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(sent()).doesNotContain("Content-Encoding").endsWith("{\"a\":1}");
        send("GET /large HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip;q=0\r\n\r\n");
        assertThat(sent()).doesNotContain("Content-Encoding");
        send("GET /echo HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n");
        assertThat(sent()).doesNotContain("Content-Encoding");
    }

    @Test
    void refusesWhatIsTooLargeAndCloses() {
        send("GET /" + "x".repeat(300) + " HTTP/1.1\r\n\r\n");
        refusedWith("414", "The request line is longer than 200 bytes.");
        send("GET /echo HTTP/1.1\r\nX: " + "x".repeat(600) + "\r\n\r\n");
        refusedWith("431", "The headers are longer than 500 bytes.");
        send("POST /echo HTTP/1.1\r\nContent-Length: 1001\r\n\r\n");
        refusedWith("413", "The body is longer than 1000 bytes.");
        send("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + "x".repeat(1001));
        refusedWith("413", "The body is longer than 1000 bytes.");
        assertThat(counters.malformedRequests.sum()).isEqualTo(4);
    }

    @Test
    void refusesWhatIsNoHttpAndCloses() {
        for (String garbage : List.of(
                "\u0000\u0001\u0002 \u0003\r\n\r\n",
                "GET /echo\r\n\r\n",
                "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
                "POST /echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                "POST /echo HTTP/1.1\r\nContent-Length: abc\r\n\r\n",
                "POST /echo HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "GET /echo HTTP/1.1\r\n: no name\r\n\r\n")) {
            send(garbage);
            refusedWith("400", "The request is not HTTP: ");
        }
    }

    private void refusedWith(String status, String text) {
        String answer = sent();
        assertThat(answer)
                .startsWith("HTTP/1.1 " + status)
                .contains("Content-Type: text/plain; charset=utf-8\r\n")
                .contains("Connection: close\r\n")
                .contains(text);
        assertThat(channel.isOpen()).isFalse();
        channel = connect();
    }

    @Test
    void refusesARequestThatTakesForEver() {
        send("POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nab");
        channel.advanceTimeBy(61, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertThat(sent()).startsWith("HTTP/1.1 408").contains("not complete within 60 seconds");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aFailingHandlerIsAnsweredWith500() {
        send("GET /fail HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(sent()).startsWith("HTTP/1.1 500").doesNotContain("planted");
        assertThat(counters.serverErrors.sum()).isEqualTo(1);
    }

    @Test
    void unknownPathsAndClimbingOnesAreNotFound() {
        send("GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(sent()).startsWith("HTTP/1.1 404").endsWith("404 Not Found.");
        send("GET /echo/../echo HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(sent()).startsWith("HTTP/1.1 404");
    }

    @Test
    void aStreamSendsItsHeadersAtOnceAndEachRecordAsOneChunk() {
        send("POST /stream HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        assertThat(sent())
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("Content-Type: application/json\r\n")
                .contains("Transfer-Encoding: chunked\r\n")
                .contains("Mesos-Stream-Id: id\r\n")
                .doesNotContain("Content-Length")
                .endsWith("\r\n\r\n");
        EventStream stream = streams.getFirst();
        stream.send(() -> "{\"type\":1}".getBytes(StandardCharsets.UTF_8));
        stream.send(() -> "ab".getBytes(StandardCharsets.UTF_8));
        assertThat(sent()).isEqualTo("d\r\n10\n{\"type\":1}\r\n4\r\n2\nab\r\n");
        assertThat(channel.isOpen()).isTrue();
        stream.end();
        assertThat(sent()).isEqualTo("0\r\n\r\n");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void aStreamWaitsForTheAnswersBeforeItAndKeepsWhatIsSentMeanwhile() {
        send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\nPOST /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
        EventStream stream = streams.getFirst();
        stream.send(() -> "early".getBytes(StandardCharsets.UTF_8));
        stream.end();
        assertThat(sent()).isEmpty();
        held.getFirst().respond(Answer.empty(200));
        assertThat(sent())
                .contains("Content-Length: 0\r\n")
                .contains("7\r\n5\nearly\r\n")
                .endsWith("0\r\n\r\n");
    }

    @Test
    void aRecordLargerThanTheBufferReachesAClientThatReads() {
        send("POST /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
        sent();
        streams.getFirst().send(() -> new byte[20_000]);
        assertThat(sent()).contains("20000\n");
        assertThat(channel.isOpen()).isTrue();
        assertThat(counters.slowConsumersClosed.sum()).isZero();
    }

    @Test
    void requestsBehindAStreamAreReadAndDropped() {
        send("POST /stream HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
        sent();
        send("GET /echo HTTP/1.1\r\nHost: h\r\n\r\n");
        assertThat(sent()).isEmpty();
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void connectionsBeyondTheLimitAreClosed() {
        EmbeddedChannel second = connect();
        EmbeddedChannel third = connect();
        assertThat(second.isOpen()).isTrue();
        assertThat(third.isOpen()).isFalse();
        assertThat(counters.connectionsRefused.sum()).isEqualTo(1);
        second.finishAndReleaseAll();
    }

    @Test
    void bittenRequestsAreAnsweredOrRefusedAndNeverThrow() {
        String[] corpus = {
            "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nTrailer: x\r\n\r\n",
            "POST http://a/echo?x=%20 HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello",
            "GET /large HTTP/1.0\r\nConnection: Keep-Alive\r\nAccept-Encoding: gzip\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        };
        long seed = Long.getLong("fuzz.seed", 20261121);
        int runs = Integer.getInteger("fuzz.runs", 3_000);
        for (int run = 0; run < runs; run++) {
            Random random = new Random(seed + run);
            byte[] bytes = corpus[random.nextInt(corpus.length)].getBytes(StandardCharsets.ISO_8859_1);
            for (int bites = random.nextInt(4); bites > 0; bites--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            int cut = random.nextInt(bytes.length);
            try {
                channel.writeInbound(Unpooled.copiedBuffer(bytes, 0, cut));
                if (channel.isOpen()) {
                    channel.writeInbound(Unpooled.copiedBuffer(bytes, cut, bytes.length - cut));
                }
                channel.checkException();
                String answer = sent();
                assertThat(answer.isEmpty() || answer.startsWith("HTTP/1.")).isTrue();
            } catch (Throwable e) {
                throw new AssertionError("seed " + (seed + run), e);
            }
            held.clear();
            channel.finishAndReleaseAll();
            channel = connect();
        }
    }
}
