package io.offerplane.e2e.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.offerplane.e2e.client.SchedulerSession;
import io.offerplane.e2e.client.SchedulerSession.Event;
import io.offerplane.e2e.cluster.ClusterProviders;
import io.offerplane.e2e.cluster.TestCluster;
import io.offerplane.e2e.install.OfferplaneInstallation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.HdrHistogram.Histogram;

/**
 * Offerplane against plain Kubernetes on the same nodes, in one run: how soon a task runs after its ACCEPT and a pod is Ready
 * after its creation, one at a time with pauses between; how many short tasks go through in a second; and what shim, operator and
 * kubelet hold of memory.
 *
 * <p>Tasks and pods take turns, so that whatever else the machine does meets both. Pauses of 100 to 300 ms let caches and the
 * kernel's fast paths go cold, as they are for a task that comes now and then.
 */
public final class ClusterBenchmark {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int WARM_UP = 20;
    private static final int TASKS = 200;
    private static final int PODS = 40;
    private static final int BURST = 1000;
    private static final double BURST_CPUS = 0.05;

    private final OfferplaneInstallation offerplane;
    private final KubernetesClient kubernetes;
    private final Random pauses;
    private final Deque<JsonNode> offers = new ArrayDeque<>();

    private ClusterBenchmark(OfferplaneInstallation offerplane, KubernetesClient kubernetes, long seed) {
        this.offerplane = offerplane;
        this.kubernetes = kubernetes;
        this.pauses = new Random(seed);
    }

