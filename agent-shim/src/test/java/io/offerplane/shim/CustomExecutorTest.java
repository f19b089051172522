package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.offerplane.protocol.link.v1.ExecutorMessage;
import io.offerplane.protocol.link.v1.ShutdownExecutor;
import io.offerplane.protocol.link.v1.ToAgent;
import io.offerplane.shim.http.AgentHttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.executor.Protos.Event;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Custom executors in real containers: mesos-go's own example executor, unchanged, and one that the test plays over the wire, whose
 * container only sleeps.
 */
class CustomExecutorTest {

    private static final long MEGABYTE = 1 << 20;

    private TestNode node;
    private AgentHttpServer http;
    private int port;
    private final List<WireExecutor> played = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() throws Exception {
        node = TestNode.create();
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        node.httpPort(port);
        startShim();
    }

    private void startShim() throws Exception {
        node.startShim();
        http = AgentHttpServer.start(node.agent(), port);
    }

    private void stopShim() throws Exception {
        http.close();
        node.stopShim();
    }

    @AfterEach
    void stop() throws Exception {
        for (WireExecutor executor : played) {
            executor.close();
        }
        if (http != null) {
            http.close();
        }
        if (node != null) {
            node.close();
        }
    }

    private static FrameworkInfo framework() {
        return TestNode.framework().toBuilder().setCheckpoint(true).build();
    }

    private static ExecutorInfo.Builder executor(String id, String command) {
        return ExecutorInfo.newBuilder()
                .setType(ExecutorInfo.Type.CUSTOM)
                .setExecutorId(ExecutorID.newBuilder().setValue(id))
                .setFrameworkId(FrameworkID.newBuilder().setValue(FakeLeader.FRAMEWORK))
                .setCommand(CommandInfo.newBuilder().setValue(command))
                .addResources(TestNode.scalar("cpus", 0.25))
                .addResources(TestNode.scalar("mem", 64));
    }

    private static TaskInfo task(String id, ExecutorInfo.Builder executor) {
        return TestNode.shell(id, "").clearCommand().setExecutor(executor).build();
    }

    /** Launches a task in an executor that this test plays: its container tells its environment and sleeps. */
    private WireExecutor play(String id, String firstTask) throws Exception {
        node.leader().launch(task(firstTask, sleeping(id)), framework());
        Path environment = node.sandbox(id).resolve("environment");
        FakeLeader.await("the executor's environment", () -> Files.exists(environment));
        WireExecutor executor = new WireExecutor(
                port, FakeLeader.FRAMEWORK, id, variable(environment, "MESOS_EXECUTOR_AUTHENTICATION_TOKEN"));
        played.add(executor);
        return executor;
    }

    private static ExecutorInfo.Builder sleeping(String id) {
        return executor(id, "env > environment.new; mv environment.new environment; exec sleep 1000");
    }

    private static String variable(Path environment, String name) throws IOException {
        return Files.readAllLines(environment).stream()
                .filter(line -> line.startsWith(name + "="))
                .map(line -> line.substring(name.length() + 1))
                .findFirst()
                .orElseThrow();
    }

    private void awaitNothingLeft() {
        FakeLeader.await("nothing is left", () -> leftovers().isEmpty(), () -> leftovers()
                .toString());
    }

    private List<String> leftovers() {
        try {
            return node.leftovers();
        } catch (IOException e) {
            return List.of(e.toString());
        }
    }

    private void shutdown(String executor) {
        node.leader()
                .send(ToAgent.newBuilder()
                        .setShutdownExecutor(ShutdownExecutor.newBuilder()
                                .setFrameworkId(FakeLeader.FRAMEWORK)
                                .setExecutorId(executor)));
    }

