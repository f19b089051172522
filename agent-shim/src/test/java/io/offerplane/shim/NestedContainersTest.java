package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.shim.http.AgentHttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ContainerID;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.LinuxInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.agent.Protos.Call;
import org.apache.mesos.v1.agent.Protos.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Containers within those of tasks and executors, started through the agent's v1 API over real HTTP, run by crun. */
class NestedContainersTest {

    private static final String FOREVER = "while true; do sleep 0.1; done";

    private TestNode node;
    private AgentHttpServer http;
    private int port;
    private AgentClient operator;

    @BeforeEach
    void start() throws Exception {
        node = TestNode.create();
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        node.httpPort(port);
        Path credentials = node.folder().resolve("credentials");
        Files.writeString(credentials, "{\"credentials\":[{\"principal\":\"ops\",\"secret\":\"s3cret\"}]}");
        node.set("API_CREDENTIALS_FILE", credentials.toString());
        operator = new AgentClient(port, AgentClient.basic("ops", "s3cret"), AgentClient.JSON);
        startShim();
    }

    private void startShim() throws Exception {
        node.startShim();
        http = AgentHttpServer.start(node.agent(), port);
    }

    @AfterEach
    void stop() throws Exception {
        if (operator != null) {
            operator.close();
        }
        if (http != null) {
            http.close();
        }
        if (node != null) {
            node.close();
        }
    }

    /** Launches a task that runs until it is killed; the id of its container. */
    private String task(String id, String command) {
        node.leader().launch(TestNode.shell(id, command).build(), TestNode.framework());
        return node.leader()
                .awaitState(id, TaskState.TASK_RUNNING)
                .getContainerStatus()
                .getContainerId()
                .getValue();
    }

    private Response.WaitContainer end(ContainerID id) throws Exception {
        AgentClient.Answered answer = operator.await(id);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        return answer.response().getWaitContainer();
    }

    private Path sandbox(String task, String... ids) throws IOException {
        Path at = node.sandbox(task).toRealPath();
        for (String id : ids) {
            at = at.resolve("containers").resolve(id);
        }
        return at;
    }

    private void awaitNothingLeft() {
        FakeLeader.await("nothing is left", () -> left().isEmpty(), () -> left().toString());
    }

    private List<String> left() {
        try {
            return node.leftovers();
        } catch (IOException e) {
            return List.of(e.toString());
        }
    }

    @Test
    void aNestedContainerHasASandboxInItsParentsAndItsEndIsTold() throws Exception {
        String parent = task("t", "export GIVEN=by-parent; " + FOREVER);
        ContainerID id = AgentClient.id(parent, "one");
        assertThat(operator.launch(
                                id,
                                AgentClient.shell("pwd; echo $MESOS_TASK_ID $MESOS_EXECUTOR_ID; echo $MESOS_DIRECTORY;"
                                        + " echo oops >&2; exit 3"))
                        .toString())
                .isEqualTo("200");
        Response.WaitContainer end = end(id);
        assertThat(end.getExitStatus()).isEqualTo(3 << 8);
        assertThat(end.hasState() || end.hasReason() || end.hasMessage()).isFalse();
        Path sandbox = sandbox("t", "one");
        assertThat(Files.readString(sandbox.resolve("stdout"))).isEqualTo("/mnt/mesos/sandbox\nt t\n" + sandbox + "\n");
        assertThat(Files.readString(sandbox.resolve("stderr"))).isEqualTo("oops\n");
        // It is known, and can be asked for again, until it is removed.
        assertThat(end(id).getExitStatus()).isEqualTo(3 << 8);
        assertThat(operator.launch(id, AgentClient.shell("true")).status()).isEqualTo(400);
        assertThat(operator.kill(id, 15).toString())
                .isEqualTo("404 Container '" + parent + ".one' cannot be found (or is already killed)");
        assertThat(operator.remove(id).toString()).isEqualTo("200");
        assertThat(Files.exists(sandbox)).isFalse();
        assertThat(operator.await(id).toString()).isEqualTo("404 Container " + parent + ".one cannot be found");
        assertThat(operator.remove(id).toString()).isEqualTo("200");
        assertThat(node.containerGroups()).containsExactly(parent);
        node.leader().kill("t");
        awaitNothingLeft();
    }

