package io.offerplane.operator.agent;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.offerplane.crd.v1alpha1.agent.Agent;
import io.offerplane.crd.v1alpha1.pool.AgentPool;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.view.EngineView.AgentView;
import io.offerplane.operator.claim.Amount;
import io.offerplane.operator.claim.ClaimPod;
import io.offerplane.operator.claim.ClaimSettings;
import io.offerplane.operator.claim.ClaimSizer;
import io.offerplane.operator.cluster.ClusterCaches;
import io.offerplane.operator.status.KubernetesAmounts;
import io.offerplane.operator.status.StatusWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the claim pod, and brings it to the size that {@link ClaimSizer} names. The order is what keeps the promise that nothing is
 * offered twice: a claim grows in Kubernetes first and in the engine after kubelet granted it; it shrinks in the engine first, which
 * takes back offers, and in Kubernetes once nothing above the new size is offered or held.
 */
final class ClaimKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(ClaimKeeper.class);

    /** After room was given back: the pod that waited must get there before the claim does. */
    private static final Duration HOLD_AFTER_GIVE_BACK = Duration.ofSeconds(10);

    /** After kubelet put a growth off or refused it. */
    private static final Duration HOLD_AFTER_REFUSAL = Duration.ofSeconds(60);

    /** How long a growth that kubelet put off may stand before it is taken back. */
    private static final Duration DEFERRED_PATIENCE = Duration.ofSeconds(20);

    private final KubernetesClient client;
    private final ClusterCaches caches;
    private final CachedAgentDirectory directory;
    private final RoomPlanner rooms;
    private final ClaimPod.Template template;
    private final InstantSource clock;
    private final Map<String, Instant> noGrowthBefore = new ConcurrentHashMap<>();
    private final Map<String, Instant> deferredSince = new ConcurrentHashMap<>();

    ClaimKeeper(
            KubernetesClient client,
            ClusterCaches caches,
            CachedAgentDirectory directory,
            RoomPlanner rooms,
            ClaimPod.Template template,
            InstantSource clock) {
        this.client = client;
        this.caches = caches;
        this.directory = directory;
        this.rooms = rooms;
        this.template = template;
        this.clock = clock;
    }

    /** How the claim stands, for conditions. */
    sealed interface Standing {
        record Granted(Amount amount) implements Standing {}

        /** Made, not running yet. */
        record Pending(String why) implements Standing {}

        record NoRoom(Amount room, Amount least) implements Standing {}

        /** There is none, and none is wanted. */
        record NotWanted(String why) implements Standing {}

        /** Granted, and kubelet put a resize off or refused it. */
        record ResizeStuck(Amount amount, Amount asked, ClaimPod.Resize resize) implements Standing {}
    }

    /** @param view the engine's, empty when it doesn't know the agent */
    Standing keep(Agent agent, AgentPool pool, Node node, Optional<AgentView> view, boolean drained) {
        String name = node.getMetadata().getName();
        ClaimSizer.Settings settings = ClaimSettings.of(pool.getSpec());
        Optional<Pod> pod = caches.pod(template.namespace(), ClaimPod.nameFor(name));
        if (pod.isEmpty()) {
            return create(agent, pool, node, settings, drained);
        }
        Pod claim = pod.get();
        if (claim.getMetadata().getDeletionTimestamp() != null) {
            return new Standing.Pending("the claim pod is being deleted");
        }
        if (ClaimPod.hasEnded(claim) || !CachedAgentDirectory.isOwnedBy(claim, agent)) {
            delete(claim, "it has ended, or belongs to an earlier Agent object");
            return new Standing.Pending("the claim pod is made anew");
        }
        if (claim.getSpec().getNodeName() == null) {
            return awaitScheduling(claim, settings, node);
        }
        Optional<Amount> granted = ClaimPod.granted(claim);
        if (granted.isEmpty()) {
            return new Standing.Pending("the claim pod has not started yet");
        }
        return size(claim, granted.get(), settings, node, view);
    }

    /** How long no growth is tried on the node; empty when it may grow at once. */
    Optional<Duration> growthHold(String node) {
        Instant until = noGrowthBefore.get(node);
        Duration left = until == null ? Duration.ZERO : Duration.between(clock.instant(), until);
        return left.isPositive() ? Optional.of(left) : Optional.empty();
    }

    private Standing create(Agent agent, AgentPool pool, Node node, ClaimSizer.Settings settings, boolean drained) {
        if (drained) {
            return new Standing.NotWanted("no claim is made while the node is drained");
        }
        ClaimSizer.Target target = ClaimSizer.forNewClaim(settings, facts(node, Amount.ZERO));
        return switch (target) {
            case ClaimSizer.Target.NoRoom(Amount room) -> new Standing.NoRoom(room, settings.min());
            case ClaimSizer.Target.Size(Amount size) -> {
                client.resource(ClaimPod.create(template, agent, pool.getSpec(), size))
                        .fieldManager(StatusWriter.FIELD_MANAGER)
                        .serverSideApply();
                LOG.atInfo()
                        .addKeyValue("agent", agent.getSpec().nodeName())
                        .addKeyValue("size", size)
                        .log("A claim was made");
                yield new Standing.Pending("the claim pod was made and waits for kube-scheduler");
            }
        };
    }

    private ClaimSizer.Node facts(Node node, Amount held) {
        String name = node.getMetadata().getName();
        boolean mayGrow = growthHold(name).isEmpty();
        return new ClaimSizer.Node(Amount.allocatable(node), rooms.others(name), held, rooms.awaited(name), mayGrow);
    }

    /** A claim that no longer fits is made anew, smaller: pods aren't resized before they are bound. */
    private Standing awaitScheduling(Pod claim, ClaimSizer.Settings settings, Node node) {
        Amount requested = ClaimPod.requested(claim);
        return switch (ClaimSizer.forNewClaim(settings, facts(node, Amount.ZERO))) {
            case ClaimSizer.Target.NoRoom(Amount room) -> {
                delete(claim, "the node has no room for the least that the pool wants");
                yield new Standing.NoRoom(room, settings.min());
            }
            case ClaimSizer.Target.Size(Amount size) -> {
                if (!size.covers(requested)) {
                    delete(claim, "the node has less room by now");
                }
                yield new Standing.Pending("the claim pod waits for kube-scheduler");
            }
        };
    }

    private Standing size(
            Pod claim, Amount granted, ClaimSizer.Settings settings, Node node, Optional<AgentView> view) {
        String name = node.getMetadata().getName();
        Amount current = ClaimPod.requested(claim);
        ClaimPod.Resize resize = ClaimPod.resize(claim);
        if (isStuck(name, resize) && !granted.covers(current)) {
            noGrowthBefore.put(name, clock.instant().plus(HOLD_AFTER_REFUSAL));
            resize(claim, current.min(granted));
            return new Standing.ResizeStuck(granted, current, resize);
        }
        Amount held = view.map(agent -> engineAmount(agent.allocated())).orElse(Amount.ZERO);
        ClaimSizer.Node facts = facts(node, held);
        Amount target = ClaimSizer.forClaim(settings, facts, current);
        Amount smaller = target.min(current);
        if (smaller.equals(current)) {
            directory.endShrink(name);
        } else {
            if (!mayShrink(view)) {
                // Nobody knows what runs there: the claim keeps its size until the shim is back.
                return new Standing.Granted(granted);
            }
            directory.shrink(name, smaller);
            if (!engineFitsIn(view, smaller)) {
                return new Standing.Granted(granted);
            }
            if (!facts.awaited().equals(Amount.ZERO)) {
                noGrowthBefore.put(name, clock.instant().plus(HOLD_AFTER_GIVE_BACK));
            }
        }
        if (!target.equals(current)) {
            resize(claim, target);
        }
        return resize == ClaimPod.Resize.DEFERRED || resize == ClaimPod.Resize.INFEASIBLE
                ? new Standing.ResizeStuck(granted, current, resize)
                : new Standing.Granted(granted);
    }

    private boolean isStuck(String node, ClaimPod.Resize resize) {
        if (resize == ClaimPod.Resize.INFEASIBLE) {
            return true;
        }
        if (resize != ClaimPod.Resize.DEFERRED) {
            deferredSince.remove(node);
            return false;
        }
        Instant now = clock.instant();
        Instant since = deferredSince.computeIfAbsent(node, key -> now);
        return since.plus(DEFERRED_PATIENCE).isBefore(now);
    }

    /** Not while an agent that may hold tasks is away. */
    private static boolean mayShrink(Optional<AgentView> view) {
        return view.isEmpty() || view.get().phase() == AgentView.Phase.CONNECTED;
    }

    /** Whether the engine neither offers nor holds more than a claim of this size has. */
    private static boolean engineFitsIn(Optional<AgentView> view, Amount size) {
        if (view.isEmpty()) {
            return true;
        }
        AgentView agent = view.get();
        Amount total = engineAmount(agent.total());
        Amount out = engineAmount(agent.allocated()).plus(engineAmount(agent.offered()));
        return size.covers(total) && size.covers(out);
    }

    /** Cpus and mem of an agent's ledger; mem is counted in MiB. What is lent out of the idle part takes no room of its own. */
    static Amount engineAmount(Resources resources) {
        Map<String, io.fabric8.kubernetes.api.model.Quantity> amounts =
                KubernetesAmounts.of(resources.nonRevocable().scalars());
        return Amount.of(amounts);
    }

    private void resize(Pod claim, Amount size) {
        Amount before = ClaimPod.requested(claim);
        String amounts = "{\"cpu\":\"" + KubernetesAmounts.cpu(size.cpuMilli()) + "\",\"memory\":\""
                + KubernetesAmounts.bytes(size.memoryBytes()) + "\"}";
        String patch = "{\"spec\":{\"containers\":[{\"name\":\"" + ClaimPod.CONTAINER
                + "\",\"resources\":{\"requests\":" + amounts + ",\"limits\":" + amounts + "}}]}}";
        client.pods()
                .inNamespace(claim.getMetadata().getNamespace())
                .withName(claim.getMetadata().getName())
                .subresource("resize")
                .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), patch);
        LOG.atInfo()
                .addKeyValue("claim", claim.getMetadata().getName())
                .addKeyValue("from", before)
                .addKeyValue("to", size)
                .log("A claim is resized");
    }

    private void delete(Pod claim, String why) {
        LOG.atInfo()
                .addKeyValue("claim", claim.getMetadata().getName())
                .addKeyValue("cause", why)
                .log("A claim pod is deleted");
        client.resource(claim).delete();
    }
}
