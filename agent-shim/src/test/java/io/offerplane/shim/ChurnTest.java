package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.shim.task.TaskStatuses;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.junit.jupiter.api.Test;

/**
 * Thousands of short containers through one shim, command tasks and groups of two: what it takes afterwards is what it took before.
 *
 * <p>{@code -Dchurn.containers=20000} makes it as long as wanted; {@code make churn} does.
 */
class ChurnTest {

    private static final int CONTAINERS = Integer.getInteger("churn.containers", 300);

    /** The shim remembers its last 200 tasks, and compiles what it does often: both are done by then. */
    private static final int WARM_UP = 400;

    private static final int AT_ONCE = 16;

    private static final int BATCH = 200;

    /** One task in so many is a group of two. */
    private static final int GROUP_EVERY = 10;

    /** Bytes in use after a collection vary by this much with what the collector happens to find. */
    private static final long HEAP_NOISE = 2L << 20;

    /** So little that a hundred thousand containers fit into the heap with it. */
    private static final long HEAP_EACH = 256;

    /** Less than the heap may grow by before it is collected. */
    private static final long RESIDENT_NOISE = 24 << 20;

    private static final int HANDLE_NOISE = 8;

    private int launched;
    private int updatesSeen;
    private final Set<String> running = new HashSet<>();

    /**
     * What the shim takes.
     *
     * @param heapBytes live objects, after a full collection
     * @param residentBytes of its process
     * @param descriptors that it has open
     * @param threads of its process
     * @param groups control groups below the claim
     * @param mounts that its spawner sees
     * @param files in its work folder, sandboxes left out
     * @param journalBytes of its journal
     * @param sandboxBytes on the disk, of all sandboxes
     */
    private record Footprint(
            long heapBytes,
            long residentBytes,
            int descriptors,
            int threads,
            int groups,
            int mounts,
            int files,
            long journalBytes,
            long sandboxBytes) {}

    @Test
    void afterManyContainersTheShimTakesWhatItTookBefore() throws Exception {
        try (TestNode node = TestNode.create()) {
            node.startShimProcess();
            churn(node, WARM_UP);
            Footprint before = measure(node);
            long began = System.nanoTime();
            int warm = launched;
            churn(node, CONTAINERS);
            double seconds = (System.nanoTime() - began) / 1e9;
            int count = launched - warm;
            Footprint after = measure(node);
            System.out.printf(
                    "%d containers in %.0f s, %.1f a second%n  before %s%n  after  %s%n",
                    count, seconds, count / seconds, before, after);

            assertThat(after.heapBytes() - before.heapBytes()).as("heap").isLessThan(HEAP_NOISE + HEAP_EACH * count);
            assertThat(after.residentBytes() - before.residentBytes())
                    .as("resident memory")
                    .isLessThan(RESIDENT_NOISE);
            assertThat(after.descriptors() - before.descriptors())
                    .as("descriptors")
                    .isLessThanOrEqualTo(HANDLE_NOISE);
            assertThat(after.threads() - before.threads()).as("threads").isLessThanOrEqualTo(HANDLE_NOISE);
            assertThat(after.groups()).as("control groups").isEqualTo(before.groups());
            assertThat(after.mounts()).as("mounts").isEqualTo(before.mounts());
            assertThat(after.files() - before.files()).as("files").isLessThanOrEqualTo(HANDLE_NOISE);
            assertThat(after.journalBytes()).as("journal").isLessThan(16L << 20);
            assertThat((after.sandboxBytes() - before.sandboxBytes()) / count)
                    .as("a container's sandbox, which stays until it is collected")
                    .isLessThan(64 << 10);
        }
    }

