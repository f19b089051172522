package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.offerplane.shim.http.AgentHttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.mesos.v1.Protos.TaskState;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Mesos' agent endpoints, asked over HTTP while a task runs. */
class AgentHttpServerTest {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static TestNode node;
    private static AgentHttpServer server;
    private static Path sandbox;

    @BeforeAll
    static void start() throws Exception {
        node = TestNode.create();
        node.startShim();
        server = AgentHttpServer.start(node.agent(), 0);
        node.leader()
                .launch(
                        TestNode.shell(
                                        "seen-1",
                                        "mkdir d; echo inner > d/f; echo hello; ln -s /etc/passwd out; ln -s d in; sleep 1000")
                                .addResources(TestNode.scalar("disk", 10))
                                .addResources(TestNode.ports(31009, 31009))
                                .addResources(TestNode.ports(31005, 31005))
                                .addResources(TestNode.ports(31006, 31006))
                                .build(),
                        TestNode.framework());
        node.leader().awaitState("seen-1", TaskState.TASK_RUNNING);
        sandbox = node.sandbox("seen-1").toRealPath();
        FakeLeader.await("the links", () -> Files.exists(sandbox.resolve("in")));
        Files.writeString(node.folder().resolve("secret"), "secret");
        Files.createSymbolicLink(sandbox.resolve("host"), node.folder().resolve("secret"));
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            server.close();
        }
        if (node != null) {
            node.close();
        }
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> file(String endpoint, String path, String more)
            throws IOException, InterruptedException {
        return get("/files/" + endpoint + "?path=" + URLEncoder.encode(path, StandardCharsets.UTF_8) + more);
    }

