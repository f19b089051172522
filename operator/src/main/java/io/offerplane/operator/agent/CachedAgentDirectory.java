package io.offerplane.operator.agent;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Taint;
import io.offerplane.crd.v1alpha1.agent.Agent;
import io.offerplane.crd.v1alpha1.agent.AgentStatus;
import io.offerplane.crd.v1alpha1.common.ApiGroup;
import io.offerplane.crd.v1alpha1.pool.AgentPool;
import io.offerplane.crd.v1alpha1.pool.AgentPoolSpec;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.maintenance.Unavailability;
import io.offerplane.operator.claim.Amount;
import io.offerplane.operator.claim.ClaimPod;
import io.offerplane.operator.cluster.ClusterCaches;
import io.offerplane.operator.pool.NodeSelection;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The directory as the caches have it. Beside them it knows one thing of its own: to which size a claim is about to shrink, because
 * the engine must hear of that before Kubernetes does.
 */
public final class CachedAgentDirectory implements AgentDirectory {
    /** What Kubernetes puts on a cordoned node. */
    private static final String UNSCHEDULABLE = "node.kubernetes.io/unschedulable";

    private final ClusterCaches caches;
    private final String namespace;
    private final String version;
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private final Map<String, Amount> shrinkingTo = new ConcurrentHashMap<>();
    private final Map<String, Instant> cordonSeen = new ConcurrentHashMap<>();
    private final InstantSource clock = InstantSource.system();
    private final Map<String, Optional<AgentRecord>> told = new ConcurrentHashMap<>();

    /**
     * @param namespace where claim pods are
     * @param version of the shims that are deployed
     */
    public CachedAgentDirectory(ClusterCaches caches, String namespace, String version) {
        this.caches = caches;
        this.namespace = namespace;
        this.version = version;
        caches.watchAgents(agent -> refresh(agent.getMetadata().getName()));
        caches.watchNodes(node -> refresh(node.getMetadata().getName()));
        caches.watchPods(pod -> claimedNode(pod).ifPresent(this::refresh));
        caches.watchPools(pool -> caches.agents().stream()
                .filter(agent ->
                        agent.getSpec().pool().equals(pool.getMetadata().getName()))
                .forEach(agent -> refresh(agent.getMetadata().getName())));
    }

    /** The node whose claim the pod is. */
    Optional<String> claimedNode(Pod pod) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        if (labels == null
                || annotations == null
                || !namespace.equals(pod.getMetadata().getNamespace())
                || !ClaimPod.COMPONENT.equals(labels.get("app.kubernetes.io/component"))) {
            return Optional.empty();
        }
        return Optional.ofNullable(annotations.get(ApiGroup.LABEL_NODE));
    }

    @Override
    public Optional<AgentRecord> byNode(String node) {
        Optional<Agent> agent = caches.agent(node);
        Optional<Pod> pod = caches.pod(namespace, ClaimPod.nameFor(node));
        if (agent.isEmpty() || pod.isEmpty()) {
            return Optional.empty();
        }
        Optional<AgentPool> pool = caches.pool(agent.get().getSpec().pool());
        Optional<Amount> granted = ClaimPod.granted(pod.get());
        AgentStatus status = agent.get().getStatus();
        String id = status == null ? null : status.agentId();
        if (pool.isEmpty()
                || granted.isEmpty()
                || id == null
                || status.phase() == AgentStatus.Phase.GONE
                || !isOwnedBy(pod.get(), agent.get())) {
            return Optional.empty();
        }
        Node seen = caches.node(node).orElse(null);
        Amount shrinking = shrinkingTo.get(node);
        Amount usable = shrinking == null ? granted.get() : granted.get().min(shrinking);
        return Optional.of(new AgentRecord(
                new AgentId(id),
                AgentSpecs.of(agent.get(), pool.get(), seen, version),
                AgentSpecs.offered(usable, pool.get().getSpec(), seen),
                new GrantedClaim(
                        namespace,
                        pod.get().getMetadata().getName(),
                        pod.get().getMetadata().getUid(),
                        granted.get().cpuMilli(),
                        granted.get().memoryBytes()),
                isDrained(agent.get(), pool.get(), seen),
                cordon(pool.get(), seen)));
    }

    /** Since when the node is cordoned, if that counts: the taint of a cordon says so, and else the first sight of it. */
    Optional<Unavailability> cordon(AgentPool pool, @org.jspecify.annotations.Nullable Node node) {
        if (node == null || !isCordoned(pool, node)) {
            if (node != null) {
                cordonSeen.remove(node.getMetadata().getName());
            }
            return Optional.empty();
        }
        List<Taint> taints =
                node.getSpec().getTaints() == null ? List.of() : node.getSpec().getTaints();
        return Optional.of(Unavailability.from(taints.stream()
                .filter(taint -> UNSCHEDULABLE.equals(taint.getKey()) && taint.getTimeAdded() != null)
                .map(taint -> Instant.parse(taint.getTimeAdded()))
                .findFirst()
                .orElseGet(() -> cordonSeen.computeIfAbsent(node.getMetadata().getName(), name -> clock.instant()))));
    }

    private static boolean isCordoned(AgentPool pool, Node node) {
        boolean counts = pool.getSpec().maintenance() == null
                || pool.getSpec().maintenance().onCordon() != AgentPoolSpec.OnCordon.IGNORE;
        return counts && Boolean.TRUE.equals(node.getSpec().getUnschedulable());
    }

    static boolean isOwnedBy(Pod pod, Agent agent) {
        return pod.getMetadata().getOwnerReferences() != null
                && pod.getMetadata().getOwnerReferences().stream().anyMatch(owner -> owner.getUid()
                        .equals(agent.getMetadata().getUid()));
    }

    /** Whether no new offers are to be made: the agent's own wish, a cordon, or a pool that doesn't select the node any more. */
    boolean isDrained(Agent agent, AgentPool pool, @org.jspecify.annotations.Nullable Node node) {
        if (agent.getSpec().drain() == io.offerplane.crd.v1alpha1.agent.AgentSpec.Drain.STOP_OFFERS) {
            return true;
        }
        if (!isSelected(agent)) {
            return true;
        }
        return node != null && isCordoned(pool, node);
    }

    /** Whether its pool keeps the node. */
    boolean isSelected(Agent agent) {
        NodeSelection selection = NodeSelection.of(caches.pools(), caches.nodes());
        return selection
                .poolOf(agent.getMetadata().getName())
                .filter(agent.getSpec().pool()::equals)
                .isPresent();
    }

    /** From now on no more than this of the node's claim may be offered: Kubernetes will take the rest. */
    void shrink(String node, Amount size) {
        if (!size.equals(shrinkingTo.put(node, size))) {
            refresh(node);
        }
    }

    /** What is granted may be offered again. */
    void endShrink(String node) {
        if (shrinkingTo.remove(node) != null) {
            refresh(node);
        }
    }

    boolean isShrinking(String node) {
        return shrinkingTo.containsKey(node);
    }

    /** The node's claim pod. */
    Optional<Pod> claim(String node) {
        return caches.pod(namespace, ClaimPod.nameFor(node));
    }

    @Override
    public void onChange(Consumer<String> listener) {
        listeners.add(listener);
    }

    private void refresh(String node) {
        Optional<AgentRecord> now = byNode(node);
        Optional<AgentRecord> before = told.put(node, now);
        if (!now.equals(before) && !(before == null && now.isEmpty())) {
            listeners.forEach(listener -> listener.accept(node));
        }
        if (now.isEmpty()) {
            told.remove(node, now);
        }
    }
}
