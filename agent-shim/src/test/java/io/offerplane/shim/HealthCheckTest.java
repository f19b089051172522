package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.mesos.v1.Protos.CheckInfo;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.Environment;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.HealthCheck;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Checks and health checks of command tasks in real containers. */
class HealthCheckTest {

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

    private static HealthCheck.Builder quick() {
        return HealthCheck.newBuilder()
                .setDelaySeconds(0)
                .setIntervalSeconds(0.1)
                .setTimeoutSeconds(10)
                .setGracePeriodSeconds(0);
    }

    private static CheckInfo.Builder quickCheck(CheckInfo.Type type) {
        return CheckInfo.newBuilder()
                .setType(type)
                .setDelaySeconds(0)
                .setIntervalSeconds(0.1)
                .setTimeoutSeconds(10);
    }

    private static HealthCheck.Builder command(String line) {
        return quick().setType(HealthCheck.Type.COMMAND)
                .setCommand(CommandInfo.newBuilder().setValue(line));
    }

    private static void launch(TaskInfo.Builder task) {
        node.leader().launch(task.build(), TestNode.framework());
    }

    private static List<TaskStatus> told(String task, TaskStatus.Reason reason) {
        return node.leader().updates(task).stream()
                .filter(status -> status.hasReason() && status.getReason() == reason)
                .toList();
    }

    private static List<TaskStatus> health(String task) {
        return told(task, TaskStatus.Reason.REASON_TASK_HEALTH_CHECK_STATUS_UPDATED);
    }

    private static List<TaskStatus> checks(String task) {
        return told(task, TaskStatus.Reason.REASON_TASK_CHECK_STATUS_UPDATED);
    }

    private static void awaitHealth(String task, boolean healthy) {
        FakeLeader.await(task + " is told to be " + (healthy ? "healthy" : "unhealthy"), () -> health(task).stream()
                .anyMatch(status -> status.getHealthy() == healthy));
    }

    private static void kill(String task) {
        node.leader().kill(task);
        node.leader().awaitState(task, TaskState.TASK_KILLED);
    }

    @Test
    void aCommandRunsInTheTasksContainerAsItsUserAndWithItsEnvironment() throws Exception {
        TaskInfo.Builder task = TestNode.shell("health-command", "touch ready; sleep 1000");
        task.getCommandBuilder()
                .setUser("mesos")
                .getEnvironmentBuilder()
                .addVariables(
                        Environment.Variable.newBuilder().setName("COLOUR").setValue("blue"));
        task.setHealthCheck(command("id -u > uid; echo $COLOUR > colour; kill -0 1 2>/dev/null; test -e ready"));
        launch(task);
        awaitHealth("health-command", true);
        assertThat(health("health-command").getFirst().getState()).isEqualTo(TaskState.TASK_RUNNING);
        Path sandbox = node.sandbox("health-command");
        assertThat(Files.readString(sandbox.resolve("uid"))).isEqualTo("1234\n");
        assertThat(Files.readString(sandbox.resolve("colour"))).isEqualTo("blue\n");
        kill("health-command");
        assertThat(health("health-command")).hasSize(1);
    }

    @Test
    void aTaskThatFailsTooOftenIsKilledAndItsEndSaysThatItIsNotHealthy() {
        TaskInfo.Builder task = TestNode.shell("health-fails", "sleep 1000");
        task.setHealthCheck(command("exit 1").setConsecutiveFailures(2));
        node.leader()
                .launch(
                        task.build(),
                        TestNode.framework().toBuilder()
                                .addCapabilities(FrameworkInfo.Capability.newBuilder()
                                        .setType(FrameworkInfo.Capability.Type.TASK_KILLING_STATE))
                                .build());
        TaskStatus last = node.leader().awaitState("health-fails", TaskState.TASK_KILLED);
        assertThat(node.leader().states("health-fails"))
                .containsExactly(
                        TaskState.TASK_STARTING,
                        TaskState.TASK_RUNNING,
                        TaskState.TASK_RUNNING,
                        TaskState.TASK_RUNNING,
                        TaskState.TASK_KILLING,
                        TaskState.TASK_KILLED);
        assertThat(health("health-fails")).hasSize(2).noneMatch(TaskStatus::getHealthy);
        assertThat(last.hasHealthy()).isTrue();
        assertThat(last.getHealthy()).isFalse();
        assertThat(last.getMessage()).startsWith("Command terminated with signal");
    }

    @Test
    void aTaskThatRecoversIsToldHealthyAgainAndGoesOn() throws Exception {
        TaskInfo.Builder task = TestNode.shell("health-recovers", "sleep 1000");
        task.setHealthCheck(command("test -e well").setConsecutiveFailures(1_000_000));
        launch(task);
        awaitHealth("health-recovers", false);
        Files.createFile(node.sandbox("health-recovers").resolve("well"));
        awaitHealth("health-recovers", true);
        assertThat(health("health-recovers").getLast().getHealthy()).isTrue();
        kill("health-recovers");
    }

