package io.offerplane.operator.pool;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.offerplane.crd.v1alpha1.agent.Agent;
import io.offerplane.crd.v1alpha1.agent.AgentSpec;
import io.offerplane.crd.v1alpha1.agent.AgentStatus;
import io.offerplane.crd.v1alpha1.common.ApiGroup;
import io.offerplane.crd.v1alpha1.common.Condition;
import io.offerplane.crd.v1alpha1.pool.AgentPool;
import io.offerplane.crd.v1alpha1.pool.AgentPoolStatus;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.view.EngineView;
import io.offerplane.engine.view.EngineView.AgentView;
import io.offerplane.operator.claim.Amount;
import io.offerplane.operator.claim.ClaimPod;
import io.offerplane.operator.cluster.ClusterCaches;
import io.offerplane.operator.status.Conditions;
import io.offerplane.operator.status.EventRecorder;
import io.offerplane.operator.status.EventRecorder.Severity;
import io.offerplane.operator.status.KubernetesAmounts;
import io.offerplane.operator.status.ObjectNames;
import io.offerplane.operator.status.StatusWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps one pool: an Agent object for each of its nodes, the shim's DaemonSet, and the sums that people look at. */
public final class AgentPoolReconciler implements Reconciler<AgentPool> {
    private static final Logger LOG = LoggerFactory.getLogger(AgentPoolReconciler.class);
    private static final String ACCEPTED = "Accepted";
    private static final String AGENTS_READY = "AgentsReady";
    private static final String CAPACITY_HONEST = "CapacityHonest";
    private static final String OFFERING = "Offering";

    /** Sums are looked at this often even without news. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

    /** Drift below this part of what was asked for isn't worth a False. */
    private static final double TOLERATED_DRIFT = 0.02;

    private final KubernetesClient client;
    private final ClusterCaches caches;
    private final EngineGate gate;
    private final ShimTemplate template;
    private final ShimRoom room;
    private final String version;
    private final StatusWriter statuses;
    private final EventRecorder events;
    private final InstantSource clock;
    private final SimpleInboundEventSource<AgentPool> triggers = new SimpleInboundEventSource<>("pool-news");
    private final Map<String, PoolDrift> drifts = new ConcurrentHashMap<>();

    /** What a pool's claims ask for, less what they were granted; each node's difference counts as positive. */
    public record PoolDrift(String pool, long cpuMilli, long memoryBytes) {}

