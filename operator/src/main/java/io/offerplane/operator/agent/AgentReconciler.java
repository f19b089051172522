package io.offerplane.operator.agent;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.offerplane.crd.v1alpha1.agent.Agent;
import io.offerplane.crd.v1alpha1.agent.AgentStatus;
import io.offerplane.crd.v1alpha1.common.Condition;
import io.offerplane.crd.v1alpha1.pool.AgentPool;
import io.offerplane.engine.Command;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.maintenance.Unavailability;
import io.offerplane.engine.view.EngineView;
import io.offerplane.engine.view.EngineView.AgentView;
import io.offerplane.operator.claim.Amount;
import io.offerplane.operator.claim.ClaimPod;
import io.offerplane.operator.cluster.ClusterCaches;
import io.offerplane.operator.status.Conditions;
import io.offerplane.operator.status.EventRecorder;
import io.offerplane.operator.status.EventRecorder.Severity;
import io.offerplane.operator.status.KubernetesAmounts;
import io.offerplane.operator.status.StatusWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps one node: its agent id, its claim, whether it is offered, and its end. */
public final class AgentReconciler implements Reconciler<Agent> {
    private static final Logger LOG = LoggerFactory.getLogger(AgentReconciler.class);

    /** Without news an agent is looked at this often: pods' requests move without an event of the agent's own. */
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

    /** While a claim is being brought to size. */
    private static final Duration LOOK_SOON = Duration.ofMillis(500);

    /** How long a Gone agent is shown before its object is deleted. */
    private static final Duration GONE_RETENTION = Duration.ofMinutes(10);

    private static final String CLAIM_GRANTED = "ClaimGranted";
    private static final String CONNECTED = "Connected";

    private final KubernetesClient client;
    private final ClusterCaches caches;
    private final EngineGate gate;
    private final CachedAgentDirectory directory;
    private final ClaimKeeper claims;
    private final StatusWriter statuses;
    private final EventRecorder events;
    private final InstantSource clock;
    private final Map<String, String> givenIds = new ConcurrentHashMap<>();

    /** UIDs of those that have been in a view of this leader's engine. */
    private final Set<String> seenInEngine = ConcurrentHashMap.newKeySet();

    private final SimpleInboundEventSource<Agent> triggers = new SimpleInboundEventSource<>("agent-news");

    public AgentReconciler(
            KubernetesClient client,
            ClusterCaches caches,
            EngineGate gate,
            CachedAgentDirectory directory,
            ClaimPod.Template template,
            Function<AgentPool, Amount> shimRoom,
            StatusWriter statuses,
            EventRecorder events,
            InstantSource clock) {
        this.client = client;
        this.caches = caches;
        this.gate = gate;
        this.directory = directory;
        this.statuses = statuses;
        this.events = events;
        this.clock = clock;
        RoomPlanner rooms = new RoomPlanner(caches, template.namespace(), this::heldOn, shimRoom, clock);
        this.claims = new ClaimKeeper(client, caches, directory, rooms, template, clock);
    }

    @Override
    public List<EventSource<?, Agent>> prepareEventSources(EventSourceContext<Agent> context) {
        caches.watchNodes(node -> look(node.getMetadata().getName()));
        caches.watchPods(pod -> {
            if (pod.getSpec().getNodeName() != null) {
                look(pod.getSpec().getNodeName());
            } else if (io.offerplane.operator.claim.PodRequests.waitsForRoom(pod)) {
                lookAtAll();
            }
            directory.claimedNode(pod).ifPresent(this::look);
        });
        caches.watchPools(pool -> lookAtAll());
        caches.watchAgents(agent -> {
            if (caches.agent(agent.getMetadata().getName())
                    .filter(now -> now.getMetadata()
                            .getUid()
                            .equals(agent.getMetadata().getUid()))
                    .isEmpty()) {
                seenInEngine.remove(agent.getMetadata().getUid());
                removeFromEngine(agent, "its Agent object was deleted");
            }
        });
        return List.of(triggers);
    }

    /** Has the node's agent looked at soon. Doesn't block. */
    public void look(String node) {
        if (caches.agent(node).isPresent()) {
            triggers.propagateEvent(new io.javaoperatorsdk.operator.processing.event.ResourceID(node));
        }
    }