    @Test
    void aCommandThatTakesTooLongHasFailedAndNothingOfItIsLeft() throws Exception {
        TaskInfo.Builder task = TestNode.shell("health-hangs", "sleep 1000");
        task.setHealthCheck(command("sleep 987654 & sleep 987654")
                .setTimeoutSeconds(0.5)
                .setConsecutiveFailures(1_000_000)
                .setIntervalSeconds(1000));
        launch(task);
        awaitHealth("health-hangs", false);
        FakeLeader.await("the check's processes are gone", () -> {
            try (var processes = ProcessHandle.allProcesses()) {
                return processes.noneMatch(
                        process -> process.info().commandLine().orElse("").contains("987654"));
            }
        });
        assertThat(node.leader().states("health-hangs").getLast()).isEqualTo(TaskState.TASK_RUNNING);
        kill("health-hangs");
    }

    @Test
    void aTaskThatEndsWhileItIsCheckedEndsAsItDoesWithout() {
        TaskInfo.Builder task = TestNode.shell("health-ends", "sleep 0.5; exit 3");
        task.setHealthCheck(command("sleep 1000").setTimeoutSeconds(0));
        launch(task);
        TaskStatus last = node.leader().awaitState("health-ends", TaskState.TASK_FAILED);
        assertThat(last.getMessage()).isEqualTo("Command exited with status 3");
        assertThat(last.hasHealthy()).isFalse();
    }

    @Test
    void aTasksAnswersByHttpDecide() throws Exception {
        AtomicInteger answer = new AtomicInteger(200);
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/health", exchange -> {
            exchange.sendResponseHeaders(answer.get(), -1);
            exchange.close();
        });
        server.start();
        try {
            TaskInfo.Builder task = TestNode.shell("health-http", "sleep 1000");
            task.setHealthCheck(quick().setType(HealthCheck.Type.HTTP)
                    .setConsecutiveFailures(1)
                    .setHttp(HealthCheck.HTTPCheckInfo.newBuilder()
                            .setPort(server.getAddress().getPort())
                            .setPath("/health")));
            launch(task);
            awaitHealth("health-http", true);
            answer.set(500);
            TaskStatus last = node.leader().awaitState("health-http", TaskState.TASK_KILLED);
            assertThat(last.getHealthy()).isFalse();
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aCheckTellsEachChangeOfItsResultAndNothingElse() throws Exception {
        TaskInfo.Builder task = TestNode.shell("check-command", "sleep 1000");
        task.setCheck(quickCheck(CheckInfo.Type.COMMAND)
                .setCommand(CheckInfo.Command.newBuilder()
                        .setCommand(CommandInfo.newBuilder().setValue("test -e there"))));
        launch(task);
        FakeLeader.await("a first result", () -> checks("check-command").size() == 1);
        Files.createFile(node.sandbox("check-command").resolve("there"));
        FakeLeader.await("a second result", () -> checks("check-command").size() == 2);
        assertThat(checks("check-command"))
                .extracting(status -> status.getCheckStatus().getCommand().getExitCode())
                .containsExactly(1, 0);
        assertThat(node.leader().updates("check-command"))
                .filteredOn(status -> !status.hasReason())
                .allMatch(status -> status.getCheckStatus().hasCommand()
                        && !status.getCheckStatus().getCommand().hasExitCode());
        kill("check-command");
    }

    @Test
    void aCheckByTcpTellsWhetherTheTaskTakesConnections() throws Exception {
        ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        try {
            TaskInfo.Builder task = TestNode.shell("check-tcp", "sleep 1000");
            task.setCheck(quickCheck(CheckInfo.Type.TCP)
                    .setTcp(CheckInfo.Tcp.newBuilder().setPort(listening.getLocalPort())));
            launch(task);
            FakeLeader.await("a first result", () -> checks("check-tcp").size() == 1);
            listening.close();
            FakeLeader.await("a second result", () -> checks("check-tcp").size() == 2);
            assertThat(checks("check-tcp"))
                    .extracting(status -> status.getCheckStatus().getTcp().getSucceeded())
                    .containsExactly(true, false);
            kill("check-tcp");
        } finally {
            listening.close();
        }
    }

    @Test
    void updatesOfBothKindsOfChecksCarryEachOthersResults() throws IOException {
        TaskInfo.Builder task = TestNode.shell("check-both", "sleep 1000");
        task.setCheck(quickCheck(CheckInfo.Type.COMMAND)
                .setCommand(CheckInfo.Command.newBuilder()
                        .setCommand(CommandInfo.newBuilder().setValue("exit 7"))));
        task.setHealthCheck(command("test -e well").setDelaySeconds(1).setConsecutiveFailures(1_000_000));
        launch(task);
        awaitHealth("check-both", false);
        assertThat(health("check-both").getLast().getCheckStatus().getCommand().getExitCode())
                .isEqualTo(7);
        kill("check-both");
    }

    @Test
    void aCheckThatCannotBeIsRefusedWithItsReason() {
        TaskInfo.Builder task = TestNode.shell("check-none", "sleep 1000");
        task.setCheck(quickCheck(CheckInfo.Type.COMMAND)
                .setCommand(CheckInfo.Command.newBuilder().setCommand(CommandInfo.getDefaultInstance())));
        launch(task);
        TaskStatus last = node.leader().awaitState("check-none", TaskState.TASK_FAILED);
        assertThat(last.getMessage()).contains("Shell command is not specified");
    }
}
