package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.protocol.link.v1.ExecutorExited;
import io.offerplane.protocol.link.v1.ShutdownExecutor;
import io.offerplane.protocol.link.v1.ToAgent;
import io.offerplane.shim.http.AgentHttpServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.LinuxInfo;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.Protos.Volume;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Task groups in executors of type DEFAULT, in real containers, launched through the real link. */
class TaskGroupTest {

    private static final String FOREVER = "while true; do sleep 0.1; done";

    private static TestNode node;

    @BeforeAll
    static void start() throws Exception {
        node = TestNode.create();
        node.startShim();
    }

    @AfterAll
    static void stop() throws Exception {
        if (node != null) {
            node.close();
        }
    }

    private static ExecutorInfo executor(String id) {
        return ExecutorInfo.newBuilder()
                .setType(ExecutorInfo.Type.DEFAULT)
                .setExecutorId(ExecutorID.newBuilder().setValue(id))
                .addResources(TestNode.scalar("cpus", 0.1))
                .addResources(TestNode.scalar("mem", 32))
                .addResources(TestNode.scalar("disk", 32))
                .build();
    }

    private static TaskInfo.Builder in(String executor, String id, String command) {
        return TestNode.shell(id, command).setExecutor(executor(executor));
    }

    private static ContainerInfo.Builder shared(String path) {
        return ContainerInfo.newBuilder()
                .setType(ContainerInfo.Type.MESOS)
                .addVolumes(Volume.newBuilder()
                        .setContainerPath("shared")
                        .setMode(Volume.Mode.RW)
                        .setSource(Volume.Source.newBuilder()
                                .setType(Volume.Source.Type.SANDBOX_PATH)
                                .setSandboxPath(Volume.Source.SandboxPath.newBuilder()
                                        .setType(Volume.Source.SandboxPath.Type.PARENT)
                                        .setPath(path))));
    }

    private static void launch(TaskInfo.Builder... tasks) {
        TaskInfo[] built = new TaskInfo[tasks.length];
        for (int i = 0; i < tasks.length; i++) {
            built[i] = tasks[i].build();
        }
        node.leader().launchGroup(TestNode.framework(), built);
    }

    private static String stdout(String executor, String task) throws IOException {
        return Files.readString(
                node.sandbox(executor).resolve("tasks").resolve(task).resolve("stdout"));
    }

    private static void awaitExit(String executor) {
        FakeLeader.await("the end of executor " + executor, () -> exits(executor) == 1);
    }

    private static long exits(String executor) {
        return node.leader().exits().stream()
                .filter(exit -> exit.getExecutorId().equals(executor))
                .count();
    }

    private static void awaitNothingLeft() {
        FakeLeader.await("nothing is left", () -> left().isEmpty(), () -> left().toString());
    }

    private static List<String> left() {
        try {
            return node.agent().tasks().running() == 0 ? node.leftovers() : List.of("running tasks");
        } catch (IOException e) {
            return List.of(e.toString());
        }
    }

    @Test
    void eachTaskHasAContainerOfItsOwnWithinTheExecutors() throws Exception {
        launch(in("e1", "e1-a", "echo a; pwd; ls; echo $MESOS_EXECUTOR_ID $MESOS_TASK_ID"), in("e1", "e1-b", "echo b"));
        TaskStatus a = node.leader().awaitState("e1-a", TaskState.TASK_FINISHED);
        TaskStatus b = node.leader().awaitState("e1-b", TaskState.TASK_FINISHED);
        assertThat(node.leader().states("e1-a"))
                .containsExactly(TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_FINISHED);
        assertThat(node.leader().updates("e1-a"))
                .allSatisfy(
                        update -> assertThat(update.getExecutorId().getValue()).isEqualTo("e1"));
        String parent = a.getContainerStatus().getContainerId().getParent().getValue();
        assertThat(parent).isNotEmpty();
        assertThat(b.getContainerStatus().getContainerId().getParent().getValue())
                .isEqualTo(parent);
        assertThat(node.sandbox("e1").toRealPath().getFileName()).hasToString(parent);
        assertThat(node.sandbox("e1").resolve("tasks/e1-a").toRealPath())
                .isEqualTo(node.sandbox("e1")
                        .toRealPath()
                        .resolve("containers")
                        .resolve(a.getContainerStatus().getContainerId().getValue()));
        assertThat(stdout("e1", "e1-a")).isEqualTo("a\n/mnt/mesos/sandbox\nstderr\nstdout\ne1 e1-a\n");
        assertThat(stdout("e1", "e1-b")).isEqualTo("b\n");
        awaitExit("e1");
        assertThat(node.leader().exits().stream()
                        .filter(exit -> exit.getExecutorId().equals("e1"))
                        .map(ExecutorExited::getWaitStatus))
                .containsExactly(0);
        awaitNothingLeft();
    }

