package io.offerplane.operator.agent;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.offerplane.crd.v1alpha1.agent.Agent;
import io.offerplane.crd.v1alpha1.pool.AgentPool;
import io.offerplane.operator.claim.Amount;
import io.offerplane.operator.claim.ClaimPod;
import io.offerplane.operator.claim.ClaimSettings;
import io.offerplane.operator.claim.GiveBackPlan;
import io.offerplane.operator.claim.NodeFit;
import io.offerplane.operator.claim.PodRequests;
import io.offerplane.operator.cluster.ClusterCaches;
import io.offerplane.operator.pool.ShimRoom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** What each node has left, and which node makes room for which pod that waits. Thread-safe; a plan is shared for half a second. */
final class RoomPlanner {
    private static final Duration PLAN_AGE = Duration.ofMillis(500);

    private final ClusterCaches caches;
    private final String namespace;
    private final Function<String, Amount> heldOn;
    private final Function<AgentPool, Amount> shimRoom;
    private final InstantSource clock;
    private Map<String, Amount> plan = Map.of();
    private Instant planned = Instant.EPOCH;

    /**
     * @param heldOn what tasks hold on a node, as the engine says
     * @param shimRoom what the shim's pod is to request on each node of a pool
     */
    RoomPlanner(
            ClusterCaches caches,
            String namespace,
            Function<String, Amount> heldOn,
            Function<AgentPool, Amount> shimRoom,
            InstantSource clock) {
        this.caches = caches;
        this.namespace = namespace;
        this.heldOn = heldOn;
        this.shimRoom = shimRoom;
        this.clock = clock;
    }

    /** What pods other than the claim request on the node, and the shim that is to come or to be larger. */
    Amount others(String node) {
        Amount sum = Amount.ZERO;
        Amount shims = Amount.ZERO;
        String claim = ClaimPod.nameFor(node);
        for (Pod pod : caches.podsOn(node)) {
            boolean isClaim = pod.getMetadata().getName().equals(claim)
                    && pod.getMetadata().getNamespace().equals(namespace);
            if (!isClaim && PodRequests.holdsResources(pod)) {
                Amount requested = PodRequests.of(pod);
                sum = sum.plus(requested);
                if (ShimRoom.isShim(pod)) {
                    shims = shims.plus(requested);
                }
            }
        }
        Amount ofShim = caches.agent(node)
                .flatMap(agent -> caches.pool(agent.getSpec().pool()))
                .map(shimRoom)
                .orElse(Amount.ZERO);
        return sum.plus(ofShim.minus(shims).max(Amount.ZERO));
    }

    /** What pods that wait are to find on the node. */
    synchronized Amount awaited(String node) {
        Instant now = clock.instant();
        if (planned.plus(PLAN_AGE).isBefore(now)) {
            plan = GiveBackPlan.of(waiting(), rooms());
            planned = now;
        }
        return plan.getOrDefault(node, Amount.ZERO);
    }

    private List<GiveBackPlan.WaitingPod> waiting() {
        List<Pod> pods = new ArrayList<>(caches.pods());
        // A shim's room is kept in any case.
        pods.removeIf(pod -> !PodRequests.waitsForRoom(pod) || isClaim(pod) || ShimRoom.isShim(pod));
        pods.sort(Comparator.<Pod, String>comparing(
                        pod -> Objects.requireNonNullElse(pod.getMetadata().getCreationTimestamp(), ""))
                .thenComparing(pod -> pod.getMetadata().getUid()));
        return pods.stream()
                .map(pod -> new GiveBackPlan.WaitingPod(
                        pod.getMetadata().getNamespace() + "/"
                                + pod.getMetadata().getName(),
                        PodRequests.of(pod),
                        node -> caches.node(node)
                                .map(seen -> NodeFit.fits(pod, seen))
                                .orElse(false)))
                .toList();
    }

    private boolean isClaim(Pod pod) {
        return pod.getMetadata().getNamespace().equals(namespace)
                && pod.getMetadata().getLabels() != null
                && ClaimPod.COMPONENT.equals(pod.getMetadata().getLabels().get("app.kubernetes.io/component"));
    }

    private List<GiveBackPlan.NodeRoom> rooms() {
        List<GiveBackPlan.NodeRoom> rooms = new ArrayList<>();
        for (Agent agent : caches.agents()) {
            String name = agent.getSpec().nodeName();
            Optional<Node> node = caches.node(name);
            Optional<AgentPool> pool = caches.pool(agent.getSpec().pool());
            Optional<Pod> claim = caches.pod(namespace, ClaimPod.nameFor(name)).filter(ClaimPod::isRunning);
            if (node.isEmpty() || pool.isEmpty() || claim.isEmpty()) {
                continue;
            }
            Amount requested = ClaimPod.requested(claim.get());
            Amount floor = ClaimSettings.of(pool.get().getSpec()).min().max(heldOn.apply(name));
            Amount idle = ClaimSettings.givesBack(pool.get().getSpec())
                    ? requested.minus(floor).max(Amount.ZERO)
                    : Amount.ZERO;
            rooms.add(new GiveBackPlan.NodeRoom(
                    name, Amount.allocatable(node.get()).minus(others(name)).minus(requested), idle));
        }
        return rooms;
    }
}
