package io.offerplane.e2e;

import static io.offerplane.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.offerplane.e2e.client.MasterState;
import io.offerplane.e2e.client.PymesosScheduler;
import io.offerplane.e2e.install.OfferplaneInstallation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** What a broken or hostile client sends is its own trouble: it is answered, and nobody else notices. */
@OfferplaneOnCluster
@Order(60)
final class BadInputE2E {
    private static final String JSON = "application/json";
    private static final String PROTOBUF = "application/x-protobuf";

    private final OfferplaneInstallation offerplane;

    BadInputE2E(OfferplaneInstallation offerplane) {
        this.offerplane = offerplane;
    }

    @Test
    void badRequestsAreAnsweredAndAnotherFrameworkIsUndisturbed() throws IOException {
        String leader = offerplane.leaderPod().at("/metadata/name").asText();
        int restarts = restarts(leader);
        try (PymesosScheduler bystander = PymesosScheduler.framework(offerplane.master(), "bystander")
                // Not all at once: starting them would keep a small machine from everything else.
                .tasks(200, 0.1, 32, "sleep 1")
                .with("--refuse-seconds", "0")
                .start()) {
            bystander.awaitSubscribed();
            List<Socket> silent = new ArrayList<>();
            try {
                for (int i = 0; i < 20; i++) {
                    silent.add(subscriberThatNeverReads(i));
                    silent.add(requestThatNeverEnds());
                }

                assertThat(post(JSON, "{}".getBytes(StandardCharsets.UTF_8))).startsWith("HTTP/1.1 400");
                assertThat(post(JSON, "garbage".getBytes(StandardCharsets.UTF_8)))
                        .startsWith("HTTP/1.1 400");
                assertThat(post(JSON, "{\"type\": \"NO_SUCH_CALL\"}".getBytes(StandardCharsets.UTF_8)))
                        .startsWith("HTTP/1.1 400");
                assertThat(post(JSON, nested(100_000))).startsWith("HTTP/1.1 400");
                assertThat(post(PROTOBUF, new byte[] {(byte) 0xff, (byte) 0xff, 1, 2, 3}))
                        .startsWith("HTTP/1.1 400");
                assertThat(post("text/html", "{}".getBytes(StandardCharsets.UTF_8)))
                        .startsWith("HTTP/1.1 415");
                // Over the limit of 16 MiB: refused by its announced length, without being read.
                assertThat(post(JSON, new byte[17 << 20])).startsWith("HTTP/1.1 413");
                assertThat(request("GET /api/v1/scheduler HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
                        .startsWith("HTTP/1.1 405");
                assertThat(request("POST /api/v1/scheduler HTTP/1.1\r\nX: " + "y".repeat(1 << 20) + "\r\n\r\n"))
                        .satisfiesAnyOf(
                                answer -> assertThat(answer).startsWith("HTTP/1.1 4"),
                                answer -> assertThat(answer).isEmpty());
                assertThat(request("\u0000\u0001\u0002 nonsense\r\n\r\n"))
                        .satisfiesAnyOf(
                                answer -> assertThat(answer).startsWith("HTTP/1.1 400"),
                                answer -> assertThat(answer).isEmpty());

                JsonNode summary = bystander.awaitEnd(Duration.ofMinutes(4));
                assertThat(summary.at("/latest").toString()).isEqualTo("{\"TASK_FINISHED\":200}");
                assertThat(summary.path("subscriptions").asInt())
                        .as("its stream never broke")
                        .isEqualTo(1);
            } finally {
                for (Socket socket : silent) {
                    socket.close();
                }
            }
        }
        assertThat(offerplane.leaderPod().at("/metadata/name").asText())
                .as("the same operator leads")
                .isEqualTo(leader);
        assertThat(restarts(leader)).as("and was not restarted").isEqualTo(restarts);
        eventually("the silent frameworks are gone", Duration.ofSeconds(90), () -> assertThat(
                        MasterState.of(offerplane.master()).json().path("frameworks"))
                .noneMatch(framework -> framework.path("name").asText().startsWith("never-reads")));
    }

    @Test
    void aSubscriberThatNeverReadsIsCutOffBeforeItsEventsFillTheHeap() throws IOException {
        String leader = offerplane.leaderPod().at("/metadata/name").asText();
        int restarts = restarts(leader);
        try (Socket silent = subscriberThatNeverReads(1000)) {
            // Reads as far as it must to learn its ids, and never again.
            StringBuilder read = new StringBuilder();
            while (!read.toString().contains("\"heartbeat_interval_seconds\"")) {
                int next = silent.getInputStream().read();
                assertThat(next).as("ended after: %s", read).isNotNegative();
                read.append((char) next);
            }
            String streamId = between(
                    read.toString().replaceAll("(?i)mesos-stream-id", "Mesos-Stream-Id"), "Mesos-Stream-Id: ", "\r");
            String frameworkId = between(read.toString(), "\"framework_id\":{\"value\":\"", "\"");
            StringBuilder tasks = new StringBuilder();
            for (int i = 0; i < 2000; i++) {
                tasks.append(i == 0 ? "" : ",")
                        .append("{\"task_id\": {\"value\": \"unknown-")
                        .append(i)
                        .append("\"}}");
            }
            byte[] reconcile = """
                    {"type": "RECONCILE", "framework_id": {"value": "%s"}, "reconcile": {"tasks": [%s]}}""".formatted(frameworkId, tasks).getBytes(StandardCharsets.UTF_8);

            // 200 times 2,000 updates of some 200 bytes are 80 MB, if nobody said stop.
            String answer = "";
            for (int round = 0; round < 200 && (answer.isEmpty() || answer.startsWith("HTTP/1.1 202")); round++) {
                answer = post(JSON, reconcile, "Mesos-Stream-Id: " + streamId + "\r\n");
            }

            assertThat(answer)
                    .as("its stream was closed, so it is no longer subscribed")
                    .matches("(?s)HTTP/1.1 4\\d\\d.*");
        }
        assertThat(offerplane.leaderPod().at("/metadata/name").asText()).isEqualTo(leader);
        assertThat(restarts(leader)).isEqualTo(restarts);
    }

    private static String between(String text, String before, String after) {
        int start = text.indexOf(before);
        assertThat(start).as("%s in %s", before, text).isNotNegative();
        start += before.length();
        return text.substring(start, text.indexOf(after, start));
    }

    private int restarts(String pod) {
        return offerplane
                .object("pod", pod)
                .at("/status/containerStatuses/0/restartCount")
                .asInt();
    }

    private Socket connect() throws IOException {
        String[] address = offerplane.master().split(":", -1);
        Socket socket = new Socket();
        // A small window, so that what is not read soon stands still on the server's side.
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress(address[0], Integer.parseInt(address[1])), 5000);
        socket.setSoTimeout(20_000);
        return socket;
    }

    private Socket subscriberThatNeverReads(int number) throws IOException {
        Socket socket = connect();
        String body = """
                {"type": "SUBSCRIBE", "subscribe": {"framework_info":
                  {"user": "root", "name": "never-reads-%d", "failover_timeout": 0, "roles": ["silent"],
                   "capabilities": [{"type": "MULTI_ROLE"}]}, "suppressed_roles": ["silent"]}}""".formatted(number);
        write(
                socket,
                "POST /api/v1/scheduler HTTP/1.1\r\nHost: x\r\nContent-Type: " + JSON + "\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body);
        return socket;
    }

    private Socket requestThatNeverEnds() throws IOException {
        Socket socket = connect();
        write(
                socket,
                "POST /api/v1/scheduler HTTP/1.1\r\nHost: x\r\nContent-Type: " + JSON
                        + "\r\nContent-Length: 1000\r\n\r\n{\"type\":");
        return socket;
    }

    private static byte[] nested(int depth) {
        return ("{\"type\": \"SUBSCRIBE\", \"subscribe\": " + "[".repeat(depth) + "]".repeat(depth) + "}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private String post(String contentType, byte[] body) throws IOException {
        return post(contentType, body, "");
    }

    private String post(String contentType, byte[] body, String headers) throws IOException {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.write(("POST /api/v1/scheduler HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept: " + JSON + "\r\n"
                        + headers + "Content-Type: " + contentType + "\r\nContent-Length: " + body.length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        request.write(body);
        return exchange(request.toByteArray());
    }

    private String request(String text) throws IOException {
        return exchange(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** The answer's first bytes; empty if the server closed without one. */
    private String exchange(byte[] request) throws IOException {
        try (Socket socket = connect()) {
            try {
                OutputStream out = socket.getOutputStream();
                out.write(request);
                out.flush();
            } catch (SocketException closedWhileSending) {
                // The answer may be there all the same.
                assertThat(closedWhileSending).isNotNull();
            }
            try {
                InputStream in = socket.getInputStream();
                return new String(in.readNBytes(400), StandardCharsets.UTF_8);
            } catch (SocketException reset) {
                return "";
            }
        }
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }
}