    /** Has every agent looked at soon. */
    public void lookAtAll() {
        caches.agents().forEach(agent -> look(agent.getMetadata().getName()));
    }

    @Override
    public UpdateControl<Agent> reconcile(Agent agent, Context<Agent> context) {
        if (agent.getMetadata().getDeletionTimestamp() != null) {
            return UpdateControl.noUpdate();
        }
        String name = agent.getSpec().nodeName();
        Optional<Node> node = caches.node(name);
        if (node.isEmpty()) {
            return reconcileGone(agent);
        }
        AgentStatus before = status(agent);
        if (before != null && before.phase() == AgentStatus.Phase.GONE) {
            // Another node of the same name: it gets an agent of its own.
            client.resource(agent).delete();
            return UpdateControl.noUpdate();
        }
        Optional<AgentPool> pool = caches.pool(agent.getSpec().pool());
        Optional<AgentView> view = view(agent);
        if (isGoneByDrain(agent, view)) {
            events.record(
                    agent,
                    Severity.WARNING,
                    "MarkedGone",
                    "It was drained and removed for good; its node gets another agent.");
            client.resource(agent).delete();
            return UpdateControl.noUpdate();
        }
        boolean selected = pool.isPresent() && directory.isSelected(agent);
        boolean drained = pool.isEmpty() || directory.isDrained(agent, pool.get(), node.get());
        if (!selected && mayLeave(view)) {
            removeFromEngine(agent, "its pool doesn't select the node any more");
            client.resource(agent).delete();
            return UpdateControl.noUpdate();
        }
        steerOffers(agent, view, drained, pool.flatMap(p -> directory.cordon(p, node.get())));
        ClaimKeeper.Standing standing = pool.isEmpty()
                ? new ClaimKeeper.Standing.NotWanted(
                        "AgentPool " + agent.getSpec().pool() + " is gone; tasks run on until they end")
                : claims.keep(agent, pool.get(), node.get(), view, drained);
        AgentStatus after = status(agent, before, node.get(), pool.orElse(null), view, standing, drained);
        Optional<Duration> wait = write(agent, before, after);
        Duration next = isSettled(agent) || standing instanceof ClaimKeeper.Standing.NotWanted
                ? claims.growthHold(name).map(hold -> hold.plus(LOOK_SOON)).orElse(LOOK_AGAIN)
                : LOOK_SOON;
        return UpdateControl.<Agent>noUpdate()
                .rescheduleAfter(wait.filter(w -> w.compareTo(next) < 0).orElse(next));
    }

    /** Whether the engine knew it under this leader and has let it go of its own: a drain that ends so. */
    private boolean isGoneByDrain(Agent agent, Optional<AgentView> view) {
        String uid = agent.getMetadata().getUid();
        if (view.isPresent()) {
            seenInEngine.add(uid);
            return false;
        }
        return seenInEngine.contains(uid);
    }

    /** Whether the claim stands at its size: what it asks for was granted, and no shrink is under way. */
    private boolean isSettled(Agent agent) {
        return directory
                .byNode(agent.getMetadata().getName())
                .flatMap(record ->
                        caches.pod(record.claim().namespace(), record.claim().podName()))
                .filter(pod -> ClaimPod.granted(pod)
                        .filter(ClaimPod.requested(pod)::equals)
                        .isPresent())
                .filter(pod -> !directory.isShrinking(agent.getMetadata().getName()))
                .isPresent();
    }

    /** Nothing runs there as far as anyone knows, and whoever could know better is there to be asked. */
    private static boolean mayLeave(Optional<AgentView> view) {
        return view.isEmpty()
                || (view.get().phase() == AgentView.Phase.CONNECTED
                        && view.get().allocated().isEmpty());
    }