    @Test
    void mesosGosExampleExecutorRunsItsTasksUnchanged() throws Exception {
        Path program = Path.of(
                System.getenv()
                        .getOrDefault("OFFERPLANE_CACHE", System.getProperty("user.home") + "/.cache/offerplane"),
                "clients/mesos-go-v0.0.11/example-executor");
        assumeTrue(Files.isExecutable(program), program + " is not there: e2e/clients/install mesos-go makes it");
        Files.createDirectories(node.folder().resolve("files"));
        Path served = node.folder().resolve("files/example-executor");
        Files.copy(program, served);
        ExecutorInfo.Builder executor = executor("go", "./example-executor")
                .setCommand(CommandInfo.newBuilder()
                        .setValue("./example-executor")
                        .addUris(CommandInfo.URI
                                .newBuilder()
                                .setValue("file://" + served)
                                .setExecutable(true)));
        for (String task : List.of("g1", "g2", "g3")) {
            node.leader().launch(task(task, executor), framework());
        }
        for (String task : List.of("g1", "g2", "g3")) {
            TaskStatus last = node.leader().awaitState(task, TaskState.TASK_FINISHED);
            assertThat(node.leader().states(task)).containsExactly(TaskState.TASK_RUNNING, TaskState.TASK_FINISHED);
            assertThat(last.getExecutorId().getValue()).isEqualTo("go");
            assertThat(last.getSource()).isEqualTo(TaskStatus.Source.SOURCE_EXECUTOR);
            assertThat(last.getAgentId().getValue()).isEqualTo(FakeLeader.AGENT);
        }
        assertThat(node.containerGroups()).hasSize(1);
        // It comes back to a restarted shim by itself, and takes another task.
        stopShim();
        startShim();
        node.leader().launch(task("g4", executor), framework());
        node.leader().awaitState("g4", TaskState.TASK_FINISHED);
        shutdown("go");
        FakeLeader.await("its end", () -> node.leader().exits().size() == 1);
        assertThat(node.leader().exits().getFirst().getWaitStatus()).isZero();
        awaitNothingLeft();
    }

    @Test
    void tasksAreHandedOverInOrderAndTheirUpdatesAcknowledged() throws Exception {
        WireExecutor executor = play("e", "a");
        executor.subscribe();
        Event subscribed = executor.await(Event.Type.SUBSCRIBED);
        assertThat(subscribed.getSubscribed().getExecutorInfo().getExecutorId().getValue())
                .isEqualTo("e");
        assertThat(subscribed.getSubscribed().getAgentInfo().getId().getValue()).isEqualTo(FakeLeader.AGENT);
        assertThat(executor.await(Event.Type.LAUNCH)
                        .getLaunch()
                        .getTask()
                        .getTaskId()
                        .getValue())
                .isEqualTo("a");
        node.leader().launch(task("b", sleeping("e")), framework());
        executor.awaitLaunch("b");
        ByteString uuid = executor.update("a", TaskState.TASK_RUNNING, UUID.randomUUID());
        node.leader().awaitState("a", TaskState.TASK_RUNNING);
        FakeLeader.await("an acknowledgement", () -> executor.events().stream()
                .anyMatch(e -> e.getAcknowledged().getUuid().equals(uuid)));
        executor.update("b", TaskState.TASK_FINISHED, UUID.randomUUID());
        node.leader().awaitState("b", TaskState.TASK_FINISHED);
        shutdown("e");
        executor.await(Event.Type.SHUTDOWN);
        TaskStatus last = node.leader().awaitState("a", TaskState.TASK_FAILED);
        assertThat(last.getReason()).isEqualTo(TaskStatus.Reason.REASON_EXECUTOR_TERMINATED);
        assertThat(last.getMessage()).isEqualTo("Executor terminated");
        assertThat(last.getSource()).isEqualTo(TaskStatus.Source.SOURCE_AGENT);
        // SIGKILL, since it sleeps through its grace period.
        FakeLeader.await("its end", () -> !node.leader().exits().isEmpty());
        assertThat(node.leader().exits().getFirst().getWaitStatus() & 0x7f).isEqualTo(9);
        awaitNothingLeft();
    }

    private static TaskInfo.Builder without(String id) {
        return TestNode.shell(id, "").clearCommand().setExecutor(sleeping("e"));
    }

    private static List<String> groupOf(Event event) {
        return event.getLaunchGroup().getTaskGroup().getTasksList().stream()
                .map(task -> task.getTaskId().getValue())
                .toList();
    }

    @Test
    void aGroupIsHandedOverAsAWholeAlsoByTheNextShim() throws Exception {
        WireExecutor executor = play("e", "a");
        node.leader()
                .launchGroup(framework(), without("g1").build(), without("g2").build());
        node.leader()
                .launchGroup(framework(), without("k1").build(), without("k2").build());
        FakeLeader.await(
                "the groups to be held", () -> node.agent().tasks().views().size() == 5);
        // One of a group that is killed too soon takes the others with it.
        node.leader().kill("k1");
        for (String killed : List.of("k1", "k2")) {
            assertThat(node.leader().awaitState(killed, TaskState.TASK_KILLED).getReason())
                    .isEqualTo(TaskStatus.Reason.REASON_TASK_KILLED_DURING_LAUNCH);
        }
        stopShim();
        startShim();
        executor.subscribe(List.of());
        assertThat(groupOf(executor.await(Event.Type.LAUNCH_GROUP))).containsExactly("g1", "g2");
        executor.update("g1", TaskState.TASK_RUNNING, UUID.randomUUID());
        node.leader().awaitState("g1", TaskState.TASK_RUNNING);
        stopShim();
        startShim();
        // What was handed over isn't again; what the executor doesn't have by then is lost.
        WireExecutor back = executor.again();
        played.add(back);
        back.subscribe(List.of("a", "g1"));
        back.await(Event.Type.SUBSCRIBED);
        assertThat(node.leader().awaitState("g2", TaskState.TASK_LOST).getMessage())
                .isEqualTo("Task launched during agent restart");
        assertThat(back.events()).noneMatch(e -> e.getType() == Event.Type.LAUNCH_GROUP);
        assertThat(executor.events().stream().filter(e -> e.getType() == Event.Type.LAUNCH_GROUP))
                .hasSize(1);
    }

