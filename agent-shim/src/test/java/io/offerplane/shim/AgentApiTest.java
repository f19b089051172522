package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.protocol.mesos.MesosJsonReader;
import io.offerplane.shim.http.AgentHttpServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.Environment;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FileInfo;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.ResourceStatistics;
import org.apache.mesos.v1.Protos.Secret;
import org.apache.mesos.v1.Protos.Task;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.agent.Protos.Call;
import org.apache.mesos.v1.agent.Protos.Response;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Mesos' v1 agent API, asked over HTTP while a command task and a custom executor run. */
class AgentApiTest {

    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String JSON = "application/json";
    private static final String PROTOBUF = "application/x-protobuf";

    private static TestNode node;
    private static AgentHttpServer server;

    @BeforeAll
    static void start() throws Exception {
        node = TestNode.create();
        node.startShim();
        server = AgentHttpServer.start(node.agent(), 0);
        node.leader().launch(TestNode.shell("done", "exit 0").build(), TestNode.framework());
        node.leader()
                .launch(TestNode.shell("runs", "echo hello; exec sleep 1000").build(), TestNode.framework());
        // Its executor's container only sleeps, so the task waits for it.
        node.leader()
                .launch(
                        TestNode.shell("waits", "")
                                .clearCommand()
                                .setExecutor(executor())
                                .build(),
                        TestNode.framework());
        node.leader().awaitState("done", TaskState.TASK_FINISHED);
        node.leader().awaitState("runs", TaskState.TASK_RUNNING);
        FakeLeader.await(
                "what ended to be forgotten",
                () -> node.agent().tasks().history().size() == 1);
        FakeLeader.await("both containers to be measured", () -> {
            try {
                return call("GET_CONTAINERS").getGetContainers().getContainersList().stream()
                                .filter(c -> c.getResourceStatistics().getProcesses() > 0)
                                .count()
                        == 2;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static ExecutorInfo executor() {
        return ExecutorInfo.newBuilder()
                .setType(ExecutorInfo.Type.CUSTOM)
                .setExecutorId(ExecutorID.newBuilder().setValue("e"))
                .setFrameworkId(FrameworkID.newBuilder().setValue(FakeLeader.FRAMEWORK))
                .setName("sleeper")
                .setCommand(CommandInfo.newBuilder()
                        .setValue("exec sleep 1000")
                        .setEnvironment(Environment.newBuilder()
                                .addVariables(Environment.Variable.newBuilder()
                                        .setName("PASSWORD")
                                        .setType(Environment.Variable.Type.SECRET)
                                        .setSecret(Secret.newBuilder()
                                                .setType(Secret.Type.VALUE)
                                                .setValue(Secret.Value.newBuilder()
                                                        .setData(com.google.protobuf.ByteString.copyFromUtf8(
                                                                "hidden")))))))
                .addResources(TestNode.scalar("cpus", 0.25))
                .addResources(TestNode.scalar("mem", 64))
                .build();
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

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path));
    }

    private static HttpResponse<String> post(String path, String body, String... headers) throws Exception {
        HttpRequest.Builder request = request(path).POST(HttpRequest.BodyPublishers.ofString(body));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String json(String body) throws Exception {
        HttpResponse<String> answer = post("/api/v1", body, "Content-Type", JSON, "Accept", JSON);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains(JSON);
        return answer.body();
    }

    private static Response ask(String body) throws Exception {
        Response.Builder response = Response.newBuilder();
        MesosJsonReader.merge(json(body).getBytes(StandardCharsets.UTF_8), response);
        return response.build();
    }

    private static Response call(String type) throws Exception {
        return ask("{\"type\":\"" + type + "\"}");
    }

    private static String refusal(String body) throws Exception {
        HttpResponse<String> answer = post("/api/v1", body, "Content-Type", JSON, "Accept", JSON);
        return answer.statusCode() + " " + answer.body();
    }

    private static List<String> ids(List<Task> tasks) {
        return tasks.stream().map(task -> task.getTaskId().getValue()).toList();
    }

    @Test
    void tasksAreSortedByHowFarTheyAre() throws Exception {
        Response.GetTasks tasks = call("GET_TASKS").getGetTasks();
        assertThat(ids(tasks.getLaunchedTasksList())).containsExactly("runs");
        assertThat(ids(tasks.getQueuedTasksList())).containsExactly("waits");
        assertThat(ids(tasks.getCompletedTasksList())).containsExactly("done");
        assertThat(tasks.getTerminatedTasksList()).isEmpty();
        assertThat(tasks.getPendingTasksList()).isEmpty();
        Task runs = tasks.getLaunchedTasks(0);
        assertThat(runs.getState()).isEqualTo(TaskState.TASK_RUNNING);
        assertThat(runs.getStatusUpdateState()).isEqualTo(TaskState.TASK_RUNNING);
        assertThat(runs.getStatusUpdateUuid().size()).isEqualTo(16);
        assertThat(runs.getStatusesList())
                .extracting(status -> status.getState())
                .containsExactly(TaskState.TASK_STARTING, TaskState.TASK_RUNNING);
        assertThat(runs.hasExecutorId()).isFalse();
        assertThat(tasks.getQueuedTasks(0).getExecutorId().getValue()).isEqualTo("e");
        Task done = tasks.getCompletedTasks(0);
        assertThat(done.getStatusesList().getLast().getState()).isEqualTo(TaskState.TASK_FINISHED);
    }

    @Test
    void executorsFrameworksAndTheAgentAreTold() throws Exception {
        Response.GetExecutors executors = call("GET_EXECUTORS").getGetExecutors();
        assertThat(executors.getExecutorsList())
                .extracting(e -> e.getExecutorInfo().getExecutorId().getValue())
                .containsExactlyInAnyOrder("runs", "e");
        assertThat(executors.getCompletedExecutorsList())
                .extracting(e -> e.getExecutorInfo().getExecutorId().getValue())
                .containsExactly("done");
        assertThat(json("{\"type\":\"GET_EXECUTORS\"}")).contains("PASSWORD").doesNotContain("aGlkZGVu");
        assertThat(call("GET_FRAMEWORKS").getGetFrameworks().getFrameworksList())
                .extracting(f -> f.getFrameworkInfo().getId().getValue())
                .containsExactly(FakeLeader.FRAMEWORK);
        var agent = call("GET_AGENT").getGetAgent().getAgentInfo();
        assertThat(agent.getId().getValue()).isEqualTo(FakeLeader.AGENT);
        assertThat(agent.getResourcesCount()).isEqualTo(4);
        assertThat(agent.getAttributes(0).getName()).isEqualTo("rack");
        assertThat(call("GET_OPERATIONS").hasGetOperations()).isTrue();
        assertThat(call("GET_RESOURCE_PROVIDERS").hasGetResourceProviders()).isTrue();
        Response.GetState state = call("GET_STATE").getGetState();
        assertThat(state.getGetTasks().getLaunchedTasksCount()).isEqualTo(1);
        assertThat(state.getGetExecutors().getExecutorsCount()).isEqualTo(2);
        assertThat(state.getGetFrameworks().getFrameworksCount()).isEqualTo(1);
    }

    @Test
    void everyContainerHasTheKernelsFigures() throws Exception {
        Response.GetContainers containers =
                ask("{\"type\":\"GET_CONTAINERS\",\"get_containers\":{\"show_nested\":true,\"show_standalone\":true}}")
                        .getGetContainers();
        assertThat(containers.getContainersList())
                .extracting(c -> c.getExecutorId().getValue())
                .containsExactlyInAnyOrder("runs", "e");
        for (Response.GetContainers.Container container : containers.getContainersList()) {
            ResourceStatistics statistics = container.getResourceStatistics();
            assertThat(container.getContainerStatus().getContainerId()).isEqualTo(container.getContainerId());
            assertThat(statistics.getProcesses()).isPositive();
            assertThat(statistics.getThreads()).isGreaterThanOrEqualTo(statistics.getProcesses());
            assertThat(statistics.getMemTotalBytes()).isPositive();
            assertThat(statistics.getTimestamp()).isPositive();
            boolean custom = container.getExecutorId().getValue().equals("e");
            // Of the executor and of the task that waits for it, 0.25 and 64 MB each.
            assertThat(statistics.getCpusLimit()).isEqualTo(custom ? 0.5 : 0.25);
            assertThat(statistics.getMemLimitBytes()).isEqualTo(custom ? 128L << 20 : 64L << 20);
            assertThat(statistics.hasCpusNrPeriods()).isTrue();
        }
        Object page = JsonTree.parse(CLIENT.send(
                        request("/containers?container_id="
                                        + containers
                                                .getContainers(0)
                                                .getContainerId()
                                                .getValue())
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body());
        assertThat((List<?>) page).hasSize(1);
    }

    /** As read off a Mesos 1.11.0 agent: lists that are empty appear in these. */
    @Test
    void fieldsHaveTheNamesOfMesosAgent() throws Exception {
        Object state = JsonTree.parse(json("{\"type\":\"GET_STATE\"}"));
        assertThat(JsonTree.names(state, "get_state"))
                .containsExactlyInAnyOrder("get_tasks", "get_executors", "get_frameworks");
        assertThat(JsonTree.names(state, "get_state", "get_tasks"))
                .containsExactlyInAnyOrder(
                        "pending_tasks", "queued_tasks", "launched_tasks", "terminated_tasks", "completed_tasks");
        assertThat(JsonTree.names(state, "get_state", "get_executors"))
                .containsExactlyInAnyOrder("executors", "completed_executors");
        assertThat(JsonTree.names(state, "get_state", "get_frameworks"))
                .containsExactlyInAnyOrder("frameworks", "completed_frameworks");
        assertThat(JsonTree.names(state, "get_state", "get_tasks", "launched_tasks", 0))
                .containsExactlyInAnyOrder(
                        "name",
                        "task_id",
                        "framework_id",
                        "agent_id",
                        "state",
                        "resources",
                        "statuses",
                        "status_update_state",
                        "status_update_uuid");
        assertThat(JsonTree.names(state, "get_state", "get_executors", "completed_executors", 0, "executor_info"))
                .contains("executor_id", "framework_id", "name", "source", "command");
        assertThat(JsonTree.names(
                        JsonTree.parse(json("{\"type\":\"GET_CONTAINERS\"}")), "get_containers", "containers", 0))
                .containsExactlyInAnyOrder(
                        "framework_id",
                        "executor_id",
                        "executor_name",
                        "container_id",
                        "container_status",
                        "resource_statistics");
        assertThat(json("{\"type\":\"GET_OPERATIONS\"}"))
                .isEqualTo("{\"type\":\"GET_OPERATIONS\",\"get_operations\":{}}");
        // Of a task that waits for its executor.
        Object page = JsonTree.parse(CLIENT.send(request("/state").build(), HttpResponse.BodyHandlers.ofString())
                .body());
        Object waiting = ((List<?>) JsonTree.at(page, "frameworks", 0, "executors"))
                .stream()
                        .filter(executor -> JsonTree.at(executor, "id").equals("e"))
                        .findFirst()
                        .orElseThrow();
        assertThat(JsonTree.names(waiting)).contains("type");
        assertThat(JsonTree.names(waiting, "queued_tasks", 0))
                .containsExactlyInAnyOrder("id", "name", "slave_id", "resources", "role", "executor_id");
    }

    @Test
    void filesOfSandboxesAreListedAndRead() throws Exception {
        String sandbox = node.sandbox("runs").toRealPath().toString();
        assertThat(ask("{\"type\":\"LIST_FILES\",\"list_files\":{\"path\":\"" + sandbox + "\"}}")
                        .getListFiles()
                        .getFileInfosList())
                .extracting(FileInfo::getPath)
                .contains(sandbox + "/stdout", sandbox + "/stderr");
        String read = "{\"type\":\"READ_FILE\",\"read_file\":{\"path\":\"" + sandbox + "/stdout\",\"offset\":";
        FakeLeader.await("its output", () -> {
            try {
                return ask(read + "0}}").getReadFile().getData().toStringUtf8().equals("hello\n");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(ask(read + "1,\"length\":3}}").getReadFile().getData().toStringUtf8())
                .isEqualTo("ell");
        assertThat(ask(read + "1,\"length\":3}}").getReadFile().getSize()).isEqualTo(6);
        assertThat(ask(read + "18446744073709551615}}").getReadFile().getData().isEmpty())
                .isTrue();
        assertThat(refusal("{\"type\":\"LIST_FILES\",\"list_files\":{\"path\":\"/etc\"}}"))
                .startsWith("404");
        assertThat(refusal("{\"type\":\"READ_FILE\",\"read_file\":{\"path\":\"" + sandbox + "\",\"offset\":0}}"))
                .isEqualTo("400 Cannot read a directory.\n");
        assertThat(refusal("{\"type\":\"READ_FILE\",\"read_file\":{\"path\":\"/etc/passwd\",\"offset\":0}}"))
                .startsWith("404");
    }

    @Test
    void theAgentItselfIsTold() throws Exception {
        assertThat(call("GET_HEALTH").getGetHealth().getHealthy()).isTrue();
        assertThat(call("GET_VERSION").getGetVersion().getVersionInfo().getVersion())
                .isEqualTo("1.11.0");
        assertThat(call("GET_FLAGS").getGetFlags().getFlagsList())
                .extracting(flag -> flag.getName())
                .contains("work_dir", "hostname", "gc_delay");
        assertThat(call("GET_LOGGING_LEVEL").getGetLoggingLevel().getLevel()).isZero();
        assertThat(ask("{\"type\":\"GET_METRICS\",\"get_metrics\":{\"timeout\":{\"nanoseconds\":5000000000}}}")
                        .getGetMetrics()
                        .getMetricsList())
                .anySatisfy(metric -> {
                    assertThat(metric.getName()).isEqualTo("slave/tasks_running");
                    assertThat(metric.getValue()).isEqualTo(1.0);
                })
                .anySatisfy(metric -> {
                    assertThat(metric.getName()).isEqualTo("slave/tasks_finished");
                    assertThat(metric.getValue()).isEqualTo(1.0);
                });
    }

    @Test
    void protobufIsReadAndWritten() throws Exception {
        HttpResponse<byte[]> answer = CLIENT.send(
                request("/slave(1)/api/v1")
                        .header("Content-Type", PROTOBUF)
                        .header("Accept", PROTOBUF)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(Call.newBuilder()
                                .setType(Call.Type.GET_TASKS)
                                .build()
                                .toByteArray()))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains(PROTOBUF);
        assertThat(ids(Response.parseFrom(answer.body()).getGetTasks().getLaunchedTasksList()))
                .containsExactly("runs");
        HttpResponse<String> torn = post("/api/v1", "\u0001torn", "Content-Type", PROTOBUF, "Accept", PROTOBUF);
        assertThat(torn.statusCode() + " " + torn.body()).isEqualTo("400 Failed to parse body into Call protobuf");
    }

    @Test
    void requestsAreCheckedInMesosOrder() throws Exception {
        String health = "{\"type\":\"GET_HEALTH\"}";
        HttpResponse<String> get = CLIENT.send(request("/api/v1").build(), HttpResponse.BodyHandlers.ofString());
        assertThat(get.statusCode()).isEqualTo(405);
        assertThat(get.headers().firstValue("Allow")).contains("POST");
        assertThat(get.body()).isEqualTo("405 Method Not Allowed. Expecting one of { 'POST' }, but received 'GET'.");
        HttpResponse<String> untyped = post("/api/v1", health);
        assertThat(untyped.statusCode() + " " + untyped.body()).isEqualTo("400 Expecting 'Content-Type' to be present");
        HttpResponse<String> text = post("/api/v1", health, "Content-Type", "text/plain");
        assertThat(text.statusCode() + " " + text.body())
                .isEqualTo("415 Expecting 'Content-Type' of application/json or application/x-protobuf or"
                        + " application/recordio");
        HttpResponse<String> html = post("/api/v1", health, "Content-Type", JSON, "Accept", "text/html");
        assertThat(html.statusCode() + " " + html.body())
                .isEqualTo("406 Expecting 'Accept' to allow application/json or application/x-protobuf or"
                        + " application/recordio");
        assertThat(post("/api/v1", health, "Content-Type", JSON).statusCode()).isEqualTo(200);
        assertThat(refusal("{")).startsWith("400 Failed to parse body into JSON: ");
        assertThat(refusal("{\"type\":1}")).isEqualTo("400 Not expecting a JSON number for field 'type'");
        assertThat(refusal("{\"type\":\"READ_FILE\",\"read_file\":{\"path\":\"/x\"}}"))
                .isEqualTo("400 Missing required fields: read_file.offset");
        // Whoever can't be answered isn't read.
        HttpResponse<String> unread = post("/api/v1", "{", "Content-Type", JSON, "Accept", "text/html");
        assertThat(unread.statusCode()).isEqualTo(406);
        HttpResponse<String> stream = post("/api/v1", health, "Content-Type", JSON, "Accept", "application/recordio");
        assertThat(stream.statusCode() + " " + stream.body())
                .isEqualTo("406 Streaming response is not supported for GET_HEALTH call");
        HttpResponse<String> inner = post("/api/v1", health, "Content-Type", JSON, "Message-Accept", JSON);
        assertThat(inner.statusCode() + " " + inner.body())
                .isEqualTo("406 Expecting 'Message-Accept' to be not set for non-streaming responses");
        HttpResponse<String> typed = post("/api/v1", health, "Content-Type", JSON, "Message-Content-Type", JSON);
        assertThat(typed.statusCode() + " " + typed.body())
                .isEqualTo("415 Expecting 'Message-Content-Type' to be not set for non-streaming requests");
        HttpResponse<String> records = post("/api/v1", health, "Content-Type", "application/recordio");
        assertThat(records.statusCode() + " " + records.body())
                .isEqualTo("400 Expecting 'Message-Content-Type' to be set for streaming requests");
        assertThat(refusal("{}")).isEqualTo("400 Failed to validate agent::Call: Expecting 'type' to be present");
        assertThat(refusal("{\"type\":\"GET_METRICS\"}"))
                .isEqualTo("400 Failed to validate agent::Call: Expecting 'get_metrics' to be present");
        assertThat(post("/api/v1/operator", health, "Content-Type", JSON).statusCode())
                .isEqualTo(200);
    }

    @Test
    void tooMuchIsRefused() throws Exception {
        assertThat(refusal("{\"type\":\"GET_HEALTH\",\"x\":\"" + "y".repeat(1 << 20) + "\"}"))
                .startsWith("413");
        assertThat(refusal("[".repeat(100_000))).startsWith("400");
    }

    @Test
    void whatNobodyHereDoesIsNotCarriedOut() throws Exception {
        for (String call : List.of(
                "{\"type\":\"SET_LOGGING_LEVEL\",\"set_logging_level\":{\"level\":1,\"duration\":{\"nanoseconds\":1}}}",
                "{\"type\":\"PRUNE_IMAGES\"}",
                "{\"type\":\"UNKNOWN\"}")) {
            assertThat(refusal(call)).as(call).isEqualTo("501 501 Not Implemented.");
        }
    }

    /** Nobody here has said who they are, and there are no credentials to say it with. */
    @Test
    void whoeverIsNobodyHasNothingRunOrEnded() throws Exception {
        String parent = call("GET_CONTAINERS")
                .getGetContainers()
                .getContainers(0)
                .getContainerId()
                .getValue();
        String id = "{\"value\":\"x\",\"parent\":{\"value\":\"" + parent + "\"}}";
        for (String call : List.of(
                "{\"type\":\"LAUNCH_CONTAINER\",\"launch_container\":{\"container_id\":" + id
                        + ",\"command\":{\"value\":\"true\"}}}",
                "{\"type\":\"LAUNCH_NESTED_CONTAINER\",\"launch_nested_container\":{\"container_id\":" + id + "}}",
                "{\"type\":\"LAUNCH_NESTED_CONTAINER_SESSION\",\"launch_nested_container_session\":{\"container_id\":"
                        + id + "}}",
                "{\"type\":\"WAIT_CONTAINER\",\"wait_container\":{\"container_id\":" + id + "}}",
                "{\"type\":\"KILL_CONTAINER\",\"kill_container\":{\"container_id\":" + id + "}}",
                "{\"type\":\"REMOVE_CONTAINER\",\"remove_container\":{\"container_id\":" + id + "}}",
                "{\"type\":\"ATTACH_CONTAINER_OUTPUT\",\"attach_container_output\":{\"container_id\":" + id + "}}")) {
            assertThat(refusal(call)).as(call).startsWith("403 ");
        }
        assertThat(node.containerGroups()).hasSize(2);
        assertThat(refusal("{\"type\":\"KILL_CONTAINER\"}"))
                .isEqualTo("400 Failed to validate agent::Call: Expecting 'kill_container' to be present");
        HttpResponse<String> stream =
                post("/api/v1", "5\nhello", "Content-Type", "application/recordio", "Message-Content-Type", JSON);
        assertThat(stream.statusCode()).isEqualTo(400);
        HttpResponse<String> health = post(
                "/api/v1",
                "21\n{\"type\":\"GET_HEALTH\"}",
                "Content-Type",
                "application/recordio",
                "Message-Content-Type",
                JSON);
        assertThat(health.statusCode() + " " + health.body())
                .isEqualTo("415 Streaming 'Content-Type' application/recordio is not supported for GET_HEALTH call");
    }
}