    private static List<String> strings(String json, String field) throws IOException {
        List<String> values = new ArrayList<>();
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            while (parser.nextToken() != null) {
                if (parser.currentToken() == JsonToken.FIELD_NAME
                        && parser.currentName().equals(field)) {
                    parser.nextToken();
                    values.add(parser.getText());
                }
            }
        }
        return values;
    }

    @Test
    void stateNamesTheExecutorsDirectory() throws Exception {
        for (String path : List.of("/state", "/slave(1)/state", "/slave(1)/state.json")) {
            HttpResponse<String> state = get(path);
            assertThat(state.statusCode()).isEqualTo(200);
            assertThat(strings(state.body(), "directory")).contains(sandbox.toString());
            assertThat(strings(state.body(), "id")).contains(FakeLeader.AGENT, FakeLeader.FRAMEWORK, "seen-1");
        }
        assertThat(get("/version").body()).contains("\"version\":\"1.11.0\"");
        assertThat(get("/health").statusCode()).isEqualTo(200);
        assertThat(get("/slave(1)/health/").statusCode()).isEqualTo(200);
        assertThat(get("/slave%281%29/version").body()).contains("\"version\":\"1.11.0\"");
        assertThat(get("/absent").statusCode()).isEqualTo(404);
        assertThat(get("/absent").body()).isEqualTo("404 Not Found.");
    }

    /** The shapes are those of a Mesos 1.11.0 agent of the same resources. */
    @Test
    void stateTellsAllThatIsOfferedHereAndWhatOfItIsTaken() throws Exception {
        String state = get("/state").body();
        String all = "{\"cpus\":4.0,\"gpus\":0.0,\"mem\":4096.0,\"disk\":20000.0,\"ports\":\"[31000-32000]\"}";
        assertThat(state)
                .contains("\"resources\":" + all)
                .contains("\"unreserved_resources\":" + all)
                .contains("\"reserved_resources\":{},")
                .contains("\"reserved_resources_full\":{},")
                .contains("\"reserved_resources_allocated\":{},")
                .contains("\"resource_providers\":[],")
                .contains("{\"name\":\"disk\",\"type\":\"SCALAR\",\"scalar\":{\"value\":20000.0},\"role\":\"*\"}")
                .contains("{\"name\":\"ports\",\"type\":\"RANGES\","
                        + "\"ranges\":{\"range\":[{\"begin\":31000,\"end\":32000}]},\"role\":\"*\"}")
                .contains("\"attributes\":{\"rack\":\"a\"}")
                .contains("\"unreserved_resources_allocated\":{\"cpus\":0.25,\"gpus\":0.0,\"mem\":64.0,"
                        + "\"disk\":10.0,\"ports\":\"[31005-31006, 31009-31009]\"}");
    }

    @Test
    void statisticsAndMetricsCountTheContainer() throws Exception {
        assertThat(get("/monitor/statistics").body())
                .contains("\"executor_id\":\"seen-1\"")
                .contains("\"mem_limit_bytes\":67108864")
                .contains("\"mem_soft_limit_bytes\":67108864")
                .contains("\"cpus_limit\":0.25");
        assertThat(get("/monitor/statistics.json").statusCode()).isEqualTo(200);
        assertThat(get("/containers").body()).contains("\"container_id\":");
        assertThat(get("/metrics").body())
                .contains("offerplane_shim_containers 1.0")
                .contains("offerplane_shim_framework_pids{framework_id=\"" + FakeLeader.FRAMEWORK + "\"} ")
                .contains("offerplane_shim_framework_containers{framework_id=\"" + FakeLeader.FRAMEWORK + "\"} 1.0");
        assertThat(get("/metrics/snapshot?timeout=5secs").body())
                .contains("\"slave/tasks_running\":1.0")
                .contains("\"slave/registered\":1.0")
                .contains("\"slave/executors_running\":1.0")
                .contains("\"slave/frameworks_active\":1.0")
                .contains("\"slave/cpus_total\":4.0")
                .contains("\"slave/cpus_used\":0.25")
                .contains("\"slave/cpus_percent\":0.0625")
                .contains("\"gc/path_removals_failed\":0.0")
                .contains("\"slave/executor_directory_max_allowed_age_secs\":")
                .contains("\"system/mem_total_bytes\":");
        assertThat(get("/metrics/snapshot?timeout=soon").statusCode()).isEqualTo(400);
        assertThat(get("/system/stats.json").body()).contains("\"avg_load_1min\":");
    }

    /**
     * As read off a Mesos 1.11.0 agent with a command task that runs, but for what of it there is nothing here ({@code git_sha},
     * {@code git_tag}, {@code master_hostname}).
     */
    @Test
    void fieldsHaveTheNamesOfMesosAgent() throws Exception {
        Object state = JsonTree.parse(get("/state").body());
        assertThat(JsonTree.names(state))
                .containsExactlyInAnyOrder(
                        "version",
                        "build_date",
                        "build_time",
                        "build_user",
                        "start_time",
                        "id",
                        "pid",
                        "hostname",
                        "capabilities",
                        "resources",
                        "reserved_resources",
                        "unreserved_resources",
                        "reserved_resources_full",
                        "unreserved_resources_full",
                        "reserved_resources_allocated",
                        "unreserved_resources_allocated",
                        "resource_providers",
                        "attributes",
                        "flags",
                        "frameworks",
                        "completed_frameworks");
        assertThat(JsonTree.names(state, "frameworks", 0))
                .contains("id", "name", "user", "failover_timeout", "checkpoint", "hostname", "executors")
                .contains("completed_executors");
        assertThat(JsonTree.names(state, "frameworks", 0, "executors", 0))
                .containsExactlyInAnyOrder(
                        "id",
                        "name",
                        "source",
                        "container",
                        "directory",
                        "resources",
                        "role",
                        "tasks",
                        "queued_tasks",
                        "completed_tasks");
        assertThat(JsonTree.names(state, "frameworks", 0, "executors", 0, "tasks", 0))
                .containsExactlyInAnyOrder(
                        "id",
                        "name",
                        "framework_id",
                        "executor_id",
                        "slave_id",
                        "state",
                        "resources",
                        "role",
                        "statuses");
        assertThat(JsonTree.names(state, "frameworks", 0, "executors", 0, "tasks", 0, "statuses", 0))
                .containsExactlyInAnyOrder("state", "timestamp", "container_status");
        Object statistics = JsonTree.parse(get("/monitor/statistics").body());
        // Ours, where the kernel measures it.
        assertThat(JsonTree.names(statistics, 0).stream().filter(name -> !name.equals("pressure")))
                .containsExactlyInAnyOrder("framework_id", "executor_id", "executor_name", "source", "statistics");
        // Without isolation by control groups that agent tells the first seven.
        assertThat(JsonTree.names(statistics, 0, "statistics"))
                .contains(
                        "timestamp",
                        "cpus_user_time_secs",
                        "cpus_system_time_secs",
                        "cpus_soft_limit",
                        "mem_limit_bytes",
                        "mem_soft_limit_bytes",
                        "mem_rss_bytes")
                .contains(
                        "processes",
                        "threads",
                        "cpus_limit",
                        "cpus_nr_periods",
                        "cpus_nr_throttled",
                        "cpus_throttled_time_secs",
                        "mem_total_bytes",
                        "mem_cache_bytes",
                        "mem_file_bytes",
                        "mem_anon_bytes",
                        "mem_mapped_file_bytes",
                        "mem_unevictable_bytes");
        Object containers = JsonTree.parse(get("/containers").body());
        assertThat(JsonTree.names(containers, 0))
                .containsExactlyInAnyOrder(
                        "framework_id",
                        "executor_id",
                        "executor_name",
                        "source",
                        "container_id",
                        "status",
                        "statistics");
        assertThat(JsonTree.names(containers, 0, "status")).contains("container_id");
    }

    @Test
    void aTaskIsShownWithWhatItsUpdatesSaid() throws Exception {
        String state = get("/state").body();
        assertThat(state)
                .contains("\"executor_id\":\"\"")
                .contains("\"statuses\":[{\"state\":\"TASK_STARTING\",\"timestamp\":")
                .contains("{\"state\":\"TASK_RUNNING\",\"timestamp\":")
                .contains("\"ip_address\":\"127.0.0.1\"")
                .contains("\"queued_tasks\":[]");
    }

    @Test
    void pagesAreCallsWhereAScriptAsksForThem() throws Exception {
        HttpResponse<String> page = get("/state?jsonp=angular.callbacks._0");
        assertThat(page.headers().firstValue("Content-Type")).contains("text/javascript");
        assertThat(page.body()).startsWith("angular.callbacks._0({").endsWith("});");
    }

    @Test
    void longPagesComeZippedToWhoTakesThat() throws Exception {
        HttpResponse<byte[]> zipped = CLIENT.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/state"))
                        .header("Accept-Encoding", "gzip, deflate")
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertThat(zipped.headers().firstValue("Content-Encoding")).contains("gzip");
        try (GZIPInputStream plain = new GZIPInputStream(new ByteArrayInputStream(zipped.body()))) {
            assertThat(new String(plain.readAllBytes(), StandardCharsets.UTF_8)).startsWith("{\"version\":\"1.11.0\"");
        }
        for (String path : List.of("/version", "/health")) {
            assertThat(CLIENT.send(
                                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                                            .header("Accept-Encoding", "gzip")
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .headers()
                            .firstValue("Content-Encoding"))
                    .isEmpty();
        }
    }

    @Test
    void attachedPathsAreToldToWhoDebugs() throws Exception {
        assertThat(JsonTree.names(JsonTree.parse(get("/files/debug").body())))
                .containsExactlyInAnyOrder(
                        sandbox.toString(), "/frameworks/" + FakeLeader.FRAMEWORK + "/executors/seen-1/runs/latest");
    }

    @Test
    void filesAreReadByOffset() throws Exception {
        String stdout = sandbox.resolve("stdout").toString();
        assertThat(file("read", stdout, "&offset=0").body()).isEqualTo("{\"offset\":0,\"data\":\"hello\\n\"}");
        assertThat(file("read", stdout, "&offset=1&length=3").body()).isEqualTo("{\"offset\":1,\"data\":\"ell\"}");
        assertThat(file("read", stdout, "").body()).isEqualTo("{\"offset\":6,\"data\":\"\"}");
        assertThat(file("read", stdout, "&offset=-1").body()).isEqualTo("{\"offset\":6,\"data\":\"\"}");
        assertThat(file("read", stdout, "&offset=100").body()).isEqualTo("{\"offset\":100,\"data\":\"\"}");
        assertThat(file("read", stdout, "&offset=-2").body()).isEqualTo("Negative offset provided: -2.\n");
        assertThat(file("read", stdout, "&offset=x").statusCode()).isEqualTo(400);
        assertThat(file("read", sandbox.toString(), "&offset=0").body()).isEqualTo("Cannot read a directory.\n");
        assertThat(get("/files/read").body()).isEqualTo("Expecting 'path=value' in query.\n");
    }

    @Test
    void filesAreBrowsedAndDownloadedByBothKindsOfPath() throws Exception {
        String virtual = "/frameworks/" + FakeLeader.FRAMEWORK + "/executors/seen-1/runs/latest";
        assertThat(strings(file("browse", sandbox.toString(), "").body(), "path"))
                .contains(
                        sandbox.resolve("stdout").toString(),
                        sandbox.resolve("d").toString());
        assertThat(strings(file("browse", virtual, "").body(), "path")).contains(virtual + "/stdout");
        assertThat(strings(file("browse", virtual, "").body(), "mode")).contains("drwxr-xr-x", "-rw-r--r--");
        HttpResponse<String> download = file("download", virtual + "/in/f", "");
        assertThat(download.body()).isEqualTo("inner\n");
        assertThat(download.headers().firstValue("Content-Disposition")).contains("attachment; filename=f");
        assertThat(file("browse", virtual + "/absent", "").statusCode()).isEqualTo(404);
        assertThat(file("browse", virtual + "x", "").statusCode()).isEqualTo(404);
    }

    @Test
    void nothingOutsideASandboxIsServed() throws Exception {
        for (String path : List.of(
                "/etc/passwd",
                sandbox + "/../../../../../../../../../meta/journal",
                sandbox + "/host",
                sandbox.getParent().toString(),
                node.work().resolve("meta/journal").toString(),
                node.work().resolve("slaves").toString(),
                "/frameworks/../../etc/executors/x/runs/y",
                "relative",
                "\0")) {
            for (String endpoint : List.of("read", "browse", "download")) {
                HttpResponse<String> answer = file(endpoint, path, "");
                assertThat(answer.statusCode()).as(endpoint + " " + path).isIn(400, 404);
                assertThat(answer.body()).doesNotContain("secret").doesNotContain("root:");
            }
        }
        // The container's own /etc/passwd is not the node's.
        assertThat(file("read", sandbox + "/out", "&offset=0").statusCode()).isEqualTo(400);
    }

    @Test
    void otherMethodsAreRefused() throws Exception {
        HttpResponse<String> answer = CLIENT.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/state"))
                        .POST(HttpRequest.BodyPublishers.ofString("x"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(405);
    }
}
