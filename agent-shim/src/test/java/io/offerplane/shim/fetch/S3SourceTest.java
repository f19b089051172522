package io.offerplane.shim.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a store that checks signatures itself, by AWS' description of them. */
@Timeout(60)
class S3SourceTest {

    private static final String ID = "AKIDEXAMPLE";
    private static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private static final Pattern AUTHORIZATION = Pattern.compile(
            "AWS4-HMAC-SHA256 Credential=(\\w+)/(\\d{8})/([\\w-]+)/s3/aws4_request, SignedHeaders=([\\w;-]+), Signature=(\\w+)");

    @TempDir
    private Path folder;

    private FileServer store;
    private Path credentials;

    @BeforeEach
    void startStore() throws IOException {
        store = new FileServer();
        credentials = Files.writeString(
                folder.resolve("credentials"),
                "[other]\naws_access_key_id = no\n[default]\naws_access_key_id = " + ID
                        + "\n# comment\naws_secret_access_key=" + SECRET + "\n");
    }

    @AfterEach
    void stopStore() {
        store.close();
    }

    private String read(String uri, Optional<Path> keys, String region) throws IOException {
        S3Settings settings = new S3Settings(URI.create("http://" + store.address()), region, keys);
        S3Source source = new S3Source(settings, new HttpSource(Duration.ofSeconds(10)));
        FetchItem item = FetchItem.of(CommandInfo.URI.newBuilder().setValue(uri).build());
        try (Content content = source.open(item)) {
            return new String(content.stream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void signedObject(String rawPath, String content) {
        store.on(rawPath, exchange -> {
            try {
                if (isSigned(exchange)) {
                    FileServer.send(exchange, 200, content.getBytes(StandardCharsets.UTF_8));
                    return;
                }
            } catch (GeneralSecurityException e) {
                throw new IOException(e);
            }
            String body =
                    "<Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>" + ID + "</AWSAccessKeyId></Error>";
            FileServer.send(exchange, 403, body.getBytes(StandardCharsets.UTF_8));
        });
    }

    private static boolean isSigned(HttpExchange exchange) throws GeneralSecurityException {
        Matcher given = AUTHORIZATION.matcher(
                Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
                        .orElse(""));
        if (!given.matches()) {
            return false;
        }
        StringBuilder headers = new StringBuilder();
        for (String name : given.group(4).split(";")) {
            headers.append(name)
                    .append(':')
                    .append(String.join(",", exchange.getRequestHeaders().get(name)))
                    .append('\n');
        }
        String request = "GET\n" + exchange.getRequestURI().getRawPath() + "\n\n" + headers + "\n" + given.group(4)
                + "\n" + exchange.getRequestHeaders().getFirst("x-amz-content-sha256");
        String scope = given.group(2) + "/" + given.group(3) + "/s3/aws4_request";
        String text = "AWS4-HMAC-SHA256\n" + exchange.getRequestHeaders().getFirst("x-amz-date") + "\n" + scope + "\n"
                + hex(MessageDigest.getInstance("SHA-256").digest(request.getBytes(StandardCharsets.UTF_8)));
        byte[] key = ("AWS4" + SECRET).getBytes(StandardCharsets.UTF_8);
        for (String part : List.of(given.group(2), given.group(3), "s3", "aws4_request")) {
            key = hmac(key, part);
        }
        return given.group(1).equals(ID) && hex(hmac(key, text)).equals(given.group(5));
    }

    private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void requestsAreSignedWithTheFilesKeys() throws IOException {
        signedObject("/bucket/a/b.tgz", "content");
        for (String scheme : List.of("s3", "s3a", "s3n")) {
            assertThat(read(scheme + "://bucket/a/b.tgz", Optional.of(credentials), "eu-west-1"))
                    .isEqualTo("content");
        }
    }

    @Test
    void aKeyIsTakenAsItStands() throws IOException {
        signedObject("/bucket/a%20b%2B%25c/%C3%A9~%2A", "content");
        assertThat(read("s3://bucket/a b+%c/\u00e9~*", Optional.of(credentials), "eu-west-1"))
                .isEqualTo("content");
    }

    @Test
    void temporaryKeysBringTheirToken() throws IOException {
        Files.writeString(
                credentials,
                "aws_access_key_id=" + ID + "\naws_secret_access_key=" + SECRET + "\naws_session_token=temporary\n");
        signedObject("/bucket/a", "content");
        store.on(
                "/bucket/token",
                exchange -> FileServer.send(
                        exchange,
                        200,
                        exchange.getRequestHeaders()
                                .getFirst("x-amz-security-token")
                                .getBytes(StandardCharsets.UTF_8)));
        assertThat(read("s3://bucket/a", Optional.of(credentials), "eu-west-1")).isEqualTo("content");
        assertThat(read("s3://bucket/token", Optional.of(credentials), "eu-west-1"))
                .isEqualTo("temporary");
    }

    @Test
    void withoutKeysOnlyPublicObjectsAreHad() throws IOException {
        store.file("/bucket/public", "content");
        signedObject("/bucket/private", "content");
        assertThat(read("s3://bucket/public", Optional.empty(), "eu-west-1")).isEqualTo("content");
        assertThatThrownBy(() -> read("s3://bucket/private", Optional.empty(), "eu-west-1"))
                .hasMessage("the store answered 403 SignatureDoesNotMatch");
    }

    @Test
    void aFailureSaysWhatTheStoreSaidButNoKeys() throws IOException {
        signedObject("/bucket/private", "content");
        Files.writeString(credentials, "aws_access_key_id=" + ID + "\naws_secret_access_key=s3cret\n");
        assertThatThrownBy(() -> read("s3://bucket/private", Optional.of(credentials), "eu-west-1"))
                .hasMessage("the store answered 403 SignatureDoesNotMatch")
                .hasMessageNotContaining(ID);
        store.on("/elsewhere/a", exchange -> {
            exchange.getResponseHeaders().set("x-amz-bucket-region", "eu-north-1");
            FileServer.send(exchange, 301, new byte[0]);
        });
        assertThatThrownBy(() -> read("s3://elsewhere/a", Optional.of(credentials), "eu-west-1"))
                .hasMessageContaining("another region than eu-west-1, which fetch.s3.region of the AgentPool says");
        Files.writeString(credentials, "aws_secret_access_key=s3cret\n");
        assertThatThrownBy(() -> read("s3://bucket/private", Optional.of(credentials), "eu-west-1"))
                .hasMessageContaining("fetch.s3.credentials of the AgentPool names has no aws_access_key_id")
                .hasMessageNotContaining("s3cret");
        assertThatThrownBy(() -> read("s3://bucket/private", Optional.of(folder.resolve("absent")), "eu-west-1"))
                .hasMessageContaining("fetch.s3.credentials of the AgentPool names can't be read");
        assertThatThrownBy(() -> read("s3:///key", Optional.empty(), "eu-west-1"))
                .hasMessageContaining("expected s3://bucket/key");
    }
}
