package io.offerplane.e2e;

import static io.offerplane.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.offerplane.e2e.client.JournalEntry;
import io.offerplane.e2e.client.PymesosScheduler;
import io.offerplane.e2e.install.OfferplaneInstallation;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What tasks ask of their containers, through an unmodified client, on nodes that the pool's rules have reached. */
@OfferplaneOnCluster
@Tag("burn-in")
@Order(30)
final class ContainersE2E {
    private static final Duration SOON = Duration.ofSeconds(90);

    /** The node's own files, as the shim sees them by the node's first process. */
    private static final String NODE_ROOT = "/proc/1/root";

    private final OfferplaneInstallation offerplane;

    ContainersE2E(OfferplaneInstallation offerplane) {
        this.offerplane = offerplane;
    }

    private PymesosScheduler.Options framework(String name) {
        return PymesosScheduler.framework(offerplane.master(), name);
    }

    @Test
    void aTaskWhoseHealthCheckFailsTooOftenIsKilledAndSaysSo() {
        try (PymesosScheduler framework = framework("unhealthy")
                .tasks(1, 0.1, 32, "touch well; sleep 3; rm well; exec sleep 1000")
                .with("--task-fields", """
                        {"health_check": {"type": "COMMAND", "command": {"shell": true, "value": "test -e well"},
                          "delay_seconds": 0, "interval_seconds": 0.3, "timeout_seconds": 10, "grace_period_seconds": 0,
                          "consecutive_failures": 2}}""")
                .start()) {
            framework.await(
                    "it is healthy",
                    SOON,
                    entry -> entry.is("update")
                            && entry.state().equals("TASK_RUNNING")
                            && entry.line().at("/status/healthy").asBoolean());
            JournalEntry end = framework.await(
                    "it is ended", SOON, entry -> entry.is("update") && PymesosScheduler.isTerminal(entry.state()));
            assertThat(end.state()).isEqualTo("TASK_KILLED");
            assertThat(end.line().at("/status/healthy").asBoolean(true)).isFalse();
        }
    }

    @Test
    void aPersistentVolumeKeepsWhatTasksWriteUntilItIsDestroyed() {
        try (PymesosScheduler framework = framework("on-volume")
                .tasks(
                        2,
                        0.1,
                        32,
                        "wc -l < data/lines 2>/dev/null; echo {id} >> data/lines; test $(wc -l < data/lines) -eq $(( {n} % 2 + 1 ))")
                .with("--role", "keeper", "--volume", "e2e-lines:8:data", "--stay")
                .start()) {
            assertThat(framework.awaitTasks(2, "TASK_FINISHED", SOON)).hasSize(2);
            framework.hold();
            String agent = agentOf(framework.updates().getFirst());
            String resource = """
                    [{"name": "disk", "type": "SCALAR", "scalar": {"value": 8},
                      "reservations": [{"type": "DYNAMIC", "role": "keeper"}]%s}]""";
            String volume = resource.formatted(
                    ", \"disk\": {\"persistence\": {\"id\": \"e2e-lines\"}, \"volume\": {\"container_path\": \"data\", \"mode\": \"RW\"}}");
            operate("destroy-volumes", "volumes", agent, volume);
            operate("create-volumes", "volumes", agent, volume);

            framework.launch(1);
            // The third task is number 2: it has to find nothing of the others in a volume of the same name.
            assertThat(framework.awaitTasks(3, "TASK_FINISHED", SOON)).hasSize(3);
            framework.teardown();

            operate("destroy-volumes", "volumes", agent, volume);
            operate("unreserve", "resources", agent, resource.formatted(""));
        }
    }

    @Test
    void thePoolSaysWhichFoldersOfANodeTasksMayMountAndRead() {
        String pool = onlyPool();
        String container = """
                {"container": {"type": "MESOS", "volumes": [
                  {"mode": "RO", "container_path": "node", "host_path": "/srv/offerplane-e2e"}]}}""";
        try (PymesosScheduler framework = framework("not-yet")
                .tasks(1, 0.1, 32, "ls node")
                .with("--task-fields", container)
                .start()) {
            JournalEntry end = framework.await(
                    "it is refused", SOON, entry -> entry.is("update") && PymesosScheduler.isTerminal(entry.state()));
            assertThat(end.state()).isEqualTo("TASK_FAILED");
            assertThat(end.text("/status/message")).contains("AgentPool").contains("volumeFolders");
            framework.awaitEnd(SOON);
        }
        for (String node : offerplane.nodes().keySet()) {
            offerplane
                    .onNode(
                            node,
                            "mkdir -p $root/srv/offerplane-e2e && echo of the node > $root/srv/offerplane-e2e/word"
                                    .replace("$root", NODE_ROOT))
                    .output();
        }
        String rules = """
                {"spec": {"containers": {"volumeFolders": %s}, "fetch": {"folders": %s}}}""";
        offerplane.kubectl(
                "patch",
                "agentpools.offerplane.io",
                pool,
                "--type=merge",
                "-p",
                rules.formatted("[\"/srv/offerplane-e2e\"]", "[\"/srv/offerplane-e2e\"]"));
        try {
            awaitShims(pool, "/srv/offerplane-e2e");
            try (PymesosScheduler framework = framework("may")
                    .tasks(4, 0.1, 32, "test \"$(cat node/word)\" = 'of the node' && test -s word && ! touch node/x")
                    .with("--task-fields", container)
                    .with("--uri", "file:///srv/offerplane-e2e/word")
                    .with("--per-offer", "2")
                    .start()) {
                // Fields replace those of the script: the command with its URI stays.
                JsonNode summary = framework.awaitEnd(SOON);
                assertThat(summary.at("/latest").toString()).isEqualTo("{\"TASK_FINISHED\":4}");
            }
        } finally {
            offerplane.kubectl(
                    "patch", "agentpools.offerplane.io", pool, "--type=merge", "-p", rules.formatted("null", "null"));
            awaitShims(pool, null);
            for (String node : offerplane.nodes().keySet()) {
                offerplane
                        .onNode(node, "rm -r " + NODE_ROOT + "/srv/offerplane-e2e")
                        .run();
            }
        }
    }

