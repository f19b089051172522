package io.offerplane.mesos.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.mesos.Calls;
import io.offerplane.mesos.TestStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Reservations, volumes and quotas on the wire; the texts are those of a real Mesos 1.11.0. */
class OperatorCallsTest {
    private final LocalMaster master =
            LocalMaster.start(0, 1, "cpus:4;mem:4096;disk:1000;ports:[31000-32000]", Duration.ofMillis(50));
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        http.close();
        master.close();
    }

    private HttpResponse<String> send(String method, String path, String type, String body) {
        try {
            return http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + master.port() + path))
                            .header("Content-Type", type)
                            .header("Accept", "application/json")
                            .method(method, HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(method + " " + path, e);
        }
    }

    private String call(String body) {
        HttpResponse<String> answer = send("POST", "/api/v1", "application/json", body);
        return answer.statusCode() + " " + answer.body();
    }

    private String form(String path, String fields) {
        HttpResponse<String> answer = send("POST", path, "application/x-www-form-urlencoded", fields);
        return answer.statusCode() + " " + answer.body();
    }

    private String page(String path) {
        return send("GET", path, "application/json", "").body();
    }

    private static String reserved(String name, double value, String role) {
        return "{\"name\":\"" + name + "\",\"type\":\"SCALAR\",\"scalar\":{\"value\":" + value
                + "},\"reservations\":[{\"type\":\"DYNAMIC\",\"role\":\"" + role + "\"}]}";
    }

    private static String volume(String id, double size, String role) {
        String disk = "\"disk\":{\"persistence\":{\"id\":\"" + id
                + "\"},\"volume\":{\"container_path\":\"data\",\"mode\":\"RW\"}}";
        return reserved("disk", size, role).replaceFirst("\"name\"", disk + ",\"name\"");
    }

    private String agent() {
        // The agent is in the picture soon after the master is up.
        String page = page("/slaves");
        for (long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
                !page.contains("\"id\":\"") && System.nanoTime() < deadline; ) {
            page = page("/slaves");
        }
        int start = page.indexOf("\"id\":\"") + 6;
        return page.substring(start, page.indexOf('"', start));
    }

    private String onAgent(String type, String field, String list) {
        return call("{\"type\":\"" + type + "\",\"" + type.toLowerCase(java.util.Locale.ROOT)
                + "\":{\"agent_id\":{\"value\":\"" + agent() + "\"},\"" + field + "\":[" + list + "]}}");
    }

    @Test
    void operatorsReserveAndMakeVolumes() {
        assertThat(onAgent(
                        "RESERVE_RESOURCES",
                        "resources",
                        reserved("cpus", 1, "eng") + "," + reserved("disk", 100, "eng")))
                .isEqualTo("202 ");
        assertThat(onAgent("CREATE_VOLUMES", "volumes", volume("v", 64, "eng"))).isEqualTo("202 ");
        assertThat(page("/slaves"))
                .contains("\"reserved_resources\":{\"eng\":{\"disk\":100.0")
                .contains("\"unreserved_resources\":{\"disk\":900.0")
                .contains("\"persistence\":{\"id\":\"v\"}");
        assertThat(page("/roles")).contains("\"reserved\":{\"cpus\":1.0,\"disk\":100.0}");
        assertThat(onAgent("CREATE_VOLUMES", "volumes", volume("v", 10, "eng")))
                .startsWith("400 Invalid CREATE operation on agent ")
                .endsWith(": Persistence ID 'v' is not unique");
        assertThat(onAgent("RESERVE_RESOURCES", "resources", reserved("cpus", 10, "eng")))
                .startsWith("409 ")
                .endsWith(" does not contain cpus:10");
        assertThat(onAgent("RESERVE_RESOURCES", "resources", reserved("cpus", 1, "*")))
                .isEqualTo(
                        "400 Failed to validate master::Call: Resource 'cpus(reservations: [(DYNAMIC,*)]):1' is invalid:"
                                + " Invalid reservation: role \"*\" cannot be reserved");
        assertThat(onAgent("DESTROY_VOLUMES", "volumes", volume("v", 64, "eng")))
                .isEqualTo("202 ");
        assertThat(onAgent("UNRESERVE_RESOURCES", "resources", reserved("disk", 100, "eng")))
                .isEqualTo("202 ");
        assertThat(call("{\"type\":\"DESTROY_VOLUMES\"}"))
                .isEqualTo("400 Failed to validate master::Call: Expecting 'destroy_volumes' to be present");
    }

    @Test
    void theOldEndpointsTakeForms() {
        String list = URLEncoder.encode("[" + reserved("cpus", 0.5, "eng") + "]", StandardCharsets.UTF_8);
        assertThat(form("/reserve", "slaveId=" + agent() + "&resources=" + list))
                .isEqualTo("202 ");
        assertThat(form("/master/unreserve", "slaveId=" + agent() + "&resources=" + list))
                .isEqualTo("202 ");
        assertThat(form("/reserve", "resources=[]"))
                .isEqualTo("400 Missing 'slaveId' query parameter in the request body");
        assertThat(form("/reserve", "slaveId=x&resources=" + list)).isEqualTo("400 No agent found with specified ID");
        assertThat(form("/create-volumes", "slaveId=x"))
                .isEqualTo("400 Missing 'volumes' query parameter in the request body");
        assertThat(form("/reserve", "slaveId=x&resources={"))
                .startsWith("400 Error parsing 'resources' query parameter in the request body: ");
        assertThat(send("PUT", "/reserve", "text/plain", "").statusCode()).isEqualTo(405);
    }

    @Test
    void quotasAreSetShownAndRemoved() {
        String config = "{\"role\":\"a\",\"guarantees\":{\"cpus\":{\"value\":2}},\"limits\":{\"cpus\":{\"value\":3}}}";
        assertThat(call("{\"type\":\"UPDATE_QUOTA\",\"update_quota\":{\"quota_configs\":[" + config + "]}}"))
                .isEqualTo("200 ");
        assertThat(call("{\"type\":\"GET_QUOTA\"}"))
                .contains(
                        "\"configs\":[{\"role\":\"a\",\"guarantees\":{\"cpus\":{\"value\":2.0}},\"limits\":{\"cpus\":{\"value\":3.0}}}]");
        assertThat(call("{\"type\":\"UPDATE_QUOTA\",\"update_quota\":{\"quota_configs\":["
                        + config.replace("\"a\"", "\"a/b\"") + "]}}"))
                .isEqualTo("400 Updating quota on nested role 'a/b' is not supported yet");
        assertThat(call("{\"type\":\"UPDATE_QUOTA\",\"update_quota\":{\"quota_configs\":["
                        + config.replace("2}", "9}").replace("3}", "9}") + "]}}"))
                .isEqualTo("400 Invalid QuotaConfig: total quota guarantees 'cpus:9' exceed cluster capacity 'cpus:4;"
                        + " disk:1000; mem:4096' (use 'force' flag to bypass this check)");
        String request =
                "{\"role\":\"s\",\"guarantee\":[{\"name\":\"cpus\",\"type\":\"SCALAR\",\"scalar\":{\"value\":1}}]}";
        assertThat(send("POST", "/quota", "application/json", request).statusCode())
                .isEqualTo(200);
        assertThat(send("POST", "/quota", "application/json", request).body())
                .isEqualTo(
                        "Failed to validate set quota request: Cannot set quota for role 's' which already has quota");
        assertThat(page("/quota")).contains("\"role\":\"s\"");
        assertThat(send("DELETE", "/quota/s", "application/json", "").statusCode())
                .isEqualTo(200);
        assertThat(send("DELETE", "/quota/s", "application/json", "").body())
                .isEqualTo("Failed to remove quota for path '/master/quota/s': Role 's' has no quota set");
        assertThat(page("/roles")).contains("\"guarantee\":{\"cpus\":2.0},\"limit\":{\"cpus\":3.0}");
    }

    @Test
    void aFrameworkReservesAndHearsOfItUntilItAcknowledges() {
        Protos.FrameworkInfo.Builder info = Protos.FrameworkInfo.newBuilder()
                .addRoles("eng")
                .addCapabilities(capability(Protos.FrameworkInfo.Capability.Type.MULTI_ROLE))
                .addCapabilities(capability(Protos.FrameworkInfo.Capability.Type.RESERVATION_REFINEMENT));
        try (TestStream stream =
                TestStream.json(master.port(), Calls.subscribe(info).build())) {
            Protos.FrameworkID id =
                    stream.next(Event.Type.SUBSCRIBED).getSubscribed().getFrameworkId();
            Protos.Offer offer = stream.next(Event.Type.OFFERS).getOffers().getOffers(0);
            Protos.Offer.Operation reserve = Protos.Offer.Operation.newBuilder()
                    .setType(Protos.Offer.Operation.Type.RESERVE)
                    .setId(Protos.OperationID.newBuilder().setValue("r"))
                    .setReserve(Protos.Offer.Operation.Reserve.newBuilder()
                            .addResources(Calls.scalar("cpus", 1)
                                    .addReservations(Protos.Resource.ReservationInfo.newBuilder()
                                            .setType(Protos.Resource.ReservationInfo.Type.DYNAMIC)
                                            .setRole("eng"))))
                    .build();
            stream.call(Calls.of(id, Call.Type.ACCEPT)
                    .setAccept(
                            Call.Accept.newBuilder().addOfferIds(offer.getId()).addOperations(reserve))
                    .build());
            Protos.OperationStatus status = stream.next(Event.Type.UPDATE_OPERATION_STATUS)
                    .getUpdateOperationStatus()
                    .getStatus();
            assertThat(status.getState()).isEqualTo(Protos.OperationState.OPERATION_FINISHED);
            assertThat(status.getAgentId()).isEqualTo(offer.getAgentId());
            assertThat(stream.next(Event.Type.OFFERS).getOffers().getOffers(0).getResourcesList())
                    .anyMatch(resource -> resource.getReservationsCount() == 1
                            && resource.getScalar().getValue() == 1);
            stream.call(Calls.of(id, Call.Type.ACKNOWLEDGE_OPERATION_STATUS)
                    .setAcknowledgeOperationStatus(Call.AcknowledgeOperationStatus.newBuilder()
                            .setAgentId(status.getAgentId())
                            .setUuid(status.getUuid().getValue())
                            .setOperationId(status.getOperationId()))
                    .build());
            stream.call(Calls.of(id, Call.Type.RECONCILE_OPERATIONS)
                    .setReconcileOperations(Call.ReconcileOperations.newBuilder()
                            .addOperations(Call.ReconcileOperations.Operation.newBuilder()
                                    .setOperationId(status.getOperationId())))
                    .build());
            assertThat(stream.next(Event.Type.UPDATE_OPERATION_STATUS)
                            .getUpdateOperationStatus()
                            .getStatus()
                            .getState())
                    .isEqualTo(Protos.OperationState.OPERATION_UNKNOWN);
        }
    }

    private static Protos.FrameworkInfo.Capability.Builder capability(Protos.FrameworkInfo.Capability.Type type) {
        return Protos.FrameworkInfo.Capability.newBuilder().setType(type);
    }
}
