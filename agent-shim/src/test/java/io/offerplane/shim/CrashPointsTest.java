package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.shim.task.TaskStatuses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.junit.jupiter.api.Test;

/**
 * The shim is killed at moments that nobody chose, in the middle of tasks that start, run, end and are killed. Each task still goes its one
 * way to its one end, and nothing stays behind.
 *
 * <p>{@code -Dcrash.points=500 -Dcrash.containers=200 -Dcrash.seed=7} make it as thorough as wanted; {@code make crash-points} does. A
 * seed gives the same tasks and waits, not the same moments: those are the machine's.
 */
class CrashPointsTest {

    private static final int POINTS = Integer.getInteger("crash.points", 5);
    private static final int CONTAINERS = Integer.getInteger("crash.containers", 12);
    private static final long SEED = Long.getLong("crash.seed", 1);

    /** So that many are on their way whenever the shim goes. */
    private static final int LAUNCHES_AT_ONCE = 16;

    private static final String GROUP = "group-";

    /** Longer than a launch takes, shorter than what follows it. */
    private static final Duration LONGEST_WAIT = Duration.ofMillis(400);

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Map<String, Plan> plans = new LinkedHashMap<>();
    private final Map<String, TaskStatus> ends = new LinkedHashMap<>();
    private int updatesSeen;

    /** What a task is to do, and how it has to end. */
    private enum Plan {
        FINISHES(TaskState.TASK_FINISHED, "echo once; sleep 0.%d"),
        FAILS(TaskState.TASK_FAILED, "echo once; sleep 0.%d; exit 3"),
        IS_KILLED(TaskState.TASK_KILLED, "echo once; sleep 98765%d"),
        IGNORES_SIGTERM(TaskState.TASK_KILLED, "trap '' TERM; echo once; while true; do sleep 0.%d; done"),
        HAS_NO_FILE(TaskState.TASK_FAILED, "echo once; sleep 0.%d"),
        IS_IN_A_GROUP(TaskState.TASK_FINISHED, "echo once; sleep 0.%d");

        private final TaskState end;
        private final String command;

        Plan(TaskState end, String command) {
            this.end = end;
            this.command = command;
        }

        private boolean isKilled() {
            return end == TaskState.TASK_KILLED;
        }
    }

    @Test
    void whereverTheShimIsKilledEachTaskEndsOnceAndNothingStays() throws Exception {
        System.out.printf("%d crash points with up to %d containers, -Dcrash.seed=%d%n", POINTS, CONTAINERS, SEED);
        // Some start in containers made ahead, most don't; there are some being made and handed out whenever the shim
        // goes.
        try (TestNode node = TestNode.create().set("WARM_SLOTS", "4")) {
            node.startShimProcess();
            for (int point = 0; point < POINTS; point++) {
                see(node);
                churn(node, point);
                LockSupport.parkNanos(random.nextLong(LONGEST_WAIT.toNanos()));
                node.killShimProcess();
                node.startShimProcess();
                if (point % 50 == 49) {
                    System.out.printf("%d of %d crash points, %d tasks%n", point + 1, POINTS, plans.size());
                }
            }
            plans.forEach((task, plan) -> {
                if (plan.isKilled()) {
                    node.leader().kill(task, Duration.ofMillis(100));
                }
            });
            FakeLeader.await(
                    "the end of all",
                    () -> {
                        see(node);
                        return ends.size() == plans.size();
                    },
                    () -> plans.keySet().stream()
                            .filter(task -> !ends.containsKey(task))
                            .map(task -> task + " " + node.leader().states(task))
                            .toList()
                            .toString());
            checkTasks(node);
            FakeLeader.await("no container is a task's", () -> ofTasks(node).isEmpty(), () -> ofTasks(node)
                    .toString());
            // Nor does any stay that no task took.
            node.killShimProcess();
            node.set("WARM_SLOTS", "0").startShimProcess();
            FakeLeader.await("nothing is left", () -> left(node).isEmpty(), () -> left(node)
                    .toString());
            node.killShimProcess();
            node.startShimProcess();
            assertThat(node.leader().registrations().getLast().getTasksCount())
                    .as("tasks that the journal still holds")
                    .isZero();
        }
    }

