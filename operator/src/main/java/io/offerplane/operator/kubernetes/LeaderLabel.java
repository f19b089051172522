package io.offerplane.operator.kubernetes;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Map;

/**
 * The label by which Services find the leader: {@code offerplane.io/leader=true} on its pod, and on no other. By server-side
 * apply under a field manager of its own, so that leaving it out takes it away. Blocks.
 */
public final class LeaderLabel {
    public static final String LABEL = "offerplane.io/leader";
    private static final PatchContext APPLY = new PatchContext.Builder()
            .withPatchType(PatchType.SERVER_SIDE_APPLY)
            .withFieldManager("offerplane-leader")
            .withForce(true)
            .build();

    private final KubernetesClient client;
    private final String namespace;
    private final String podName;

    public LeaderLabel(KubernetesClient client, String namespace, String podName) {
        this.client = client;
        this.namespace = namespace;
        this.podName = podName;
    }

    /** Marks this pod, after taking the mark from any that lost the lead without being able to do so itself. */
    public void put() {
        for (Pod pod : client.pods()
                .inNamespace(namespace)
                .withLabel(LABEL, "true")
                .list()
                .getItems()) {
            String name = pod.getMetadata().getName();
            if (!name.equals(podName)) {
                apply(name, Map.of());
            }
        }
        apply(podName, Map.of(LABEL, "true"));
    }

    /** Takes the mark from this pod. */
    public void remove() {
        apply(podName, Map.of());
    }

    private void apply(String name, Map<String, String> labels) {
        Pod mark = new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .withLabels(labels)
                .endMetadata()
                .build();
        var _ = client.pods().inNamespace(namespace).resource(mark).patch(APPLY);
    }
}
