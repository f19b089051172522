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
import java.util.Locale;
import java.util.function.Predicate;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Maintenance and drains on the wire; the texts are those of a real Mesos 1.11.0. */
class MaintenanceTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String MACHINE = "{\"hostname\":\"127.0.0.1\",\"ip\":\"127.0.0.1\"}";

    private final LocalMaster master = LocalMaster.start(0, 1, "cpus:4;mem:4096;disk:1000", Duration.ofMillis(50));
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
                            .header("Content-Type", "application/json")
                            .header("Accept", "application/json")
                            .method(method, HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(method + " " + path, e);
        }
    }

    private String call(String body) {
        return send("POST", "/api/v1", body);
    }

    private static String schedule(String machines, long start) {
        return "{\"windows\":[{\"machine_ids\":[" + machines + "],\"unavailability\":{\"start\":{\"nanoseconds\":"
                + start + "}}}]}";
    }

    /** What is read is a picture of a moment ago, so a change shows soon after it was answered. */
    private void awaitPage(String path, String body, Predicate<String> shows) {
        String method = body.isEmpty() ? "GET" : "POST";
        long deadline = System.nanoTime() + LIMIT.toNanos();
        String page = send(method, path, body);
        while (!shows.test(page)) {
            assertThat(System.nanoTime()).as(path + " shows " + page).isLessThan(deadline);
            page = send(method, path, body);
        }
    }

    private void awaitPage(String path, String text) {
        awaitPage(path, "", page -> page.contains(text));
    }

    private String onAgent(Protos.AgentID agent, String type, String more) {
        return call("{\"type\":\"" + type + "\",\"" + type.toLowerCase(Locale.ROOT) + "\":{\"agent_id\":{\"value\":\""
                + agent.getValue() + "\"}" + more + "}}");
    }

    @Test
    void schedulesAreSetShownAndChecked() {
        assertThat(send("GET", "/maintenance/schedule", "")).isEqualTo("200 {}");
        assertThat(send("POST", "/maintenance/schedule", schedule(MACHINE, 1000)))
                .isEqualTo("200 ");
        awaitPage(
                "/maintenance/schedule",
                "200 {\"windows\":[{\"machine_ids\":[" + MACHINE
                        + "],\"unavailability\":{\"start\":{\"nanoseconds\":1000}}}]}");
        awaitPage("/master/maintenance/status", "200 {\"draining_machines\":[{\"id\":" + MACHINE + "}]}");
        assertThat(send("POST", "/machine/up", "[" + MACHINE + "]"))
                .isEqualTo("400 Machine '" + MACHINE + "' is not in DOWN mode and cannot be brought up");
        assertThat(send("POST", "/machine/down", "[{\"hostname\":\"other\"}]"))
                .isEqualTo("400 Machine '{\"hostname\":\"other\"}' is not part of a maintenance schedule");
        assertThat(send("POST", "/machine/down", "[{\"ip\":\"1.2.3.x\"}]"))
                .isEqualTo("400 Failed to parse IPv4: 1.2.3.x");
        assertThat(send("POST", "/machine/down", "[]")).isEqualTo("400 List of machines is empty");
        assertThat(send("POST", "/machine/down", "{}")).isEqualTo("400 Unexpected JSON type parsed");
        assertThat(send("POST", "/machine/down", "[" + MACHINE + "]")).isEqualTo("200 ");
        awaitPage(
                "/api/v1",
                "{\"type\":\"GET_MAINTENANCE_STATUS\"}",
                page -> page.contains("\"down_machines\":[" + MACHINE + "]"));
        awaitPage("/slaves", "\"slaves\":[]");
        assertThat(send("POST", "/maintenance/schedule", "{}"))
                .isEqualTo("400 Machine '" + MACHINE + "' is deactivated and cannot be removed from the schedule");
        assertThat(call("{\"type\":\"STOP_MAINTENANCE\",\"stop_maintenance\":{\"machines\":[" + MACHINE + "]}}"))
                .isEqualTo("200 ");
        assertThat(call("{\"type\":\"GET_MAINTENANCE_SCHEDULE\"}"))
                .isEqualTo(
                        "200 {\"type\":\"GET_MAINTENANCE_SCHEDULE\",\"get_maintenance_schedule\":{\"schedule\":{}}}");
        assertThat(call("{\"type\":\"START_MAINTENANCE\"}"))
                .isEqualTo("400 Failed to validate master::Call: Expecting 'start_maintenance' to be present");
        assertThat(send("DELETE", "/maintenance/schedule", "")).startsWith("405 ");
        assertThat(send("GET", "/machine/up", "")).startsWith("405 ");
    }

    @Test
    void whoHoldsAnAgentIsAskedForItAndAnswers() {
        try (TestStream stream =
                TestStream.json(master.port(), Calls.subscribe().build())) {
            Protos.FrameworkID id =
                    stream.next(Event.Type.SUBSCRIBED).getSubscribed().getFrameworkId();
            Protos.Offer before = stream.next(Event.Type.OFFERS).getOffers().getOffers(0);
            assertThat(before.hasUnavailability()).isFalse();
            assertThat(call("{\"type\":\"UPDATE_MAINTENANCE_SCHEDULE\",\"update_maintenance_schedule\":{\"schedule\":"
                            + schedule(MACHINE, 5000) + "}}"))
                    .isEqualTo("200 ");
            assertThat(stream.next(Event.Type.RESCIND).getRescind().getOfferId())
                    .isEqualTo(before.getId());
            Protos.Offer after = stream.next(Event.Type.OFFERS).getOffers().getOffers(0);
            assertThat(after.getUnavailability().getStart().getNanoseconds()).isEqualTo(5000);
            Protos.InverseOffer asked =
                    stream.next(Event.Type.INVERSE_OFFERS).getInverseOffers().getInverseOffers(0);
            assertThat(asked.getAgentId()).isEqualTo(after.getAgentId());
            assertThat(asked.getUrl().getPath()).isEqualTo("/slave(1)");
            assertThat(asked.getResourcesCount()).isZero();
            stream.call(Calls.of(id, Call.Type.DECLINE_INVERSE_OFFERS)
                    .setDeclineInverseOffers(Call.DeclineInverseOffers.newBuilder()
                            .addInverseOfferIds(asked.getId())
                            .setFilters(Protos.Filters.newBuilder().setRefuseSeconds(0)))
                    .build());
            Protos.InverseOffer again =
                    stream.next(Event.Type.INVERSE_OFFERS).getInverseOffers().getInverseOffers(0);
            awaitPage("/maintenance/status", "\"status\":\"DECLINE\"");
            stream.call(Calls.of(id, Call.Type.ACCEPT_INVERSE_OFFERS)
                    .setAcceptInverseOffers(Call.AcceptInverseOffers.newBuilder()
                            .addInverseOfferIds(again.getId())
                            .setFilters(Protos.Filters.newBuilder().setRefuseSeconds(0)))
                    .build());
            Protos.InverseOffer third =
                    stream.next(Event.Type.INVERSE_OFFERS).getInverseOffers().getInverseOffers(0);
            awaitPage(
                    "/maintenance/status",
                    "\"status\":\"ACCEPT\",\"framework_id\":{\"value\":\"" + id.getValue() + "\"}");
            awaitPage(
                    "/api/v1",
                    "{\"type\":\"GET_FRAMEWORKS\"}",
                    page -> page.contains("\"inverse_offers\":[{\"id\":{\"value\":\""
                            + third.getId().getValue()));
            assertThat(send("POST", "/maintenance/schedule", "{}")).isEqualTo("200 ");
            assertThat(stream.next(Event.Type.RESCIND_INVERSE_OFFER)
                            .getRescindInverseOffer()
                            .getInverseOfferId())
                    .isEqualTo(third.getId());
        }
    }

    @Test
    void aDrainEndsTasksAndTheAgentComesBackWhenItIsReactivated() {
        try (TestStream stream =
                TestStream.protobuf(master.port(), Calls.subscribe().build())) {
            Protos.FrameworkID id =
                    stream.next(Event.Type.SUBSCRIBED).getSubscribed().getFrameworkId();
            Protos.Offer offer = stream.next(Event.Type.OFFERS).getOffers().getOffers(0);
            stream.call(Calls.launch(
                    offer,
                    Calls.task("long", offer.getAgentId(), "exec sleep 1000").build()));
            for (int i = 0; i < 2; i++) {
                stream.call(Calls.acknowledge(
                        id, stream.next(Event.Type.UPDATE).getUpdate().getStatus()));
            }
            assertThat(onAgent(offer.getAgentId(), "DRAIN_AGENT", ",\"max_grace_period\":{\"seconds\":1}"))
                    .isEqualTo("200 ");
            assertThat(onAgent(offer.getAgentId(), "REACTIVATE_AGENT", ""))
                    .isEqualTo("400 Agent is still in the DRAINING state");
            Protos.TaskStatus end = stream.next(Event.Type.UPDATE).getUpdate().getStatus();
            assertThat(end.getState()).isEqualTo(Protos.TaskState.TASK_KILLED);
            assertThat(end.getReason()).isEqualTo(Protos.TaskStatus.Reason.REASON_AGENT_DRAINING);
            awaitPage(
                    "/slaves",
                    "\"drain_info\":{\"state\":\"DRAINING\",\"config\":{\"max_grace_period\":{\"nanoseconds\":"
                            + "1000000000},\"mark_gone\":false}}");
            stream.call(Calls.acknowledge(id, end));
            // The acknowledgement and this call pass through one queue.
            assertThat(onAgent(offer.getAgentId(), "REACTIVATE_AGENT", "")).isEqualTo("200 ");
            assertThat(stream.next(Event.Type.OFFERS).getOffers().getOffers(0).getAgentId())
                    .isEqualTo(offer.getAgentId());
            assertThat(onAgent(offer.getAgentId(), "REACTIVATE_AGENT", "")).isEqualTo("400 Agent is not deactivated");
            assertThat(onAgent(offer.getAgentId(), "DEACTIVATE_AGENT", "")).isEqualTo("200 ");
            stream.next(Event.Type.RESCIND);
            assertThat(call("{\"type\":\"DRAIN_AGENT\",\"drain_agent\":{\"agent_id\":{\"value\":\"x\"}}}"))
                    .isEqualTo("400 Unknown agent");
        }
    }
}