    @Test
    void anArtifactIsWhatItsChecksumSaysOrTheTaskFailsAndNamesIt() throws Exception {
        URI artifact = URI.create("http://" + offerplane.master() + "/version");
        String sum = sha256(artifact);
        try (PymesosScheduler framework = framework("checked")
                .tasks(2, 0.1, 32, "test -s version")
                .with("--uri", artifact + "#sha256=" + sum)
                .start()) {
            assertThat(framework.awaitEnd(SOON).at("/latest").toString()).isEqualTo("{\"TASK_FINISHED\":2}");
        }
        String wrong = sum.substring(2) + "00";
        try (PymesosScheduler framework = framework("mistaken")
                .tasks(1, 0.1, 32, "test -s version")
                .with("--uri", artifact + "#sha256=" + wrong)
                .start()) {
            JournalEntry end = framework.await(
                    "it is ended", SOON, entry -> entry.is("update") && PymesosScheduler.isTerminal(entry.state()));
            assertThat(end.state()).isEqualTo("TASK_FAILED");
            assertThat(end.text("/status/message")).contains("/version");
        }
    }

    @Test
    void anAgentTellsOfItsContainersByMesosAgentApi() throws Exception {
        try (PymesosScheduler framework = framework("looked-at")
                .tasks(1, 0.1, 48, "exec sleep 1000")
                .with("--stay")
                .start()) {
            framework.awaitTasks(1, "TASK_RUNNING", SOON);
            JournalEntry running = framework.updates().stream()
                    .filter(update -> update.state().equals("TASK_RUNNING"))
                    .findFirst()
                    .orElseThrow();
            String container = running.text("/status/container_status/container_id/value");
            JsonNode agent = offerplane.agents().values().stream()
                    .filter(a -> a.at("/status/agentId").asText().equals(agentOf(running)))
                    .findFirst()
                    .orElseThrow();
            String node = agent.at("/metadata/name").asText();
            String said = offerplane.kubectl(
                    "get",
                    "--raw",
                    "/api/v1/namespaces/" + OfferplaneInstallation.NAMESPACE + "/pods/"
                            + offerplane.shimPod(node).at("/metadata/name").asText() + ":5051/proxy/containers");
            assertThat(said).contains(container).contains("\"mem_limit_bytes\":" + (48L << 20));
        }
    }

    private static String agentOf(JournalEntry update) {
        return update.text("/status/agent_id/value");
    }

    private String onlyPool() {
        List<JsonNode> pools = offerplane.list("agentpools.offerplane.io");
        assertThat(pools).hasSize(1);
        return pools.getFirst().at("/metadata/name").asText();
    }

    /** Waits until every node's shim is one that has this folder, or none, and is registered. */
    private void awaitShims(String pool, String folder) {
        eventually("shims follow the rules of pool " + pool, Duration.ofMinutes(3), () -> {
            for (String node : offerplane.nodes().keySet()) {
                JsonNode pod = offerplane.shimPod(node);
                assertThat(pod.at("/metadata/deletionTimestamp").isMissingNode())
                        .isTrue();
                boolean has = pod.at("/spec/volumes").toString().contains("/srv/");
                assertThat(has).as("%s has the folder", node).isEqualTo(folder != null);
                assertThat(pod.at("/status/containerStatuses/0/ready").asBoolean())
                        .isTrue();
            }
        });
        offerplane.awaitAgents(OfferplaneOnCluster.NODES);
    }

    /** An operator's call; again while some of what it names is still in an offer or with a task. */
    private void operate(String path, String parameter, String agent, String resources) {
        String form = "slaveId=" + URLEncoder.encode(agent, StandardCharsets.UTF_8) + "&" + parameter + "="
                + URLEncoder.encode(resources, StandardCharsets.UTF_8);
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + offerplane.master() + "/" + path))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form))
                .build();
        eventually("/" + path + " is taken", SOON, () -> {
            HttpResponse<String> answer = send(request);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        });
    }

    private static String sha256(URI artifact) throws NoSuchAlgorithmException {
        String body = send(HttpRequest.newBuilder(artifact).build()).body();
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(body.getBytes(StandardCharsets.UTF_8)));
    }

    private static HttpResponse<String> send(HttpRequest request) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(request.uri() + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
