package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.apache.mesos.v1.Protos.TaskState;
import org.junit.jupiter.api.Test;

/**
 * What the shim takes of its node: until it is registered, while nothing happens, and for each container. With the virtual machine's options
 * of the image; {@code benchmarks/node/footprint} has it run on the image's own Java, with its cache, and for longer.
 */
class FootprintTest {

    private static final Duration IDLE = Duration.ofSeconds(Integer.getInteger("footprint.idleSeconds", 3));
    private static final int CONTAINERS = Integer.getInteger("footprint.containers", 10);
    private static final int STARTS = Integer.getInteger("footprint.starts", 1);
    private static final long CLOCK_TICKS = 100;

    @Test
    void theShimTakesLittle() throws Exception {
        try (TestNode node = TestNode.create()) {
            double start = Double.MAX_VALUE;
            for (int i = 0; i < STARTS; i++) {
                if (i > 0) {
                    node.killShimProcess();
                }
                long began = System.nanoTime();
                node.startShimProcess();
                start = Math.min(start, (System.nanoTime() - began) / 1e9);
            }
            Path proc = Path.of("/proc/" + node.process().pid());
            FakeLeader.await("a first report", () -> !node.leader().reports().isEmpty());
            long ticks = ticks(proc);
            long began = System.nanoTime();
            FakeLeader.await("idle time", () -> System.nanoTime() - began >= IDLE.toNanos());
            double cpu = (ticks(proc) - ticks) / (double) CLOCK_TICKS / IDLE.toSeconds();
            long idle = resident(proc);
            long ofFiles = status(proc, "RssFile:");
            int threads = threads(proc);
            for (int i = 0; i < CONTAINERS; i++) {
                node.leader().launch(TestNode.shell("c" + i, "sleep 1000").build(), TestNode.framework());
            }
            for (int i = 0; i < CONTAINERS; i++) {
                node.leader().awaitState("c" + i, TaskState.TASK_RUNNING);
            }
            long first = resident(proc);
            for (int i = CONTAINERS; i < 2 * CONTAINERS; i++) {
                node.leader().launch(TestNode.shell("c" + i, "sleep 1000").build(), TestNode.framework());
            }
            for (int i = CONTAINERS; i < 2 * CONTAINERS; i++) {
                node.leader().awaitState("c" + i, TaskState.TASK_RUNNING);
            }
            long second = resident(proc);
            System.out.printf(
                    "footprint: start %.2f s, resident idle %.1f MiB (%.1f of files), threads %d, cpu idle %.2f %%, %d containers %.1f MiB,"
                            + " each of %d more %.1f KiB%n",
                    start,
                    idle / 1048576.0,
                    ofFiles / 1048576.0,
                    threads,
                    cpu * 100,
                    CONTAINERS,
                    first / 1048576.0,
                    CONTAINERS,
                    (second - first) / 1024.0 / CONTAINERS);
            // Of a machine that does other things, too: these are to be noticed when they double.
            assertThat(idle).as("resident bytes").isLessThan(160L << 20);
            assertThat(threads).as("threads").isLessThan(40);
        }
    }

    private static long ticks(Path proc) throws IOException {
        String stat = Files.readString(proc.resolve("stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    private static long resident(Path proc) throws IOException {
        return status(proc, "VmRSS:");
    }

    private static long status(Path proc, String key) throws IOException {
        List<String> lines = Files.readAllLines(proc.resolve("status"));
        for (String line : lines) {
            if (line.startsWith(key)) {
                return Long.parseLong(line.split("\\s+")[1]) << 10;
            }
        }
        throw new AssertionError(lines);
    }

    private static int threads(Path proc) throws IOException {
        try (Stream<Path> entries = Files.list(proc.resolve("task"))) {
            return (int) entries.count();
        }
    }
}
