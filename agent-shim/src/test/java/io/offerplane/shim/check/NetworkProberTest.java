package io.offerplane.shim.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.offerplane.shim.check.Probe.IpVersion;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the network shows of a task, against real servers. */
class NetworkProberTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final NetworkProber prober = new NetworkProber();
    private final CountDownLatch never = new CountDownLatch(1);
    private HttpServer server;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            switch (path) {
                case "/moved" -> exchange.getResponseHeaders().add("Location", "/status/204");
                case "/circle" -> exchange.getResponseHeaders().add("Location", "/circle");
                case "/elsewhere" -> exchange.getResponseHeaders().add("Location", "file:///etc/passwd");
                case "/silent" -> {
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }
                default -> {}
            }
            int status = path.startsWith("/status/") ? Integer.parseInt(path.substring("/status/".length())) : 302;
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        never.countDown();
        server.stop(0);
    }

    private ProbeOutcome get(String path, Duration timeout) throws InterruptedException {
        return prober.probe(new Probe.Http("http", server.getAddress().getPort(), path, IpVersion.V4), timeout);
    }

    @Test
    void anAnswerIsSeenWithItsStatus() throws Exception {
        assertThat(get("/status/200", LONG)).isEqualTo(new ProbeOutcome.Answered(200));
        assertThat(get("/status/503", LONG)).isEqualTo(new ProbeOutcome.Answered(503));
        assertThat(get("/status/399", LONG).isHealthy()).isTrue();
        assertThat(get("/status/400", LONG).isHealthy()).isFalse();
    }

    @Test
    void redirectsAreFollowedToAnEnd() throws Exception {
        assertThat(get("/moved", LONG)).isEqualTo(new ProbeOutcome.Answered(204));
        assertThat(get("/circle", LONG)).isEqualTo(new ProbeOutcome.Failed("more than 20 redirects"));
        assertThat(get("/elsewhere", LONG).text()).contains("neither http nor https");
    }

    @Test
    void aTaskThatDoesntAnswerInTimeHasFailed() throws Exception {
        assertThat(get("/silent", Duration.ofMillis(200)))
                .isEqualTo(new ProbeOutcome.Failed("no answer within 200 ms"));
    }

    @Test
    void aPathThatIsNoneIsNamed() throws Exception {
        assertThat(get("/a b", LONG).text()).contains("'/a b' makes no URL");
    }

    @Test
    void aLookThatIsInterruptedEndsAtOnce() throws Exception {
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Thread looking = Thread.ofVirtual().start(() -> {
            try {
                get("/silent", Duration.ZERO);
                interrupted.complete(false);
            } catch (InterruptedException e) {
                interrupted.complete(true);
            }
        });
        looking.interrupt();
        assertThat(interrupted.get(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void connectionsAreTakenByWhoListens() throws Exception {
        int port;
        try (ServerSocket listening = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            port = listening.getLocalPort();
            assertThat(prober.probe(new Probe.Tcp(port, IpVersion.V4), LONG))
                    .isEqualTo(new ProbeOutcome.Connected(true));
            try (Socket ended = listening.accept()) {
                assertThat(ended.getInputStream().read()).isEqualTo(-1);
            }
        }
        assertThat(prober.probe(new Probe.Tcp(port, IpVersion.V4), LONG)).isEqualTo(new ProbeOutcome.Connected(false));
    }
}
