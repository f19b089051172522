package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.shim.cgroup.ContainerUsage;
import io.offerplane.shim.supervise.WarmStarts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.mesos.v1.Protos.CheckInfo;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.Environment;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.junit.jupiter.api.Test;

/** Tasks in containers that were made ahead of them, on real containers. */
class WarmStartTest {

    /** All that a process can find out about itself and its process 1, but for what differs from start to start. */
    private static final String LOOK = "id; umask; pwd; env; cat /proc/self/limits; cat /proc/self/status;"
            + " echo of 1; cat /proc/1/status; tr '\\0' ' ' </proc/self/cmdline; echo; stat -c '%n %a %u %g' . stdout /tmp;"
            + " ls -l /proc/self/fd | wc -l; cat /proc/mounts; touch mine /tmp/mine";

    private static final Pattern STATUS = Pattern.compile(
            "(Umask|Uid|Gid|Groups|Cap...|NoNewPrivs|Seccomp|Seccomp_filters|SigBlk|SigIgn|SigCgt|SigPnd|ShdPnd):\t.*");

    private static TestNode warm(int slots) throws Exception {
        TestNode node = TestNode.create().set("WARM_SLOTS", Integer.toString(slots));
        node.startShim();
        awaitParked(node, slots);
        return node;
    }

    private static void awaitParked(TestNode node, int slots) {
        FakeLeader.await(
                slots + " containers are ready",
                () -> node.agent().warmStarts().parked() == slots,
                () -> node.agent().warmStarts().toString());
    }

    private static TaskInfo.Builder look(String id, String user) {
        return TestNode.task(
                id,
                CommandInfo.newBuilder()
                        .setShell(true)
                        .setUser(user)
                        .setValue(LOOK)
                        .setEnvironment(Environment.newBuilder()
                                .addVariables(Environment.Variable.newBuilder()
                                        .setName("GREETING")
                                        .setValue("größer\nals = ever"))));
    }

    @Test
    void aTaskSeesTheSameInAContainerMadeAheadAsInOneMadeForIt() throws Exception {
        try (TestNode node = warm(2)) {
            for (String user : List.of("root", "mesos", "4321")) {
                WarmStarts before = node.agent().warmStarts();
                node.finish(look("w-" + user, user), TaskState.TASK_FINISHED);
                assertThat(node.agent().warmStarts().warm()).isEqualTo(before.warm() + 1);
                assertThat(node.agent().warmStarts().cold()).isEqualTo(before.cold());
                awaitParked(node, 2);
            }
            node.stopShim();
            node.set("WARM_SLOTS", "0").startShim();
            for (String user : List.of("root", "mesos", "4321")) {
                node.finish(look("c-" + user, user), TaskState.TASK_FINISHED);
                List<String> warm = seen(node, "w-" + user);
                assertThat(warm).anyMatch(line -> line.startsWith("CapBnd:"));
                List<String> alone = warm.stream()
                        .filter(line -> line.contains(" /mnt/mesos/orders "))
                        .toList();
                // The one thing that tells: what it was told is still there, in its own words and read-only.
                assertThat(alone).singleElement().asString().contains(" ro,");
                assertThat(warm.stream().filter(line -> !alone.contains(line)).toList())
                        .as("user %s", user)
                        .isEqualTo(seen(node, "c-" + user));
            }
            assertThat(node.agent().warmStarts().cold()).isEqualTo(3);
        }
    }

