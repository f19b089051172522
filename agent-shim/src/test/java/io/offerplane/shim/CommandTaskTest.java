package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.offerplane.protocol.link.v1.ReportTaskUnknown;
import io.offerplane.protocol.link.v1.ShutdownFramework;
import io.offerplane.protocol.link.v1.ToAgent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.ContainerInfo.DockerInfo;
import org.apache.mesos.v1.Protos.DurationInfo;
import org.apache.mesos.v1.Protos.Environment;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.KillPolicy;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.Protos.Value;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Command tasks in real containers, launched through the real link. */
class CommandTaskTest {

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

    private static TaskStatus finish(TaskInfo.Builder task, TaskState state) {
        node.leader().launch(task.build(), TestNode.framework());
        return node.leader().awaitState(task.getTaskId().getValue(), state);
    }

    private static String stdout(String task) throws IOException {
        return Files.readString(node.sandbox(task).resolve("stdout"));
    }

    private static void awaitOutput(String task, String text) {
        FakeLeader.await("output '" + text + "' of " + task, () -> {
            try {
                return stdout(task).contains(text);
            } catch (IOException notYet) {
                return false;
            }
        });
    }

    private static void awaitNothingLeft() {
        FakeLeader.await("nothing is left", () -> leftovers().isEmpty(), () -> leftovers()
                .toString());
    }

    private static List<String> leftovers() {
        try {
            return node.leftovers().stream()
                    .filter(l -> node.agent().tasks().containers().stream().noneMatch(l::contains))
                    .filter(l -> node.agent().tasks().running() == 0)
                    .toList();
        } catch (IOException e) {
            return List.of(e.toString());
        }
    }

    @Test
    void aShellTaskRunsAndItsOutputIsInTheSandboxWhenItHasFinished() throws Exception {
        TaskStatus last = finish(TestNode.shell("shell-1", "echo out; echo err >&2; pwd"), TaskState.TASK_FINISHED);
        assertThat(node.leader().states("shell-1"))
                .containsExactly(TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_FINISHED);
        assertThat(last.getMessage()).isEqualTo("Command exited with status 0");
        assertThat(last.getSource()).isEqualTo(TaskStatus.Source.SOURCE_EXECUTOR);
        assertThat(last.getExecutorId().getValue()).isEqualTo("shell-1");
        assertThat(last.getAgentId().getValue()).isEqualTo(FakeLeader.AGENT);
        assertThat(last.getContainerStatus()
                        .getNetworkInfos(0)
                        .getIpAddresses(0)
                        .getIpAddress())
                .isEqualTo("127.0.0.1");
        assertThat(stdout("shell-1")).isEqualTo("out\n/mnt/mesos/sandbox\n");
        assertThat(Files.readString(node.sandbox("shell-1").resolve("stderr"))).isEqualTo("err\n");
        awaitNothingLeft();
    }

    @Test
    void anArgumentVectorIsPassedAsItIs() throws Exception {
        finish(
                TestNode.task(
                        "argv-1",
                        CommandInfo.newBuilder()
                                .setShell(false)
                                .setValue("/bin/echo")
                                .addArguments("echo")
                                .addArguments("a  b")
                                .addArguments("$HOME")),
                TaskState.TASK_FINISHED);
        assertThat(stdout("argv-1")).isEqualTo("a  b $HOME\n");
    }

    @Test
    void anExitCodeOtherThanZeroFailsTheTask() {
        TaskStatus last = finish(TestNode.shell("fail-1", "exit 3"), TaskState.TASK_FAILED);
        assertThat(last.getMessage()).isEqualTo("Command exited with status 3");
        assertThat(last.hasReason()).isFalse();
    }

    @Test
    void anExitCodeThatLooksLikeASignalIsStillAnExitCode() {
        assertThat(finish(TestNode.shell("exit-143", "exit 143"), TaskState.TASK_FAILED)
                        .getMessage())
                .isEqualTo("Command exited with status 143");
        assertThat(finish(TestNode.shell("signal-11", "kill -SEGV $$"), TaskState.TASK_FAILED)
                        .getMessage())
                .startsWith("Command terminated with signal Segmentation fault");
    }