    @Test
    void waitingLastsUntilTheContainerEndsByASignal() throws Exception {
        String parent = task("t", FOREVER);
        ContainerID id = AgentClient.id(parent, "one");
        operator.launch(id, AgentClient.shell("trap 'echo usr1 >> said' USR1; touch ready; " + FOREVER));
        assertThat(operator.launch(id, AgentClient.shell("true")).status()).isEqualTo(202);
        assertThat(operator.remove(id).toString()).isEqualTo("500 Nested container has not terminated yet");
        CompletableFuture<AgentClient.Answered> end = operator.callLater(AgentClient.waiting(id));
        FakeLeader.await("its start", () -> exists("one/ready"));
        assertThat(operator.kill(id, 10).toString()).isEqualTo("200");
        FakeLeader.await("its handler", () -> exists("one/said"));
        assertThat(end.isDone()).isFalse();
        assertThat(operator.kill(id, 12).status()).isEqualTo(400);
        assertThat(operator.kill(id, 9).toString()).isEqualTo("200");
        assertThat(end.get(20, TimeUnit.SECONDS).response().getWaitContainer().getExitStatus())
                .isEqualTo(9);
    }

    @Test
    void nestedContainersAreShownToWhoeverAsksForThem() throws Exception {
        String parent = task("t", FOREVER);
        ContainerID id = AgentClient.id(parent, "shown");
        operator.launch(id, AgentClient.shell(FOREVER));
        Call.Builder call = Call.newBuilder().setType(Call.Type.GET_CONTAINERS);
        assertThat(operator.call(call).response().getGetContainers().getContainersList())
                .hasSize(1);
        call.setGetContainers(Call.GetContainers.newBuilder().setShowNested(true));
        Response.GetContainers.Container shown =
                operator.call(call).response().getGetContainers().getContainersList().stream()
                        .filter(container -> container.getContainerId().equals(id))
                        .findFirst()
                        .orElseThrow();
        assertThat(shown.getContainerStatus().getContainerId()).isEqualTo(id);
        assertThat(shown.getResourceStatistics().getProcesses()).isPositive();
        assertThat(shown.hasExecutorId()).isFalse();
    }

