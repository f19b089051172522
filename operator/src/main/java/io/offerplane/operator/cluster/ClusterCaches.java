package io.offerplane.operator.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.offerplane.crd.v1alpha1.agent.Agent;
import io.offerplane.crd.v1alpha1.framework.Framework;
import io.offerplane.crd.v1alpha1.pool.AgentPool;
import io.offerplane.crd.v1alpha1.queue.Queue;
import io.offerplane.crd.v1alpha1.task.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * Caches of everything that controllers decide from, each kept by one informer that all share. Answers never block and never
 * call the API server; objects must not be changed.
 */
public final class ClusterCaches implements AutoCloseable {
    private static final String BY_NODE = "node";
    private static final Duration SYNC_LIMIT = Duration.ofSeconds(60);

    private final SharedIndexInformer<Node> nodes;
    private final SharedIndexInformer<Pod> pods;
    private final SharedIndexInformer<AgentPool> pools;
    private final SharedIndexInformer<Agent> agents;
    private final SharedIndexInformer<Queue> queues;
    private final SharedIndexInformer<Framework> frameworks;
    private final SharedIndexInformer<Task> tasks;
    private final List<SharedIndexInformer<?>> all;

    private ClusterCaches(KubernetesClient client) {
        nodes = client.nodes().runnableInformer(0);
        pods = client.pods().inAnyNamespace().runnableInformer(0);
        pods.addIndexers(Map.of(
                BY_NODE,
                pod -> pod.getSpec().getNodeName() == null
                        ? List.of()
                        : List.of(pod.getSpec().getNodeName())));
        pools = client.resources(AgentPool.class).runnableInformer(0);
        agents = client.resources(Agent.class).runnableInformer(0);
        queues = client.resources(Queue.class).runnableInformer(0);
        frameworks = client.resources(Framework.class).inAnyNamespace().runnableInformer(0);
        tasks = client.resources(Task.class).inAnyNamespace().runnableInformer(0);
        all = List.of(nodes, pods, pools, agents, queues, frameworks, tasks);
    }

    /**
     * Starts the informers and waits until each has its first list.
     *
     * @throws IllegalStateException when that takes longer than a minute
     */
    public static ClusterCaches open(KubernetesClient client) {
        ClusterCaches caches = new ClusterCaches(client);
        try {
            List<CompletableFuture<Void>> started = new ArrayList<>();
            caches.all.forEach(informer -> started.add(informer.start().toCompletableFuture()));
            CompletableFuture.allOf(started.toArray(CompletableFuture[]::new))
                    .get(SYNC_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            return caches;
        } catch (InterruptedException e) {
            caches.close();
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while reading the cluster's objects", e);
        } catch (ExecutionException | TimeoutException e) {
            caches.close();
            throw new IllegalStateException(
                    "the cluster's objects could not be read within " + SYNC_LIMIT
                            + "; are the definitions of offerplane.io installed, and may the operator list them?",
                    e);
        }
    }

    public Optional<Node> node(String name) {
        return Optional.ofNullable(nodes.getStore().getByKey(name));
    }

    /** By name. */
    public List<Node> nodes() {
        return sorted(nodes);
    }

    /** Pods that are bound to the node, ended ones too. */
    public List<Pod> podsOn(String node) {
        return pods.getIndexer().byIndex(BY_NODE, node);
    }

    public Optional<Pod> pod(String namespace, String name) {
        return Optional.ofNullable(pods.getStore().getByKey(namespace + "/" + name));
    }

    public List<Pod> pods() {
        return pods.getStore().list();
    }

    public Optional<AgentPool> pool(String name) {
        return Optional.ofNullable(pools.getStore().getByKey(name));
    }

    /** By name. */
    public List<AgentPool> pools() {
        return sorted(pools);
    }

    public Optional<Agent> agent(String node) {
        return Optional.ofNullable(agents.getStore().getByKey(node));
    }

    /** By name. */
    public List<Agent> agents() {
        return sorted(agents);
    }

    /** By name. */
    public List<Queue> queues() {
        return sorted(queues);
    }

    /** By name, then namespace. */
    public List<Framework> frameworks() {
        return sorted(frameworks);
    }

    public Optional<Framework> framework(String namespace, String name) {
        return Optional.ofNullable(frameworks.getStore().getByKey(namespace + "/" + name));
    }

    /** By name, then namespace. */
    public List<Task> tasks() {
        return sorted(tasks);
    }

    public Optional<Task> task(String namespace, String name) {
        return Optional.ofNullable(tasks.getStore().getByKey(namespace + "/" + name));
    }

    private static <T extends HasMetadata> List<T> sorted(SharedIndexInformer<T> informer) {
        List<T> list = new ArrayList<>(informer.getStore().list());
        list.sort(Comparator.<T, String>comparing(o -> o.getMetadata().getName())
                .thenComparing(o -> String.valueOf(o.getMetadata().getNamespace())));
        return list;
    }

    /** Calls back with each node that appeared, changed or went. Callbacks run on the informer's thread and must not block. */
    public void watchNodes(Consumer<Node> watcher) {
        watch(nodes, watcher, watcher);
    }

    public void watchPods(Consumer<Pod> watcher) {
        watch(pods, watcher, watcher);
    }

    public void watchPools(Consumer<AgentPool> watcher) {
        watch(pools, watcher, watcher);
    }

    public void watchAgents(Consumer<Agent> watcher) {
        watch(agents, watcher, watcher);
    }

    /**
     * @param changed appeared or changed
     * @param gone deleted; nobody but the watcher will tell the engine
     */
    public void watchQueues(Consumer<Queue> changed, Consumer<Queue> gone) {
        watch(queues, changed, gone);
    }

    public void watchFrameworks(Consumer<Framework> changed, Consumer<Framework> gone) {
        watch(frameworks, changed, gone);
    }

    public void watchTasks(Consumer<Task> changed, Consumer<Task> gone) {
        watch(tasks, changed, gone);
    }

    private static <T extends HasMetadata> void watch(
            SharedIndexInformer<T> informer, Consumer<T> changed, Consumer<T> gone) {
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(T object) {
                changed.accept(object);
            }

            @Override
            public void onUpdate(T before, T after) {
                changed.accept(after);
            }

            @Override
            public void onDelete(T object, boolean isLastStateUnknown) {
                gone.accept(object);
            }
        });
    }

    /** Whether every informer has its objects and still follows the API server, or is about to again. */
    public boolean isHealthy() {
        return all.stream().allMatch(informer -> informer.isRunning() && informer.hasSynced());
    }

    @Override
    public void close() {
        all.forEach(SharedIndexInformer::stop);
    }
}
