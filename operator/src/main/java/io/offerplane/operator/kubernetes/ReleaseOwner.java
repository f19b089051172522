package io.offerplane.operator.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.List;
import java.util.Optional;

/** What the operator makes in its own namespace belongs to the release's ConfigMap, and so goes when the release is uninstalled. */
public final class ReleaseOwner {
    private ReleaseOwner() {}

    /**
     * Blocks.
     *
     * @param configMap its name; empty where the operator runs outside of a release, and then nothing owns what it makes
     */
    public static List<OwnerReference> of(KubernetesClient client, String namespace, Optional<String> configMap) {
        if (configMap.isEmpty()) {
            return List.of();
        }
        ConfigMap owner = client.configMaps()
                .inNamespace(namespace)
                .withName(configMap.get())
                .get();
        return owner == null
                ? List.of()
                : List.of(new OwnerReferenceBuilder()
                        .withApiVersion("v1")
                        .withKind("ConfigMap")
                        .withName(configMap.get())
                        .withUid(owner.getMetadata().getUid())
                        .build());
    }
}
