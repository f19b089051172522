package io.offerplane.yarn.node;

import io.offerplane.protocol.container.LocalContainersClient;
import io.offerplane.yarn.node.launch.ContainerRoot;
import io.offerplane.yarn.node.launch.NodeMount;
import io.offerplane.yarn.node.launch.ShimLauncher;
import io.offerplane.yarn.node.link.RemoteHead;
import io.offerplane.yarn.node.link.TlsConnection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonConfigurationKeysPublic;
import org.apache.hadoop.security.NullGroupsMapping;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts YARN's node side beside the shim. All settings are environment variables: see {@link NodeConfig}. */
public final class Main {
    private static final Logger log = LoggerFactory.getLogger(Main.class);

    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final Duration START_PATIENCE = Duration.ofMinutes(2);
    private static final int USAGE = 64;
    private static final int FAILED = 1;

    private Main() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        // A head that moves has another address at once: see the shim's Main.
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
        Security.setProperty("networkaddress.cache.ttl", "1");
        try {
            switch (String.join(" ", arguments)) {
                case "" -> run(NodeConfig.of(System.getenv()));
                case "--help" -> System.out.print(NodeConfig.HELP);
                case String other ->
                    throw new IllegalArgumentException(
                            "\"" + other + "\" is not known here (expected: nothing, or --help)");
            }
        } catch (IllegalArgumentException e) {
            log.error("Cannot start: {}", e.getMessage());
            System.exit(USAGE);
        } catch (YarnException | ExecutionException e) {
            log.error("The node stops", e);
            System.exit(FAILED);
        }
    }

    private static void run(NodeConfig config)
            throws IOException, InterruptedException, YarnException, ExecutionException {
        Configuration hadoop = hadoop(config.hadoopConfiguration());
        UserGroupInformation.setConfiguration(hadoop);
        int uid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        AtomicReference<Supplier<Optional<String>>> unready =
                new AtomicReference<>(() -> Optional.of("the shim is waited for"));
        HealthServer health =
                new HealthServer(new InetSocketAddress(config.address(), config.healthPort()), () -> unready.get()
                        .get());
        TlsConnection connection = new TlsConnection(config.link());
        LocalContainersClient shim = new LocalContainersClient(config.socket());
        awaitFolder(config.folder());
        Set<String> known = new NodeState(config.state())
                .load().stream()
                        .flatMap(application -> application.containers().stream())
                        .filter(container -> container.end().isEmpty())
                        .map(container -> container.token().getContainerID().toString())
                        .collect(Collectors.toSet());
        endOthers(
                new ShimLauncher(
                        shim, Integer.toString(uid), List.of(), config.millicoresPerVcore(), AGAIN, START_PATIENCE),
                known);
        List<NodeMount> root = new ArrayList<>(new ContainerRoot(config.folder().resolve("shared"))
                .install(config.image(), config.hadoopConfiguration(), uid, !known.isEmpty()));
        config.folders().forEach(folder -> root.add(new NodeMount(folder, folder, true)));
        unready.set(() -> Optional.of("the head is waited for"));
        YarnNode node = new YarnNode(
                config.node(Machine.of(Path.of("/proc"))),
                hadoop,
                new RemoteHead(connection, config.agentHostname()),
                new ShimLauncher(
                        shim, Integer.toString(uid), root, config.millicoresPerVcore(), AGAIN, START_PATIENCE));
        unready.set(node::fault);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            node.handOver();
                            connection.close();
                            health.close();
                        },
                        "stop"));
        node.over().get();
        // By the head's word; after SIGTERM the process is ending already.
        System.exit(FAILED);
    }

    /** Kubernetes makes it as root's; the shim gives it away. */
    private static void awaitFolder(Path folder) throws InterruptedException {
        boolean said = false;
        while (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
            if (!said) {
                log.warn("{} is waited for: the shim makes it this process' own", folder);
                said = true;
            }
            Thread.sleep(AGAIN);
        }
    }

    /** Nothing of those is known here any more, and their directories are about to go. */
    private static void endOthers(ShimLauncher launcher, Set<String> known) throws InterruptedException {
        boolean said = false;
        while (true) {
            try {
                launcher.endOthers(known);
                return;
            } catch (IOException e) {
                if (!said) {
                    log.warn("The shim is waited for: {}", e.getMessage());
                    said = true;
                }
                Thread.sleep(AGAIN);
            }
        }
    }

    /** Files that aren't there are as if they were empty. */
    private static Configuration hadoop(Path folder) {
        Configuration hadoop = new YarnConfiguration();
        for (String name : List.of("core-site.xml", "hdfs-site.xml", "yarn-site.xml", "mapred-site.xml")) {
            Path file = folder.resolve(name);
            if (Files.exists(file)) {
                hadoop.addResource(new org.apache.hadoop.fs.Path(file.toUri()));
            }
        }
        // Nobody's groups are asked for here, and Hadoop would run a program to find them.
        hadoop.setClass(
                CommonConfigurationKeysPublic.HADOOP_SECURITY_GROUP_MAPPING,
                NullGroupsMapping.class,
                org.apache.hadoop.security.GroupMappingServiceProvider.class);
        return hadoop;
    }
}
