package io.offerplane.e2e.install;

import static io.offerplane.e2e.Eventually.eventually;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.offerplane.e2e.cluster.ClusterUnavailable;
import io.offerplane.e2e.cluster.CommandLine;
import io.offerplane.e2e.cluster.RepositoryRoot;
import io.offerplane.e2e.cluster.TestCluster;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The chart, installed on a cluster as its documentation says. All questions are asked through kubectl and the Mesos port, as a
 * user would.
 */
public final class OfferplaneInstallation {
    public static final String NAMESPACE = "offerplane";
    public static final String RELEASE = "offerplane";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration ROLL_OUT = Duration.ofMinutes(5);

    private final TestCluster cluster;
    private final Path root = RepositoryRoot.find();
    private String build = "unknown";

    public OfferplaneInstallation(TestCluster cluster) {
        this.cluster = cluster;
    }

    public TestCluster cluster() {
        return cluster;
    }

    // Installing.

    /** Loads the images, installs the chart or upgrades to it, and waits until every node is an agent that takes tasks. */
    public void install() {
        loadImages();
        helmUpgrade();
        awaitAgents(nodes().size());
    }

    private void loadImages() {
        List<Path> archives = archives("operator", "agent-shim");
        cluster.loadImages(archives);
        build = digest(archives);
    }

    private List<Path> archives(String... images) {
        List<Path> archives = new ArrayList<>();
        for (String image : images) {
            Path archive = root.resolve("target/images").resolve(image + ".tar");
            if (!Files.isReadable(archive)) {
                throw new ClusterUnavailable(archive + " is not there: build the images with `make images`");
            }
            archives.add(archive);
        }
        return archives;
    }

    /**
     * Turns YARN on, with vcores that are small enough for a small cluster, and waits until the head is ready.
     *
     * @param fileSystem what applications share their files by, {@code fs.defaultFS}
     */
    public void installYarn(String fileSystem) {
        cluster.loadImages(archives("yarn-head", "yarn-node", "hadoop-clients"));
        helmUpgrade(
                "--set",
                "yarn.enabled=true,yarn.authentication=simple,yarn.image.tag=dev,yarn.node.image.tag=dev",
                // A core or two a node, and every container asks for a whole vcore.
                "--set",
                "config.yarn.millicoresPerVcore=100",
                "--set-string",
                "yarn.hadoop.core.fs\\.defaultFS=" + fileSystem);
    }

