package io.offerplane.yarn.gateway.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenReviewsTest {
    private static final String GOOD = """
            {"kind": "TokenReview", "status": {"authenticated": true, "audiences": ["offerplane-link"], "user": {
              "username": "system:serviceaccount:offerplane:offerplane-shim",
              "extra": {"authentication.kubernetes.io/node-name": ["node-a"]}}}}
            """;

    @TempDir
    private Path folder;

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile int status = 201;
    private volatile String answer = GOOD;
    private HttpServer api;
    private TokenReviews reviews;

    @BeforeEach
    void start() throws Exception {
        api = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        api.createContext("/apis/authentication.k8s.io/v1/tokenreviews", this::review);
        api.start();
        reviews = new TokenReviews(
                HttpClient.newHttpClient(),
                URI.create("http://127.0.0.1:" + api.getAddress().getPort()),
                Files.writeString(folder.resolve("token"), "own\n"),
                "offerplane-link",
                "system:serviceaccount:offerplane:offerplane-shim");
    }

    private void review(HttpExchange exchange) throws IOException {
        try (exchange) {
            asked.add(exchange.getRequestHeaders().getFirst("Authorization") + " "
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            byte[] body = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @AfterEach
    void stop() {
        api.stop(0);
    }

    @Test
    void kubernetesIsAskedWithTheOwnTokenAndNamesTheNode() throws Exception {
        assertThat(reviews.nodeOf("shown")).isEqualTo(new NodeIdentity("node-a"));
        assertThat(asked.getFirst())
                .startsWith("Bearer own ")
                .contains("\"token\":\"shown\"", "\"audiences\":[\"offerplane-link\"]");
    }

    @Test
    void tokensThatProveNoNodeAreRefusedForGood() {
        refusedAs(
                "isn't valid: expired",
                GOOD.replace("true", "false").replace("\"user\"", "\"error\": \"expired\", \"user\""));
        refusedAs("for audiences [api] (expected: offerplane-link)", GOOD.replace("offerplane-link", "api"));
        refusedAs("of system:serviceaccount:offerplane:other (expected:", GOOD.replace("offerplane-shim", "other"));
        refusedAs("names no node", GOOD.replace("node-name", "pod-name"));
    }

    private void refusedAs(String why, String review) {
        answer = review;
        assertThatThrownBy(() -> reviews.nodeOf("shown"))
                .isInstanceOfSatisfying(NodeTokens.Refused.class, refused -> assertThat(refused.isTransitory())
                        .isFalse())
                .hasMessageContaining(why);
    }

    @Test
    void kubernetesThatDoesNotAnswerIsAskedAgainLater() {
        status = 503;
        assertThatThrownBy(() -> reviews.nodeOf("shown"))
                .isInstanceOfSatisfying(NodeTokens.Refused.class, refused -> assertThat(refused.isTransitory())
                        .isTrue());
        api.stop(0);
        assertThatThrownBy(() -> reviews.nodeOf("shown"))
                .isInstanceOfSatisfying(NodeTokens.Refused.class, refused -> assertThat(refused.isTransitory())
                        .isTrue());
    }

    @Test
    void anApiServerIsBelievedByItsCertificateAndName() throws Exception {
        Path own = certificate("own", "ip:127.0.0.1");
        Path ofAnotherName = certificate("other", "ip:127.0.0.2");
        assertThat(reviewedOverTls(own, own)).isEqualTo(new NodeIdentity("node-a"));
        assertThatThrownBy(() -> reviewedOverTls(own, ofAnotherName))
                .as("it isn't of the authority")
                .hasMessageContaining("Kubernetes can't review tokens now");
        assertThatThrownBy(() -> reviewedOverTls(ofAnotherName, ofAnotherName))
                .as("it is of another address")
                .hasMessageContaining("Kubernetes can't review tokens now");
    }

    /** A key store with a certificate that signs itself; beside it the certificate as PEM. */
    private Path certificate(String name, String alternativeName) throws Exception {
        Path store = folder.resolve(name + ".p12");
        keytool(
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=" + alternativeName,
                store);
        keytool("-exportcert", "-alias", name, "-rfc", "-file", folder.resolve(name + ".pem"), store);
        return folder.resolve(name);
    }

    private void keytool(Object... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        for (int i = 0; i < arguments.length - 1; i++) {
            command.add(arguments[i].toString());
        }
        command.addAll(List.of("-keystore", arguments[arguments.length - 1].toString(), "-storepass", "changeit"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private NodeIdentity reviewedOverTls(Path shown, Path believed) throws Exception {
        KeyStore store = KeyStore.getInstance(Path.of(shown + ".p12").toFile(), "changeit".toCharArray());
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, "changeit".toCharArray());
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        server.createContext("/apis/authentication.k8s.io/v1/tokenreviews", this::review);
        server.start();
        try {
            return TokenReviews.by(
                            URI.create(
                                    "https://127.0.0.1:" + server.getAddress().getPort()),
                            Path.of(believed + ".pem"),
                            folder.resolve("token"),
                            "offerplane-link",
                            "system:serviceaccount:offerplane:offerplane-shim")
                    .nodeOf("shown");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void answersAreRememberedForAWhileAndRefusalsAreNot() throws Exception {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
        RememberedTokens remembered = new RememberedTokens(reviews, Duration.ofMinutes(2), 2, now::get);
        remembered.nodeOf("shown");
        remembered.nodeOf("shown");
        assertThat(asked).hasSize(1);
        now.set(Instant.EPOCH.plus(Duration.ofMinutes(2)));
        remembered.nodeOf("shown");
        assertThat(asked).hasSize(2);

        answer = GOOD.replace("true", "false");
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> remembered.nodeOf("bad")).isInstanceOf(NodeTokens.Refused.class);
        }
        assertThat(asked).hasSize(4);
    }

    @Test
    void memoryOfTokensIsBounded() throws Exception {
        RememberedTokens remembered = new RememberedTokens(reviews, Duration.ofMinutes(2), 2, () -> Instant.EPOCH);
        remembered.nodeOf("a");
        remembered.nodeOf("b");
        remembered.nodeOf("c");
        assertThat(asked).hasSize(3);
        remembered.nodeOf("a");
        assertThat(asked).hasSize(4);
    }
}
