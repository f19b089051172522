package io.offerplane.operator.maintenance;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Map;

/** A ConfigMap of the operator's namespace, by server-side apply. It is made with the first schedule. */
public final class ConfigMapMaintenanceStore implements MaintenanceStore {
    /** Fixed, so that the operator's Role can name it. */
    public static final String NAME = "offerplane-maintenance";

    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("offerplane-operator")
            .withForce(true)
            .build();

    private final KubernetesClient client;
    private final String namespace;
    private final String instance;
    private final List<OwnerReference> owners;

    /** @param owners with which it is to go */
    public ConfigMapMaintenanceStore(
            KubernetesClient client, String namespace, String instance, List<OwnerReference> owners) {
        this.client = client;
        this.namespace = namespace;
        this.instance = instance;
        this.owners = List.copyOf(owners);
    }

    @Override
    public Map<String, String> read() {
        ConfigMap found =
                client.configMaps().inNamespace(namespace).withName(NAME).get();
        return found == null || found.getData() == null ? Map.of() : Map.copyOf(found.getData());
    }

    @Override
    public void write(Map<String, String> content) {
        ConfigMap wanted = new ConfigMapBuilder()
                .withNewMetadata()
                .withName(NAME)
                .withNamespace(namespace)
                .withLabels(Map.of(
                        "app.kubernetes.io/name",
                        "offerplane",
                        "app.kubernetes.io/instance",
                        instance,
                        "app.kubernetes.io/part-of",
                        "offerplane",
                        "app.kubernetes.io/managed-by",
                        "offerplane-operator"))
                .withOwnerReferences(owners)
                .endMetadata()
                .withData(content)
                .build();
        var _ = client.configMaps().inNamespace(namespace).resource(wanted).patch(APPLY);
    }
}
