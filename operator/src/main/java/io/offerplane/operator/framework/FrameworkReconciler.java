package io.offerplane.operator.framework;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.offerplane.crd.v1alpha1.common.Condition;
import io.offerplane.crd.v1alpha1.common.Waiting;
import io.offerplane.crd.v1alpha1.framework.Framework;
import io.offerplane.crd.v1alpha1.framework.FrameworkSpec;
import io.offerplane.crd.v1alpha1.framework.FrameworkStatus;
import io.offerplane.crd.v1alpha1.queue.Queue;
import io.offerplane.engine.Command;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.TaskState;
import io.offerplane.engine.view.EngineView;
import io.offerplane.engine.view.EngineView.FrameworkView;
import io.offerplane.mesos.SubscriptionPolicy;
import io.offerplane.operator.claim.Amount;
import io.offerplane.operator.cluster.ClusterCaches;
import io.offerplane.operator.queue.QueueRoles;
import io.offerplane.operator.status.Conditions;
import io.offerplane.operator.status.EventRecorder;
import io.offerplane.operator.status.EventRecorder.Severity;
import io.offerplane.operator.status.KubernetesAmounts;
import io.offerplane.operator.status.StatusWriter;
import io.offerplane.operator.status.WaitingStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Keeps one Framework object: what its client is, does and waits for. */
public final class FrameworkReconciler implements Reconciler<Framework> {
    private static final String ACCEPTED = "Accepted";
    private static final String CONNECTED = "Connected";
    private static final String OFFERED = "Offered";
    private static final String SUBSCRIPTION_REFUSED = "SubscriptionRefused";