    private void churn(TestNode node, int count) {
        int end = launched + count;
        while (launched < end) {
            // Each with a patience of its own.
            int until = Math.min(launched + BATCH, end);
            FakeLeader.await(
                    "containers up to " + until,
                    () -> {
                        see(node);
                        while (running.size() < AT_ONCE && launched < until) {
                            launch(node);
                        }
                        return launched >= until && running.size() < AT_ONCE;
                    },
                    () -> running.size() + " of " + launched + " still run: " + running);
        }
        FakeLeader.await(
                "the end of all",
                () -> {
                    see(node);
                    return running.isEmpty();
                },
                () -> running.toString());
        FakeLeader.await(
                "nothing is left", () -> left(node).isEmpty(), () -> left(node).toString());
    }

    private void launch(TestNode node) {
        String id = "churn-" + launched;
        if (launched % GROUP_EVERY == 0) {
            ExecutorInfo executor = ExecutorInfo.newBuilder()
                    .setType(ExecutorInfo.Type.DEFAULT)
                    .setExecutorId(ExecutorID.newBuilder().setValue("group-" + launched))
                    .addResources(TestNode.scalar("cpus", 0.1))
                    .addResources(TestNode.scalar("mem", 32))
                    .build();
            String other = id + "-b";
            node.leader().launchGroup(TestNode.framework(), task(id, executor), task(other, executor));
            running.add(other);
            launched++;
        } else {
            node.leader().launch(TestNode.shell(id, "echo once").build(), TestNode.framework());
        }
        running.add(id);
        launched++;
    }

    private static TaskInfo task(String id, ExecutorInfo executor) {
        return TestNode.shell(id, "echo once").setExecutor(executor).build();
    }

    /** Takes in the updates that came since it last looked. */
    private void see(TestNode node) {
        List<TaskStatus> updates = node.leader().updates();
        if (updatesSeen < updates.size()) {
            // So that the shim doesn't take a leader for dead that has no other words for it.
            node.leader().ping();
        }
        for (; updatesSeen < updates.size(); updatesSeen++) {
            TaskStatus status = updates.get(updatesSeen);
            if (TaskStatuses.isTerminal(status.getState())) {
                running.remove(status.getTaskId().getValue());
            }
        }
    }

    private static List<String> left(TestNode node) {
        try {
            return node.leftovers();
        } catch (IOException e) {
            return List.of(e.toString());
        }
    }

    private static Footprint measure(TestNode node) throws IOException, InterruptedException {
        long pid = node.process().pid();
        Path proc = Path.of("/proc/" + pid);
        long heap = liveBytes(pid);
        Path work = node.work();
        return new Footprint(
                heap,
                resident(proc),
                count(proc.resolve("fd")),
                count(proc.resolve("task")),
                groups(node),
                Files.readAllLines(Path.of("/proc/" + node.spawner() + "/mounts"))
                        .size(),
                files(work),
                bytes(work.resolve("meta")),
                bytes(work.resolve("slaves")));
    }

    /** The sum of a class histogram, which collects garbage first. */
    private static long liveBytes(long pid) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(pid),
                        "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String text = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        jcmd.waitFor();
        String total = text.lines()
                .filter(line -> line.startsWith("Total"))
                .findFirst()
                .orElseThrow(() -> new AssertionError(text));
        return Long.parseLong(total.strip().split("\\s+")[2]);
    }

    private static long resident(Path proc) throws IOException {
        String line = Files.readAllLines(proc.resolve("status")).stream()
                .filter(text -> text.startsWith("VmRSS:"))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.split("\\s+")[1]) << 10;
    }

    private static int groups(TestNode node) throws IOException {
        return node.cgroups().children(node.podGroup()).size()
                + node.containerGroups().size();
    }

    private static int count(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return (int) entries.count();
        }
    }

    private static int files(Path work) throws IOException {
        try (Stream<Path> tree = Files.walk(work)) {
            return (int) tree.filter(path -> !path.startsWith(work.resolve("slaves")))
                    .count();
        }
    }

    private static long bytes(Path folder) throws IOException {
        try (Stream<Path> tree = Files.walk(folder)) {
            return tree.filter(Files::isRegularFile)
                    .mapToLong(path -> path.toFile().length())
                    .sum();
        }
    }
}