    private UpdateControl<Agent> reconcileGone(Agent agent) {
        String name = agent.getSpec().nodeName();
        if (client.nodes().withName(name).get() != null) {
            // The cache is behind; its own event will come.
            return UpdateControl.<Agent>noUpdate().rescheduleAfter(LOOK_SOON);
        }
        AgentStatus before = status(agent);
        if (before == null || before.agentId() == null) {
            client.resource(agent).delete();
            return UpdateControl.noUpdate();
        }
        removeFromEngine(agent, "node " + name + " was deleted");
        Conditions conditions = new Conditions(before.conditions(), generation(agent), clock.instant());
        conditions
                .setFalse(CONNECTED, "NodeGone", "Node " + name + " was deleted; its tasks are reported gone.")
                .readyFrom(List.of(CONNECTED), "");
        AgentStatus after = new AgentStatus(
                generation(agent),
                before.agentId(),
                AgentStatus.Phase.GONE,
                before.hostname(),
                before.address(),
                before.version(),
                null,
                Map.of(),
                0,
                List.of(),
                null,
                null,
                null,
                conditions.toList());
        Optional<Duration> wait = write(agent, before, after);
        if (wait.isPresent()) {
            return UpdateControl.<Agent>noUpdate().rescheduleAfter(wait.get());
        }
        Instant since = conditions.toList().stream()
                .map(condition -> Instant.parse(condition.lastTransitionTime()))
                .max(Instant::compareTo)
                .orElse(clock.instant());
        Duration left = Duration.between(clock.instant(), since.plus(GONE_RETENTION));
        if (left.isPositive()) {
            return UpdateControl.<Agent>noUpdate().rescheduleAfter(left);
        }
        client.resource(agent).delete();
        return UpdateControl.noUpdate();
    }

    private void removeFromEngine(Agent agent, String cause) {
        view(agent).ifPresent(view -> {
            LOG.atInfo()
                    .addKeyValue("agent", view.id())
                    .addKeyValue("cause", cause)
                    .log("An agent is removed");
            boolean taken = gate.submit(new Command.RemoveAgent(view.id(), cause, gate.now()), answer -> {});
            if (!taken) {
                LOG.atWarn().addKeyValue("agent", view.id()).log("The engine is busy; the removal is tried again");
                look(agent.getMetadata().getName());
            }
        });
    }

    private void steerOffers(
            Agent agent, Optional<AgentView> view, boolean drained, Optional<Unavailability> unavailability) {
        if (view.isEmpty() || view.get().maintenance().cordoned() == drained) {
            return;
        }
        AgentId id = view.get().id();
        Command command = drained
                ? new Command.CordonAgent(id, unavailability, gate.now())
                : new Command.UncordonAgent(id, gate.now());
        gate.submit(command, answer -> {});
        events.record(
                agent,
                Severity.NORMAL,
                drained ? "MaintenanceStarted" : "OffersResumed",
                drained
                        ? "The node takes no new tasks: it is cordoned, or a drain was asked for."
                        : "The node takes tasks again.");
    }

    private AgentStatus status(
            Agent agent,
            @Nullable AgentStatus before,
            Node node,
            @Nullable AgentPool pool,
            Optional<AgentView> view,
            ClaimKeeper.Standing standing,
            boolean drained) {
        Conditions conditions =
                new Conditions(before == null ? List.of() : before.conditions(), generation(agent), clock.instant());
        judgeClaim(conditions, standing);
        judgeConnection(conditions, view);
        conditions.readyFrom(
                List.of(CLAIM_GRANTED, CONNECTED),
                drained ? "The agent keeps its tasks and takes no new ones." : "The agent takes tasks.");
        String id = before == null || before.agentId() == null
                // The cache may not have seen yet what was given a moment ago.
                ? givenIds.computeIfAbsent(agent.getMetadata().getUid(), uid -> newId(agent))
                : before.agentId();
        var spec = AgentSpecs.of(agent, pool, node, before == null || before.version() == null ? "" : before.version());
        Optional<Pod> pod = claimPod(agent);
        Map<String, io.fabric8.kubernetes.api.model.Quantity> allocated = view.map(
                        v -> KubernetesAmounts.of(v.allocated().nonRevocable().scalars()))
                .orElse(Map.of());
        return new AgentStatus(
                generation(agent),
                id,
                phase(view, drained || view.filter(AgentView::deactivated).isPresent()),
                spec.hostname(),
                spec.ip(),
                view.map(v -> v.spec().version())
                        .filter(v -> !v.isEmpty())
                        .orElse(before == null ? null : before.version()),
                pod.map(AgentReconciler::claimStatus).orElse(null),
                allocated,
                view.map(this::tasksOn).orElse(0),
                view.map(v -> ReservationFacts.written(v.dynamic()))
                        // An engine that doesn't know the agent knows nothing better.
                        .orElseGet(() -> before == null ? List.of() : before.reserved()),
                view.map(v -> v.maintenance().deactivated() ? Boolean.TRUE : null)
                        .orElseGet(() -> before == null ? null : before.deactivated()),
                view.map(v -> v.maintenance().drain().map(DrainFacts::written).orElse(null))
                        .orElseGet(() -> before == null ? null : before.drain()),
                display(view, pod),
                conditions.toList());
    }