    @Test
    void limitsFollowTheTasks() throws Exception {
        WireExecutor executor = play("e", "a");
        executor.subscribe();
        executor.awaitLaunch("a");
        String group = node.podGroup() + "/offerplane/" + node.containerGroups().getFirst();
        assertThat(node.cgroups().usage(group).orElseThrow().memoryLimitBytes()).hasValue(128 * MEGABYTE);
        node.leader().launch(task("b", sleeping("e")), framework());
        executor.awaitLaunch("b");
        // Set before the executor hears of the task.
        assertThat(node.cgroups().usage(group).orElseThrow().memoryLimitBytes()).hasValue(192 * MEGABYTE);
        assertThat(node.cgroups().usage(group).orElseThrow().cpuShares()).isEqualTo(768);
        executor.update("b", TaskState.TASK_FINISHED, UUID.randomUUID());
        FakeLeader.await("a smaller weight", () -> {
            try {
                return node.cgroups().usage(group).orElseThrow().cpuShares() == 512;
            } catch (IOException e) {
                return false;
            }
        });
    }

    @Test
    void messagesGoBothWaysAndKillsReachTheExecutor() throws Exception {
        WireExecutor executor = play("e", "a");
        executor.subscribe();
        executor.awaitLaunch("a");
        node.leader()
                .send(ToAgent.newBuilder()
                        .setExecutorMessage(ExecutorMessage.newBuilder()
                                .setFrameworkId(FakeLeader.FRAMEWORK)
                                .setExecutorId("e")
                                .setData(ByteString.copyFromUtf8("down"))));
        assertThat(executor.await(Event.Type.MESSAGE).getMessage().getData().toStringUtf8())
                .isEqualTo("down");
        executor.message("up");
        FakeLeader.await("a message", () -> node.leader().messages().stream()
                .anyMatch(m -> m.getData().toStringUtf8().equals("up")
                        && m.getExecutorId().equals("e")));
        node.leader().kill("a");
        assertThat(executor.await(Event.Type.KILL).getKill().getTaskId().getValue())
                .isEqualTo("a");
        executor.update("a", TaskState.TASK_KILLED, UUID.randomUUID());
        node.leader().awaitState("a", TaskState.TASK_KILLED);
    }

    @Test
    void aTaskKilledBeforeItsExecutorIsThereNeverReachesIt() throws Exception {
        WireExecutor executor = play("e", "a");
        node.leader().kill("a");
        TaskStatus last = node.leader().awaitState("a", TaskState.TASK_KILLED);
        assertThat(last.getReason()).isEqualTo(TaskStatus.Reason.REASON_TASK_KILLED_DURING_LAUNCH);
        executor.subscribe();
        executor.await(Event.Type.SHUTDOWN);
        assertThat(executor.events()).noneMatch(e -> e.getType() == Event.Type.LAUNCH);
    }

    @Test
    void afterARestartOfTheShimAnExecutorIsGivenWhatItLacksAndToldNothingTwice() throws Exception {
        WireExecutor executor = play("e", "a");
        executor.subscribe();
        executor.awaitLaunch("a");
        node.leader().launch(task("lost", sleeping("e")), framework());
        executor.awaitLaunch("lost");
        UUID running = UUID.randomUUID();
        executor.update("a", TaskState.TASK_RUNNING, running);
        node.leader().awaitState("a", TaskState.TASK_RUNNING);
        stopShim();
        startShim();
        WireExecutor back = executor.again();
        played.add(back);
        // It missed the acknowledgement, and never heard of the task "lost".
        back.subscribe(List.of("a"), back.status("a", TaskState.TASK_RUNNING, running));
        back.await(Event.Type.SUBSCRIBED);
        TaskStatus dropped = node.leader().awaitState("lost", TaskState.TASK_LOST);
        assertThat(dropped.getMessage()).isEqualTo("Task launched during agent restart");
        assertThat(dropped.getReason()).isEqualTo(TaskStatus.Reason.REASON_AGENT_RESTARTED);
        back.update("a", TaskState.TASK_FINISHED, UUID.randomUUID());
        node.leader().awaitState("a", TaskState.TASK_FINISHED);
        assertThat(node.leader().states("a")).containsExactly(TaskState.TASK_RUNNING, TaskState.TASK_FINISHED);
        assertThat(back.events()).noneMatch(e -> e.getType() == Event.Type.LAUNCH);
    }

