package io.offerplane.operator.pool;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.offerplane.crd.v1alpha1.pool.AgentPool;
import io.offerplane.crd.v1alpha1.pool.AgentPoolSpec;
import io.offerplane.operator.claim.Amount;
import io.offerplane.operator.claim.PodRequests;
import io.offerplane.operator.cluster.ClusterCaches;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The room of a node that its shim's pod needs. A claim must not have it: while a shim is away nobody knows what its tasks hold, so the claim could not
 * shrink for the very pod that would tell. Thread-safe.
 */
public final class ShimRoom {
    private final ClusterCaches caches;
    private final ShimTemplate template;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    /** Of the pool that had this spec. */
    private record Known(AgentPoolSpec spec, Amount requests) {}

    public ShimRoom(ClusterCaches caches, ShimTemplate template) {
        this.caches = caches;
        this.template = template;
    }

    /** What a shim's pod of this pool requests, as it is to be. */
    public Amount of(AgentPool pool) {
        String name = pool.getMetadata().getName();
        // Asked for each node, while a pool changes once in a while.
        Known before = known.get(name);
        if (before != null && before.spec.equals(pool.getSpec())) {
            return before.requests;
        }
        Amount requests = requests(ShimDaemonSet.of(template, pool));
        known.put(name, new Known(pool.getSpec(), requests));
        return requests;
    }

    /**
     * The first of these nodes whose shim runs and could not be replaced, as larger ones would find no room there yet. Its claim is to shrink while the
     * shim that knows the tasks is still there. Where none runs, nothing is lost by trying.
     */
    Optional<String> lackingOn(List<String> nodes, DaemonSet stands, DaemonSet wanted) {
        if (requests(stands).covers(requests(wanted))) {
            return Optional.empty();
        }
        return nodes.stream()
                .filter(node -> caches.podsOn(node).stream().anyMatch(ShimRoom::isRunningShim))
                .filter(node -> !left(node).covers(requests(wanted)))
                .findFirst();
    }

    // For a shim, if the one that is there went.
    private Amount left(String node) {
        Amount left = caches.node(node).map(Amount::allocatable).orElse(Amount.ZERO);
        for (Pod pod : caches.podsOn(node)) {
            if (PodRequests.holdsResources(pod) && !isShim(pod)) {
                left = left.minus(PodRequests.of(pod));
            }
        }
        return left;
    }

    private static Amount requests(DaemonSet shims) {
        return PodRequests.of(shims.getSpec().getTemplate());
    }

    private static boolean isRunningShim(Pod pod) {
        return isShim(pod)
                && pod.getMetadata().getDeletionTimestamp() == null
                && pod.getStatus() != null
                && "Running".equals(pod.getStatus().getPhase());
    }

    /** Whether it is a shim's pod. */
    public static boolean isShim(Pod pod) {
        return pod.getMetadata().getLabels() != null
                && ShimDaemonSet.COMPONENT.equals(pod.getMetadata().getLabels().get("app.kubernetes.io/component"));
    }
}
