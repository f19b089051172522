package io.offerplane.operator.queue;

import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.offerplane.crd.v1alpha1.common.Condition;
import io.offerplane.crd.v1alpha1.queue.Queue;
import io.offerplane.crd.v1alpha1.queue.QueueSpec;
import io.offerplane.crd.v1alpha1.queue.QueueStatus;
import io.offerplane.engine.Command;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.fairness.ClusterTotals;
import io.offerplane.engine.fairness.DominantShare;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.QueuePolicy;
import io.offerplane.engine.role.QueuePolicy.Ordering;
import io.offerplane.engine.role.ReclaimPolicy;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.view.EngineView;
import io.offerplane.engine.view.EngineView.RoleView;
import io.offerplane.operator.cluster.ClusterCaches;
import io.offerplane.operator.status.Conditions;
import io.offerplane.operator.status.EventRecorder;
import io.offerplane.operator.status.EventRecorder.Severity;
import io.offerplane.operator.status.KubernetesAmounts;
import io.offerplane.operator.status.StatusWriter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Keeps one queue: its weight and quota in the engine, its place in the tree, and what people look at. */
public final class QueueReconciler implements Reconciler<Queue> {
    private static final String ACCEPTED = "Accepted";
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);
    private static final long MEBIBYTE = 1L << 20;
    private static final int DISPLAY_LIMIT = 64;
    private static final Duration ENGINE_BUSY = Duration.ofMillis(200);

    private final ClusterCaches caches;
    private final EngineGate gate;
    private final StatusWriter statuses;
    private final EventRecorder events;
    private final InstantSource clock;
    private final SimpleInboundEventSource<Queue> triggers = new SimpleInboundEventSource<>("queue-news");

    /** What the engine was last told of each role. */
    private final Map<RolePath, Double> told = new ConcurrentHashMap<>();

    private final Map<RolePath, Optional<ReclaimPolicy>> toldPolicies = new ConcurrentHashMap<>();

    private final Map<RolePath, Optional<QueuePolicy>> toldOrders = new ConcurrentHashMap<>();

    private final QueueQuotas quotas;
    private final QueueWaiting waiting = new QueueWaiting();

    public QueueReconciler(
            ClusterCaches caches, EngineGate gate, StatusWriter statuses, EventRecorder events, InstantSource clock) {
        this.caches = caches;
        this.gate = gate;
        this.statuses = statuses;
        this.events = events;
        this.clock = clock;
        this.quotas = new QueueQuotas(gate, this::lookAt);
    }

    @Override
    public List<EventSource<?, Queue>> prepareEventSources(EventSourceContext<Queue> context) {
        caches.watchQueues(changed -> lookAtAll(), gone -> {
            forget(gone);
            lookAtAll();
        });
        return List.of(triggers);
    }

    /** Has every queue looked at soon: one's fault may be another's doing. Doesn't block. */
    public void lookAtAll() {
        caches.queues()
                .forEach(queue -> triggers.propagateEvent(
                        new ResourceID(queue.getMetadata().getName())));
    }

    /** Agents came or went: whether guarantees can be met may have changed. Doesn't block. */
    public void lookAtGuarantees() {
        caches.queues().stream()
                .filter(queue -> !queue.getSpec().guarantees().isEmpty())
                .forEach(queue -> triggers.propagateEvent(
                        new ResourceID(queue.getMetadata().getName())));
    }

    /** Has the role's queues looked at soon, or all when it has none. Doesn't block. */
    private void lookAt(RolePath role) {
        List<Queue> ofRole = caches.queues().stream()
                .filter(queue -> QueueRoles.of(queue).filter(role::equals).isPresent())
                .toList();
        if (ofRole.isEmpty()) {
            lookAtAll();
        }
        ofRole.forEach(queue ->
                triggers.propagateEvent(new ResourceID(queue.getMetadata().getName())));
    }

    /** What a new leader learns: the weight and the quota of every queue that is in order. */
    public static List<Command> recovery(ClusterCaches caches, Instant at) {
        List<Command> commands = new ArrayList<>();
        for (Queue queue : caches.queues()) {
            if (fault(queue, caches.queues()).isEmpty()) {
                QueueRoles.of(queue).ifPresent(role -> {
                    commands.add(new Command.SetRoleWeight(role, weight(queue), at));
                    policy(queue)
                            .ifPresent(policy ->
                                    commands.add(new Command.SetReclaimPolicy(role, Optional.of(policy), at)));
                    order(queue)
                            .ifPresent(order -> commands.add(new Command.SetQueuePolicy(role, Optional.of(order), at)));
                });
            }
        }
        commands.addAll(QueueQuotas.recovery(caches.queues(), at));
        return commands;
    }

    @Override
    public UpdateControl<Queue> reconcile(Queue queue, Context<Queue> context) {
        if (queue.getMetadata().getDeletionTimestamp() != null) {
            return UpdateControl.noUpdate();
        }
        Optional<Fault> fault = fault(queue, caches.queues());
        Optional<RolePath> role = QueueRoles.of(queue);
        if (fault.isEmpty() && role.isPresent() && !tell(role.get(), queue)) {
            return UpdateControl.<Queue>noUpdate().rescheduleAfter(ENGINE_BUSY);
        }
        if (!quotas.keep(caches.queues()) || role.filter(quotas::isAwaited).isPresent()) {
            return UpdateControl.<Queue>noUpdate().rescheduleAfter(ENGINE_BUSY);
        }
        if (fault.isEmpty()) {
            fault = role.flatMap(quotas::refusal).map(QueueReconciler::refused);
        }
        QueueStatus before = queue.getStatus();
        QueueStatus after = status(queue, before, role, fault);
        Optional<Duration> wait = statuses.write(queue, after);
        if (wait.isEmpty()) {
            tellTransitions(queue, before, after);
        }
        boolean waits = role.filter(waiting::isWaiting).isPresent();
        return UpdateControl.<Queue>noUpdate().rescheduleAfter(wait.orElse(waits ? QueueWaiting.PATIENCE : LOOK_AGAIN));
    }

    private boolean tell(RolePath role, Queue queue) {
        return tell(role, weight(queue)) && tell(role, policy(queue)) && tellOrder(role, order(queue));
    }

    /** How frameworks of the queue share what it has; empty for fair order among all. */
    static Optional<QueuePolicy> order(Queue queue) {
        QueueSpec.@Nullable Users users = queue.getSpec().users();
        Integer minimum = users == null ? null : users.minimumPercent();
        QueuePolicy policy = new QueuePolicy(
                queue.getSpec().ordering() == QueueSpec.Ordering.FIFO ? Ordering.FIFO : Ordering.FAIR,
                minimum == null ? 100 : minimum,
                Optional.ofNullable(users == null ? null : users.limitPercent()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        return Optional.of(policy).filter(given -> !given.equals(QueuePolicy.NONE));
    }

    /** What may be taken from the queue; empty where the one above decides. */
    private static Optional<ReclaimPolicy> policy(Queue queue) {
        return Optional.ofNullable(queue.getSpec().reclaimGraceSeconds())
                .map(seconds -> new ReclaimPolicy(true, Duration.ofSeconds(seconds)));
    }

    private boolean tell(RolePath role, Optional<ReclaimPolicy> policy) {
        return tell(toldPolicies, role, policy, new Command.SetReclaimPolicy(role, policy, gate.now()));
    }

    private boolean tellOrder(RolePath role, Optional<QueuePolicy> order) {
        return tell(toldOrders, role, order, new Command.SetQueuePolicy(role, order, gate.now()));
    }

    /** Says it only when it differs from what was told last; false when the engine is too busy to hear it. */
    private <T> boolean tell(Map<RolePath, Optional<T>> last, RolePath role, Optional<T> wanted, Command command) {
        if (wanted.equals(last.getOrDefault(role, Optional.empty()))) {
            return true;
        }
        boolean taken = gate.submit(command, answer -> {});
        if (taken) {
            last.put(role, wanted);
        }
        return taken;
    }

    private boolean tell(RolePath role, double weight) {
        Double before = told.get(role);
        if (before != null && before == weight) {
            return true;
        }
        boolean taken = gate.submit(new Command.SetRoleWeight(role, weight, gate.now()), answer -> {});
        if (taken) {
            told.put(role, weight);
        }
        return taken;
    }

    private void forget(Queue gone) {
        Optional<RolePath> role = QueueRoles.of(gone);
        boolean another = caches.queues().stream()
                .anyMatch(queue ->
                        !queue.getMetadata().getUid().equals(gone.getMetadata().getUid())
                                && QueueRoles.of(queue).equals(role));
        if (role.isPresent() && !another && told.remove(role.get()) != null) {
            gate.submit(new Command.ClearRoleWeight(role.get(), gate.now()), answer -> {});
            tell(role.get(), Optional.empty());
            waiting.forget(role.get());
            tellOrder(role.get(), Optional.empty());
        }
        // Here too: the last queue leaves no other to be reconciled.
        quotas.keep(caches.queues());
    }

    private static Fault refused(String words) {
        return new Fault(
                "GuaranteeAboveParent",
                words
                        + ": raise the guarantees of the queue above, or lower those of the queues below it. Until then the guarantees that were in force stay.");
    }

    /** What is wrong with a queue among the others: reason and sentence. */
    record Fault(String reason, String message) {}

    static Optional<Fault> fault(Queue queue, List<Queue> all) {
        String path = queue.getSpec().path();
        Optional<Queue> older = all.stream()
                .filter(other ->
                        !other.getMetadata().getUid().equals(queue.getMetadata().getUid()))
                .filter(other -> isSameNode(other, queue))
                .filter(other -> AGE.compare(other, queue) < 0)
                .findFirst();
        if (older.isPresent()) {
            return Optional.of(new Fault(
                    "DuplicatePath",
                    "Queue " + older.get().getMetadata().getName() + " is older and has the same path or role ("
                            + older.get().getSpec().path() + "): delete one of the two."));
        }
        Optional<String> parent = QueueRoles.parentOf(path);
        boolean missing = parent.isPresent()
                && !parent.get().equals(QueueRoles.ROOT)
                && all.stream().noneMatch(other -> other.getSpec().path().equals(parent.get()));
        if (missing) {
            return Optional.of(new Fault(
                    "ParentMissing",
                    "There is no Queue with path " + parent.get() + ": make one, or choose another path."));
        }
        return Optional.empty();
    }

    /** Older first. */
    static final Comparator<Queue> AGE = Comparator.<Queue, String>comparing(
                    queue -> Objects.requireNonNullElse(queue.getMetadata().getCreationTimestamp(), "9999"))
            .thenComparing(queue -> queue.getMetadata().getName());

    private static boolean isSameNode(Queue one, Queue other) {
        return one.getSpec().path().equals(other.getSpec().path())
                || (QueueRoles.of(one).isPresent() && QueueRoles.of(one).equals(QueueRoles.of(other)));
    }

    static double weight(Queue queue) {
        String weight = queue.getSpec().weight();
        return weight == null ? 1.0 : Double.parseDouble(weight);
    }

    private QueueStatus status(
            Queue queue, @Nullable QueueStatus before, Optional<RolePath> role, Optional<Fault> fault) {
        Conditions conditions =
                new Conditions(before == null ? List.of() : before.conditions(), generation(queue), clock.instant());
        if (fault.isPresent()) {
            conditions
                    .setFalse(ACCEPTED, fault.get().reason(), fault.get().message())
                    .setTrue(
                            Conditions.STALLED,
                            fault.get().reason(),
                            fault.get().message());
        } else {
            Optional<String> overcommitted = role.flatMap(this::overcommitment);
            conditions.setTrue(
                    ACCEPTED,
                    overcommitted.isPresent() ? "GuaranteesAboveCapacity" : "Accepted",
                    "The queue has its place in the tree." + overcommitted.orElse(""));
        }
        conditions.readyFrom(
                List.of(ACCEPTED), "The queue takes part in sharing with weight " + text(weight(queue)) + ".");
        EngineView view = gate.view();
        List<RoleView> covered = covered(view, role);
        Optional<RoleView> own = role.flatMap(
                r -> covered.stream().filter(v -> v.role().equals(r)).findFirst());
        // A role's own figures hold all below it; the root has none, so its top roles are summed.
        List<RoleView> summed = own.map(List::of).orElseGet(() -> topOf(covered));
        ResourceQuantities allocated = ResourceQuantities.EMPTY;
        ResourceQuantities offered = ResourceQuantities.EMPTY;
        for (RoleView v : summed) {
            allocated = allocated.plus(v.allocated().scalars());
            offered = offered.plus(v.offered().scalars());
        }
        return new QueueStatus(
                generation(queue),
                role.map(RolePath::value).orElse(null),
                // Left out when empty: server-side apply turns an object whose last field goes into null, which the
                // schema refuses.
                allocated.isEmpty() && offered.isEmpty()
                        ? null
                        : new QueueStatus.Amounts(KubernetesAmounts.of(allocated), KubernetesAmounts.of(offered)),
                role.isPresent()
                        ? new QueueStatus.Share(
                                own.map(v -> text(v.share())).orElse("0"),
                                own.map(v -> text(v.fairShare())).orElse("0"))
                        : new QueueStatus.Share(text(shareOfAll(view, allocated.plus(offered))), "1"),
                new QueueStatus.Counts(frameworks(covered), tasks(view, covered)),
                role.flatMap(r -> waiting.judge(r, view.diagnoses().of(r), clock.instant()))
                        .orElse(null),
                new QueueStatus.Display(
                        display(allocated),
                        display(offered),
                        role.map(r -> display(quotas.inForce(r).guarantees().amounts()))
                                .orElse(null),
                        role.map(r -> display(quotas.inForce(r).limits())).orElse(null)),
                conditions.toList());
    }

    /** The role itself and all below it; for the root all there are. */
    private static List<RoleView> covered(EngineView view, Optional<RolePath> role) {
        return view.roles().stream()
                .filter(v -> role.isEmpty()
                        || v.role().equals(role.get())
                        || v.role().value().startsWith(role.get().value() + "/"))
                .toList();
    }

    private static List<RoleView> topOf(List<RoleView> roles) {
        return roles.stream().filter(v -> !v.role().value().contains("/")).toList();
    }

    private static int frameworks(List<RoleView> covered) {
        Set<Object> ids = new HashSet<>();
        covered.forEach(v -> ids.addAll(v.frameworks()));
        return ids.size();
    }

    private static int tasks(EngineView view, List<RoleView> covered) {
        Set<RolePath> roles = new HashSet<>();
        covered.forEach(v -> roles.add(v.role()));
        int count = 0;
        for (EngineView.FrameworkView framework : view.frameworks()) {
            for (EngineView.TaskView task : framework.tasks()) {
                count += roles.contains(task.role()) && !task.state().isTerminal() ? 1 : 0;
            }
        }
        return count;
    }

    /** The root's dominant share: of all that the agents have. */
    static double shareOfAll(EngineView view, ResourceQuantities held) {
        ClusterTotals totals = new ClusterTotals();
        view.agents().forEach(agent -> totals.add(agent.total().scalars()));
        return DominantShare.of(totals.vector(held), totals);
    }

    private static String display(ResourceQuantities amounts) {
        return KubernetesAmounts.displayCpu(amounts.get("cpus").milli()) + "c/"
                + KubernetesAmounts.displayBytes((amounts.get("mem").milli() << 20) / 1000);
    }

    /** Only what is named; null for nothing. Cut at what the column takes. */
    static @Nullable String display(SortedMap<String, Quantity> amounts) {
        if (amounts.isEmpty()) {
            return null;
        }
        StringJoiner parts = new StringJoiner("/");
        amounts.forEach((name, amount) -> parts.add(
                switch (name) {
                    case "cpus" -> KubernetesAmounts.displayCpu(amount.milli()) + "c";
                    case "mem" -> KubernetesAmounts.displayBytes(bytes(amount));
                    case "disk" -> KubernetesAmounts.displayBytes(bytes(amount)) + " disk";
                    default -> KubernetesAmounts.displayCpu(amount.milli()) + " " + name;
                }));
        String text = parts.toString();
        return text.length() > DISPLAY_LIMIT ? text.substring(0, DISPLAY_LIMIT - 1) + "…" : text;
    }

    private static long bytes(Quantity mebibytes) {
        // Not shifted before it is divided: a limit may be near the most that there can be.
        return mebibytes.milli() / 1000 * MEBIBYTE + mebibytes.milli() % 1000 * MEBIBYTE / 1000;
    }

    /** A sentence when all guarantees together are more than the agents have, of something that this role is guaranteed. */
    private Optional<String> overcommitment(RolePath role) {
        ResourceQuantities own = quotas.inForce(role).guarantees();
        if (own.isEmpty()) {
            return Optional.empty();
        }
        ResourceQuantities guaranteed = quotas.guaranteed();
        ResourceQuantities capacity = ResourceQuantities.EMPTY;
        for (EngineView.AgentView agent : gate.view().agents()) {
            capacity = capacity.plus(agent.total().nonRevocable().scalars());
        }
        StringJoiner missing = new StringJoiner(", ");
        for (Map.Entry<String, Quantity> excess :
                guaranteed.minusToZero(capacity).amounts().entrySet()) {
            String name = excess.getKey();
            if (own.milli(name) > 0) {
                missing.add(kubernetesText(name, guaranteed) + " of " + kubernetesText(name, capacity));
            }
        }
        return missing.length() == 0
                ? Optional.empty()
                : Optional.of(" All queues' guarantees together are more than the agents have (" + missing
                        + "): they are met as agents come, or lower them.");
    }

    private static String kubernetesText(String name, ResourceQuantities amounts) {
        SortedMap<String, Quantity> one = new TreeMap<>(Map.of(name, amounts.get(name)));
        return Objects.requireNonNullElse(display(one), "");
    }

    private static String text(double number) {
        return BigDecimal.valueOf(number)
                .setScale(3, RoundingMode.HALF_UP)
                .stripTrailingZeros()
                .toPlainString();
    }

    private void tellTransitions(Queue queue, @Nullable QueueStatus before, QueueStatus after) {
        for (Condition condition : after.conditions()) {
            boolean news = condition.type().equals(ACCEPTED)
                    && (before == null
                            || before.conditions().stream()
                                    .noneMatch(c -> c.type().equals(ACCEPTED) && c.status() == condition.status()));
            if (news) {
                events.record(
                        queue,
                        condition.status() == Condition.Status.TRUE ? Severity.NORMAL : Severity.WARNING,
                        condition.reason(),
                        Objects.requireNonNullElse(condition.message(), ""));
            }
        }
    }

    private static long generation(Queue queue) {
        return Objects.requireNonNullElse(queue.getMetadata().getGeneration(), 0L);
    }
}
