package io.offerplane.mesos.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.mesos.GatewayConfig.QuotaAuthority;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Quotas are set by clients where a master stands alone, and only seen by them where Queue objects are their place. */
class QuotaAuthorityTest {
    private static final String GUARANTEE = "[{\"name\":\"cpus\",\"type\":\"SCALAR\",\"scalar\":{\"value\":1}}]";
    private static final String REQUEST = "{\"role\":\"a\",\"force\":true,\"guarantee\":" + GUARANTEE + "}";
    private static final String UPDATE = "{\"type\":\"UPDATE_QUOTA\",\"update_quota\":{\"force\":true,"
            + "\"quota_configs\":[{\"role\":\"b\",\"limits\":{\"cpus\":{\"value\":2}}}]}}";
    private static final String SET =
            "{\"type\":\"SET_QUOTA\",\"set_quota\":{\"quota_request\":{\"role\":\"c\",\"force\":true,"
                    + "\"guarantee\":" + GUARANTEE + "}}}";
    private static final String REMOVE = "{\"type\":\"REMOVE_QUOTA\",\"remove_quota\":{\"role\":\"c\"}}";
    private static final String GET = "{\"type\":\"GET_QUOTA\"}";

    private final HttpClient http = HttpClient.newHttpClient();

    @ParameterizedTest
    @EnumSource(QuotaAuthority.class)
    void quotasAreSetByWhoeverHasTheAuthorityAndSeenByAll(QuotaAuthority authority) throws Exception {
        boolean byClients = authority == QuotaAuthority.CLIENTS;
        try (LocalMaster master = LocalMaster.start(
                0, 1, "cpus:4;mem:4096", Map.of(), Duration.ofMillis(50), config -> config.withQuotas(authority))) {
            String base = "http://127.0.0.1:" + master.port();
            expect(byClients ? 200 : 405, send("POST", base + "/quota", REQUEST));
            expect(byClients ? 200 : 501, send("POST", base + "/api/v1", UPDATE));
            expect(byClients ? 200 : 501, send("POST", base + "/api/v1", SET));
            awaitSeen(base, byClients ? "\"role\":\"c\"" : "{");
            expect(byClients ? 200 : 501, send("POST", base + "/api/v1", REMOVE));
            HttpResponse<String> seen = send("POST", base + "/api/v1", GET);
            assertThat(seen.statusCode()).isEqualTo(200);
            if (byClients) {
                assertThat(seen.body()).contains("\"role\":\"a\"", "\"role\":\"b\"");
            } else {
                assertThat(seen.body()).doesNotContain("\"role\"");
            }
            HttpResponse<String> deleted = send("DELETE", base + "/quota/a", "");
            expect(byClients ? 200 : 405, deleted);
            assertThat(deleted.headers().firstValue("Allow").isPresent()).isEqualTo(!byClients);
        }
    }

    private void awaitSeen(String base, String text) throws Exception {
        long until = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        HttpResponse<String> seen = send("GET", base + "/quota", "");
        while (!seen.body().contains(text) && System.nanoTime() < until) {
            Thread.onSpinWait();
            seen = send("GET", base + "/quota", "");
        }
        assertThat(seen.statusCode()).isEqualTo(200);
        assertThat(seen.body()).contains(text);
    }

    private static void expect(int status, HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        if (status != 200) {
            assertThat(answer.body()).contains("Quotas are set in Queue objects");
        }
    }

    private HttpResponse<String> send(String method, String uri, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri))
                .timeout(Duration.ofSeconds(20))
                .header("Content-Type", "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        return http.send(request.build(), BodyHandlers.ofString());
    }
}