    /** What the task saw, with all named alike that is each start's own. */
    private static List<String> seen(TestNode node, String task) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line : node.stdout(task).split("\n")) {
            boolean ofStatus = line.matches("[A-Za-z_]+:\t.*");
            if (!ofStatus || STATUS.matcher(line).matches()) {
                lines.add(line.replace(task, "TASK")
                        .replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID")
                        .replaceAll("/bundles/ID/sandbox|/slaves/.*/runs/ID", "/SANDBOX"));
            }
        }
        Path sandbox = node.sandbox(task).toRealPath();
        for (String name : List.of("", "stdout", "mine")) {
            Path file = sandbox.resolve(name);
            lines.add(name + " " + Files.getAttribute(file, "unix:mode") + " " + Files.getAttribute(file, "unix:uid")
                    + " " + Files.getAttribute(file, "unix:gid"));
        }
        // Variables have no order.
        Collections.sort(lines);
        return lines;
    }

    @Test
    void itIsHeldToItsOwnLimits() throws Exception {
        try (TestNode node = warm(1)) {
            TaskInfo.Builder task = TestNode.shell("limited", "while [ ! -e go ]; do sleep 0.05; done");
            node.leader()
                    .launch(
                            task.putLimits(
                                            "cpus",
                                            org.apache.mesos.v1.Protos.Value.Scalar.newBuilder()
                                                    .setValue(0.5)
                                                    .build())
                                    .build(),
                            TestNode.framework());
            node.leader().awaitState("limited", TaskState.TASK_RUNNING);
            assertThat(node.agent().warmStarts().warm()).isEqualTo(1);
            String id = node.sandbox("limited").toRealPath().getFileName().toString();
            ContainerUsage usage =
                    node.cgroups().usage(node.podGroup() + "/offerplane/" + id).orElseThrow();
            assertThat(usage.cpuShares()).isEqualTo(256);
            assertThat(usage.cpuQuotaMicros()).hasValue(50_000);
            assertThat(usage.memoryLimitBytes()).hasValue(64L << 20);
            assertThat(usage.memory().softLimit()).hasValue(64L << 20);
            assertThat(usage.pidsLimit()).hasValue(16_384);
            Files.createFile(node.sandbox("limited").resolve("go"));
            node.leader().awaitState("limited", TaskState.TASK_FINISHED);
        }
    }

    @Test
    void itEndsAsAnyTaskDoes() throws Exception {
        try (TestNode node = warm(2)) {
            TaskStatus failed = node.finish(TestNode.shell("fails", "echo said; exit 143"), TaskState.TASK_FAILED);
            assertThat(failed.getMessage()).isEqualTo("Command exited with status 143");
            assertThat(node.stdout("fails")).isEqualTo("said\n");
            awaitParked(node, 2);
            TaskStatus greedy =
                    node.finish(TestNode.shell("greedy", "head -c 300000000 /dev/zero | tail"), TaskState.TASK_FAILED);
            assertThat(greedy.getReason()).isEqualTo(TaskStatus.Reason.REASON_CONTAINER_LIMITATION_MEMORY);
            awaitParked(node, 2);
            node.leader().launch(TestNode.shell("killed", "sleep 1000").build(), TestNode.framework());
            node.leader().awaitState("killed", TaskState.TASK_RUNNING);
            node.leader().kill("killed");
            assertThat(node.leader().awaitState("killed", TaskState.TASK_KILLED).getMessage())
                    .isEqualTo("Command terminated with signal Terminated");
            TaskStatus absent = node.finish(
                    TestNode.task(
                            "absent", CommandInfo.newBuilder().setShell(false).setValue("/no/such/program")),
                    TaskState.TASK_FAILED);
            assertThat(absent.getMessage()).isEqualTo("Command exited with status 1");
            assertThat(node.agent().warmStarts().cold()).isZero();
        }
    }

    @Test
    void aTaskThatWishesForMoreLeavesThemToOthers() throws Exception {
        try (TestNode node = warm(1)) {
            node.finish(
                    TestNode.shell("named", "hostname")
                            .setContainer(ContainerInfo.newBuilder()
                                    .setType(ContainerInfo.Type.MESOS)
                                    .setHostname("own")),
                    TaskState.TASK_FINISHED);
            assertThat(node.stdout("named")).isEqualTo("own\n");
            assertThat(node.agent().warmStarts()).isEqualTo(new WarmStarts(1, 0, 1));
        }
    }

    @Test
    void moreTasksThanAreReadyAllStart() throws Exception {
        try (TestNode node = warm(2)) {
            for (int i = 0; i < 8; i++) {
                node.leader().launch(TestNode.shell("t" + i, "echo once").build(), TestNode.framework());
            }
            for (int i = 0; i < 8; i++) {
                node.leader().awaitState("t" + i, TaskState.TASK_FINISHED);
                assertThat(node.stdout("t" + i)).isEqualTo("once\n");
            }
            WarmStarts starts = node.agent().warmStarts();
            assertThat(starts.warm()).isGreaterThanOrEqualTo(2);
            assertThat(starts.warm() + starts.cold()).isEqualTo(8);
        }
    }

    @Test
    void oneThatDiedWhileItWaitedIsReplaced() throws Exception {
        try (TestNode node = warm(1)) {
            String id = node.containerGroups().getFirst();
            for (long pid : node.cgroups().processes(node.podGroup() + "/offerplane/" + id)) {
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
            FakeLeader.await(
                    "another",
                    () -> node.agent().warmStarts().parked() == 1
                            && groups(node).size() == 1
                            && !groups(node).contains(id));
            node.finish(TestNode.shell("t", "echo once"), TaskState.TASK_FINISHED);
            assertThat(node.stdout("t")).isEqualTo("once\n");
            assertThat(node.agent().warmStarts().cold()).isZero();
        }
    }

    @Test
    void itsChecksRunAsItsUserWithItsVariables() throws Exception {
        try (TestNode node = warm(1)) {
            TaskInfo task = look("checked", "mesos")
                    .setCheck(CheckInfo.newBuilder()
                            .setType(CheckInfo.Type.COMMAND)
                            .setDelaySeconds(0)
                            .setCommand(CheckInfo.Command.newBuilder()
                                    .setCommand(CommandInfo.newBuilder()
                                            .setShell(true)
                                            .setValue("exit $(($(id -u) - 1200 + ${#GREETING}))"))))
                    .build();
            node.leader()
                    .launch(
                            task.toBuilder()
                                    .setCommand(task.getCommand().toBuilder()
                                            .setValue("while [ ! -e go ]; do sleep 0.05; done"))
                                    .build(),
                            TestNode.framework());
            FakeLeader.await("what the check said", () -> node.leader().updates("checked").stream()
                    .anyMatch(status -> status.getCheckStatus().getCommand().hasExitCode()));
            TaskStatus checked = node.leader().updates("checked").getLast();
            // User 1234, and a greeting of 17 characters, of which busybox counts bytes.
            assertThat(checked.getCheckStatus().getCommand().getExitCode()).isEqualTo(34 + 19);
            assertThat(node.agent().warmStarts().warm()).isEqualTo(1);
            Files.createFile(node.sandbox("checked").resolve("go"));
            node.leader().awaitState("checked", TaskState.TASK_FINISHED);
        }
    }

    @Test
    void theNextShimRemovesWhatNoTaskHas() throws Exception {
        try (TestNode node = TestNode.create().set("WARM_SLOTS", "3").startShimProcess()) {
            FakeLeader.await("three are ready", () -> ready(node) == 3);
            node.leader()
                    .launch(
                            TestNode.shell("t", "while [ ! -e go ]; do sleep 0.05; done")
                                    .build(),
                            TestNode.framework());
            node.leader().awaitState("t", TaskState.TASK_RUNNING);
            FakeLeader.await("three are ready again", () -> ready(node) == 3);
            List<String> before = node.containerGroups();
            node.killShimProcess();
            node.set("WARM_SLOTS", "2").startShimProcess();
            String kept = node.sandbox("t").toRealPath().getFileName().toString();
            FakeLeader.await("two others are ready", () -> {
                List<String> now = groups(node);
                List<String> stayed = now.stream().filter(before::contains).toList();
                return now.size() == 3 && ready(node) == 2 && stayed.equals(List.of(kept));
            });
            Files.createFile(node.sandbox("t").resolve("go"));
            node.leader().awaitState("t", TaskState.TASK_FINISHED);
            node.killShimProcess();
            node.set("WARM_SLOTS", "0").startShimProcess();
            FakeLeader.await(
                    "nothing is left",
                    () -> groups(node).isEmpty() && left(node).isEmpty());
        }
    }

    private static List<String> left(TestNode node) {
        try {
            return node.leftovers();
        } catch (IOException e) {
            return List.of(e.toString());
        }
    }

    private static List<String> groups(TestNode node) {
        try {
            return node.containerGroups();
        } catch (IOException e) {
            return List.of(e.toString());
        }
    }

    /** Containers whose sandbox is nobody's yet. */
    private static long ready(TestNode node) {
        try (Stream<Path> bundles = Files.list(node.work().resolve("runtime/bundles"))) {
            return bundles.filter(b -> Files.isDirectory(b.resolve("sandbox")) && Files.exists(b.resolve("pid")))
                    .count();
        } catch (IOException e) {
            return -1;
        }
    }
}
