package io.offerplane.operator.pool;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.offerplane.crd.v1alpha1.pool.AgentPool;
import io.offerplane.crd.v1alpha1.pool.AgentPoolSpec;
import io.offerplane.operator.status.StatusWriter;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the pool {@code default} of every untainted node where there is no pool at all. */
public final class PoolBootstrap {
    public static final String DEFAULT_POOL = "default";

    private static final Logger LOG = LoggerFactory.getLogger(PoolBootstrap.class);

    private PoolBootstrap() {}

    public static void run(KubernetesClient client, boolean anyPool) {
        if (anyPool) {
            return;
        }
        AgentPool pool = new AgentPool();
        pool.setMetadata(new ObjectMetaBuilder()
                .withName(DEFAULT_POOL)
                .addToLabels("app.kubernetes.io/name", "offerplane")
                .addToLabels("app.kubernetes.io/part-of", "offerplane")
                .addToLabels("app.kubernetes.io/managed-by", "offerplane-operator")
                .build());
        pool.setSpec(new AgentPoolSpec(
                null, List.of(), null, List.of(), List.of(), null, null, null, null, null, null, null, null, null,
                null));
        client.resource(pool).fieldManager(StatusWriter.FIELD_MANAGER).serverSideApply();
        LOG.atInfo().log("There was no AgentPool: default was made, of all nodes without taints");
    }
}