    @Test
    void theRestOfAGroupIsKilledWhenOneFails() {
        launch(in("e2", "e2-a", FOREVER), in("e2", "e2-b", "sleep 0.2; exit 3"), in("e2", "e2-c", "true"));
        assertThat(node.leader().awaitState("e2-b", TaskState.TASK_FAILED).getMessage())
                .isEqualTo("Command exited with status 3");
        node.leader().awaitState("e2-a", TaskState.TASK_KILLED);
        awaitExit("e2");
        // It had ended well before, or was killed like the other.
        assertThat(node.leader().states("e2-c").getLast()).isIn(TaskState.TASK_FINISHED, TaskState.TASK_KILLED);
    }

    @Test
    void theRestOfAGroupIsKilledWithOneAndOtherGroupsLiveOn() throws Exception {
        launch(in("e3", "e3-a", FOREVER), in("e3", "e3-b", FOREVER));
        node.leader().awaitState("e3-a", TaskState.TASK_RUNNING);
        node.leader().awaitState("e3-b", TaskState.TASK_RUNNING);
        Path sandbox = node.sandbox("e3").toRealPath();
        launch(in("e3", "e3-c", "true"), in("e3", "e3-d", "while [ ! -e go ]; do sleep 0.05; done"));
        node.leader().awaitState("e3-c", TaskState.TASK_FINISHED);
        node.leader().awaitState("e3-d", TaskState.TASK_RUNNING);
        assertThat(node.sandbox("e3").toRealPath()).isEqualTo(sandbox);

        node.leader().kill("e3-a", Duration.ofMillis(100));
        node.leader().awaitState("e3-a", TaskState.TASK_KILLED);
        node.leader().awaitState("e3-b", TaskState.TASK_KILLED);
        assertThat(exits("e3")).isZero();
        Files.createFile(sandbox.resolve("tasks/e3-d/go"));
        node.leader().awaitState("e3-d", TaskState.TASK_FINISHED);
        awaitExit("e3");
    }

    @Test
    void anExecutorThatIsShutDownEndsWithAllItsTasks() {
        launch(in("e4", "e4-a", FOREVER), in("e4", "e4-b", FOREVER));
        node.leader().awaitState("e4-a", TaskState.TASK_RUNNING);
        node.leader().awaitState("e4-b", TaskState.TASK_RUNNING);
        node.leader()
                .send(ToAgent.newBuilder()
                        .setShutdownExecutor(ShutdownExecutor.newBuilder()
                                .setFrameworkId(FakeLeader.FRAMEWORK)
                                .setExecutorId("e4")));
        node.leader().awaitState("e4-a", TaskState.TASK_KILLED);
        node.leader().awaitState("e4-b", TaskState.TASK_KILLED);
        awaitExit("e4");
    }

    @Test
    void tasksShareFoldersOfTheExecutorsSandbox() throws Exception {
        launch(
                in("e5", "e5-a", "echo word > shared/said").setContainer(shared("volumes/talk")),
                in("e5", "e5-b", "while [ ! -s shared/said ]; do sleep 0.05; done; cat shared/said")
                        .setContainer(shared("volumes/talk")));
        node.leader().awaitState("e5-b", TaskState.TASK_FINISHED);
        assertThat(stdout("e5", "e5-b")).isEqualTo("word\n");
        awaitExit("e5");
    }

