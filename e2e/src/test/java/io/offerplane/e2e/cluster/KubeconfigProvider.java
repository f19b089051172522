package io.offerplane.e2e.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A cluster that exists: the one that {@code KUBECONFIG} names, and only with {@code -De2e.kubeconfig.allow=CONTEXT} naming its
 * current context, because the tests install, overload and remove things there. Images are taken from where the cluster can
 * pull them; {@code -De2e.images.registry} says where that is.
 */
public final class KubeconfigProvider implements ClusterProvider {
    static final String ALLOW = "e2e.kubeconfig.allow";

    private final UnaryOperator<@Nullable String> property;
    private final Map<String, String> environment;

    public KubeconfigProvider(UnaryOperator<@Nullable String> property, Map<String, String> environment) {
        this.property = property;
        this.environment = Map.copyOf(environment);
    }

    @Override
    public String name() {
        return "kubeconfig";
    }

    @Override
    public Optional<String> obstacle() {
        String kubeconfig = environment.get("KUBECONFIG");
        if (kubeconfig == null || kubeconfig.isBlank()) {
            return Optional.of("KUBECONFIG is not set: set it to the kubeconfig of the cluster to test on");
        }
        if (!Files.isReadable(Path.of(kubeconfig))) {
            return Optional.of("KUBECONFIG names " + kubeconfig + ", which cannot be read; name one file");
        }
        String allowed = property.apply(ALLOW);
        if (allowed == null || allowed.isBlank()) {
            return Optional.of("the tests change the cluster of " + kubeconfig + "; if that is meant, say so with -D"
                    + ALLOW + "=<its current context>");
        }
        return Optional.empty();
    }

    @Override
    public TestCluster start(int nodes) {
        obstacle().ifPresent(obstacle -> {
            throw new ClusterUnavailable(obstacle);
        });
        ExistingCluster cluster = new ExistingCluster(Path.of(environment.getOrDefault("KUBECONFIG", "")));
        String context = cluster.kubectl("config", "current-context").output();
        if (!context.equals(property.apply(ALLOW))) {
            throw new ClusterUnavailable("the current context is \"%s\", but -D%s allows \"%s\": nothing was touched"
                    .formatted(context, ALLOW, property.apply(ALLOW)));
        }
        long ready = cluster.kubectl("get", "nodes", "--no-headers")
                .output()
                .lines()
                .filter(line -> line.matches("\\S+\\s+Ready\\s.*"))
                .count();
        if (ready < nodes) {
            throw new ClusterUnavailable(
                    "the tests need %d Ready nodes, and context \"%s\" has %d".formatted(nodes, context, ready));
        }
        return cluster;
    }

    private record ExistingCluster(Path kubeconfig) implements TestCluster {
        @Override
        public void loadImages(List<Path> archives) {
            // Nothing to do: its nodes pull from the registry that -De2e.images.registry names.
        }

        @Override
        public Power power() {
            return new Power.Untouchable("the cluster is somebody's: its nodes stay on");
        }

        @Override
        public void close() {
            // Nothing was started.
        }
    }
}
