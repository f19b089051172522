package io.offerplane.operator.kubernetes;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.offerplane.operator.link.SecretStore;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** {@link SecretStore} in Kubernetes, by server-side apply. */
public final class KubernetesSecretStore implements SecretStore {
    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("offerplane-operator")
            .withForce(true)
            .build();

    private final KubernetesClient client;
    private final String namespace;
    private final Map<String, String> labels;
    private final List<OwnerReference> owners;

    /**
     * @param labels written on each Secret
     * @param owners with which the Secrets are to go
     */
    public KubernetesSecretStore(
            KubernetesClient client, String namespace, Map<String, String> labels, List<OwnerReference> owners) {
        this.client = client;
        this.namespace = namespace;
        this.labels = Map.copyOf(labels);
        this.owners = List.copyOf(owners);
    }

    @Override
    public Optional<Map<String, byte[]>> read(String name) {
        Secret secret = client.secrets().inNamespace(namespace).withName(name).get();
        if (secret == null) {
            return Optional.empty();
        }
        Map<String, byte[]> content = new TreeMap<>();
        if (secret.getData() != null) {
            secret.getData()
                    .forEach(
                            (key, value) -> content.put(key, Base64.getDecoder().decode(value)));
        }
        return Optional.of(content);
    }

    @Override
    public void write(String name, Map<String, byte[]> content) {
        Map<String, String> data = new TreeMap<>();
        content.forEach((key, value) -> data.put(key, Base64.getEncoder().encodeToString(value)));
        Secret secret = new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .withLabels(labels)
                .withOwnerReferences(owners)
                .endMetadata()
                .withType("Opaque")
                .withData(data)
                .build();
        var _ = client.secrets().inNamespace(namespace).resource(secret).patch(APPLY);
    }
}