    private static String digest(List<Path> files) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (Path file : files) {
                try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
                    in.transferTo(OutputStream.nullOutputStream());
                }
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 6);
        } catch (IOException e) {
            throw new UncheckedIOException("an image archive cannot be read", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** {@code helm upgrade --install} with what tests need, and whatever else is given, such as {@code "--set", "a=b"}. */
    public void helmUpgrade(String... more) {
        cluster.helm(
                        "upgrade",
                        "--install",
                        RELEASE,
                        root.resolve("helm/offerplane").toString(),
                        "--namespace",
                        NAMESPACE,
                        "--create-namespace",
                        "--wait",
                        "--timeout",
                        "5m",
                        "--set",
                        "operator.image.tag=dev,agents.image.tag=dev",
                        // The tag never changes from build to build: pods are told apart by what the images hold.
                        "--set-string",
                        "operator.podAnnotations.build=" + build,
                        // A node's address is what every provider's machine can reach.
                        "--set",
                        "service.type=NodePort",
                        // Test frameworks prove nothing; that they must by default is tested in its place.
                        "--set",
                        "config.mesos.authentication.mode=Optional",
                        // A silent node is given up after 60 s, and not after 75. Not much sooner: a shim that is
                        // killed again and
                        // again waits up to 40 s for its kubelet, and a busy machine's shim may be silent for 10 s.
                        "--set",
                        "config.link.pingInterval=12s,config.engine.agentReregisterTimeout=75s")
                .and(more)
                .within(ROLL_OUT.plusMinutes(1))
                .output();
    }

    /** Waits until so many agents take tasks. */
    public void awaitAgents(int count) {
        eventually(
                count + " agents are Active",
                ROLL_OUT,
                () -> agents().values().stream()
                        .map(agent -> agent.at("/status/phase").asText())
                        .toList(),
                phases -> phases.stream().filter("Active"::equals).count() == count);
    }

    // Looking.

    /** {@code host:port} of the leader's Mesos API, by the first node. */
    public String master() {
        return masterBy(nodes().keySet().iterator().next());
    }

    /** {@code host:port} of the leader's Mesos API, by that node: each of them passes connections on to the leader. */
    public String masterBy(String node) {
        JsonNode service = object("service", RELEASE);
        String address = "";
        for (JsonNode candidate : nodes().get(node).at("/status/addresses")) {
            if (candidate.path("type").asText().equals("InternalIP")) {
                address = candidate.path("address").asText();
            }
        }
        return address + ":" + service.at("/spec/ports/0/nodePort").asInt();
    }

    /** Nodes by name, in the order of their names. */
    public Map<String, JsonNode> nodes() {
        return byName(list("nodes"));
    }

    /** Agent objects by the node that they stand for. */
    public Map<String, JsonNode> agents() {
        Map<String, JsonNode> agents = new LinkedHashMap<>();
        list("agents.offerplane.io")
                .forEach(agent -> agents.put(agent.at("/spec/nodeName").asText(), agent));
        return agents;
    }

    /** The claim pod of this node. */
    public JsonNode claimPod(String node) {
        JsonNode agent = Optional.ofNullable(agents().get(node))
                .orElseThrow(() -> new AssertionError("node " + node + " has no Agent object"));
        return object("pod", agent.at("/status/claim/podName").asText());
    }

    /** The pod of the agent shim on this node that is not about to go. */
    public JsonNode shimPod(String node) {
        return pods("app.kubernetes.io/component=agent-shim").stream()
                .filter(pod -> pod.at("/spec/nodeName").asText().equals(node))
                .filter(pod -> pod.at("/metadata/deletionTimestamp").isMissingNode())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no shim pod on " + node));
    }

    /** The operator's pod that leads. */
    public JsonNode leaderPod() {
        return pods("app.kubernetes.io/component=operator,offerplane.io/leader=true").stream()
                .filter(pod -> pod.at("/metadata/deletionTimestamp").isMissingNode())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no operator pod leads"));
    }

    public List<JsonNode> pods(String selector) {
        return items(kubectlJson("get", "pods", "--namespace", NAMESPACE, "--selector", selector));
    }

    /** All objects of a kind, of all namespaces if it has one. */
    public List<JsonNode> list(String kind) {
        return items(kubectlJson("get", kind, "--all-namespaces"));
    }

    /** One object of the installation's namespace, or without one. */
    public JsonNode object(String kind, String name) {
        return kubectlJson("get", kind, name, "--namespace", NAMESPACE);
    }

    /** What a user sees of {@code kubectl} in this namespace, as text. */
    public String kubectl(String... words) {
        return cluster.kubectl(words).and("--namespace", NAMESPACE).output();
    }

    /** Creates or changes objects from YAML. */
    public void apply(String yaml) {
        try {
            Path file = Files.createTempFile("offerplane-e2e", ".yaml");
            try {
                Files.writeString(file, yaml);
                kubectl("apply", "--server-side", "--force-conflicts", "--filename", file.toString());
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void delete(String kind, String name) {
        kubectl("delete", kind, name, "--ignore-not-found", "--wait", "--timeout=60s");
    }

    private JsonNode kubectlJson(String... words) {
        try {
            return JSON.readTree(cluster.kubectl(words).and("--output", "json").output());
        } catch (IOException e) {
            throw new UncheckedIOException("kubectl wrote no JSON", e);
        }
    }

    private static List<JsonNode> items(JsonNode list) {
        List<JsonNode> items = new ArrayList<>();
        list.path("items").forEach(items::add);
        return items;
    }

    private static Map<String, JsonNode> byName(List<JsonNode> objects) {
        Map<String, JsonNode> named = new LinkedHashMap<>();
        objects.stream()
                .sorted((a, b) -> a.at("/metadata/name")
                        .asText()
                        .compareTo(b.at("/metadata/name").asText()))
                .forEach(object -> named.put(object.at("/metadata/name").asText(), object));
        return named;
    }

    // The nodes' kernels, through the shim's pod: it sees the host's processes and cgroups.

    /** Runs a shell line in the shim's pod on this node. */
    public CommandLine onNode(String node, String shellLine) {
        return cluster.kubectl(
                "exec",
                "--namespace",
                NAMESPACE,
                shimPod(node).at("/metadata/name").asText(),
                "--",
                "sh",
                "-c",
                shellLine);
    }

    /**
     * What the kernel of this node holds a container to.
     *
     * @param containerId as in the task's status, {@code container_status.container_id}
     */
    public KernelLimits kernelLimits(String node, String containerId) {
        return KernelLimits.parse(onNode(node, KernelLimits.script(containerId)).output());
    }

    /** SIGKILL to this pod's processes whose command line holds this Java main class. */
    public void killProcess(JsonNode pod, String mainClass) {
        String node = pod.at("/spec/nodeName").asText();
        String uid = pod.at("/metadata/uid").asText();
        // In brackets the pattern does not match the shell that carries it; a cgroup's name may have _ for -.
        CommandLine.Outcome outcome = onNode(
                        node,
                        "for p in $(pgrep -f '[%s]%s'); do tr _ - < /proc/$p/cgroup | grep -q 'pod%s' && kill -KILL $p && killed=yes; done; [ -n \"$killed\" ]"
                                .formatted(mainClass.charAt(0), mainClass.substring(1), uid))
                .run();
        // The shim takes its container with it, and so this shell.
        if (outcome.exitCode() != 0 && outcome.exitCode() != 128 + 9) {
            throw new AssertionError("no " + mainClass + " was killed in "
                    + pod.at("/metadata/name").asText() + " on " + node + ": " + outcome.err());
        }
    }

    // Diagnostics.

    /** Writes everything that helps to understand a failure into this folder; never fails itself. */
    public void collectDiagnostics(Path folder) {
        try {
            Files.createDirectories(folder);
            for (String kind : List.of(
                    "nodes",
                    "pods",
                    "events",
                    "daemonsets",
                    "leases",
                    "frameworks.offerplane.io",
                    "queues.offerplane.io",
                    "agentpools.offerplane.io",
                    "agents.offerplane.io",
                    "tasks.offerplane.io")) {
                save(
                        folder.resolve(kind + ".yaml"),
                        cluster.kubectl("get", kind, "--all-namespaces", "--output", "yaml"));
            }
            save(folder.resolve("pods.txt"), cluster.kubectl("get", "pods", "--all-namespaces", "--output", "wide"));
            for (JsonNode pod : items(kubectlJson("get", "pods", "--namespace", NAMESPACE))) {
                String name = pod.at("/metadata/name").asText();
                CommandLine logs =
                        cluster.kubectl("logs", "--namespace", NAMESPACE, name, "--all-containers", "--tail=20000");
                save(folder.resolve(name + ".log"), logs);
                save(folder.resolve(name + ".before.log"), logs.and("--previous"));
            }
        } catch (IOException | AssertionError | UncheckedIOException e) {
            System.err.println("diagnostics are not complete: " + e.getMessage());
        }
    }

    private static void save(Path file, CommandLine command) throws IOException {
        CommandLine.Outcome outcome = command.within(Duration.ofSeconds(30)).run();
        if (outcome.exitCode() == 0) {
            Files.writeString(file, outcome.out());
        }
    }

    // Taking it away.

    /** {@code helm uninstall}, waiting until what it installed is gone. */
    public void uninstall() {
        cluster.helm("uninstall", RELEASE, "--namespace", NAMESPACE, "--wait", "--timeout", "3m")
                .within(Duration.ofMinutes(4))
                .output();
    }
}