    public AgentPoolReconciler(
            KubernetesClient client,
            ClusterCaches caches,
            EngineGate gate,
            ShimTemplate template,
            ShimRoom room,
            StatusWriter statuses,
            EventRecorder events,
            InstantSource clock) {
        this.client = client;
        this.caches = caches;
        this.gate = gate;
        this.version = template.version();
        this.template = template;
        this.room = room;
        this.statuses = statuses;
        this.events = events;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, AgentPool>> prepareEventSources(EventSourceContext<AgentPool> context) {
        caches.watchNodes(node -> lookAtAll());
        caches.watchPools(pool -> lookAtAll());
        caches.watchAgents(agent -> look(agent.getSpec().pool()));
        return List.of(triggers);
    }

    private void look(String pool) {
        if (caches.pool(pool).isPresent()) {
            triggers.propagateEvent(new ResourceID(pool));
        }
    }

    /** Has every pool looked at soon. Doesn't block. */
    public void lookAtAll() {
        caches.pools().forEach(pool -> look(pool.getMetadata().getName()));
    }

    /** The drift of every pool that was looked at; for metrics. */
    public List<PoolDrift> drifts() {
        return List.copyOf(drifts.values());
    }

    @Override
    public UpdateControl<AgentPool> reconcile(AgentPool pool, Context<AgentPool> context) {
        if (pool.getMetadata().getDeletionTimestamp() != null) {
            return UpdateControl.noUpdate();
        }
        String name = pool.getMetadata().getName();
        NodeSelection selection = NodeSelection.of(caches.pools(), caches.nodes());
        Optional<NodeSelection.Overlap> overlap = selection.overlapOf(name);
        List<String> nodes = selection.nodesOf(name);
        if (overlap.isEmpty()) {
            for (String node : nodes) {
                makeAgent(pool, node);
            }
            placeShims(pool, nodes);
        } else {
            client.apps()
                    .daemonSets()
                    .inNamespace(template.namespace())
                    .withName(ShimDaemonSet.nameFor(name))
                    .delete();
        }
        AgentPoolStatus before = pool.getStatus();
        AgentPoolStatus after = status(pool, before, overlap, nodes);
        Optional<Duration> wait = statuses.write(pool, after);
        if (wait.isEmpty()) {
            tellTransitions(pool, before, after);
        }
        return UpdateControl.<AgentPool>noUpdate().rescheduleAfter(wait.orElse(LOOK_AGAIN));
    }

    /** Ends the shims of pools that are no more, once nothing runs on their nodes. Blocks; called every so often. */
    public void withdrawShims() {
        List<DaemonSet> all = client.apps()
                .daemonSets()
                .inNamespace(template.namespace())
                .withLabel("app.kubernetes.io/component", ShimDaemonSet.COMPONENT)
                .withLabel("app.kubernetes.io/instance", template.instance())
                .list()
                .getItems();
        for (DaemonSet shims : all) {
            String pool =
                    Objects.requireNonNullElse(shims.getMetadata().getLabels().get(ApiGroup.LABEL_POOL), "");
            boolean inUse = caches.pool(pool).isPresent()
                    || caches.agents().stream()
                            .anyMatch(agent -> agent.getSpec().pool().equals(pool));
            if (!inUse) {
                client.resource(shims).delete();
            }
        }
    }

    private void makeAgent(AgentPool pool, String node) {
        if (caches.agent(node).isPresent()) {
            // Of this pool or, until its tasks have ended there, of another.
            return;
        }
        Agent agent = new Agent();
        agent.setMetadata(new ObjectMetaBuilder()
                .withName(node)
                .withLabels(new TreeMap<>(Map.of(
                        "app.kubernetes.io/name",
                        "offerplane",
                        "app.kubernetes.io/instance",
                        template.instance(),
                        "app.kubernetes.io/part-of",
                        "offerplane",
                        "app.kubernetes.io/managed-by",
                        "offerplane-operator",
                        ApiGroup.LABEL_POOL,
                        pool.getMetadata().getName())))
                .withOwnerReferences(template.agentOwners())
                .build());
        agent.setSpec(new AgentSpec(node, pool.getMetadata().getName(), null));
        client.resource(agent)
                .fieldManager(StatusWriter.FIELD_MANAGER)
                .forceConflicts()
                .serverSideApply();
    }

    private void placeShims(AgentPool pool, List<String> nodes) {
        DaemonSet wanted = ShimDaemonSet.of(template, pool);
        DaemonSet stands = client.apps()
                .daemonSets()
                .inNamespace(template.namespace())
                .withName(wanted.getMetadata().getName())
                .get();
        String digest = digest(wanted);
        if (stands != null
                && stands.getMetadata().getAnnotations() != null
                && digest.equals(stands.getMetadata().getAnnotations().get(APPLIED))) {
            return;
        }
        Optional<String> lacking = stands == null ? Optional.empty() : room.lackingOn(nodes, stands, wanted);
        if (lacking.isPresent()) {
            LOG.atInfo()
                    .addKeyValue("pool", pool.getMetadata().getName())
                    .addKeyValue("node", lacking.get())
                    .log("Shims are not replaced by larger ones until the node's claim has left room");
            return;
        }
        Map<String, String> annotations = new TreeMap<>();
        annotations.put(APPLIED, digest);
        wanted.getMetadata().setAnnotations(annotations);
        client.resource(wanted)
                .fieldManager(StatusWriter.FIELD_MANAGER)
                .forceConflicts()
                .serverSideApply();
    }

    private static final String APPLIED = ApiGroup.NAME + "/applied";

    private String digest(DaemonSet wanted) {
        return ObjectNames.digest(client.getKubernetesSerialization().asJson(wanted));
    }

    private AgentPoolStatus status(
            AgentPool pool,
            @Nullable AgentPoolStatus before,
            Optional<NodeSelection.Overlap> overlap,
            List<String> nodes) {
        EngineView view = gate.view();
        Map<String, AgentView> byNode = new HashMap<>();
        for (AgentView agent : view.agents()) {
            byNode.put(agent.spec().node(), agent);
        }
        Sums sums = new Sums();
        for (String node : nodes) {
            sums.add(
                    node,
                    caches.node(node),
                    caches.agent(node),
                    caches.pod(template.namespace(), ClaimPod.nameFor(node)),
                    Optional.ofNullable(byNode.get(node)),
                    version);
        }
        drifts.put(
                pool.getMetadata().getName(),
                new PoolDrift(pool.getMetadata().getName(), sums.drift.cpuMilli(), sums.drift.memoryBytes()));
        Conditions conditions =
                new Conditions(before == null ? List.of() : before.conditions(), generation(pool), clock.instant());
        judge(conditions, overlap, nodes, sums);
        return new AgentPoolStatus(
                generation(pool),
                new AgentPoolStatus.AgentCounts(
                        nodes.size(), sums.ready, sums.draining, sums.unreachable, sums.outdated),
                new AgentPoolStatus.Amounts(
                        sums.capacity.toQuantities(),
                        sums.claimed.toQuantities(),
                        KubernetesAmounts.of(sums.offered),
                        KubernetesAmounts.of(sums.allocated)),
                new AgentPoolStatus.Drift(
                        KubernetesAmounts.cpu(sums.drift.cpuMilli()),
                        KubernetesAmounts.bytes(sums.drift.memoryBytes()),
                        sums.worstNode),
                display(sums),
                conditions.toList());
    }

    private static void judge(
            Conditions conditions, Optional<NodeSelection.Overlap> overlap, List<String> nodes, Sums sums) {
        if (overlap.isPresent()) {
            NodeSelection.Overlap o = overlap.get();
            String message = "AgentPool " + o.olderPool() + " is older and has " + o.nodes()
                    + " of the nodes that this pool selects, such as " + o.node()
                    + ": make the two nodeSelectors disjoint.";
            conditions
                    .setFalse(ACCEPTED, "NodesOverlap", message)
                    .setFalse(OFFERING, "NodesOverlap", "The pool is out of effect.")
                    .readyFrom(List.of(ACCEPTED), "")
                    .setTrue(Conditions.STALLED, "NodesOverlap", message);
            return;
        }
        conditions.setTrue(ACCEPTED, "Accepted", "The pool selects " + nodes.size() + " nodes.");
        judgeAgents(conditions, nodes, sums);
        judgeCapacity(conditions, sums);
        judgeOffering(conditions, nodes, sums);
        conditions.readyFrom(
                List.of(ACCEPTED, AGENTS_READY, OFFERING, CAPACITY_HONEST),
                sums.ready + " agents offer " + sums.claimed + ".");
    }

    private static void judgeAgents(Conditions conditions, List<String> nodes, Sums sums) {
        if (sums.unreachable > 0) {
            conditions.setFalse(
                    AGENTS_READY,
                    "AgentsUnreachable",
                    sums.unreachable + " of " + nodes.size() + " agents are silent beyond the timeout, such as "
                            + sums.firstUnready + ".");
        } else if (sums.ready < nodes.size()) {
            conditions.setFalse(
                    AGENTS_READY,
                    "AgentsMissing",
                    (nodes.size() - sums.ready) + " of " + nodes.size()
                            + " agents have no granted claim or no connected shim, such as " + sums.firstUnready
                            + ": see its Agent object.");
        } else if (sums.outdated > 0) {
            conditions.setFalse(
                    AGENTS_READY,
                    "VersionSkew",
                    sums.outdated + " of " + nodes.size() + " shims aren't of the operator's version yet.");
        } else {
            conditions.setTrue(AGENTS_READY, "AgentsReady", "All " + nodes.size() + " agents are connected.");
        }
    }

    private static void judgeCapacity(Conditions conditions, Sums sums) {
        if (sums.infeasible > 0) {
            conditions.setFalse(
                    CAPACITY_HONEST,
                    "ResizeInfeasible",
                    "Kubelet refuses " + sums.infeasible + " claims the size that was asked for, such as on "
                            + sums.worstNode + ".");
        } else if (sums.deferred > 0) {
            conditions.setFalse(
                    CAPACITY_HONEST,
                    "ResizeDeferred",
                    "Kubelet has put " + sums.deferred + " resizes off, such as on " + sums.worstNode + ".");
        } else if (sums.isDriftHigh()) {
            conditions.setFalse(
                    CAPACITY_HONEST,
                    "DriftHigh",
                    "What claims ask for and what they were granted differ by " + sums.drift + ", most on "
                            + sums.worstNode + ".");
        } else {
            conditions.setTrue(CAPACITY_HONEST, "Honest", "Claims were granted what they ask for.");
        }
    }

    private static void judgeOffering(Conditions conditions, List<String> nodes, Sums sums) {
        if (nodes.isEmpty()) {
            conditions.setFalse(
                    OFFERING,
                    "NoNodesMatch",
                    "No node matches the nodeSelector, or all have taints that aren't tolerated.");
        } else if (sums.ready > 0 && sums.draining == sums.ready) {
            conditions.setFalse(OFFERING, "InMaintenance", "All " + sums.ready + " connected agents are drained.");
        } else if (sums.ready == 0) {
            conditions.setFalse(OFFERING, "AgentsMissing", "No agent is connected.");
        } else {
            conditions.setTrue(OFFERING, "Offering", (sums.ready - sums.draining) + " agents make offers.");
        }
    }

    private static AgentPoolStatus.Display display(Sums sums) {
        Amount held = Amount.of(KubernetesAmounts.of(sums.allocated));
        return new AgentPoolStatus.Display(
                KubernetesAmounts.displayCpu(held.cpuMilli()) + "/"
                        + KubernetesAmounts.displayCpu(sums.claimed.cpuMilli()),
                KubernetesAmounts.displayBytes(held.memoryBytes()) + "/"
                        + KubernetesAmounts.displayBytes(sums.claimed.memoryBytes()),
                KubernetesAmounts.displayCpu(sums.drift.cpuMilli()) + "c/"
                        + KubernetesAmounts.displayBytes(sums.drift.memoryBytes()));
    }

    private void tellTransitions(AgentPool pool, @Nullable AgentPoolStatus before, AgentPoolStatus after) {
        Map<String, Condition> was = new HashMap<>();
        if (before != null) {
            before.conditions().forEach(condition -> was.put(condition.type(), condition));
        }
        for (Condition condition : after.conditions()) {
            Condition old = was.get(condition.type());
            boolean counts =
                    condition.type().equals(ACCEPTED) || condition.type().equals(OFFERING);
            if (counts && (old == null || old.status() != condition.status())) {
                events.record(
                        pool,
                        condition.status() == Condition.Status.TRUE ? Severity.NORMAL : Severity.WARNING,
                        condition.reason(),
                        condition.message());
            }
        }
    }

    private static long generation(AgentPool pool) {
        return Objects.requireNonNullElse(pool.getMetadata().getGeneration(), 0L);
    }

    /** Sums over a pool's nodes. */
    private static final class Sums {
        private int ready;
        private int draining;
        private int unreachable;
        private int outdated;
        private int deferred;
        private int infeasible;
        private Amount capacity = Amount.ZERO;
        private Amount asked = Amount.ZERO;
        private Amount claimed = Amount.ZERO;
        private ResourceQuantities offered = ResourceQuantities.EMPTY;
        private ResourceQuantities allocated = ResourceQuantities.EMPTY;
        private Amount drift = Amount.ZERO;
        private Amount worst = Amount.ZERO;
        private @Nullable String worstNode;
        private String firstUnready = "";

        void add(
                String name,
                Optional<Node> node,
                Optional<Agent> agent,
                Optional<Pod> pod,
                Optional<AgentView> view,
                String version) {
            Map<String, Quantity> allocatable =
                    node.map(n -> n.getStatus().getAllocatable()).orElse(Map.of());
            capacity = capacity.plus(Amount.of(allocatable));
            Optional<Amount> granted = pod.flatMap(ClaimPod::granted);
            claimed = claimed.plus(granted.orElse(Amount.ZERO));
            pod.ifPresent(claim -> countClaim(name, claim, granted.orElse(Amount.ZERO)));
            boolean connected = view.isPresent() && view.get().phase() == AgentView.Phase.CONNECTED;
            if (connected && granted.isPresent()) {
                ready++;
            } else if (firstUnready.isEmpty()) {
                firstUnready = name;
            }
            if (view.isPresent()) {
                AgentView v = view.get();
                offered = offered.plus(v.offered().nonRevocable().scalars());
                allocated = allocated.plus(v.allocated().nonRevocable().scalars());
                draining += connected && v.deactivated() ? 1 : 0;
                unreachable += v.phase() == AgentView.Phase.UNREACHABLE ? 1 : 0;
                outdated += connected && isOther(v.spec().version(), version) ? 1 : 0;
            }
            // An agent that fell silent under an earlier leader is unreachable until it is back.
            if (view.isEmpty()
                    && agent.map(Agent::getStatus)
                            .map(AgentStatus::phase)
                            .filter(p -> p == AgentStatus.Phase.UNREACHABLE)
                            .isPresent()) {
                unreachable++;
            }
        }

        private static boolean isOther(String shim, String operator) {
            return !shim.isEmpty() && !shim.equals(operator);
        }

        private void countClaim(String name, Pod claim, Amount granted) {
            Amount requested = ClaimPod.requested(claim);
            Amount differs = new Amount(
                    Math.abs(requested.cpuMilli() - granted.cpuMilli()),
                    Math.abs(requested.memoryBytes() - granted.memoryBytes()));
            asked = asked.plus(requested);
            drift = drift.plus(differs);
            if (differs.cpuMilli() > worst.cpuMilli() || differs.memoryBytes() > worst.memoryBytes()) {
                worst = worst.max(differs);
                worstNode = name;
            }
            switch (ClaimPod.resize(claim)) {
                case DEFERRED -> deferred++;
                case INFEASIBLE -> infeasible++;
                case NONE, IN_PROGRESS -> {
                    // On its way.
                }
            }
        }

        boolean isDriftHigh() {
            return drift.cpuMilli() > asked.cpuMilli() * TOLERATED_DRIFT
                    || drift.memoryBytes() > asked.memoryBytes() * TOLERATED_DRIFT;
        }
    }
}