    private static void judgeClaim(Conditions conditions, ClaimKeeper.Standing standing) {
        switch (standing) {
            case ClaimKeeper.Standing.Granted(Amount amount) ->
                conditions.setTrue(CLAIM_GRANTED, "Granted", "Kubernetes granted " + amount + ".");
            case ClaimKeeper.Standing.Pending(String why) ->
                conditions.setFalse(CLAIM_GRANTED, "ClaimPending", why + ".");
            case ClaimKeeper.Standing.NotWanted(String why) ->
                conditions.setFalse(CLAIM_GRANTED, "NotOffered", why + ".");
            case ClaimKeeper.Standing.NoRoom(Amount room, Amount least) ->
                conditions.setFalse(
                        CLAIM_GRANTED,
                        "NoRoom",
                        "Other pods and what the pool keeps free leave " + room + "; the pool's claim.min is " + least
                                + ".");
            case ClaimKeeper.Standing.ResizeStuck(Amount amount, Amount asked, ClaimPod.Resize resize) ->
                conditions.setTrue(
                        CLAIM_GRANTED,
                        resize == ClaimPod.Resize.INFEASIBLE ? "ResizeInfeasible" : "ResizeDeferred",
                        "Kubernetes granted " + amount + "; kubelet has no room for " + asked + " at the moment.");
        }
    }

    private static void judgeConnection(Conditions conditions, Optional<AgentView> view) {
        if (view.isEmpty()) {
            conditions.setFalse(
                    CONNECTED, "NeverRegistered", "The node's shim has not registered with this leader yet.");
            return;
        }
        switch (view.get().phase()) {
            case CONNECTED -> conditions.setTrue(CONNECTED, "Connected", "The node's shim is connected.");
            case RECOVERED ->
                conditions.setUnknown(
                        CONNECTED, "AwaitingReregistration", "An earlier leader knew the shim; it is awaited.");
            case DISCONNECTED ->
                conditions.setFalse(
                        CONNECTED, "Disconnected", "The link to the shim broke; its tasks run on as far as is known.");
            case UNREACHABLE ->
                conditions.setFalse(
                        CONNECTED,
                        "Unreachable",
                        "The shim has been silent beyond the timeout; its tasks are reported unreachable.");
        }
    }

    private static AgentStatus.Phase phase(Optional<AgentView> view, boolean drained) {
        if (view.isEmpty()) {
            return AgentStatus.Phase.PENDING;
        }
        return switch (view.get().phase()) {
            case UNREACHABLE -> AgentStatus.Phase.UNREACHABLE;
            case RECOVERED, DISCONNECTED -> AgentStatus.Phase.PENDING;
            case CONNECTED -> drained ? AgentStatus.Phase.DRAINING : AgentStatus.Phase.ACTIVE;
        };
    }

    /**
     * An id that no other agent ever had or will have: the object's own UID makes it so. The number is for people, who tell agents
     * apart by the ends of their ids.
     */
    private String newId(Agent agent) {
        Set<Integer> taken = new TreeSet<>();
        for (Agent other : caches.agents()) {
            AgentStatus status = status(other);
            if (status != null && status.agentId() != null) {
                int mark = status.agentId().lastIndexOf("-S");
                if (mark >= 0 && status.agentId().substring(mark + 2).matches("[0-9]{1,8}")) {
                    taken.add(Integer.parseInt(status.agentId().substring(mark + 2)));
                }
            }
        }
        // By place in the list: two agents that get their ids at once must not take the same number.
        int number = 0;
        for (Agent other : caches.agents()) {
            if (other.getMetadata().getUid().equals(agent.getMetadata().getUid())) {
                break;
            }
            number++;
        }
        while (taken.contains(number)) {
            number++;
        }
        return agent.getMetadata().getUid() + "-S" + number;
    }

