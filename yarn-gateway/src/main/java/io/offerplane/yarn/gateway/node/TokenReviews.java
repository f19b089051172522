package io.offerplane.yarn.gateway.node;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.grpc.util.AdvancedTlsX509TrustManager;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * Has Kubernetes review the token ({@code authentication.k8s.io/v1 TokenReview}): it must be meant for the link, belong to the nodes'
 * service account, and be bound to a pod, whose node Kubernetes then names ({@code authentication.kubernetes.io/node-name}, KEP-4193).
 */
public final class TokenReviews implements NodeTokens {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NODE_NAME = "authentication.kubernetes.io/node-name";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration CONNECT_PATIENCE = Duration.ofSeconds(5);
    private static final int CREATED = 201;

    private final HttpClient client;
    private final URI reviews;
    private final Path ownToken;
    private final String audience;
    private final String user;

    /**
     * @param apiServer such as {@code https://10.0.0.1:443}
     * @param ownToken file of the token with which this process calls the API server; read anew each time
     * @param audience that tokens must be issued for
     * @param user that tokens must be of, such as {@code system:serviceaccount:offerplane:offerplane-shim}
     */
    TokenReviews(HttpClient client, URI apiServer, Path ownToken, String audience, String user) {
        this.client = client;
        this.reviews = apiServer.resolve("/apis/authentication.k8s.io/v1/tokenreviews");
        this.ownToken = ownToken;
        this.audience = audience;
        this.user = user;
    }

    /**
     * Reviews by that API server, which shows a certificate of the authority in the file; a file that changes is read again.
     *
     * @throws IOException when the file can't be read
     * @throws GeneralSecurityException when it holds no certificate
     */
    public static TokenReviews by(URI apiServer, Path certificateAuthority, Path ownToken, String audience, String user)
            throws IOException, GeneralSecurityException {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("api-server-authority").daemon().factory());
        AdvancedTlsX509TrustManager trust = AdvancedTlsX509TrustManager.newBuilder()
                .setVerification(AdvancedTlsX509TrustManager.Verification.CERTIFICATE_AND_HOST_NAME_VERIFICATION)
                .build();
        var _ = trust.updateTrustCredentials(certificateAuthority.toFile(), 1, TimeUnit.MINUTES, timer);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, new TrustManager[] {trust}, null);
        HttpClient client = HttpClient.newBuilder()
                .sslContext(tls)
                .connectTimeout(CONNECT_PATIENCE)
                .build();
        return new TokenReviews(client, apiServer, ownToken, audience, user);
    }

    @Override
    public NodeIdentity nodeOf(String token) throws Refused {
        ObjectNode review = JSON.createObjectNode()
                .put("apiVersion", "authentication.k8s.io/v1")
                .put("kind", "TokenReview");
        review.putObject("spec").put("token", token).putArray("audiences").add(audience);
        HttpResponse<String> answer;
        try {
            answer = client.send(
                    HttpRequest.newBuilder(reviews)
                            .timeout(PATIENCE)
                            .header(
                                    "Authorization",
                                    "Bearer " + Files.readString(ownToken).strip())
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(review.toString()))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException failed) {
            throw new Refused("Kubernetes can't review tokens now: " + failed, true);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new Refused("the head stops", true);
        }
        if (answer.statusCode() != CREATED) {
            throw new Refused("Kubernetes answers " + answer.statusCode() + " to a review of a token", true);
        }
        try {
            return judge(JSON.readTree(answer.body()).path("status"));
        } catch (JacksonException unreadable) {
            throw new Refused("Kubernetes' review of a token can't be read: " + unreadable.getOriginalMessage(), true);
        }
    }

    private NodeIdentity judge(JsonNode status) throws Refused {
        if (!status.path("authenticated").asBoolean()) {
            String error = status.path("error").asText();
            throw new Refused("the token isn't valid" + (error.isEmpty() ? "" : ": " + error), false);
        }
        List<String> audiences = texts(status.path("audiences"));
        if (!audiences.contains(audience)) {
            throw new Refused("the token is for audiences " + audiences + " (expected: " + audience + ")", false);
        }
        String username = status.path("user").path("username").asText();
        if (!username.equals(user)) {
            throw new Refused("the token is of " + username + " (expected: " + user + ")", false);
        }
        List<String> nodes = texts(status.path("user").path("extra").path(NODE_NAME));
        if (nodes.size() != 1 || nodes.getFirst().isEmpty()) {
            throw new Refused(
                    "the token names no node (expected: one that is projected into a pod, by Kubernetes 1.32 or later)",
                    false);
        }
        return new NodeIdentity(nodes.getFirst());
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
