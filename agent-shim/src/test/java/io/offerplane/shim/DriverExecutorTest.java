package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import io.offerplane.protocol.libprocess.v0.ExecutorRegisteredMessage;
import io.offerplane.protocol.libprocess.v0.ExecutorReregisteredMessage;
import io.offerplane.protocol.libprocess.v0.ExecutorToFrameworkMessage;
import io.offerplane.protocol.libprocess.v0.FrameworkToExecutorMessage;
import io.offerplane.protocol.libprocess.v0.KillTaskMessage;
import io.offerplane.protocol.libprocess.v0.ReconnectExecutorMessage;
import io.offerplane.protocol.libprocess.v0.ReregisterExecutorMessage;
import io.offerplane.protocol.libprocess.v0.RunTaskMessage;
import io.offerplane.protocol.libprocess.v0.StatusUpdateAcknowledgementMessage;
import io.offerplane.protocol.link.v1.ExecutorMessage;
import io.offerplane.protocol.link.v1.ShutdownExecutor;
import io.offerplane.protocol.link.v1.ToAgent;
import io.offerplane.shim.http.AgentHttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.mesos.Protos.SlaveInfo;
import org.apache.mesos.Protos.TaskState;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Custom executors with a v0 driver in real containers: mesos-go's example executor, unchanged, and one whose driver the test
 * plays.
 */
class DriverExecutorTest {