    @Test
    void anExecutorThatEndsUnheardFailsItsTasks() throws Exception {
        node.leader().launch(task("a", executor("brief", "exit 3")), framework());
        TaskStatus last = node.leader().awaitState("a", TaskState.TASK_FAILED);
        assertThat(last.getReason()).isEqualTo(TaskStatus.Reason.REASON_EXECUTOR_TERMINATED);
        FakeLeader.await("its end", () -> !node.leader().exits().isEmpty());
        assertThat(node.leader().exits().getFirst().getWaitStatus()).isEqualTo(3 << 8);
        awaitNothingLeft();
    }

    @Test
    void callersWhoAreNotTheExecutorAreRefused() throws Exception {
        WireExecutor executor = play("e", "a");
        assertThat(executor.subscribeStatus("Bearer wrong")).isEqualTo(403);
        // No token: this process doesn't run in the executor's container.
        assertThat(executor.subscribeStatus("")).isEqualTo(403);
        assertThat(executor.post("{\"type\": \"UPDATE\"}"))
                .isEqualTo("400 Failed to convert JSON into Call protobuf: Missing required fields: executor_id,"
                        + " framework_id");
    }

    @Test
    void anExecutorThatNeverRegistersEndsAndFailsItsTasks() throws Exception {
        stopShim();
        node.set("EXECUTOR_REGISTRATION_TIMEOUT_SECONDS", "1");
        startShim();
        node.leader().launch(task("a", executor("mute", "exec sleep 1000")), framework());
        TaskStatus last = node.leader().awaitState("a", TaskState.TASK_FAILED);
        assertThat(last.getReason()).isEqualTo(TaskStatus.Reason.REASON_EXECUTOR_REGISTRATION_TIMEOUT);
        assertThat(last.getMessage()).startsWith("Executor did not register within 1secs");
        awaitNothingLeft();
    }

    @Test
    void anExecutorIsToldAllThatMesosTellsItAndOfRecoveryOnlyWhereThereIsAny() throws Exception {
        play("kept", "a");
        assertThat(names("kept"))
                .contains(
                        "MESOS_FRAMEWORK_ID",
                        "MESOS_EXECUTOR_ID",
                        "MESOS_SLAVE_ID",
                        "MESOS_SLAVE_PID",
                        "MESOS_AGENT_ENDPOINT",
                        "MESOS_DIRECTORY",
                        "MESOS_SANDBOX",
                        "MESOS_CHECKPOINT",
                        "MESOS_RECOVERY_TIMEOUT",
                        "MESOS_SUBSCRIPTION_BACKOFF_MAX",
                        "MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD",
                        "MESOS_EXECUTOR_AUTHENTICATION_TOKEN",
                        "LIBPROCESS_PORT");
        node.leader().launch(task("b", sleeping("forgotten")), TestNode.framework());
        Path environment = node.sandbox("forgotten").resolve("environment");
        FakeLeader.await("the executor's environment", () -> Files.exists(environment));
        assertThat(variable(environment, "MESOS_CHECKPOINT")).isEqualTo("0");
        assertThat(names("forgotten")).doesNotContain("MESOS_RECOVERY_TIMEOUT", "MESOS_SUBSCRIPTION_BACKOFF_MAX");
    }

    private List<String> names(String executor) throws IOException {
        return Files.readAllLines(node.sandbox(executor).resolve("environment")).stream()
                .map(line -> line.substring(0, Math.max(0, line.indexOf('='))))
                .toList();
    }

    @Test
    void anUpdateThatSaysNotWhoItIsOfIsRefused() throws Exception {
        WireExecutor executor = play("e", "a");
        executor.subscribe();
        executor.awaitLaunch("a");
        assertThat(executor.post(
                        "{\"type\": \"UPDATE\", \"executor_id\": {\"value\": \"e\"}, \"framework_id\": {\"value\": \""
                                + FakeLeader.FRAMEWORK
                                + "\"}, \"update\": {\"status\": {\"task_id\": {\"value\": \"a\"}, \"state\": \"TASK_RUNNING\","
                                + " \"uuid\": \"AAAAAAAAAAAAAAAAAAAAAA==\"}}}"))
                .isEqualTo("400 Failed to validate Executor::Call: Received Call from executor e of framework "
                        + FakeLeader.FRAMEWORK + " with invalid source, expecting 'SOURCE_EXECUTOR'");
    }
}