    private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);
    private static final Duration LOOK_FOR_SECRET = Duration.ofSeconds(2);
    private static final int REMOVED_IDS = 32;

    /** How long the object of a removed, undeclared client is shown, and its id refused by later leaders. */
    private static final Duration REMOVED_RETENTION = Duration.ofHours(24);

    private final KubernetesClient client;
    private final ClusterCaches caches;
    private final EngineGate gate;
    private final FrameworkRegistrar registrar;
    private final FrameworkAdmission admission;
    private final FrameworkCredentials credentials;
    private final StatusWriter statuses;
    private final EventRecorder events;
    private final InstantSource clock;
    private final SimpleInboundEventSource<Framework> triggers = new SimpleInboundEventSource<>("framework-news");

    /** When each framework last had an offer or wanted none; what Offered turns False by. */
    private final Map<FrameworkId, Content> content = new ConcurrentHashMap<>();

    private final WaitingStatus<FrameworkId> waits = new WaitingStatus<>();

    private record Content(long offersSent, Instant since) {}

    public FrameworkReconciler(
            KubernetesClient client,
            ClusterCaches caches,
            EngineGate gate,
            FrameworkRegistrar registrar,
            FrameworkCredentials credentials,
            StatusWriter statuses,
            EventRecorder events,
            InstantSource clock) {
        this.client = client;
        this.caches = caches;
        this.gate = gate;
        this.registrar = registrar;
        this.credentials = credentials;
        this.admission = new FrameworkAdmission(caches, registrar, gate, this::refused);
        this.statuses = statuses;
        this.events = events;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, Framework>> prepareEventSources(EventSourceContext<Framework> context) {
        caches.watchFrameworks(changed -> {}, this::end);
        caches.watchQueues(changed -> lookAtAll(), gone -> lookAtAll());
        return List.of(triggers);
    }

    /** What Framework objects allow; shares with this reconciler what it refused. */
    public SubscriptionPolicy admission() {
        return admission;
    }

    private void refused(Framework object, String message) {
        events.record(object, Severity.WARNING, SUBSCRIPTION_REFUSED, message);
        look(object);
    }

    /** Has the framework's object looked at soon. Doesn't block. */
    public void look(FrameworkId id) {
        registrar.objectOf(id).ifPresent(this::look);
    }

    public void lookAtAll() {
        caches.frameworks().forEach(this::look);
    }

    private void look(Framework object) {
        triggers.propagateEvent(new ResourceID(
                object.getMetadata().getName(), object.getMetadata().getNamespace()));
    }

    /** An object was deleted: its client is released, or ended where the object says so. */
    private void end(Framework gone) {
        Optional<FrameworkId> id = registrar.clientOf(gone);
        registrar.forget(gone);
        admission.forget(gone);
        if (id.isPresent()
                && gone.getSpec().onDelete() == FrameworkSpec.OnDelete.TEARDOWN
                && view(id.get()).isPresent()) {
            gate.submit(new Command.TeardownFramework(id.get(), gate.now()), answer -> {});
        }
    }

    @Override
    public UpdateControl<Framework> reconcile(Framework object, Context<Framework> context) {
        if (object.getMetadata().getDeletionTimestamp() != null) {
            return UpdateControl.noUpdate();
        }
        Optional<FrameworkId> id = registrar.clientOf(object);
        EngineView engine = gate.view();
        Optional<FrameworkView> view = id.flatMap(wanted ->
                engine.frameworks().stream().filter(f -> f.id().equals(wanted)).findFirst());
        FrameworkStatus before = object.getStatus();
        FrameworkStatus after =
                view.isPresent() ? present(object, before, view.get(), engine) : absent(object, before, id, engine);
        Optional<Duration> wait = statuses.write(object, after);
        if (wait.isEmpty()) {
            tellTransitions(object, before, after);
            if (isForgotten(object, after)) {
                client.resource(object).delete();
                return UpdateControl.noUpdate();
            }
        }
        return UpdateControl.<Framework>noUpdate()
                .rescheduleAfter(wait.orElse(credentials.faultOf(object).isPresent() ? LOOK_FOR_SECRET : LOOK_AGAIN));
    }

    private boolean isForgotten(Framework object, FrameworkStatus status) {
        String removed = status.times() == null ? null : status.times().removedTime();
        return FrameworkRegistrar.isRegistered(object)
                && removed != null
                && Instant.parse(removed).plus(REMOVED_RETENTION).isBefore(clock.instant());
    }

    private FrameworkStatus present(
            Framework object, @Nullable FrameworkStatus before, FrameworkView view, EngineView engine) {
        Conditions conditions =
                new Conditions(before == null ? List.of() : before.conditions(), generation(object), clock.instant());
        judgeAcceptance(conditions, object);
        judgeConnection(conditions, object, view);
        Optional<Waiting> waiting = judgeOffers(conditions, object, view, engine);
        conditions.readyFrom(
                List.of(ACCEPTED, CONNECTED, OFFERED),
                "The client is connected and runs " + view.tasks().size() + " tasks.");
        Amount held = Amount.of(KubernetesAmounts.of(view.allocated().scalars()));
        return new FrameworkStatus(
                generation(object),
                view.id().value(),
                FrameworkFacts.client(view),
                times(before, view),
                view.failovers(),
                counts(view),
                KubernetesAmounts.of(view.allocated().scalars()),
                new FrameworkStatus.OfferCounts(
                        view.offers().size(),
                        view.offerCounts().sent(),
                        view.offerCounts().accepted(),
                        view.offerCounts().declined(),
                        view.offerCounts().rescinded(),
                        view.suppressedRoles().stream()
                                .map(RolePath::value)
                                .sorted()
                                .limit(64)
                                .toList()),
                waiting.orElse(null),
                before == null ? List.of() : before.removedIds(),
                new FrameworkStatus.Display(
                        queues(view),
                        KubernetesAmounts.displayCpu(held.cpuMilli()),
                        KubernetesAmounts.displayBytes(held.memoryBytes())),
                conditions.toList());
    }

    private static String queues(FrameworkView view) {
        String text = view.spec().roles().stream().map(RolePath::value).collect(Collectors.joining(","));
        return text.length() > 60 ? text.substring(0, 59) + "…" : text;
    }

    private FrameworkStatus absent(
            Framework object, @Nullable FrameworkStatus before, Optional<FrameworkId> id, EngineView engine) {
        Conditions conditions =
                new Conditions(before == null ? List.of() : before.conditions(), generation(object), clock.instant());
        judgeAcceptance(conditions, object);
        if (before == null || id.isEmpty()) {
            List<String> removed = before == null ? List.of() : before.removedIds();
            Optional<FrameworkAdmission.Refusal> refusal = admission.refusalOf(object);
            if (refusal.isPresent()) {
                conditions.setFalse(CONNECTED, SUBSCRIPTION_REFUSED, refusedText(refusal.get()));
            } else {
                conditions.setFalse(
                        CONNECTED,
                        removed.isEmpty() ? "NeverRegistered" : "FailoverTimeoutPassed",
                        removed.isEmpty()
                                ? "No client that fits the match has subscribed yet."
                                : "The last client was removed; one that fits the match may subscribe as a new one.");
            }
            conditions.readyFrom(List.of(ACCEPTED, CONNECTED), "");
            return new FrameworkStatus(
                    generation(object),
                    null,
                    before == null ? null : before.client(),
                    before == null ? null : before.times(),
                    before == null ? null : before.failovers(),
                    null,
                    Map.of(),
                    null,
                    null,
                    removed,
                    null,
                    conditions.toList());
        }
        // Registered before, not in the engine any more: torn down, or its failover time passed.
        content.remove(id.get());
        waits.forget(id.get());
        List<String> removedIds = new ArrayList<>(before.removedIds());
        if (!removedIds.contains(id.get().value())) {
            removedIds.add(id.get().value());
        }
        List<String> kept = removedIds.subList(Math.max(0, removedIds.size() - REMOVED_IDS), removedIds.size());
        Instant removedAt = engine.completedFrameworks().stream()
                .filter(f -> f.id().equals(id.get()))
                .flatMap(f -> f.unregistered().stream())
                .findFirst()
                .orElse(clock.instant());
        FrameworkStatus.Times was = before.times();
        conditions.setFalse(
                CONNECTED,
                "FailoverTimeoutPassed",
                "The client was torn down, or didn't come back in time; its tasks have ended.");
        conditions.readyFrom(List.of(ACCEPTED, CONNECTED), "");
        boolean registered = FrameworkRegistrar.isRegistered(object);
        return new FrameworkStatus(
                generation(object),
                registered ? id.get().value() : null,
                before.client(),
                new FrameworkStatus.Times(
                        was == null ? null : was.registeredTime(),
                        was == null ? null : was.reregisteredTime(),
                        null,
                        null,
                        was != null && was.removedTime() != null ? was.removedTime() : seconds(removedAt)),
                before.failovers(),
                null,
                Map.of(),
                null,
                null,
                List.copyOf(kept),
                null,
                conditions.toList());
    }

    private void judgeAcceptance(Conditions conditions, Framework object) {
        Set<String> paths = new HashSet<>();
        for (Queue queue : caches.queues()) {
            paths.add(queue.getSpec().path());
        }
        List<String> missing = object.getSpec().queues().stream()
                .map(FrameworkSpec.QueueReference::path)
                .filter(path ->
                        !paths.contains(path) && !path.equals(QueueRoles.ROOT) && !path.equals(QueueRoles.DEFAULT))
                .toList();
        Optional<Framework> twin = caches.frameworks().stream()
                .filter(other -> !other.getMetadata()
                        .getUid()
                        .equals(object.getMetadata().getUid()))
                .filter(other -> !FrameworkRegistrar.isRegistered(other) && !FrameworkRegistrar.isRegistered(object))
                .filter(other -> other.getSpec().match().equals(object.getSpec().match()))
                .filter(other -> age(other).compareTo(age(object)) < 0)
                .findFirst();
        if (!missing.isEmpty()) {
            conditions.setFalse(
                    ACCEPTED,
                    "QueueNotFound",
                    "There is no Queue with path " + String.join(", ", missing)
                            + ": make one, or correct spec.queues.");
        } else if (twin.isPresent()) {
            conditions.setFalse(
                    ACCEPTED,
                    "DuplicatePrincipal",
                    "Framework " + twin.get().getMetadata().getNamespace() + "/"
                            + twin.get().getMetadata().getName()
                            + " is older and has the same match: clients go to that one first.");
        } else if (credentials.faultOf(object).isPresent()) {
            conditions.setFalse(
                    ACCEPTED,
                    "CredentialsMissing",
                    credentials.faultOf(object).get() + ". Until then nobody can prove to be principal "
                            + object.getSpec().match().principal() + ".");
        } else {
            conditions.setTrue(ACCEPTED, "Accepted", "The object is in order.");
        }
    }

    private static String age(Framework object) {
        return Objects.requireNonNullElse(object.getMetadata().getCreationTimestamp(), "9999") + "/"
                + object.getMetadata().getNamespace() + "/"
                + object.getMetadata().getName();
    }

    private static String refusedText(FrameworkAdmission.Refusal refusal) {
        return "A client was refused at " + seconds(refusal.at()) + ": " + refusal.message() + ".";
    }

    private void judgeConnection(Conditions conditions, Framework object, FrameworkView view) {
        if (view.connected()) {
            conditions.setTrue(CONNECTED, "Connected", "The client's stream is open.");
            return;
        }
        String clockText = view.failoverDeadline()
                .map(deadline ->
                        " It is removed with its tasks at " + seconds(deadline) + " unless it is back by then.")
                .orElse("");
        Optional<FrameworkAdmission.Refusal> refusal = admission.refusalOf(object);
        if (refusal.isPresent()) {
            conditions.setFalse(CONNECTED, SUBSCRIPTION_REFUSED, refusedText(refusal.get()) + clockText);
        } else if (view.recovered()) {
            conditions.setUnknown(
                    CONNECTED,
                    "AwaitingResubscription",
                    "An earlier leader knew the client; it is awaited." + clockText);
        } else {
            conditions.setFalse(CONNECTED, "Disconnected", "The client's stream broke." + clockText);
        }
    }

    private Optional<Waiting> judgeOffers(
            Conditions conditions, Framework object, FrameworkView view, EngineView engine) {
        Instant now = clock.instant();
        boolean wantsNone = !view.spec().roles().isEmpty()
                && view.suppressedRoles().containsAll(view.spec().roles());
        Content last = content.get(view.id());
        long sent = view.offerCounts().sent();
        boolean satisfied =
                !view.connected() || wantsNone || !view.offers().isEmpty() || last == null || last.offersSent() != sent;
        if (satisfied) {
            waits.forget(view.id());
            last = new Content(sent, now);
            content.put(view.id(), last);
        }
        Instant since = Objects.requireNonNull(last).since();
        Duration patience = Duration.ofSeconds(starvationAfter(object));
        if (!view.connected()) {
            conditions.setUnknown(OFFERED, "NotConnected", "A client that isn't connected gets no offers.");
            return Optional.empty();
        }
        if (wantsNone) {
            conditions.setTrue(OFFERED, "Suppressed", "The client wants no offers at the moment.");
            return Optional.empty();
        }
        if (since.plus(patience).isAfter(now)) {
            conditions.setTrue(
                    OFFERED,
                    view.offers().isEmpty() ? "Idle" : "Offered",
                    view.offers().size() + " offers await the client's answer.");
            return satisfied ? Optional.empty() : waiting(view, engine, since);
        }
        Optional<Waiting> waiting = waiting(view, engine, since);
        String reason = waiting.map(Waiting::reason).orElse("Starved");
        conditions.setFalse(
                OFFERED,
                Objects.requireNonNullElse(reason, "Starved"),
                "No offer since " + seconds(since) + ": "
                        + waiting.map(Waiting::message).orElse("the engine has recorded no reason") + ".");
        return waiting;
    }

    /** Why it waits, by the engine's word: in the first of the roles in which it does. */
    private Optional<Waiting> waiting(FrameworkView view, EngineView engine, Instant since) {
        return engine.diagnoses().of(view.id()).stream().findFirst().map(diagnosis -> {
            String where = view.spec().roles().size() > 1 ? "in role " + diagnosis.role() + ": " : "";
            return waits.of(view.id(), diagnosis, where + diagnosis.sentence(), since, clock.instant());
        });
    }

    private static long starvationAfter(Framework object) {
        FrameworkSpec.@Nullable OfferSettings offers = object.getSpec().offers();
        Long seconds = offers == null ? null : offers.starvationAfterSeconds();
        return seconds == null ? 120 : seconds;
    }

    private static FrameworkStatus.Times times(@Nullable FrameworkStatus before, FrameworkView view) {
        FrameworkStatus.Times was = before == null ? null : before.times();
        boolean sameClient = before != null && view.id().value().equals(before.frameworkId());
        String registered = sameClient && was != null && was.registeredTime() != null
                ? was.registeredTime()
                : seconds(view.registered());
        String disconnected = null;
        if (!view.connected()) {
            disconnected = sameClient && was != null && was.disconnectedTime() != null
                    ? was.disconnectedTime()
                    : view.failoverDeadline()
                            .map(deadline -> seconds(deadline.minus(view.spec().failoverTimeout())))
                            .orElse(registered);
        }
        return new FrameworkStatus.Times(
                registered,
                view.reregistered().map(FrameworkReconciler::seconds).orElse(null),
                disconnected,
                view.connected()
                        ? null
                        : view.failoverDeadline()
                                .map(FrameworkReconciler::seconds)
                                .orElse(null),
                null);
    }

    private static FrameworkStatus.TaskCounts counts(FrameworkView view) {
        Map<TaskState, Integer> states = new EnumMap<>(TaskState.class);
        view.tasks().forEach(task -> states.merge(task.state(), 1, Integer::sum));
        view.completedTasks().forEach(task -> states.merge(task.state(), 1, Integer::sum));
        int active = (int)
                view.tasks().stream().filter(task -> !task.state().isTerminal()).count();
        return new FrameworkStatus.TaskCounts(
                active,
                of(states, TaskState.STAGING, TaskState.STARTING),
                of(states, TaskState.RUNNING),
                of(states, TaskState.KILLING),
                view.unreachableTasks().size(),
                of(states, TaskState.FINISHED),
                of(states, TaskState.FAILED, TaskState.ERROR),
                of(states, TaskState.KILLED),
                of(states, TaskState.LOST, TaskState.DROPPED, TaskState.GONE, TaskState.GONE_BY_OPERATOR));
    }

    private static int of(Map<TaskState, Integer> states, TaskState... wanted) {
        int sum = 0;
        for (TaskState state : wanted) {
            sum += states.getOrDefault(state, 0);
        }
        return sum;
    }

    private void tellTransitions(Framework object, @Nullable FrameworkStatus before, FrameworkStatus after) {
        Map<String, Condition> was = new java.util.HashMap<>();
        if (before != null) {
            before.conditions().forEach(condition -> was.put(condition.type(), condition));
        }
        for (Condition condition : after.conditions()) {
            Condition old = was.get(condition.type());
            boolean flipped = old == null || old.status() != condition.status();
            if (!flipped) {
                continue;
            }
            String message = Objects.requireNonNullElse(condition.message(), "");
            boolean isTrue = condition.status() == Condition.Status.TRUE;
            switch (condition.type()) {
                case CONNECTED -> {
                    if (isTrue) {
                        boolean again = before != null && before.frameworkId() != null;
                        events.record(object, Severity.NORMAL, again ? "FailedOver" : "Registered", message);
                    } else if (old != null) {
                        events.record(object, Severity.WARNING, condition.reason(), message);
                    }
                }
                case OFFERED -> {
                    if (!isTrue && condition.status() == Condition.Status.FALSE) {
                        events.record(object, Severity.WARNING, "OffersStarved", message);
                    } else if (isTrue && old != null && old.status() == Condition.Status.FALSE) {
                        events.record(object, Severity.NORMAL, "OffersResumed", message);
                    }
                }
                case ACCEPTED -> {
                    if (!isTrue) {
                        events.record(object, Severity.WARNING, condition.reason(), message);
                    }
                }
                default -> {
                    // Ready repeats what was told.
                }
            }
        }
    }

    private Optional<FrameworkView> view(FrameworkId id) {
        return gate.view().frameworks().stream().filter(f -> f.id().equals(id)).findFirst();
    }

    private static String seconds(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static long generation(Framework object) {
        return Objects.requireNonNullElse(object.getMetadata().getGeneration(), 0L);
    }
}
