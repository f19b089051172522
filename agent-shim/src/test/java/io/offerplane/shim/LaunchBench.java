package io.offerplane.shim;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;

/**
 * How long a launch takes on one node: from the order on the link, over TLS, to TASK_RUNNING on the link, of a real shim in a process of its own, with
 * containers made ahead and without, beside {@code crun run} alone. Asserts nothing. {@code dev/bench launch} runs it.
 *
 * <p>{@code -Dlaunch.count=1000} launches of each kind, {@code -Dlaunch.slots=4}, {@code -Dlaunch.out=target/bench}.
 */
final class LaunchBench {

    private static final int COUNT = Integer.getInteger("launch.count", 1000);
    private static final int SLOTS = Integer.getInteger("launch.slots", 4);
    private static final Path OUT = Path.of(System.getProperty("launch.out", "target/bench"));
    private static final int WARM_UP = 60;
    private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);

    /** When each task that is under way was ordered, until it runs. */
    private record Order(long nanos, CompletableFuture<Long> running) {}

    private final TestNode node;
    private final SplittableRandom random = new SplittableRandom(1);
    private final Map<String, Order> orders = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<TaskStatus>> ends = new ConcurrentHashMap<>();
    private final List<Latencies> rows = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private int launched;

    private LaunchBench(TestNode node) {
        this.node = node;
        node.leader().listen(status -> {
            long now = System.nanoTime();
            String task = status.getTaskId().getValue();
            Order order = orders.get(task);
            if (order != null && status.getState() == TaskState.TASK_RUNNING) {
                order.running().complete(now - order.nanos());
            }
            CompletableFuture<TaskStatus> end = ends.get(task);
            if (end != null && io.offerplane.shim.task.TaskStatuses.isTerminal(status.getState())) {
                end.complete(status);
                // One that fails before it runs must not be waited for.
                if (order != null) {
                    order.running().completeExceptionally(new IllegalStateException(status.toString()));
                }
            }
        });
    }

    public static void main(String[] arguments) throws Exception {
        try (TestNode node = TestNode.create()) {
            new LaunchBench(node).run();
        }
        // The link's threads are daemons of nobody.
        System.exit(0);
    }

    private void run() throws Exception {
        node.httpPort(freePort());
        long empty = shim(0);
        Latencies bare = bare();
        flushes();
        Latencies cold = spaced("cold, gaps of 50 to 500 ms");
        Latencies coldRow = backToBack("cold, back to back");
        burst("cold, all at once", COUNT);
        node.killShimProcess();
        long filled = shim(SLOTS) - empty;
        Latencies warm = spaced("warm, gaps of 50 to 500 ms");
        String taken = starts();
        Latencies mixed = backToBack("with slots, back to back");
        burst("with slots, all at once", COUNT);
        double rate = burst("as many as are ready, all at once", SLOTS);
        notes.add(String.format(
                Locale.ROOT, "- Containers of the run with gaps and its warm-up, by where they came from: %s.", taken));
        notes.add(String.format(
                Locale.ROOT,
                "- A container that waits takes %d KiB of the claim, its supervisor included (%d of them: %d KiB).",
                filled / SLOTS / 1024,
                SLOTS,
                filled / 1024));
        write(
                bare,
                List.of(
                        goal("launch, warm, p50", "ms", warm.at(0.5), 5),
                        goal("launch, warm, p99", "ms", warm.at(0.99), 20),
                        goal("launch, warm, p50", "crun run", warm.at(0.5) / bare.at(0.5), 1.0 / 3),
                        goal("launch, cold, p50", "crun run", cold.at(0.5) / bare.at(0.5), 1.5),
                        goal("launch, cold, back to back, p50", "crun run", coldRow.at(0.5) / bare.at(0.5), 1.5),
                        goal("launch, with slots, back to back, p50", "crun run", mixed.at(0.5) / bare.at(0.5), 1.5),
                        goal("launch, as many as are ready, time for each", "ms", 1000 / rate, 1000.0 / 300)));
    }

    private static int freePort() throws IOException {
        try (java.net.ServerSocket socket =
                new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Starts a shim and makes it familiar with its work. Returns the memory of the claim, in bytes, once all slots are ready. */
    private long shim(int slots) throws Exception {
        node.set("WARM_SLOTS", Integer.toString(slots)).startShimProcess();
        for (int i = 0; i < WARM_UP; i++) {
            launch();
        }
        awaitIdle(slots);
        return node.cgroups().usage(node.podGroup()).orElseThrow().memoryRssBytes() + kernelBytes();
    }

    /** What the kernel itself keeps for the claim's groups; 0 where it doesn't tell. */
    private long kernelBytes() throws IOException {
        Path file = Path.of("/sys/fs/cgroup/memory" + node.podGroup() + "/memory.kmem.usage_in_bytes");
        return Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) : 0;
    }

    private void awaitIdle(int slots) {
        FakeLeader.await("the end of all", () -> ends.values().stream().allMatch(CompletableFuture::isDone));
        ends.clear();
        orders.clear();
        FakeLeader.await("only what is ready is left", () -> {
            try (Stream<Path> bundles = Files.list(node.work().resolve("runtime/bundles"))) {
                List<Path> all = bundles.toList();
                return all.size() == slots
                        && all.stream()
                                .allMatch(
                                        b -> Files.isDirectory(b.resolve("sandbox")) && Files.exists(b.resolve("pid")));
            } catch (IOException e) {
                return false;
            }
        });
    }

    private Order order() {
        String id = "t" + launched++;
        Order order = new Order(System.nanoTime(), new CompletableFuture<>());
        orders.put(id, order);
        ends.put(id, new CompletableFuture<>());
        node.leader()
                .launch(
                        TestNode.task(
                                        id,
                                        CommandInfo.newBuilder()
                                                .setShell(false)
                                                .setValue("true")
                                                .addArguments("true"))
                                .build(),
                        TestNode.framework());
        return order;
    }

    private long launch() throws Exception {
        return order().running().get(1, TimeUnit.MINUTES);
    }

    private Latencies spaced(String what) throws Exception {
        long[] nanos = new long[COUNT];
        for (int i = 0; i < COUNT; i++) {
            LockSupport.parkNanos(random.nextLong(50 * MILLISECOND, 500 * MILLISECOND));
            nanos[i] = launch();
        }
        return add(Latencies.of(what, nanos));
    }

    private Latencies backToBack(String what) throws Exception {
        awaitIdle(slotsNow());
        long[] nanos = new long[COUNT];
        for (int i = 0; i < COUNT; i++) {
            nanos[i] = launch();
        }
        return add(Latencies.of(what, nanos));
    }

    private double burst(String what, int count) throws Exception {
        awaitIdle(slotsNow());
        long began = System.nanoTime();
        List<Order> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(order());
        }
        for (Order order : all) {
            order.running().get(5, TimeUnit.MINUTES);
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        notes.add(String.format(
                Locale.ROOT, "- %s: %d launches in %.2f s, %.0f per second.", what, count, seconds, count / seconds));
        awaitIdle(slotsNow());
        return count / seconds;
    }

    private int slotsNow() {
        return Integer.parseInt(node.environment().get("OFFERPLANE_WARM_SLOTS"));
    }

    private Latencies bare() throws Exception {
        Path init;
        try (Stream<Path> programs = Files.list(node.work().resolve("runtime/programs"))) {
            init = programs.filter(p -> p.getFileName().toString().startsWith("task-init-"))
                    .findFirst()
                    .orElseThrow();
        }
        try (BareRuntime crun = new BareRuntime(
                node.folder().resolve("bare"),
                node.folder().resolve("rootfs"),
                node.podGroup() + "/bare",
                node.cgroups(),
                init)) {
            for (int i = 0; i < 10; i++) {
                crun.run();
            }
            long[] nanos = new long[COUNT];
            for (int i = 0; i < COUNT; i++) {
                // The same gaps as the launches that it is held against, but shorter: they do it no good either.
                LockSupport.parkNanos(random.nextLong(50 * MILLISECOND, 100 * MILLISECOND));
                nanos[i] = crun.run();
            }
            return add(Latencies.of("crun run alone", nanos));
        }
    }

    /** What each launch waits for twice: a record on the disk. */
    private void flushes() throws IOException {
        Path file = node.work().resolve("flushed");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long[] nanos = new long[Math.min(COUNT, 300)];
            for (int i = 0; i < nanos.length; i++) {
                LockSupport.parkNanos(10 * MILLISECOND);
                long began = System.nanoTime();
                channel.write(ByteBuffer.allocate(700));
                channel.force(false);
                nanos[i] = System.nanoTime() - began;
            }
            add(Latencies.of("a flush of the disk alone", nanos));
        }
        Files.delete(file);
    }

    private Latencies add(Latencies latencies) {
        rows.add(latencies);
        System.out.println(latencies.row(rows.getFirst().at(0.5)));
        return latencies;
    }

    /** The shim's own count. */
    private String starts() throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            String metrics = client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:"
                                            + node.environment().get("OFFERPLANE_HTTP_PORT") + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
            return metrics.lines()
                    .filter(line -> line.startsWith("offerplane_shim_container_starts_total"))
                    .map(line -> line.substring(line.indexOf('{')))
                    .toList()
                    .toString();
        }
    }

    private record Goal(String what, String unit, double value, double atMost) {
        String row() {
            return String.format(
                    Locale.ROOT,
                    "| %s | %s | - | <= %.3g | - | %.3g | %s |",
                    what,
                    unit,
                    atMost,
                    value,
                    value <= atMost ? "met" : "missed");
        }

        String json() {
            return String.format(
                    Locale.ROOT,
                    "{\"goal\":\"%s\",\"unit\":\"%s\",\"goalIs\":%.3f,\"value\":%.3f}",
                    what,
                    unit,
                    atMost,
                    value);
        }
    }

    private static Goal goal(String what, String unit, double value, double atMost) {
        return new Goal(what, unit, value, atMost);
    }

    private void write(Latencies bare, List<Goal> goals) throws IOException {
        List<String> text = new ArrayList<>(List.of(
                "## launch",
                "",
                String.format(
                        Locale.ROOT,
                        "From the order on the link to TASK_RUNNING on the link, `true` in the pool's root filesystem; %d slots; %d processors, load %.2f.",
                        SLOTS,
                        Runtime.getRuntime().availableProcessors(),
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()),
                "",
                "| launches | count | p50 ms | p99 ms | max ms | p50 in crun run |",
                "|---|---:|---:|---:|---:|---:|"));
        rows.forEach(row -> text.add(row.row(bare.at(0.5))));
        text.add("");
        text.addAll(notes);
        text.forEach(System.out::println);
        goals.forEach(goal -> System.out.println(goal.row()));
        Files.createDirectories(OUT);
        Files.write(OUT.resolve("launch.md"), text);
        Files.write(OUT.resolve("launch.goals"), goals.stream().map(Goal::row).toList());
        Files.writeString(
                OUT.resolve("launch.json"),
                "{\"slots\":" + SLOTS + ",\"latencies\":["
                        + String.join(",", rows.stream().map(Latencies::json).toList()) + "],\"goals\":["
                        + String.join(",", goals.stream().map(Goal::json).toList()) + "]}\n");
    }
}
