package io.offerplane.e2e.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The project's own one-machine cluster, {@code dev/cluster}: Kubernetes' own programs, several nodes, no Docker.
 *
 * <p>The cluster is called {@code e2e.cluster.name} (default {@code e2e}). One that is up already is used as it is; with
 * {@code -De2e.keep=true} it stays up afterwards, so that the next run starts at once.
 */
public final class DevClusterProvider implements ClusterProvider {
    private final Path script;
    private final String clusterName;
    private final boolean keep;
    private final String user;

    DevClusterProvider(Path script, String clusterName, boolean keep, String user) {
        this.script = script;
        this.clusterName = clusterName;
        this.keep = keep;
        this.user = user;
    }

    static DevClusterProvider of(UnaryOperator<@Nullable String> property) {
        String name = property.apply("e2e.cluster.name");
        String user = property.apply("user.name");
        return new DevClusterProvider(
                RepositoryRoot.find().resolve("dev/cluster"),
                name == null ? "e2e" : name,
                "true".equals(property.apply("e2e.keep")),
                user == null ? "unknown" : user);
    }

    @Override
    public String name() {
        return "dev";
    }

    @Override
    public Optional<String> obstacle() {
        if (!Files.isExecutable(script)) {
            return Optional.of(script + " is not there: run the tests from a checkout of the repository");
        }
        if (!user.equals("root")) {
            return Optional.of(
                    "dev/cluster makes network links, mounts and cgroups, so the tests must run as root and not as "
                            + user + "; or choose another cluster with -D" + ClusterProviders.PROPERTY
                            + "=k3s or =kubeconfig");
        }
        return Optional.empty();
    }

    @Override
    public TestCluster start(int nodes) {
        obstacle().ifPresent(obstacle -> {
            throw new ClusterUnavailable(obstacle);
        });
        try {
            // The first time on a machine builds Kubernetes from its modules.
            cluster("up", Integer.toString(nodes))
                    .within(Duration.ofMinutes(25))
                    .output();
            return new DevCluster(Path.of(cluster("kubeconfig").output()));
        } catch (AssertionError e) {
            throw new ClusterUnavailable("dev/cluster could not start \"" + clusterName + "\": " + e.getMessage(), e);
        }
    }

    private CommandLine cluster(String... words) {
        return CommandLine.of(script.toString(), "--name", clusterName).and(words);
    }

    private final class DevCluster implements TestCluster {
        private final Path kubeconfig;
        private final Path bin;

        DevCluster(Path kubeconfig) {
            this.kubeconfig = kubeconfig;
            this.bin = Caches.root().resolve("bin");
        }

        @Override
        public Path kubeconfig() {
            return kubeconfig;
        }

        @Override
        public CommandLine kubectl(String... words) {
            return CommandLine.of(bin.resolve("kubectl").toString())
                    .and(words)
                    .with("KUBECONFIG", kubeconfig.toString());
        }

        @Override
        public CommandLine helm(String... words) {
            return CommandLine.of(bin.resolve("helm").toString()).and(words).with("KUBECONFIG", kubeconfig.toString());
        }

        @Override
        public void loadImages(List<Path> archives) {
            List<String> words = new ArrayList<>(List.of("load"));
            archives.forEach(archive -> words.add(archive.toString()));
            cluster(words.toArray(String[]::new)).within(Duration.ofMinutes(10)).output();
        }

        @Override
        public Power power() {
            return new DevPower();
        }

        @Override
        public void close() {
            if (!keep) {
                cluster("down").output();
            }
        }
    }

    private final class DevPower implements TestCluster.Power.Switchable {
        @Override
        public void kill(String node) {
            cluster("kill-node", number(node)).output();
        }

        @Override
        public void start(String node) {
            cluster("start-node", number(node)).output();
        }

        /** dev/cluster counts its nodes from 1 and ends their names with that number. */
        private static String number(String node) {
            String number = node.substring(node.lastIndexOf('-') + 1);
            if (!number.chars().allMatch(Character::isDigit) || number.isEmpty()) {
                throw new IllegalArgumentException("not a node of dev/cluster: " + node);
            }
            return number;
        }
    }
}