    private TestNode node;
    private AgentHttpServer http;
    private int port;
    private final List<AutoCloseable> opened = new CopyOnWriteArrayList<>();

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
        for (AutoCloseable one : opened) {
            one.close();
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

    private static ExecutorInfo.Builder executor(String id, CommandInfo.Builder command) {
        return ExecutorInfo.newBuilder()
                .setType(ExecutorInfo.Type.CUSTOM)
                .setExecutorId(ExecutorID.newBuilder().setValue(id))
                .setFrameworkId(FrameworkID.newBuilder().setValue(FakeLeader.FRAMEWORK))
                .setCommand(command)
                .addResources(TestNode.scalar("cpus", 0.25))
                .addResources(TestNode.scalar("mem", 64));
    }

    private static TaskInfo task(String id, ExecutorInfo.Builder executor) {
        return TestNode.shell(id, "").clearCommand().setExecutor(executor).build();
    }

    private static ExecutorInfo.Builder played(WireDriver driver) {
        return executor("e", CommandInfo.newBuilder().setValue(driver.command()));
    }

    /** Launches a first task in an executor that this test plays, and has it registered. */
    private WireDriver play(String firstTask) throws Exception {
        WireDriver driver = new WireDriver(port, "e");
        opened.add(driver);
        node.leader().launch(task(firstTask, played(driver)), framework());
        driver.connect();
        driver.send(driver.registration());
        driver.await("RunTaskMessage");
        return driver;
    }

    private void shutdown(String executor) {
        node.leader()
                .send(ToAgent.newBuilder()
                        .setShutdownExecutor(ShutdownExecutor.newBuilder()
                                .setFrameworkId(FakeLeader.FRAMEWORK)
                                .setExecutorId(executor)));
    }

    private static org.apache.mesos.v1.Protos.TaskState v1(TaskState state) {
        return org.apache.mesos.v1.Protos.TaskState.valueOf(state.name());
    }

    @Test
    void mesosGosV0ExecutorRunsItsTasksUnchangedAndComesBackToARestartedShim() throws Exception {
        Path program = Path.of(
                System.getenv()
                        .getOrDefault("OFFERPLANE_CACHE", System.getProperty("user.home") + "/.cache/offerplane"),
                "clients/mesos-go-v0.0.11/v0-example-executor");
        assumeTrue(Files.isExecutable(program), program + " is not there: e2e/clients/install mesos-go makes it");
        // As its scheduler does, which serves the executor's program to the agents' fetchers.
        HttpServer scheduler = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        opened.add(() -> scheduler.stop(0));
        scheduler.createContext("/executor", exchange -> {
            exchange.sendResponseHeaders(200, Files.size(program));
            try (OutputStream out = exchange.getResponseBody()) {
                Files.copy(program, out);
            }
        });
        scheduler.start();
        ExecutorInfo.Builder executor = executor(
                "go",
                CommandInfo.newBuilder()
                        .setValue("./executor -logtostderr=true")
                        .addUris(CommandInfo.URI
                                .newBuilder()
                                .setValue("http://127.0.0.1:"
                                        + scheduler.getAddress().getPort() + "/executor")
                                .setExecutable(true)));
        for (String task : List.of("g1", "g2", "g3")) {
            node.leader().launch(task(task, executor), framework());
        }
        for (String task : List.of("g1", "g2", "g3")) {
            TaskStatus last = node.leader().awaitState(task, v1(TaskState.TASK_FINISHED));
            assertThat(last.getExecutorId().getValue()).isEqualTo("go");
            assertThat(last.getSource()).isEqualTo(TaskStatus.Source.SOURCE_EXECUTOR);
            assertThat(last.getAgentId().getValue()).isEqualTo(FakeLeader.AGENT);
        }
        assertThat(node.containerGroups()).hasSize(1);
        stopShim();
        startShim();
        FakeLeader.await("its return", () -> node.stdout("go").contains("Re-registered Executor on slave"));
        node.leader().launch(task("g4", executor), framework());
        node.leader().awaitState("g4", v1(TaskState.TASK_FINISHED));
        shutdown("go");
        FakeLeader.await("its end", () -> node.leader().exits().size() == 1);
    }

    @Test
    void aDriverIsRegisteredGivenTasksAndAcknowledged() throws Exception {
        WireDriver driver = play("a");
        ExecutorRegisteredMessage registered =
                ExecutorRegisteredMessage.parseFrom(driver.await("ExecutorRegisteredMessage"));
        assertThat(org.apache.mesos.Protos.ExecutorInfo.parseFrom(registered.getExecutorInfo())
                        .getExecutorId()
                        .getValue())
                .isEqualTo("e");
        assertThat(SlaveInfo.parseFrom(registered.getSlaveInfo()).getId().getValue())
                .isEqualTo(FakeLeader.AGENT);
        assertThat(registered.getFrameworkId()).isEqualTo(WireDriver.framework());
        assertThat(driver.received().getFirst().path())
                .isEqualTo("/executor(1)/mesos.internal.ExecutorRegisteredMessage");
        assertThat(driver.received().getFirst().from()).isEqualTo("slave(1)@127.0.0.1:" + port);
        assertThat(driver.reply()).isEqualTo("HTTP/1.1 202 Accepted");
        RunTaskMessage run = RunTaskMessage.parseFrom(driver.await("RunTaskMessage"));
        assertThat(org.apache.mesos.Protos.TaskInfo.parseFrom(run.getTask())
                        .getTaskId()
                        .getValue())
                .isEqualTo("a");
        assertThat(run.getFrameworkId()).isEqualTo(WireDriver.framework());
        assertThat(run.getPid()).isEqualTo("@0.0.0.0:0");
        UUID uuid = UUID.randomUUID();
        driver.send(driver.message("a", TaskState.TASK_RUNNING, uuid));
        node.leader().awaitState("a", v1(TaskState.TASK_RUNNING));
        StatusUpdateAcknowledgementMessage acknowledged =
                StatusUpdateAcknowledgementMessage.parseFrom(driver.await("StatusUpdateAcknowledgementMessage"));
        assertThat(acknowledged.getUuid()).isEqualTo(WireDriver.bytes(uuid));
        assertThat(acknowledged.getFrameworkId()).isEqualTo(WireDriver.framework());
        node.leader().kill("a");
        KillTaskMessage kill = KillTaskMessage.parseFrom(driver.await("KillTaskMessage"));
        assertThat(org.apache.mesos.Protos.TaskID.parseFrom(kill.getTaskId()).getValue())
                .isEqualTo("a");
        driver.send(driver.message("a", TaskState.TASK_KILLED, UUID.randomUUID()));
        node.leader().awaitState("a", v1(TaskState.TASK_KILLED));
        shutdown("e");
        driver.await("ShutdownExecutorMessage");
        FakeLeader.await("its end", () -> !node.leader().exits().isEmpty());
    }

    @Test
    void pipelinedMessagesAreTakenInOrderAlsoAfterOneWithoutABody() throws Exception {
        WireDriver driver = play("a");
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(driver.encoded(driver.message("a", TaskState.TASK_STARTING, UUID.randomUUID())));
        // Of a type that is unknown here, and without any length.
        all.write(driver.encoded("mesos.internal.PongSlaveMessage", ByteString.EMPTY));
        all.write(driver.encoded(driver.message("a", TaskState.TASK_RUNNING, UUID.randomUUID())));
        all.write(driver.encoded(driver.message("a", TaskState.TASK_FINISHED, UUID.randomUUID())));
        driver.send(all.toByteArray());
        node.leader().awaitState("a", v1(TaskState.TASK_FINISHED));
        assertThat(node.leader().states("a"))
                .containsExactly(v1(TaskState.TASK_STARTING), v1(TaskState.TASK_RUNNING), v1(TaskState.TASK_FINISHED));
    }

    @Test
    void messagesGoBothWays() throws Exception {
        WireDriver driver = play("a");
        node.leader()
                .send(ToAgent.newBuilder()
                        .setExecutorMessage(ExecutorMessage.newBuilder()
                                .setFrameworkId(FakeLeader.FRAMEWORK)
                                .setExecutorId("e")
                                .setData(ByteString.copyFromUtf8("down"))));
        assertThat(FrameworkToExecutorMessage.parseFrom(driver.await("FrameworkToExecutorMessage"))
                        .getData()
                        .toStringUtf8())
                .isEqualTo("down");
        driver.send(ExecutorToFrameworkMessage.newBuilder()
                .setFrameworkId(WireDriver.framework())
                .setExecutorId(driver.executor())
                .setData(ByteString.copyFromUtf8("up"))
                .build());
        FakeLeader.await("a message", () -> node.leader().messages().stream()
                .anyMatch(m -> m.getData().toStringUtf8().equals("up")
                        && m.getExecutorId().equals("e")));
    }

    @Test
    void aDriverComesBackToARestartedShimWhichDropsWhatItNeverGot() throws Exception {
        WireDriver driver = play("a");
        node.leader().launch(task("lost", played(driver)), framework());
        FakeLeader.await(
                "both tasks",
                () -> driver.received().stream()
                                .filter(m -> m.name().equals("RunTaskMessage"))
                                .count()
                        == 2);
        UUID running = UUID.randomUUID();
        driver.send(driver.message("a", TaskState.TASK_RUNNING, running));
        node.leader().awaitState("a", v1(TaskState.TASK_RUNNING));
        stopShim();
        startShim();
        ReconnectExecutorMessage reconnect =
                ReconnectExecutorMessage.parseFrom(driver.await("ReconnectExecutorMessage"));
        assertThat(org.apache.mesos.Protos.SlaveID.parseFrom(reconnect.getSlaveId())
                        .getValue())
                .isEqualTo(FakeLeader.AGENT);
        driver.connect();
        driver.send(ReregisterExecutorMessage.newBuilder()
                .setFrameworkId(WireDriver.framework())
                .setExecutorId(driver.executor())
                .addUpdates(driver.update("a", TaskState.TASK_RUNNING, running))
                .build());
        ExecutorReregisteredMessage reregistered =
                ExecutorReregisteredMessage.parseFrom(driver.await("ExecutorReregisteredMessage"));
        assertThat(SlaveInfo.parseFrom(reregistered.getSlaveInfo()).getId().getValue())
                .isEqualTo(FakeLeader.AGENT);
        TaskStatus dropped = node.leader().awaitState("lost", v1(TaskState.TASK_LOST));
        assertThat(dropped.getMessage()).isEqualTo("Task launched during agent restart");
        driver.send(driver.message("a", TaskState.TASK_FINISHED, UUID.randomUUID()));
        node.leader().awaitState("a", v1(TaskState.TASK_FINISHED));
        assertThat(node.leader().states("a")).containsExactly(v1(TaskState.TASK_RUNNING), v1(TaskState.TASK_FINISHED));
    }

    @Test
    void aDriverThatRegistersTwiceIsShutDown() throws Exception {
        WireDriver driver = play("a");
        driver.send(driver.registration());
        driver.await("ShutdownExecutorMessage");
    }

    @Test
    void strangersAndWhatIsNoMessageHarmNobody() throws Exception {
        WireDriver driver = play("a");
        // This process doesn't run in the executor's container.
        assertThat(stranger(driver.encoded(driver.message("a", TaskState.TASK_FAILED, UUID.randomUUID()))))
                .startsWith("HTTP/1.1 202 ");
        assertThat(stranger(driver.encoded(driver.registration()))).startsWith("HTTP/1.1 202 ");
        assertThat(stranger(driver.encoded(FrameworkToExecutorMessage.newBuilder()
                        .setFrameworkId(WireDriver.framework())
                        .setExecutorId(driver.executor())
                        .setData(ByteString.copyFromUtf8("run this"))
                        .build())))
                .startsWith("HTTP/1.1 202 ");
        assertThat(
                        stranger(
                                "POST /slave(2)/mesos.internal.X HTTP/1.1\r\nUser-Agent: libprocess/x@127.0.0.1:1\r\nHost: \r\n\r\n"))
                .startsWith("HTTP/1.1 404 ");
        String head = "POST /slave(1)/mesos.internal.StatusUpdateMessage HTTP/1.1\r\nLibprocess-From: x\r\nHost: \r\n";
        assertThat(stranger(head + "\r\n")).startsWith("HTTP/1.1 202 ");
        assertThat(stranger(head + "Content-Length: 5\r\n\r\n\n\u007fxxx")).startsWith("HTTP/1.1 202 ");
        assertThat(stranger(head + "Content-Length: 5000000\r\n\r\n" + "x".repeat(5_000_000)))
                .startsWith("HTTP/1.1 413 ");
        // The executor itself may send nonsense, and is heard afterwards.
        driver.send((head + "Content-Length: 3\r\n\r\n\n\u007fx").getBytes(StandardCharsets.US_ASCII));
        driver.send(driver.message("a", TaskState.TASK_FINISHED, UUID.randomUUID()));
        node.leader().awaitState("a", v1(TaskState.TASK_FINISHED));
        assertThat(node.leader().states("a")).containsExactly(v1(TaskState.TASK_FINISHED));
        assertThat(driver.received())
                .noneMatch(m -> m.name().equals("FrameworkToExecutorMessage")
                        || m.name().equals("ShutdownExecutorMessage"));
    }

    private String stranger(String request) throws IOException {
        return stranger(request.getBytes(StandardCharsets.US_ASCII));
    }

    /** All that is answered until the connection's end, which a stranger's comes to at once. */
    private String stranger(byte[] request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(120_000);
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    socket.getOutputStream().write(request);
                } catch (IOException refusedMeanwhile) {
                    // What is answered tells.
                }
            });
            try {
                return new String(socket.getInputStream().readNBytes(13), StandardCharsets.US_ASCII);
            } finally {
                writer.interrupt();
            }
        }
    }
}
