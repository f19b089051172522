package io.offerplane.e2e.cluster;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The three providers, and the choice among them by the system property {@code e2e.cluster}: {@code dev} (the default),
 * {@code k3s} or {@code kubeconfig}.
 */
public final class ClusterProviders {
    public static final String PROPERTY = "e2e.cluster";

    private final List<ClusterProvider> providers;

    public ClusterProviders(List<ClusterProvider> providers) {
        this.providers = List.copyOf(providers);
    }

    /**
     * The providers as this process may use them.
     *
     * @param property reads a system property, or null
     * @param environment the environment variables
     */
    public static ClusterProviders of(UnaryOperator<@Nullable String> property, Map<String, String> environment) {
        return new ClusterProviders(List.of(
                DevClusterProvider.of(property),
                K3sClusterProvider.of(property),
                new KubeconfigProvider(property, environment)));
    }

    /** The provider of this name; the first one if there is no name. */
    public ClusterProvider choose(@Nullable String name) {
        if (name == null || name.isBlank()) {
            return providers.getFirst();
        }
        return providers.stream()
                .filter(provider -> provider.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new ClusterUnavailable("-D%s=%s names no provider of clusters; there are %s"
                        .formatted(
                                PROPERTY,
                                name,
                                providers.stream().map(ClusterProvider::name).collect(Collectors.joining(", ")))));
    }
}
