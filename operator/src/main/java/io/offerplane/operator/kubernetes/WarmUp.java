package io.offerplane.operator.kubernetes;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FilterWatchListDeletable;
import io.javaoperatorsdk.operator.Operator;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.offerplane.crd.v1alpha1.agent.Agent;
import io.offerplane.crd.v1alpha1.framework.Framework;
import io.offerplane.crd.v1alpha1.pool.AgentPool;
import io.offerplane.crd.v1alpha1.queue.Queue;
import io.offerplane.crd.v1alpha1.task.Task;
import io.offerplane.operator.cluster.ClusterCaches;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one object of every kind, and starts caches and controllers on trial, while this process stands by, so that it has loaded, when it is elected, what takes longest
 * to load: seconds on a busy node, which would else be added to every failover. It also says at once, and not only when this
 * process is elected, which definition or right is missing.
 */
public final class WarmUp {
    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);
    private static final List<Class<? extends HasMetadata>> CLUSTER_WIDE =
            List.of(AgentPool.class, Agent.class, Queue.class, Framework.class, Task.class, Node.class, Pod.class);

    private WarmUp() {}

    /** Blocks for some seconds at most; a kind that can't be read is logged, and no reason to stop. */
    public static void run(KubernetesClient client, String namespace) {
        for (Class<? extends HasMetadata> kind : CLUSTER_WIDE) {
            read(kind, client.resources(kind).inAnyNamespace());
        }
        read(DaemonSet.class, client.apps().daemonSets().inNamespace(namespace));
        try {
            ClusterCaches.open(client).close();
            rehearseControllers(client);
        } catch (RuntimeException failed) {
            LOG.atWarn()
                    .addKeyValue("why", failed.getMessage())
                    .log("The caches and controllers of a term could not be started on trial");
        }
    }

    /** The framework of the controllers, with one that looks at queues and does nothing about them. */
    private static void rehearseControllers(KubernetesClient client) {
        Operator operator = new Operator(overrider -> overrider
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .checkingCRDAndValidateLocalModel(false)
                .withConcurrentReconciliationThreads(1));
        operator.register(new Onlooker());
        operator.start();
        operator.stop();
    }

    private static final class Onlooker implements Reconciler<Queue> {
        @Override
        public UpdateControl<Queue> reconcile(Queue queue, Context<Queue> context) {
            return UpdateControl.noUpdate();
        }
    }

    private static <T extends HasMetadata> void read(
            Class<? extends HasMetadata> kind, FilterWatchListDeletable<T, ?, ?> objects) {
        try {
            var _ = objects.list(new ListOptionsBuilder().withLimit(1L).build());
        } catch (KubernetesClientException failed) {
            LOG.atWarn()
                    .addKeyValue("kind", kind.getSimpleName())
                    .addKeyValue("why", failed.getMessage())
                    .log("Objects of a kind can't be read; a term of this process could not begin like this");
        }
    }
}
