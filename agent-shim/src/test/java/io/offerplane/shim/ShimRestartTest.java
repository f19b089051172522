package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.HealthCheck;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.junit.jupiter.api.Test;

/** A shim in a process of its own is killed by SIGKILL while tasks run: none of them notices. */
class ShimRestartTest {

    private static final int TASKS = 20;

    @Test
    void tasksOutliveTheShimAndAllTheirUpdatesArrive() throws Exception {
        try (TestNode node = TestNode.create()) {
            node.startShimProcess();
            for (int i = 0; i < TASKS; i++) {
                // Waits for a word from the test; every second one ends while no shim runs.
                node.leader()
                        .launch(
                                TestNode.shell(
                                                "t" + i,
                                                "echo begin; while [ ! -e go ]; do sleep 0.05; done; echo end; exit "
                                                        + i % 3)
                                        .build(),
                                TestNode.framework());
            }
            for (int i = 0; i < TASKS; i++) {
                node.leader().awaitState("t" + i, TaskState.TASK_RUNNING);
            }
            List<String> before = node.containerGroups();
            assertThat(before).hasSize(TASKS);
            node.killShimProcess();
            for (int i = 0; i < TASKS; i += 2) {
                Files.createFile(node.sandbox("t" + i).resolve("go"));
            }
            for (int i = 0; i < TASKS; i += 2) {
                Path stdout = node.sandbox("t" + i).resolve("stdout");
                FakeLeader.await("output without a shim", () -> contains(stdout, "end"));
            }
            node.startShimProcess();
            var registration = node.leader().registrations().getLast();
            assertThat(registration.getAgentId()).isEqualTo(FakeLeader.AGENT);
            assertThat(registration.getTasksCount()).isEqualTo(TASKS);
            assertThat(registration.getFrameworksCount()).isEqualTo(1);
            for (int i = 1; i < TASKS; i += 2) {
                assertThat(node.leader().states("t" + i)).endsWith(TaskState.TASK_RUNNING);
                Files.createFile(node.sandbox("t" + i).resolve("go"));
            }
            for (int i = 0; i < TASKS; i++) {
                TaskState state = i % 3 == 0 ? TaskState.TASK_FINISHED : TaskState.TASK_FAILED;
                TaskStatus last = node.leader().awaitState("t" + i, state);
                assertThat(last.getMessage()).isEqualTo("Command exited with status " + i % 3);
                assertThat(node.leader().states("t" + i))
                        .containsExactly(TaskState.TASK_STARTING, TaskState.TASK_RUNNING, state);
            }
            FakeLeader.await("nothing is left", () -> leftovers(node).isEmpty(), () -> leftovers(node)
                    .toString());
        }
    }

    @Test
    void aShimThatIsKilledAgainAndAgainWhileItLaunchesLosesNothingAndRunsNothingTwice() throws Exception {
        try (TestNode node = TestNode.create()) {
            node.startShimProcess();
            List<String> ids = new ArrayList<>();
            for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 6; i++) {
                    String id = "r" + round + "-" + i;
                    ids.add(id);
                    TaskInfo task = TestNode.shell(id, "echo once").build();
                    node.leader().launch(task, TestNode.framework());
                }
                int seen = round;
                // The kill comes at another point of the launches in each round.
                FakeLeader.await(
                        "some updates",
                        () -> node.leader().updates().stream()
                                        .filter(s -> s.getTaskId().getValue().startsWith("r" + seen))
                                        .count()
                                > seen * 4L);
                node.killShimProcess();
                node.startShimProcess();
            }
            for (String id : ids) {
                node.leader().awaitState(id, TaskState.TASK_FINISHED);
                assertThat(node.leader().states(id))
                        .containsExactly(TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_FINISHED);
                assertThat(Files.readString(node.sandbox(id).resolve("stdout"))).isEqualTo("once\n");
            }
            FakeLeader.await("nothing is left", () -> leftovers(node).isEmpty(), () -> leftovers(node)
                    .toString());
        }
    }

    @Test
    void healthChecksGoOnAfterTheShimWasKilledInTheMiddleOfOne() throws Exception {
        try (TestNode node = TestNode.create()) {
            node.startShimProcess();
            TaskInfo task = TestNode.shell("checked", "sleep 1000")
                    .setHealthCheck(HealthCheck.newBuilder()
                            .setType(HealthCheck.Type.COMMAND)
                            .setCommand(CommandInfo.newBuilder()
                                    .setValue("echo x >> looks; if [ -e slow ]; then sleep 987655; fi; test ! -e ill"))
                            .setDelaySeconds(0)
                            .setIntervalSeconds(0.1)
                            .setTimeoutSeconds(0)
                            .setGracePeriodSeconds(1000)
                            .setConsecutiveFailures(2))
                    .build();
            node.leader().launch(task, TestNode.framework());
            FakeLeader.await("the task is healthy", () -> node.leader().updates("checked").stream()
                    .anyMatch(TaskStatus::getHealthy));
            Path sandbox = node.sandbox("checked");
            Files.createFile(sandbox.resolve("slow"));
            FakeLeader.await("a check that hangs", () -> isAlive("987655"));
            node.killShimProcess();
            Files.delete(sandbox.resolve("slow"));
            long looks = Files.size(sandbox.resolve("looks"));
            node.startShimProcess();
            FakeLeader.await(
                    "further checks", () -> sandbox.resolve("looks").toFile().length() > looks + 2);
            assertThat(isAlive("987655")).isFalse();
            assertThat(node.leader().updates("checked").stream().filter(TaskStatus::getHealthy))
                    .hasSize(1);
            // The grace period is over for a task that was healthy before.
            Files.createFile(sandbox.resolve("ill"));
            assertThat(node.leader()
                            .awaitState("checked", TaskState.TASK_KILLED)
                            .getHealthy())
                    .isFalse();
            FakeLeader.await("nothing is left", () -> leftovers(node).isEmpty(), () -> leftovers(node)
                    .toString());
        }
    }

    private static boolean isAlive(String argument) {
        try (var processes = ProcessHandle.allProcesses()) {
            return processes.anyMatch(
                    process -> process.info().commandLine().orElse("").endsWith(" " + argument));
        }
    }

    @Test
    void aContainerThatNoJournalKnowsIsEndedAndRemovedByTheNextShim() throws Exception {
        try (TestNode node = TestNode.create()) {
            node.startShimProcess();
            node.leader().launch(TestNode.shell("orphan", "sleep 1000").build(), TestNode.framework());
            node.leader().awaitState("orphan", TaskState.TASK_RUNNING);
            assertThat(node.containerGroups()).hasSize(1);
            node.killShimProcess();
            // The disk lost it, and a removal of another container ended half-way.
            Files.delete(node.work().resolve("meta/journal"));
            String half = "6a1f9c1e-0000-4000-8000-0123456789ab";
            Files.createDirectory(node.work().resolve("runtime/bundles").resolve(half));
            node.startShimProcess();
            FakeLeader.await("nothing is left", () -> leftovers(node).isEmpty(), () -> leftovers(node)
                    .toString());
            assertThat(node.leader().registrations().getLast().getTasksCount()).isZero();
        }
    }

    private static boolean contains(Path file, String text) {
        try {
            return Files.readString(file).contains(text);
        } catch (java.io.IOException notYet) {
            return false;
        }
    }

    private static List<String> leftovers(TestNode node) {
        try {
            return node.leftovers();
        } catch (java.io.IOException e) {
            return List.of(e.toString());
        }
    }
}