    @Test
    void whatTheAgentKeepsInAnExecutorsSandboxIsNotForItsTasks() {
        launch(in("e6", "e6-a", FOREVER).setContainer(shared("containers")));
        assertThat(node.leader().awaitState("e6-a", TaskState.TASK_FAILED).getMessage())
                .contains("'containers' of the executor's sandbox is not for its tasks");
        launch(
                in("e7", "e7-a", FOREVER).setContainer(shared("x")),
                in("e7", "e7-b", FOREVER).setContainer(shared("x/y")));
        FakeLeader.await("the refusal of either", () -> List.of("e7-a", "e7-b").stream()
                .flatMap(task -> node.leader().updates(task).stream())
                .anyMatch(update -> update.getMessage().contains("lie in each other")));
        awaitExit("e7");
    }

    @Test
    void aGroupWhoseExecutorsIdCannotNameAFolderFails() {
        // 255 letters, as the leader allows, and twice as many bytes.
        launch(in("\u00e9".repeat(255), "e11-a", FOREVER), in("\u00e9".repeat(255), "e11-b", FOREVER));
        assertThat(node.leader().awaitState("e11-a", TaskState.TASK_FAILED).getMessage())
                .contains("can't name a folder");
        node.leader().awaitState("e11-b", TaskState.TASK_FAILED);
    }

    @Test
    void memoryIsTheGroupsUnlessATaskHasItsOwnLimits() {
        // 64 MB are each task's own, 32 MB the executor's.
        String most = "head -c 100000000 /dev/zero | tail | wc -c";
        launch(in("e8", "e8-a", most), in("e8", "e8-b", "sleep 1"));
        node.leader().awaitState("e8-a", TaskState.TASK_FINISHED);
        ContainerInfo.Builder own = ContainerInfo.newBuilder()
                .setType(ContainerInfo.Type.MESOS)
                .setLinuxInfo(LinuxInfo.newBuilder().setShareCgroups(false));
        launch(in("e9", "e9-a", most).setContainer(own), in("e9", "e9-b", FOREVER));
        assertThat(node.leader().awaitState("e9-a", TaskState.TASK_FAILED).getReason())
                .isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LIMITATION_MEMORY);
        node.leader().awaitState("e9-b", TaskState.TASK_KILLED);
    }

    @Test
    void theAgentShowsTheExecutorWithItsTasks() throws Exception {
        launch(in("e10", "e10-a", FOREVER), in("e10", "e10-b", FOREVER));
        node.leader().awaitState("e10-a", TaskState.TASK_RUNNING);
        node.leader().awaitState("e10-b", TaskState.TASK_RUNNING);
        try (AgentHttpServer server = AgentHttpServer.start(node.agent(), 0)) {
            assertThat(page(server, "/state"))
                    .contains("\"executor_id\":\"e10\"")
                    .contains("\"type\":\"DEFAULT\"");
            assertThat(page(server, "/containers").split("\"executor_id\":\"e10\"", -1))
                    .hasSize(2);
        }
        node.leader().kill("e10-a", Duration.ZERO);
        node.leader().awaitState("e10-b", TaskState.TASK_KILLED);
    }

    private static String page(AgentHttpServer server, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    @Test
    void aGroupOutlivesItsShimAndKeepsItsRule() throws Exception {
        try (TestNode other = TestNode.create()) {
            other.startShimProcess();
            other.leader()
                    .launchGroup(
                            TestNode.framework(),
                            in("r1", "r1-a", "echo once; while [ ! -e go ]; do sleep 0.05; done; exit 3")
                                    .build(),
                            in("r1", "r1-b", "echo once; " + FOREVER).build());
            other.leader().awaitState("r1-a", TaskState.TASK_RUNNING);
            other.leader().awaitState("r1-b", TaskState.TASK_RUNNING);
            other.killShimProcess();
            Path a = other.sandbox("r1").resolve("tasks/r1-a");
            Files.createFile(a.resolve("go"));
            other.startShimProcess();
            assertThat(other.leader().registrations().getLast().getTasksCount()).isEqualTo(2);
            other.leader().awaitState("r1-a", TaskState.TASK_FAILED);
            other.leader().awaitState("r1-b", TaskState.TASK_KILLED);
            assertThat(Files.readString(a.resolve("stdout"))).isEqualTo("once\n");
            assertThat(Files.readString(other.sandbox("r1").resolve("tasks/r1-b/stdout")))
                    .isEqualTo("once\n");
            FakeLeader.await("nothing is left", () -> {
                try {
                    return other.leftovers().isEmpty();
                } catch (IOException e) {
                    return false;
                }
            });
        }
    }
}