    private void churn(TestNode node, int point) {
        int room = CONTAINERS - (plans.size() - ends.size());
        int count = Math.min(room, LAUNCHES_AT_ONCE);
        for (int i = 0; i < count; i++) {
            String id = "p" + point + "-" + i;
            Plan plan = Plan.values()[random.nextInt(Plan.values().length)];
            plans.put(id, plan);
            CommandInfo.Builder command =
                    CommandInfo.newBuilder().setShell(true).setValue(plan.command.formatted(random.nextInt(1, 9)));
            if (plan == Plan.HAS_NO_FILE) {
                command.addUris(CommandInfo.URI
                        .newBuilder()
                        .setValue("file://" + node.folder().resolve("files/nothing")));
            }
            if (plan == Plan.IS_IN_A_GROUP) {
                String other = id + "-b";
                plans.put(other, plan);
                node.leader().launchGroup(TestNode.framework(), inGroup(id, id, command), inGroup(id, other, command));
                continue;
            }
            TaskInfo task = TestNode.task(id, command).build();
            node.leader().launch(task, TestNode.framework());
        }
        List<String> killable = plans.keySet().stream()
                .filter(task -> plans.get(task).isKilled() && !ends.containsKey(task))
                .toList();
        // So that there is room for others.
        for (int i = 0; i < killable.size(); i += 2) {
            node.leader().kill(killable.get(random.nextInt(killable.size())), Duration.ofMillis(random.nextInt(200)));
        }
    }

    private static TaskInfo inGroup(String group, String id, CommandInfo.Builder command) {
        return TestNode.task(id, command)
                .setExecutor(ExecutorInfo.newBuilder()
                        .setType(ExecutorInfo.Type.DEFAULT)
                        .setExecutorId(ExecutorID.newBuilder().setValue(GROUP + group))
                        .addResources(TestNode.scalar("cpus", 0.1))
                        .addResources(TestNode.scalar("mem", 32)))
                .build();
    }

    private static String saidInGroup(TestNode node, String task) throws IOException {
        String group = task.endsWith("-b") ? task.substring(0, task.length() - 2) : task;
        return Files.readString(
                node.sandbox(GROUP + group).resolve("tasks").resolve(task).resolve("stdout"));
    }

    /** Takes in the updates that came since it last looked. */
    private void see(TestNode node) {
        List<TaskStatus> updates = node.leader().updates();
        for (; updatesSeen < updates.size(); updatesSeen++) {
            TaskStatus status = updates.get(updatesSeen);
            if (TaskStatuses.isTerminal(status.getState())) {
                String task = status.getTaskId().getValue();
                TaskStatus before = ends.put(task, status);
                if (before != null && !before.getUuid().equals(status.getUuid())) {
                    throw new AssertionError("seed " + SEED + ": " + task + " has two ends: " + before + status);
                }
            }
        }
    }

    private void checkTasks(TestNode node) throws IOException {
        for (Map.Entry<String, Plan> entry : plans.entrySet()) {
            String task = entry.getKey();
            Plan plan = entry.getValue();
            TaskStatus end = ends.get(task);
            assertThat(end.getState()).as("%s, seed %d: %s", task, SEED, end).isEqualTo(plan.end);
            String said = plan == Plan.IS_IN_A_GROUP ? saidInGroup(node, task) : node.stdout(task);
            // One that is killed before it runs has nothing to say.
            boolean mayBeSilent = plan.isKilled() || plan == Plan.HAS_NO_FILE;
            assertThat(said)
                    .as("%s runs once, seed %d", task, SEED)
                    .isIn(mayBeSilent ? List.of("once\n", "") : List.of("once\n"));
            Path runs = node.sandbox(task).getParent();
            if (Files.isDirectory(runs)) {
                try (Stream<Path> sandboxes = Files.list(runs)) {
                    assertThat(sandboxes.filter(path -> !Files.isSymbolicLink(path)))
                            .as("sandboxes of %s, seed %d", task, SEED)
                            .hasSize(1);
                }
            }
        }
    }

    /** Those whose sandbox is not, or no longer, a prepared one. */
    private static List<Path> ofTasks(TestNode node) {
        try (Stream<Path> bundles = Files.list(node.work().resolve("runtime/bundles"))) {
            return bundles.filter(bundle -> !Files.isDirectory(bundle.resolve("sandbox")))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> left(TestNode node) {
        try {
            List<String> left = new ArrayList<>(node.leftovers());
            try (Stream<String> mounts = Files.lines(Path.of("/proc/self/mounts"))) {
                mounts.filter(line -> line.contains(node.folder().toString())).forEach(left::add);
            }
            return left;
        } catch (IOException e) {
            return List.of(e.toString());
        }
    }
}
