package io.offerplane.mesos.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.mesos.Calls;
import io.offerplane.mesos.TestStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One framework that is offered the only agent, and questions about it. */
class WhatIfQuestionsTest {
    private final LocalMaster master = LocalMaster.start(0, 1, "cpus:4;mem:4096", Duration.ofMillis(50));
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        http.close();
        master.close();
    }

    private String send(String method, String path, String body) {
        try {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + master.port() + path))
                            .method(method, HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(method + " " + path, e);
        }
    }

    private String ask(String change) {
        return send("POST", "/what-if", change);
    }

    @Test
    void tellsWhatAFrameworkWouldBeOfferedAndChangesNothing() {
        Protos.FrameworkInfo.Builder info = Protos.FrameworkInfo.newBuilder()
                .setUser("root")
                .setName("f")
                .addRoles("eng")
                .addCapabilities(Protos.FrameworkInfo.Capability.newBuilder()
                        .setType(Protos.FrameworkInfo.Capability.Type.MULTI_ROLE));
        try (TestStream stream =
                TestStream.json(master.port(), Calls.subscribe(info).build())) {
            Protos.FrameworkID id =
                    stream.next(Event.Type.SUBSCRIBED).getSubscribed().getFrameworkId();
            Protos.Offer offer = stream.next(Event.Type.OFFERS).getOffers().getOffers(0);

            assertThat(ask("agent=more&resources=cpus:2;mem:1024"))
                    .startsWith("200 {\"possible\":true,\"text\":\"" + id.getValue() + " in role eng would be offered ")
                    .contains("\"framework_id\":\"" + id.getValue() + "\",\"role\":\"eng\"")
                    .contains("\"agents\":[\"" + offer.getHostname() + "\"]")
                    .contains("\"agents\":[\"" + offer.getHostname() + "\",\"more\"]");
            assertThat(ask("suppress=" + id.getValue()))
                    .contains(" in role eng would be offered nothing instead of ")
                    .contains("\"changed\":{\"resources\":\"\",\"agents\":[]}");
            assertThat(ask("deactivate=" + offer.getAgentId().getValue()))
                    .contains("\"rejections_added\":[{\"framework_id\":\"" + id.getValue() + "\"")
                    .contains("\"reason\":\"AGENT_INACTIVE\"");
            assertThat(ask("role=eng&limits=cpus:1"))
                    .contains("\"changed\":{\"resources\":\"cpus:1")
                    .contains("\"possible\":true");
            assertThat(ask("role=ops&weight=2")).contains("\"text\":\"Nobody would be offered anything else.\"");
            assertThat(ask("role=eng&weight=0")).contains("\"possible\":false").contains("weight: 0.0 (expected: > 0)");
            assertThat(ask("revive=nobody"))
                    .contains("The change is not possible: Framework cannot be found")
                    .contains("\"differences\":[]");

            assertThat(send("GET", "/slaves", "")).contains(offer.getHostname()).doesNotContain("\"more\"");
            assertThat(send("GET", "/quota", "")).doesNotContain("eng");
        }
    }

    @Test
    void whoHasItsAnswerMayAskTheNext() {
        for (int i = 0; i < 200; i++) {
            assertThat(ask("role=ops&weight=2")).as("question %s", i).startsWith("200 ");
        }
    }

    @Test
    void saysWhatIsWrongWithAQuestion() {
        assertThat(ask("")).startsWith("400 No change is named (expected one of: role and weight; ");
        assertThat(ask("role=eng&weight=2&revive=f")).startsWith("400 revive role weight (expected one of: ");
        assertThat(ask("role=eng&weight=much")).isEqualTo("400 weight: much (expected: a number)\n");
        assertThat(ask("role=/eng&weight=2")).startsWith("400 role: ");
        assertThat(ask("agent=a&resources=cpus"))
                .isEqualTo("400 resources: cpus (expected: amounts up to 1e12, as in cpus:4;mem:1024)\n");
        assertThat(ask("agent=a&resources=cpus:1e13")).startsWith("400 resources: cpus:1e13 (expected: ");
        assertThat(ask("revive=")).isEqualTo("400 revive: nothing (expected: a value)\n");
        assertThat(send("GET", "/what-if", "")).startsWith("405 ");
    }
}