    private boolean exists(String path) {
        try {
            return Files.exists(sandbox("t").resolve("containers").resolve(path));
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void containersLieInEachOtherAndEndWithTheOneAroundThem() throws Exception {
        String parent = task("t", FOREVER);
        ContainerID outer = AgentClient.id(parent, "outer");
        ContainerID inner = AgentClient.id(parent, "outer", "inner");
        assertThat(operator.launch(inner, AgentClient.shell(FOREVER)).toString())
                .isEqualTo("400 Parent container " + parent + ".outer does not exist");
        operator.launch(outer, AgentClient.shell("while [ ! -e go ]; do sleep 0.05; done"));
        assertThat(operator.launch(inner, AgentClient.shell(FOREVER)).toString())
                .isEqualTo("200");
        assertThat(Files.isDirectory(sandbox("t", "outer", "inner"))).isTrue();
        assertThat(node.cgroups().children(node.podGroup() + "/offerplane/" + parent))
                .hasSize(1);
        Files.createFile(sandbox("t", "outer").resolve("go"));
        assertThat(end(inner).getExitStatus()).isEqualTo(9);
        assertThat(end(outer).getExitStatus()).isZero();
        // What is still there ends with the task.
        ContainerID last = AgentClient.id(parent, "last");
        operator.launch(last, AgentClient.shell(FOREVER));
        CompletableFuture<AgentClient.Answered> end = operator.callLater(AgentClient.waiting(last));
        node.leader().kill("t");
        assertThat(end.get(20, TimeUnit.SECONDS).status()).isIn(200, 404);
        node.leader().awaitState("t", TaskState.TASK_KILLED);
        awaitNothingLeft();
        FakeLeader.await("its name to be forgotten", () -> status(last) == 404);
    }

    private int status(ContainerID id) {
        try {
            return operator.await(id).status();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void protobufAndTheCallsOldNamesAreUnderstood() throws Exception {
        String parent = task("t", FOREVER);
        ContainerID id = AgentClient.id(parent, "old");
        try (AgentClient client = new AgentClient(port, AgentClient.basic("ops", "s3cret"), AgentClient.PROTOBUF)) {
            assertThat(client.call(oldLaunch(id)).toString()).isEqualTo("200");
            assertThat(client.call(oldKill(id)).toString()).isEqualTo("200");
            Response end = client.call(oldWait(id)).response();
            assertThat(end.getType()).isEqualTo(Response.Type.valueOf("WAIT_NESTED_CONTAINER"));
            assertThat(exitStatus(end)).isEqualTo(9);
            assertThat(client.call(oldRemove(id)).toString()).isEqualTo("200");
        }
    }

    @SuppressWarnings("deprecation")
    private static Call.Builder oldLaunch(ContainerID id) {
        return Call.newBuilder()
                .setType(Call.Type.LAUNCH_NESTED_CONTAINER)
                .setLaunchNestedContainer(Call.LaunchNestedContainer.newBuilder()
                        .setContainerId(id)
                        .setCommand(AgentClient.shell(FOREVER)));
    }

    @SuppressWarnings("deprecation")
    private static Call.Builder oldKill(ContainerID id) {
        return Call.newBuilder()
                .setType(Call.Type.KILL_NESTED_CONTAINER)
                .setKillNestedContainer(Call.KillNestedContainer.newBuilder().setContainerId(id));
    }

    @SuppressWarnings("deprecation")
    private static Call.Builder oldWait(ContainerID id) {
        return Call.newBuilder()
                .setType(Call.Type.WAIT_NESTED_CONTAINER)
                .setWaitNestedContainer(Call.WaitNestedContainer.newBuilder().setContainerId(id));
    }

    @SuppressWarnings("deprecation")
    private static Call.Builder oldRemove(ContainerID id) {
        return Call.newBuilder()
                .setType(Call.Type.REMOVE_NESTED_CONTAINER)
                .setRemoveNestedContainer(
                        Call.RemoveNestedContainer.newBuilder().setContainerId(id));
    }

    @SuppressWarnings("deprecation")
    private static int exitStatus(Response response) {
        return response.getWaitNestedContainer().getExitStatus();
    }

    @Test
    void whatCannotRunIsRefusedWithTheReasonAndLeavesNothing() throws Exception {
        String parent = task("t", FOREVER);
        ContainerID id = AgentClient.id(parent, "no");
        assertThat(operator.launch(id, CommandInfo.newBuilder().setShell(true)).toString())
                .isEqualTo("400 Shell command is not specified: CommandInfo.value is missing");
        assertThat(operator.launch(id, AgentClient.shell("true").setUser("nobody-here"))
                        .toString())
                .startsWith("400 Failed to get user information for 'nobody-here'");
        assertThat(operator.launch(
                                id,
                                AgentClient.shell("true")
                                        .addUris(CommandInfo.URI.newBuilder().setValue("file:///etc/hostname")))
                        .status())
                .isEqualTo(400);
        Call.Builder image = AgentClient.launching(id, AgentClient.shell("true"));
        image.getLaunchContainerBuilder()
                .setContainer(ContainerInfo.newBuilder().setType(ContainerInfo.Type.DOCKER));
        image.getLaunchContainerBuilder()
                .getContainerBuilder()
                .setDocker(ContainerInfo.DockerInfo.newBuilder().setImage("x"));
        assertThat(operator.call(image).toString()).isEqualTo("400 The provided ContainerInfo is not supported");
        assertThat(operator.launch(AgentClient.id(parent, "a.b"), AgentClient.shell("true"))
                        .toString())
                .isEqualTo("400 Failed to validate agent::Call: 'launch_container.container_id' is invalid:"
                        + " 'ContainerID.value' 'a.b' contains invalid characters");
        assertThat(operator.launch(AgentClient.id("nothing", "x"), AgentClient.shell("true"))
                        .toString())
                .isEqualTo("400 Parent container nothing does not exist");
        assertThat(operator.launch(AgentClient.id(parent), AgentClient.shell("true"))
                        .status())
                .isEqualTo(501);
        assertThat(node.cgroups().children(node.podGroup() + "/offerplane/" + parent))
                .isEmpty();
        assertThat(operator.await(id).status()).isEqualTo(404);
        assertThat(operator.launch(id, AgentClient.shell("true")).toString()).isEqualTo("200");
    }

    @Test
    void aContainerWithLimitsOfItsOwnIsHeldToThem() throws Exception {
        String parent = task("t", FOREVER);
        ContainerID id = AgentClient.id(parent, "small");
        Call.Builder call = AgentClient.launching(id, AgentClient.shell("head -c 100000000 /dev/zero | tail | wc -c"));
        call.getLaunchContainerBuilder()
                .addResources(TestNode.scalar("cpus", 0.1))
                .addResources(TestNode.scalar("mem", 32));
        assertThat(operator.call(call).status()).isEqualTo(400);
        call.getLaunchContainerBuilder()
                .setContainer(ContainerInfo.newBuilder()
                        .setType(ContainerInfo.Type.MESOS)
                        .setLinuxInfo(LinuxInfo.newBuilder().setShareCgroups(false)));
        assertThat(operator.call(call).toString()).isEqualTo("200");
        Response.WaitContainer end = end(id);
        assertThat(end.getReason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LIMITATION_MEMORY);
        assertThat(end.getState()).isEqualTo(TaskState.TASK_FAILED);
        assertThat(end.getLimitation().getResources(0).getName()).isEqualTo("mem");
        assertThat(node.leader().states("t").getLast()).isEqualTo(TaskState.TASK_RUNNING);
    }

    @Test
    void onlyOperatorsAndWhoIsAroundAContainerReachIt() throws Exception {
        String parent = task("t", FOREVER);
        ContainerID id = AgentClient.id(parent, "one");
        for (String authorization : List.of("", AgentClient.basic("ops", "wrong"), "Bearer nothing")) {
            try (AgentClient stranger = new AgentClient(port, authorization, AgentClient.JSON)) {
                assertThat(stranger.launch(id, AgentClient.shell("true")).status())
                        .as(authorization)
                        .isEqualTo(401);
                assertThat(stranger.await(id).status()).isEqualTo(401);
                assertThat(stranger.kill(id, 9).status()).isEqualTo(401);
                assertThat(stranger.remove(id).status()).isEqualTo(401);
            }
        }
        // From within: below its own container, and nowhere else.
        String other = task("other", FOREVER);
        String inside = task(
                "inside",
                post("own", "$SELF") + post("others", other) + post("itself", "$SELF", "kill_container") + FOREVER);
        FakeLeader.await("all answers", () -> node.stdout("inside").lines().count() == 3, () -> node.stdout("inside"));
        assertThat(node.stdout("inside")).isEqualTo("own 200\nothers 401\nitself 501\n");
        assertThat(end(AgentClient.id(inside, "own")).getExitStatus()).isZero();
    }

    private String post(String name, String parent) {
        return request(
                name,
                "{\\\"type\\\":\\\"LAUNCH_CONTAINER\\\",\\\"launch_container\\\":{\\\"container_id\\\":{\\\"value\\\":\\\""
                        + name + "\\\",\\\"parent\\\":{\\\"value\\\":\\\"" + parent
                        + "\\\"}},\\\"command\\\":{\\\"value\\\":\\\"true\\\"}}}");
    }

    private String post(String name, String self, String call) {
        return request(
                name,
                "{\\\"type\\\":\\\"KILL_CONTAINER\\\",\\\"" + call + "\\\":{\\\"container_id\\\":{\\\"value\\\":\\\""
                        + self + "\\\"}}}");
    }

    /** By a program in the container, which learns its own id from where its sandbox is. */
    private String request(String name, String body) {
        return "SELF=$(echo $MESOS_DIRECTORY | busybox sed 's,.*/,,'); echo " + name
                + " $(busybox wget -S -q -O /dev/null --header 'Content-Type: application/json' --post-data \"" + body
                + "\" http://127.0.0.1:" + port
                + "/api/v1 2>&1 | busybox grep -o 'HTTP/1.1 [0-9]*' | head -n 1 | busybox cut -d' ' -f2); ";
    }

    @Test
    void anExecutorStartsContainersByItsTokenAsNobodyButItself() throws Exception {
        ExecutorInfo executor = ExecutorInfo.newBuilder()
                .setType(ExecutorInfo.Type.CUSTOM)
                .setExecutorId(ExecutorID.newBuilder().setValue("e"))
                .setFrameworkId(FrameworkID.newBuilder().setValue(FakeLeader.FRAMEWORK))
                .setCommand(AgentClient.shell("env > environment.new; mv environment.new environment; exec sleep 1000")
                        .setUser("mesos"))
                .addResources(TestNode.scalar("cpus", 0.25))
                .addResources(TestNode.scalar("mem", 64))
                .build();
        node.leader()
                .launch(
                        TestNode.shell("a", "")
                                .clearCommand()
                                .setExecutor(executor)
                                .build(),
                        TestNode.framework());
        Path environment = node.sandbox("e").resolve("environment");
        FakeLeader.await("the executor's environment", () -> Files.exists(environment));
        String token = Files.readAllLines(environment).stream()
                .filter(line -> line.startsWith("MESOS_EXECUTOR_AUTHENTICATION_TOKEN="))
                .map(line -> line.substring(line.indexOf('=') + 1))
                .findFirst()
                .orElseThrow();
        String own = String.valueOf(node.sandbox("e").toRealPath().getFileName());
        String task = task("t", FOREVER);
        try (AgentClient client = new AgentClient(port, "Bearer " + token, AgentClient.JSON)) {
            ContainerID id = AgentClient.id(own, "mine");
            assertThat(client.launch(id, AgentClient.shell("id -u; env")).toString())
                    .isEqualTo("200");
            assertThat(client.await(id).response().getWaitContainer().getExitStatus())
                    .isZero();
            List<String> said = Files.readAllLines(sandbox("e", "mine").resolve("stdout"));
            assertThat(said)
                    .contains("1234", "MESOS_EXECUTOR_ID=e")
                    .noneMatch(line -> line.startsWith("MESOS_EXECUTOR_AUTHENTICATION_TOKEN"));
            assertThat(client.launch(
                                    AgentClient.id(own, "root"),
                                    AgentClient.shell("true").setUser("root"))
                            .toString())
                    .isEqualTo("403 An executor that runs as user 1234 can't start containers as user 'root'");
            assertThat(client.launch(AgentClient.id(task, "x"), AgentClient.shell("true"))
                            .status())
                    .isEqualTo(403);
            assertThat(client.kill(AgentClient.id(own), 9).status()).isEqualTo(501);
        }
    }

    @Test
    void aParentThatMovesALinkInTheWayGainsNothing() throws Exception {
        // A root user's task swaps the folder of its inner containers for a link to the node's own.
        String parent =
                task("t", "busybox ln -s ../../../../../../../../../outside containers; touch ready; " + FOREVER);
        Path outside = Files.createDirectory(node.folder().resolve("outside"));
        FakeLeader.await("the link", () -> {
            try {
                return Files.exists(sandbox("t").resolve("ready"));
            } catch (IOException e) {
                return false;
            }
        });
        assertThat(Files.isSymbolicLink(sandbox("t").resolve("containers"))).isTrue();
        assertThat(operator.launch(AgentClient.id(parent, "one"), AgentClient.shell("true"))
                        .status())
                .isEqualTo(400);
        try (var entries = Files.list(outside)) {
            assertThat(entries).isEmpty();
        }
        assertThat(node.cgroups().children(node.podGroup() + "/offerplane/" + parent))
                .isEmpty();
    }

    @Test
    void nestedContainersOutliveTheirShimAndTheirEndsAreRemembered() throws Exception {
        String parent = task("t", FOREVER);
        ContainerID done = AgentClient.id(parent, "done");
        ContainerID lives = AgentClient.id(parent, "lives");
        ContainerID within = AgentClient.id(parent, "lives", "within");
        operator.launch(done, AgentClient.shell("exit 7"));
        end(done);
        operator.launch(lives, AgentClient.shell("echo once; while [ ! -e go ]; do sleep 0.05; done; exit 5"));
        http.close();
        node.stopShim();
        startShim();
        assertThat(end(done).getExitStatus()).isEqualTo(7 << 8);
        FakeLeader.await("the task to be taken up", () -> launched(within));
        Files.createFile(sandbox("t", "lives").resolve("go"));
        assertThat(end(lives).getExitStatus()).isEqualTo(5 << 8);
        assertThat(end(within).getExitStatus()).isZero();
        assertThat(Files.readString(sandbox("t", "lives").resolve("stdout"))).isEqualTo("once\n");
        node.leader().kill("t");
        awaitNothingLeft();
    }

    private boolean launched(ContainerID id) {
        try {
            return operator.launch(id, AgentClient.shell("echo $MESOS_TASK_ID")).status() == 200;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
