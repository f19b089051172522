package io.offerplane.operator.queue;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.offerplane.crd.v1alpha1.queue.Queue;
import io.offerplane.crd.v1alpha1.queue.QueueSpec;
import io.offerplane.operator.status.StatusWriter;
import java.util.List;
import java.util.Map;

/** Makes the root of the tree, which every other queue stands below. */
public final class QueueBootstrap {
    private QueueBootstrap() {}

    public static void run(KubernetesClient client, List<Queue> queues) {
        if (queues.stream().anyMatch(queue -> queue.getSpec().path().equals(QueueRoles.ROOT))) {
            return;
        }
        Queue root = new Queue();
        root.setMetadata(new ObjectMetaBuilder()
                .withName(QueueRoles.ROOT)
                .addToLabels("app.kubernetes.io/name", "offerplane")
                .addToLabels("app.kubernetes.io/part-of", "offerplane")
                .addToLabels("app.kubernetes.io/managed-by", "offerplane-operator")
                .build());
        root.setSpec(new QueueSpec(QueueRoles.ROOT, null, null, Map.of(), Map.of(), null, null, null));
        client.resource(root).fieldManager(StatusWriter.FIELD_MANAGER).serverSideApply();
    }
}