    @Test
    void aCommandThatDoesNotExistSaysSoInStderr() throws Exception {
        TaskStatus last = finish(
                TestNode.task(
                        "absent-1", CommandInfo.newBuilder().setShell(false).setValue("/no/such")),
                TaskState.TASK_FAILED);
        assertThat(last.getMessage()).isEqualTo("Command exited with status 1");
        assertThat(Files.readString(node.sandbox("absent-1").resolve("stderr")))
                .isEqualTo("Failed to execute command: No such file or directory\n");
    }

    @Test
    void aKilledTaskGetsSigtermFirst() {
        node.leader().launch(TestNode.shell("kill-1", "sleep 1000").build(), TestNode.framework());
        node.leader().awaitState("kill-1", TaskState.TASK_RUNNING);
        node.leader().kill("kill-1");
        TaskStatus last = node.leader().awaitState("kill-1", TaskState.TASK_KILLED);
        assertThat(last.getMessage()).isEqualTo("Command terminated with signal Terminated");
        assertThat(node.leader().states("kill-1")).doesNotContain(TaskState.TASK_KILLING);
    }

    @Test
    void aTaskThatIgnoresSigtermIsKilledAfterItsGracePeriod() throws Exception {
        TaskInfo task = TestNode.shell(
                        "stubborn-1", "trap 'echo asked' TERM; echo ready; while true; do sleep 0.05; done")
                .setKillPolicy(KillPolicy.newBuilder()
                        .setGracePeriod(DurationInfo.newBuilder()
                                .setNanoseconds(Duration.ofMillis(700).toNanos())))
                .build();
        node.leader().launch(task, TestNode.framework(FrameworkInfo.Capability.Type.TASK_KILLING_STATE));
        awaitOutput("stubborn-1", "ready");
        long began = System.nanoTime();
        node.leader().kill("stubborn-1");
        TaskStatus last = node.leader().awaitState("stubborn-1", TaskState.TASK_KILLED);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(650));
        assertThat(last.getMessage()).isEqualTo("Command terminated with signal Killed");
        assertThat(stdout("stubborn-1")).contains("asked");
        assertThat(node.leader().states("stubborn-1"))
                .containsExactly(
                        TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_KILLING, TaskState.TASK_KILLED);
    }

    @Test
    void aSecondKillCanOnlyShortenTheGracePeriod() {
        node.leader()
                .launch(
                        TestNode.shell("shorten-1", "trap '' TERM; echo ready; while true; do sleep 0.05; done")
                                .build(),
                        TestNode.framework());
        awaitOutput("shorten-1", "ready");
        node.leader().kill("shorten-1", Duration.ofHours(1));
        node.leader().kill("shorten-1", Duration.ZERO);
        assertThat(node.leader().awaitState("shorten-1", TaskState.TASK_KILLED).getMessage())
                .isEqualTo("Command terminated with signal Killed");
    }

    @Test
    void aTaskThatReturnsZeroWhenKilledIsKilledAllTheSame() {
        node.leader()
                .launch(
                        TestNode.shell("polite-1", "trap 'exit 0' TERM; echo ready; while true; do sleep 0.05; done")
                                .build(),
                        TestNode.framework());
        awaitOutput("polite-1", "ready");
        node.leader().kill("polite-1");
        assertThat(node.leader().awaitState("polite-1", TaskState.TASK_KILLED).getMessage())
                .isEqualTo("Command exited with status 0");
    }

    @Test
    void aTaskOverItsMemoryLimitIsKilledWholeAndReported() {
        // The shell survives the kernel's kill of its child, but the task doesn't.
        TaskStatus last = finish(
                TestNode.shell("oom-1", "dd if=/dev/zero of=/dev/null bs=200M count=1; echo survived; sleep 1000"),
                TaskState.TASK_FAILED);
        assertThat(last.getReason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LIMITATION_MEMORY);
        assertThat(last.getSource()).isEqualTo(TaskStatus.Source.SOURCE_AGENT);
        assertThat(last.getMessage())
                .startsWith("Memory limit exceeded: Requested: 64MB Maximum Used: 64MB\n\nMEMORY STATISTICS: \n");
        assertThat(last.getMessage()).contains("rss ");
        assertThat(last.getLimitation().getResources(0).getName()).isEqualTo("mem");
        assertThat(last.getLimitation().getResources(0).getScalar().getValue()).isEqualTo(64.0);
    }

    @Test
    void theKernelsLimitsEqualWhatWasAccepted() throws Exception {
        TaskInfo.Builder task = TestNode.shell("limits-1", "sleep 1000").clearResources();
        task.addResources(TestNode.scalar("cpus", 0.5)).addResources(TestNode.scalar("mem", 100));
        task.putLimits("cpus", Value.Scalar.newBuilder().setValue(1.5).build());
        node.leader().launch(task.build(), TestNode.framework());
        TaskStatus running = node.leader().awaitState("limits-1", TaskState.TASK_RUNNING);
        String container = running.getContainerStatus().getContainerId().getValue();
        var usage = node.cgroups()
                .usage(node.podGroup() + "/offerplane/" + container)
                .orElseThrow();
        assertThat(usage.cpuShares()).isEqualTo(512);
        assertThat(usage.cpuQuotaMicros()).hasValue(150_000);
        assertThat(usage.memoryLimitBytes()).hasValue(100L << 20);
        assertThat(usage.pidsLimit()).hasValue(16384);
        node.leader().kill("limits-1");
        node.leader().awaitState("limits-1", TaskState.TASK_KILLED);
    }

    @Test
    void theEnvironmentIsMesosAndTheCommandsOwnComesLast() throws Exception {
        CommandInfo.Builder command = CommandInfo.newBuilder()
                .setShell(true)
                .setValue("env")
                .setEnvironment(Environment.newBuilder()
                        .addVariables(
                                Environment.Variable.newBuilder().setName("OWN").setValue("x=y z"))
                        .addVariables(Environment.Variable.newBuilder()
                                .setName("MESOS_CHECKPOINT")
                                .setValue("own")));
        finish(TestNode.task("env-1", command), TaskState.TASK_FINISHED);
        Map<String, String> variables =
                stdout("env-1").lines().collect(Collectors.toMap(l -> l.split("=", 2)[0], l -> l.split("=", 2)[1]));
        assertThat(variables)
                .containsEntry("OWN", "x=y z")
                .containsEntry("MESOS_CHECKPOINT", "own")
                .containsEntry("MESOS_SANDBOX", "/mnt/mesos/sandbox")
                .containsEntry("MESOS_TASK_ID", "env-1")
                .containsEntry("MESOS_EXECUTOR_ID", "env-1")
                .containsEntry("MESOS_FRAMEWORK_ID", FakeLeader.FRAMEWORK)
                .containsEntry("MESOS_SLAVE_ID", FakeLeader.AGENT)
                .containsEntry("MESOS_ALLOCATION_ROLE", "*")
                .containsEntry(
                        "MESOS_DIRECTORY", node.sandbox("env-1").toRealPath().toString());
        assertThat(variables.keySet())
                .noneMatch(n -> n.startsWith("OFFERPLANE_") || n.startsWith("CRUN") || n.startsWith("_OCI"));
    }

    @Test
    void aUserIsLookedUpInTheImageAndOwnsTheSandbox() throws Exception {
        finish(
                TestNode.task(
                        "user-1",
                        CommandInfo.newBuilder()
                                .setShell(true)
                                .setValue("id; touch mine")
                                .setUser("mesos")),
                TaskState.TASK_FINISHED);
        assertThat(stdout("user-1")).contains("uid=1234(mesos) gid=1235(mesos)").contains("44(video)");
        assertThat(Files.getAttribute(node.sandbox("user-1").resolve("mine"), "unix:uid"))
                .isEqualTo(1234);
    }

    @Test
    void anUnknownUserFailsTheTaskByName() {
        TaskStatus last = finish(
                TestNode.task(
                        "user-2",
                        CommandInfo.newBuilder().setShell(true).setValue("id").setUser("nobody-here")),
                TaskState.TASK_FAILED);
        assertThat(last.getReason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED);
        assertThat(last.getMessage())
                .startsWith("Failed to launch container: Failed to get user information for 'nobody-here'");
        assertThat(node.leader().states("user-2")).containsExactly(TaskState.TASK_FAILED);
    }

    @Test
    void aContainerSeesNothingOfTheNodeAndCanChangeNothingButItsOwn() throws Exception {
        finish(
                TestNode.shell(
                        "confined-1",
                        "ps | wc -l; touch /bin/x 2>&1; mount -t tmpfs x /tmp 2>&1; ls /sys/fs/cgroup | wc -l;"
                                + " echo 1 2>&1 > /proc/sys/kernel/panic; touch /tmp/ok /dev/shm/ok && echo writable;"
                                + " ls /proc/1/root 2>&1 >/dev/null; echo > /mnt/mesos/init; ls -l /proc/self/fd | wc -l"),
                TaskState.TASK_FINISHED);
        String out = stdout("confined-1");
        List<String> lines = out.lines().toList();
        // Header, task-init, sh, ps and wc.
        assertThat(Integer.parseInt(lines.get(0).strip())).isLessThanOrEqualTo(6);
        assertThat(out)
                .contains("touch: /bin/x: Read-only file system")
                .contains("mount: ")
                .contains("writable");
        // total, 0, 1, 2 and the listed folder itself.
        assertThat(Integer.parseInt(lines.getLast().strip())).isEqualTo(5);
    }

    @Test
    void outputIsRotatedWithoutLosingAByte() throws Exception {
        // 4 files of 1,000,000 bytes each hold it all.
        finish(TestNode.shell("rotate-1", "seq 1 500000; echo end >&2"), TaskState.TASK_FINISHED);
        Path sandbox = node.sandbox("rotate-1");
        String all = "";
        for (String name : List.of("stdout.3", "stdout.2", "stdout.1", "stdout")) {
            all += Files.readString(sandbox.resolve(name));
        }
        assertThat(Files.size(sandbox.resolve("stdout.1"))).isEqualTo(1_000_000);
        assertThat(all)
                .isEqualTo(IntStream.rangeClosed(1, 500_000)
                        .mapToObj(i -> i + "\n")
                        .collect(Collectors.joining()));
    }

    @Test
    void whatACommandLeavesBehindEndsWithIt() {
        finish(
                TestNode.shell("orphans-1", "setsid nohup sleep 1000 & (sleep 1000 &) ; trap '' TERM; exit 0"),
                TaskState.TASK_FINISHED);
        awaitNothingLeft();
    }

    @Test
    void aTaskThatTakesTooLongFails() {
        TaskStatus last = finish(
                TestNode.shell("late-1", "sleep 1000")
                        .setMaxCompletionTime(DurationInfo.newBuilder()
                                .setNanoseconds(Duration.ofMillis(300).toNanos())),
                TaskState.TASK_FAILED);
        assertThat(last.getReason()).isEqualTo(TaskStatus.Reason.REASON_MAX_COMPLETION_TIME_REACHED);
        assertThat(last.getMessage()).isEqualTo("Command terminated with signal Killed");
    }

    @Test
    void aSecondLaunchOfATaskIsPassedOver() {
        TaskInfo task = TestNode.shell("twice-1", "sleep 1000").build();
        node.leader().launch(task, TestNode.framework());
        node.leader().launch(task, TestNode.framework());
        node.leader().awaitState("twice-1", TaskState.TASK_RUNNING);
        node.leader().launch(task, TestNode.framework());
        node.leader().kill("twice-1");
        node.leader().awaitState("twice-1", TaskState.TASK_KILLED);
        assertThat(node.leader().states("twice-1"))
                .containsExactly(TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_KILLED);
    }

    @Test
    void aTaskThatIsNotHereIsReported() {
        node.leader()
                .send(ToAgent.newBuilder()
                        .setReportTaskUnknown(ReportTaskUnknown.newBuilder()
                                .setFrameworkId(FakeLeader.FRAMEWORK)
                                .setTaskId("never-1")
                                .setState("TASK_GONE")));
        TaskStatus status = node.leader().awaitState("never-1", TaskState.TASK_GONE);
        assertThat(status.getReason()).isEqualTo(TaskStatus.Reason.REASON_RECONCILIATION);
        assertThat(status.getSource()).isEqualTo(TaskStatus.Source.SOURCE_AGENT);
        assertThat(status.getUuid().size()).isEqualTo(16);
    }

    @Test
    void aFrameworksEndEndsItsTasksWithoutUpdates() {
        String framework = "b0c2d3e4-0099";
        node.leader()
                .send(ToAgent.newBuilder()
                        .setLaunchTask(io.offerplane.protocol.link.v1.LaunchTask.newBuilder()
                                .setFrameworkId(framework)
                                .setFrameworkInfo(TestNode.framework().toByteString())
                                .setTaskInfo(TestNode.shell("gone-1", "sleep 1000")
                                        .build()
                                        .toByteString())
                                .setRole("*")));
        FakeLeader.await("gone-1 runs", () -> node.leader().states("gone-1").contains(TaskState.TASK_STARTING));
        FakeLeader.await("a container", () -> node.agent().tasks().views().stream()
                .anyMatch(v -> v.key().frameworkId().equals(framework) && v.state() == TaskState.TASK_RUNNING));
        node.leader()
                .send(ToAgent.newBuilder()
                        .setShutdownFramework(ShutdownFramework.newBuilder().setFrameworkId(framework)));
        FakeLeader.await("nothing held of the framework", () -> node.agent().tasks().views().stream()
                .noneMatch(v -> v.key().frameworkId().equals(framework)));
        assertThat(node.leader().states("gone-1")).doesNotContain(TaskState.TASK_KILLED, TaskState.TASK_FAILED);
    }

    @Test
    void filesAreFetchedBeforeTheCommandStarts() throws Exception {
        try (FileServer server = new FileServer()) {
            CommandInfo.Builder command = CommandInfo.newBuilder()
                    .setShell(true)
                    .setValue("./hello.sh && cat dir/data && ls *.gz")
                    .addUris(CommandInfo.URI
                            .newBuilder()
                            .setValue(server.url("moved/hello.sh"))
                            .setExecutable(true))
                    .addUris(CommandInfo.URI.newBuilder().setValue(server.url("files.tar.gz")));
            finish(TestNode.task("fetch-1", command), TaskState.TASK_FINISHED);
            assertThat(stdout("fetch-1")).isEqualTo("hello\ndata\nfiles.tar.gz\n");
        }
    }

    @Test
    void aFileThatCannotBeFetchedNamesItselfInTheTasksMessage() throws Exception {
        try (FileServer server = new FileServer()) {
            CommandInfo.Builder command = CommandInfo.newBuilder()
                    .setShell(true)
                    .setValue("true")
                    .addUris(CommandInfo.URI.newBuilder().setValue(server.url("absent")));
            TaskStatus last = finish(TestNode.task("fetch-2", command), TaskState.TASK_FAILED);
            assertThat(last.getReason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED);
            assertThat(last.getMessage())
                    .startsWith("Failed to launch container: Failed to fetch all URIs for container '")
                    .contains("Failed to fetch '" + server.url("absent") + "': the server answered 404, expected 200");
        }
    }

    @Test
    void aKillWhileFilesAreFetchedEndsTheLaunch() throws Exception {
        try (FileServer server = new FileServer()) {
            CommandInfo.Builder command = CommandInfo.newBuilder()
                    .setShell(true)
                    .setValue("true")
                    .addUris(CommandInfo.URI.newBuilder().setValue(server.url("endless")));
            node.leader().launch(TestNode.task("fetch-3", command).build(), TestNode.framework());
            server.endlessBegan.await();
            node.leader().kill("fetch-3");
            TaskStatus last = node.leader().awaitState("fetch-3", TaskState.TASK_KILLED);
            assertThat(last.getReason()).isEqualTo(TaskStatus.Reason.REASON_TASK_KILLED_DURING_LAUNCH);
            assertThat(node.leader().states("fetch-3")).containsExactly(TaskState.TASK_KILLED);
        }
    }

    /** Else a container that reaches the runtime's file through /proc could change what starts the next one. */
    @Test
    void theRuntimesProgramCannotBeWrittenWhereItStartsContainers() throws Exception {
        Path mounts = Path.of("/proc/" + node.spawner() + "/mounts");
        assertThat(Files.readAllLines(mounts))
                .filteredOn(line -> line.split(" ")[1].equals("/usr/bin/crun"))
                .singleElement()
                .satisfies(line -> assertThat(line.split(" ")[3].split(",")).startsWith("ro"));
        // The node's own is as it was.
        assertThat(Files.readString(Path.of("/proc/self/mounts"))).doesNotContain(" /usr/bin/crun ");
    }

    @Test
    void theRuntimeLeavesNoFolderBesideTheControlGroups() throws Exception {
        finish(TestNode.shell("tidy-1", "true"), TaskState.TASK_FINISHED);
        assertThat(node.besideControlGroups()).isEmpty();
    }

    @Test
    void whatThisReleaseCannotRunIsRefusedInWords() {
        TaskInfo.Builder task = TestNode.shell("image-1", "true");
        task.getContainerBuilder()
                .setType(ContainerInfo.Type.DOCKER)
                .getDockerBuilder()
                .setImage("busybox")
                .setNetwork(DockerInfo.Network.BRIDGE);
        TaskStatus last = finish(task, TaskState.TASK_FAILED);
        assertThat(last.getMessage())
                .startsWith("Failed to launch container: ")
                .contains("is not supported by this agent: TaskInfo.container.docker.network of BRIDGE");
        assertThat(last.getReason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LAUNCH_FAILED);
        assertThat(node.leader().states("image-1")).containsExactly(TaskState.TASK_FAILED);
    }

    /** Serves what the fetcher's tests need. */
    private static final class FileServer implements AutoCloseable {
        private final HttpServer server;
        private final CountDownLatch endlessBegan = new CountDownLatch(1);

        FileServer() throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/", exchange -> {
                try (exchange) {
                    switch (exchange.getRequestURI().getPath()) {
                        case "/moved/hello.sh" -> {
                            exchange.getResponseHeaders().set("Location", "/hello.sh");
                            exchange.sendResponseHeaders(302, -1);
                        }
                        case "/hello.sh" -> send(exchange, "#!/bin/sh\necho hello\n".getBytes(StandardCharsets.UTF_8));
                        case "/files.tar.gz" -> send(exchange, archive());
                        case "/endless" -> {
                            exchange.sendResponseHeaders(200, 0);
                            byte[] some = new byte[1000];
                            for (int i = 0; i < 3000; i++) {
                                exchange.getResponseBody().write(some);
                                exchange.getResponseBody().flush();
                                endlessBegan.countDown();
                                Thread.sleep(10);
                            }
                        }
                        default -> exchange.sendResponseHeaders(404, -1);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            server.start();
        }

        private static void send(com.sun.net.httpserver.HttpExchange exchange, byte[] body) throws IOException {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }

        private static byte[] archive() throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
                TarArchiveEntry entry = new TarArchiveEntry("dir/data");
                entry.setSize(5);
                tar.putArchiveEntry(entry);
                tar.write("data\n".getBytes(StandardCharsets.UTF_8));
                tar.closeArchiveEntry();
            }
            return bytes.toByteArray();
        }

        String url(String path) {
            return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + path;
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }
}
