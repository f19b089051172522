package io.offerplane.operator.kubernetes;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the operator makes in its own namespace belongs to the release's ConfigMap, and so goes when the release is uninstalled. */
public final class ReleaseOwner {
    private static final Logger LOG = LoggerFactory.getLogger(ReleaseOwner.class);

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

    /**
     * What cluster-wide objects of the release belong to: its ClusterRole, which comes and goes with it, as such an object can't belong
     * to something in a namespace. Blocks.
     *
     * @param configMap the release's, whose name the ClusterRole's starts with
     */
    public static List<OwnerReference> ofCluster(KubernetesClient client, Optional<String> configMap) {
        if (configMap.isEmpty()) {
            return List.of();
        }
        String name = configMap.get() + "-operator";
        try {
            ClusterRole role = client.rbac().clusterRoles().withName(name).get();
            return role == null
                    ? List.of()
                    : List.of(new OwnerReferenceBuilder()
                            .withApiVersion("rbac.authorization.k8s.io/v1")
                            .withKind("ClusterRole")
                            .withName(name)
                            .withUid(role.getMetadata().getUid())
                            .build());
        } catch (KubernetesClientException forbidden) {
            // A release whose RBAC someone else made: its agents are deleted by hand.
            LOG.atWarn()
                    .addKeyValue("clusterRole", name)
                    .log("The release's ClusterRole can't be read; Agents won't go with the release");
            return List.of();
        }
    }
}