    /** @param arguments the folder for {@code cluster.json} and {@code cluster.md} */
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createDirectories(Path.of(arguments[0]));
        long seed = Long.getLong("bench.seed", 42);
        try (TestCluster cluster = ClusterProviders.of(System::getProperty, System.getenv())
                .choose(System.getProperty(ClusterProviders.PROPERTY))
                .start(2)) {
            OfferplaneInstallation offerplane = new OfferplaneInstallation(cluster);
            say("installing");
            offerplane.install();
            try (KubernetesClient kubernetes = new KubernetesClientBuilder()
                    .withConfig(Config.fromKubeconfig(cluster.kubeconfig().toFile()))
                    .build()) {
                ObjectNode result = new ClusterBenchmark(offerplane, kubernetes, seed).run();
                result.put("seed", seed);
                Files.writeString(
                        folder.resolve("cluster.json"),
                        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(result) + "\n");
                String table = table(result);
                Files.writeString(folder.resolve("cluster.md"), table);
                System.out.print(table);
            }
        }
    }

    private ObjectNode run() throws IOException {
        String node = offerplane.nodes().keySet().iterator().next();
        String agentId = offerplane.agents().get(node).at("/status/agentId").asText();
        ObjectNode result = JSON.createObjectNode();
        result.set("load", load(node));

        Histogram tasks = new Histogram(TimeUnit.MINUTES.toMicros(2), 3);
        Histogram accepted = new Histogram(TimeUnit.MINUTES.toMicros(2), 3);
        Histogram pods = new Histogram(TimeUnit.MINUTES.toMicros(2), 3);
        try (SchedulerSession session = SchedulerSession.subscribe(offerplane.master(), "bench-latency")) {
            say(TASKS + " tasks and " + PODS + " pods on " + node + ", one at a time");
            for (int i = 0; i < WARM_UP; i++) {
                runTask(session, agentId, "warm-" + i);
                pause(session);
            }
            podStart(node, "bench-warm-up");
            for (int i = 0; i < TASKS; i++) {
                pause(session);
                Latency latency = runTask(session, agentId, "task-" + i);
                tasks.recordValue(TimeUnit.NANOSECONDS.toMicros(latency.running()));
                accepted.recordValue(TimeUnit.NANOSECONDS.toMicros(latency.answered()));
                if (i % (TASKS / PODS) == 0) {
                    pause(session);
                    pods.recordValue(podStart(node, "bench-" + i));
                }
                if (i % 50 == 49) {
                    say((i + 1) + " tasks, p50 so far " + milliseconds(tasks.getValueAtPercentile(50)));
                }
            }
        }
        result.set("acceptToRunning", spread(tasks));
        result.set("acceptAnswered", spread(accepted));
        result.set("podCreateToReady", spread(pods));
        result.put("taskIsFasterAtP50", ratio(pods.getValueAtPercentile(50), tasks.getValueAtPercentile(50)));
        result.put("taskIsFasterAtP99", ratio(pods.getValueAtPercentile(99), tasks.getValueAtPercentile(99)));

        say(BURST + " short tasks at once");
        try (SchedulerSession session = SchedulerSession.subscribe(offerplane.master(), "bench-rate")) {
            offers.clear();
            result.set("rate", burst(session));
        }
        result.set("memoryMegabytes", memory());
        return result;
    }

    /** In nanoseconds, from before the ACCEPT was written. */
    private record Latency(long answered, long running) {}

    private Latency runTask(SchedulerSession session, String agentId, String taskId) {
        JsonNode offer = awaitOffer(session, agentId);
        ObjectNode accept = accept(session, offer, List.of(taskId), 0.1, "sleep 0.05");
        long began = System.nanoTime();
        session.send(accept);
        long answered = System.nanoTime() - began;
        long running = 0;
        while (true) {
            Event event = next(session);
            if (!event.type().equals("UPDATE")) {
                keep(session, event);
                continue;
            }
            String state = event.json().at("/update/status/state").asText();
            if (state.equals("TASK_RUNNING") && running == 0) {
                running = event.arrivedNanos() - began;
            }
            session.acknowledge(event);
            if (state.equals("TASK_FINISHED")) {
                return new Latency(answered, running);
            }
            if (!state.equals("TASK_RUNNING") && !state.equals("TASK_STARTING")) {
                throw new IllegalStateException("the task ended as " + event.json());
            }
        }
    }

    private JsonNode awaitOffer(SchedulerSession session, String agentId) {
        while (true) {
            for (JsonNode offer : List.copyOf(offers)) {
                if (offer.at("/agent_id/value").asText().equals(agentId)) {
                    offers.remove(offer);
                    return offer;
                }
            }
            keep(session, next(session));
        }
    }

    private Event next(SchedulerSession session) {
        return session.next(LIMIT)
                .orElseThrow(() -> new IllegalStateException("no event within " + LIMIT.toSeconds() + " s"));
    }

    /** Offers are kept for use; rescinded ones are forgotten. */
    private void keep(SchedulerSession session, Event event) {
        switch (event.type()) {
            case "OFFERS" -> event.json().at("/offers/offers").forEach(offers::add);
            case "RESCIND" ->
                offers.removeIf(offer -> offer.at("/id/value")
                        .asText()
                        .equals(event.json().at("/rescind/offer_id/value").asText()));
            case "HEARTBEAT", "SUBSCRIBED" -> {
                // Nothing to do.
            }
            default -> throw new IllegalStateException("unexpected for " + session.frameworkId() + ": " + event.json());
        }
    }

    /** 100 to 300 ms without a call; events that come are taken in. */
    private void pause(SchedulerSession session) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(100 + pauses.nextInt(200));
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            session.next(Duration.ofNanos(left)).ifPresent(event -> keep(session, event));
        }
    }

    private static ObjectNode accept(
            SchedulerSession session, JsonNode offer, List<String> taskIds, double cpus, String command) {
        ObjectNode call = session.call("ACCEPT");
        ObjectNode accept = call.putObject("accept");
        accept.putArray("offer_ids").add(offer.path("id"));
        accept.putObject("filters").put("refuse_seconds", 0.0);
        ArrayNode tasks = accept.putArray("operations")
                .addObject()
                .put("type", "LAUNCH")
                .putObject("launch")
                .putArray("task_infos");
        for (String taskId : taskIds) {
            ObjectNode task = tasks.addObject().put("name", taskId);
            task.putObject("task_id").put("value", taskId);
            task.set("agent_id", offer.path("agent_id"));
            task.putObject("command").put("shell", true).put("value", command);
            ArrayNode resources = task.putArray("resources");
            resources
                    .addObject()
                    .put("name", "cpus")
                    .put("type", "SCALAR")
                    .putObject("scalar")
                    .put("value", cpus);
            resources
                    .addObject()
                    .put("name", "mem")
                    .put("type", "SCALAR")
                    .putObject("scalar")
                    .put("value", 32.0);
        }
        return call;
    }

    private ObjectNode burst(SchedulerSession session) {
        long began = 0;
        int launched = 0;
        Map<String, String> ends = new HashMap<>();
        while (ends.size() < BURST) {
            Event event = next(session);
            if (event.type().equals("UPDATE")) {
                String state = event.json().at("/update/status/state").asText();
                session.acknowledge(event);
                if (!state.equals("TASK_RUNNING") && !state.equals("TASK_STARTING")) {
                    ends.put(event.json().at("/update/status/task_id/value").asText(), state);
                }
                continue;
            }
            keep(session, event);
            for (JsonNode offer = offers.poll(); offer != null; offer = offers.poll()) {
                int fit = Math.min(BURST - launched, fitting(offer));
                if (fit == 0) {
                    session.decline(offer.at("/id/value").asText());
                    continue;
                }
                List<String> ids = new ArrayList<>();
                for (int i = 0; i < fit; i++) {
                    ids.add("burst-" + launched++);
                }
                began = began == 0 ? System.nanoTime() : began;
                session.send(accept(session, offer, ids, BURST_CPUS, "true"));
            }
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        long finished = ends.values().stream().filter("TASK_FINISHED"::equals).count();
        return JSON.createObjectNode()
                .put("tasks", BURST)
                .put("finished", finished)
                .put("seconds", seconds)
                .put("perSecond", BURST / seconds);
    }

    private static int fitting(JsonNode offer) {
        double cpus = 0;
        double mem = 0;
        for (JsonNode resource : offer.path("resources")) {
            switch (resource.path("name").asText()) {
                case "cpus" -> cpus += resource.at("/scalar/value").asDouble();
                case "mem" -> mem += resource.at("/scalar/value").asDouble();
                default -> {
                    // The tasks ask for nothing else.
                }
            }
        }
        return (int) Math.min(Math.floor(cpus / BURST_CPUS + 1e-6), Math.floor(mem / 32 + 1e-6));
    }

    /** Microseconds from the create call to the Ready condition, as a watcher sees it. */
    private long podStart(String node, String name) {
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .withRestartPolicy("Never")
                .withTerminationGracePeriodSeconds(0L)
                .withAutomountServiceAccountToken(false)
                .addNewContainer()
                .withName("c")
                .withImage("docker.io/offerplane/agent-shim:dev")
                .withCommand("sleep", "60")
                .withNewResources()
                .addToRequests("cpu", new Quantity("50m"))
                .addToRequests("memory", new Quantity("32Mi"))
                .addToLimits("memory", new Quantity("32Mi"))
                .endResources()
                .endContainer()
                .endSpec()
                .build();
        CompletableFuture<Long> ready = new CompletableFuture<>();
        Watch watch = kubernetes.pods().inNamespace("default").withName(name).watch(new ReadyWatcher(ready));
        try {
            long began = System.nanoTime();
            kubernetes.pods().resource(pod).create();
            return TimeUnit.NANOSECONDS.toMicros(ready.get(2, TimeUnit.MINUTES) - began);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("pod " + name + " was not Ready", e);
        } finally {
            watch.close();
            kubernetes
                    .pods()
                    .inNamespace("default")
                    .withName(name)
                    .withGracePeriod(0)
                    .delete();
        }
    }

    private record ReadyWatcher(CompletableFuture<Long> ready) implements Watcher<Pod> {
        @Override
        public void eventReceived(Action action, Pod pod) {
            boolean isReady = pod.getStatus() != null
                    && pod.getStatus().getConditions().stream()
                            .anyMatch(condition -> condition.getType().equals("Ready")
                                    && condition.getStatus().equals("True"));
            if (isReady) {
                ready.complete(System.nanoTime());
            }
        }

        @Override
        public void onClose(WatcherException cause) {
            ready.completeExceptionally(cause);
        }
    }

    /** Resident memory of each process of these kinds, over all nodes, largest first. */
    private ObjectNode memory() {
        ObjectNode all = JSON.createObjectNode();
        Map<String, String> patterns = new LinkedHashMap<>();
        patterns.put("shim", "io.offerplane.shim.Main");
        patterns.put("operator", "io.offerplane.operator.Main");
        patterns.put("kubelet", "kubelet");
        patterns.forEach((name, pattern) -> {
            List<Double> sizes = new ArrayList<>();
            for (String node : offerplane.nodes().keySet()) {
                offerplane
                        .onNode(
                                node,
                                "for p in /proc/[0-9]*; do"
                                        + " case \"$(tr '\\0' ' ' < $p/cmdline 2>/dev/null)\" in"
                                        + " sh\\ -c*) ;;"
                                        + " *" + pattern + "\\ *|*/" + pattern
                                        + "\\ *) grep VmRSS $p/status;; esac; done")
                        .output()
                        .lines()
                        .map(line -> line.replaceAll("[^0-9]", ""))
                        .filter(digits -> !digits.isEmpty())
                        .forEach(kilobytes -> sizes.add(Double.parseDouble(kilobytes) / 1024));
            }
            ArrayNode array = all.putArray(name);
            sizes.stream().sorted((a, b) -> Double.compare(b, a)).forEach(array::add);
        });
        return all;
    }

    private ObjectNode load(String node) {
        String[] words = offerplane.onNode(node, "cat /proc/loadavg").output().split(" ", -1);
        return JSON.createObjectNode()
                .put("before", Double.parseDouble(words[0]))
                .put("processors", Runtime.getRuntime().availableProcessors());
    }

    private static ObjectNode spread(Histogram histogram) {
        return JSON.createObjectNode()
                .put("n", histogram.getTotalCount())
                .put("p50Micros", histogram.getValueAtPercentile(50))
                .put("p90Micros", histogram.getValueAtPercentile(90))
                .put("p99Micros", histogram.getValueAtPercentile(99))
                .put("maxMicros", histogram.getMaxValue());
    }

    private static double ratio(long slow, long fast) {
        return fast == 0 ? 0 : Math.round(10.0 * slow / fast) / 10.0;
    }

    private static String table(ObjectNode result) {
        StringBuilder table = new StringBuilder();
        table.append("| one at a time, pauses of 100 to 300 ms | p50 | p99 | max | n |\n|---|---|---|---|---|\n");
        row(table, "task: ACCEPT sent to TASK_RUNNING received", result.path("acceptToRunning"));
        row(table, "of it: ACCEPT sent to 202 received", result.path("acceptAnswered"));
        row(table, "pod: created to Ready", result.path("podCreateToReady"));
        table.append("| the task is faster by | %.1f times | %.1f times | | |%n%n"
                .formatted(
                        result.path("taskIsFasterAtP50").asDouble(),
                        result.path("taskIsFasterAtP99").asDouble()));
        JsonNode rate = result.path("rate");
        table.append("%d short tasks at once on two nodes: %d finished in %.1f s, %.0f a second.%n%n"
                .formatted(
                        rate.path("tasks").asInt(),
                        rate.path("finished").asInt(),
                        rate.path("seconds").asDouble(),
                        rate.path("perSecond").asDouble()));
        table.append("| resident memory, each process | MB |\n|---|---|\n");
        JsonNode memory = result.path("memoryMegabytes");
        for (String name : List.of("shim", "operator", "kubelet")) {
            List<String> sizes = new ArrayList<>();
            memory.path(name).forEach(size -> sizes.add(String.format(Locale.ROOT, "%.0f", size.asDouble())));
            table.append("| %s | %s |%n".formatted(name, String.join(", ", sizes)));
        }
        double kubelet = memory.path("kubelet").path(0).asDouble();
        if (kubelet > 0) {
            table.append("| shim to kubelet | %.2f |%n"
                    .formatted(memory.path("shim").path(0).asDouble() / kubelet));
            table.append("| operator to kubelet | %.2f |%n"
                    .formatted(memory.path("operator").path(0).asDouble() / kubelet));
        }
        table.append("%nLoad of the machine before: %.1f on %d processors.%n"
                .formatted(
                        result.at("/load/before").asDouble(),
                        result.at("/load/processors").asInt()));
        return table.toString();
    }

    private static void row(StringBuilder table, String name, JsonNode spread) {
        table.append("| %s | %s | %s | %s | %d |%n"
                .formatted(
                        name,
                        milliseconds(spread.path("p50Micros").asLong()),
                        milliseconds(spread.path("p99Micros").asLong()),
                        milliseconds(spread.path("maxMicros").asLong()),
                        spread.path("n").asLong()));
    }

    private static String milliseconds(long micros) {
        return String.format(Locale.ROOT, "%.1f ms", micros / 1000.0);
    }

    private static void say(String text) {
        System.err.println("bench: " + text);
    }
}