    private static AgentStatus.Claim claimStatus(Pod pod) {
        Amount requested = ClaimPod.requested(pod);
        Optional<Amount> granted = ClaimPod.granted(pod);
        return new AgentStatus.Claim(
                pod.getMetadata().getNamespace(),
                pod.getMetadata().getName(),
                pod.getMetadata().getUid(),
                requested.toQuantities(),
                granted.map(Amount::toQuantities).orElse(Map.of()),
                switch (ClaimPod.resize(pod)) {
                    case NONE -> null;
                    case IN_PROGRESS -> "InProgress";
                    case DEFERRED -> "Deferred";
                    case INFEASIBLE -> "Infeasible";
                });
    }

    private AgentStatus.@Nullable Display display(Optional<AgentView> view, Optional<Pod> pod) {
        Optional<Amount> granted = pod.flatMap(ClaimPod::granted);
        if (granted.isEmpty()) {
            return null;
        }
        Amount held = view.map(v -> ClaimKeeper.engineAmount(v.allocated())).orElse(Amount.ZERO);
        return new AgentStatus.Display(
                KubernetesAmounts.displayCpu(held.cpuMilli()) + "/"
                        + KubernetesAmounts.displayCpu(granted.get().cpuMilli()),
                KubernetesAmounts.displayBytes(held.memoryBytes()) + "/"
                        + KubernetesAmounts.displayBytes(granted.get().memoryBytes()));
    }

    private int tasksOn(AgentView view) {
        int count = 0;
        for (EngineView.FrameworkView framework : gate.view().frameworks()) {
            for (EngineView.TaskView task : framework.tasks()) {
                if (task.agentId().equals(view.id()) && !task.state().isTerminal()) {
                    count++;
                }
            }
        }
        return count;
    }

    private Optional<Duration> write(Agent agent, @Nullable AgentStatus before, AgentStatus after) {
        Optional<Duration> wait = statuses.write(agent, after);
        if (wait.isEmpty()) {
            tellTransitions(agent, before, after);
        }
        return wait;
    }

    private void tellTransitions(Agent agent, @Nullable AgentStatus before, AgentStatus after) {
        AgentStatus.Phase was = before == null ? null : before.phase();
        if (after.phase() == was || after.phase() == null) {
            return;
        }
        String message = after.conditions().stream()
                .filter(condition -> condition.type().equals(Conditions.READY))
                .map(Condition::message)
                .findFirst()
                .orElse("");
        switch (after.phase()) {
            case ACTIVE -> events.record(agent, Severity.NORMAL, "Registered", "The agent takes tasks.");
            case UNREACHABLE -> events.record(agent, Severity.WARNING, "Unreachable", message);
            case GONE -> events.record(agent, Severity.WARNING, "Removed", message);
            case PENDING, DRAINING -> {
                // Told by their causes.
            }
        }
    }

    private Optional<Pod> claimPod(Agent agent) {
        return directory.claim(agent.getSpec().nodeName()).filter(pod -> CachedAgentDirectory.isOwnedBy(pod, agent));
    }

    private Optional<AgentView> view(Agent agent) {
        AgentStatus status = status(agent);
        String id = status == null ? null : status.agentId();
        if (id == null) {
            return Optional.empty();
        }
        return gate.view().agents().stream()
                .filter(view -> view.id().value().equals(id))
                .findFirst();
    }

    private Amount heldOn(String node) {
        return caches.agent(node)
                .flatMap(this::view)
                .map(view -> ClaimKeeper.engineAmount(view.allocated()))
                .orElse(Amount.ZERO);
    }

    private static @Nullable AgentStatus status(Agent agent) {
        return agent.getStatus();
    }

    private static long generation(Agent agent) {
        return Objects.requireNonNullElse(agent.getMetadata().getGeneration(), 0L);
    }
}
