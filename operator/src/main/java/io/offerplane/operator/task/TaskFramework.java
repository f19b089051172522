package io.offerplane.operator.task;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.offerplane.crd.v1alpha1.task.Task;
import io.offerplane.crd.v1alpha1.task.TaskSpec;
import io.offerplane.crd.v1alpha1.task.TaskStatus;
import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.maintenance.InverseOffer;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.offer.Operation;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskState;
import io.offerplane.engine.view.EngineView;
import io.offerplane.operator.cluster.ClusterCaches;
import io.offerplane.operator.queue.QueueRoles;
import io.offerplane.operator.task.InstanceRun.Stand;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The framework that runs Task objects. To the engine it is a framework like any other: it subscribes, gets offers by its roles'
 * shares, accepts or declines them, and acknowledges updates.
 *
 * <p>All its state belongs to one thread of its own. What must outlive it is in the objects' status: which attempt each copy is at,
 * and how it ended. After a change of leader nothing is launched for a copy before its last attempt was asked about.
 */
public final class TaskFramework implements AutoCloseable {
    /** Known to the engine under this id in every term. */
    public static final FrameworkId ID = new FrameworkId("offerplane-tasks");

    private static final Logger LOG = LoggerFactory.getLogger(TaskFramework.class);
    private static final Duration ROUND = Duration.ofSeconds(1);
    private static final Duration ASK_AGAIN = Duration.ofSeconds(10);
    private static final Duration KILL_AGAIN = Duration.ofSeconds(10);
    private static final double REFUSE_SECONDS = 5.0;

    /** How long it isn't asked again to leave an agent. */
    private static final Duration INVERSE_REFUSAL = Duration.ofMinutes(10);

    private final EngineGate gate;
    private final ClusterCaches caches;
    private final LongSupplier connectionNumbers;
    private final Consumer<Task> onChange;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("task-framework").daemon(true).factory());

    // What other threads read.
    private final Map<String, Snapshot> snapshots = new ConcurrentHashMap<>();

    // Only the framework's thread.
    private final Map<String, TaskRun> runs = new LinkedHashMap<>();
    private final Map<String, Instant> killed = new HashMap<>();
    private Set<RolePath> roles = Set.of();
    private boolean subscribed;
    private boolean suppressed;
    private Instant asked = Instant.EPOCH;

    /**
     * A Task as it stands; immutable.
     *
     * @param version grows with every change
     * @param allConfirmed whether every copy that an earlier leader launched was heard of
     */
    record Snapshot(
            long version,
            List<TaskStatus.Instance> instances,
            TaskStatus.Counts counts,
            int launched,
            List<TaskStatus.Happening> history,
            Optional<String> waitingReason,
            Optional<String> waitingMessage,
            Optional<Instant> waitingSince,
            boolean allConfirmed) {}

    /** @param onChange called with an object whose run changed; must not block */
    public TaskFramework(
            EngineGate gate, ClusterCaches caches, LongSupplier connectionNumbers, Consumer<Task> onChange) {
        this.gate = gate;
        this.caches = caches;
        this.connectionNumbers = connectionNumbers;
        this.onChange = onChange;
        caches.watchTasks(changed -> wake(), gone -> later(() -> objectGone(gone)));
    }

    /** Starts to look at objects; subscribes when there is the first Task. */
    public void open() {
        var _ = thread.scheduleWithFixedDelay(guarded(this::round), 0, ROUND.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Takes a message of the engine's; any thread, doesn't block. */
    public void deliver(Effect.ToFramework effect) {
        switch (effect) {
            case Effect.SendOffers offers -> later(() -> takeOffers(offers.offers()));
            case Effect.SendUpdate update -> later(() -> takeUpdate(update.update()));
            case Effect.SendAgentFailure failure -> later(this::round);
            case Effect.AnnounceReclaim announced -> {
                // Mesos has no word for it: the tasks' ends say why.
            }
            case Effect.GrantContainers grants ->
                throw new IllegalStateException("containers for " + grants.frameworkId() + ", which waits for offers");
            // Task objects are command tasks: no executor of their own ends or speaks.
            case Effect.SendExecutorFailure failure -> {}
            case Effect.SendMessage message -> {}
            case Effect.RescindOffer rescinded -> {
                // Offers are answered at once; an answer to a rescinded one ends in TASK_LOST or DROPPED, and is tried
                // again.
            }
            case Effect.SendInverseOffers asked -> answer(asked.offers());
            case Effect.RescindInverseOffer rescinded -> {
                // Answered at once, too.
            }
            case Effect.SendOperationStatus status ->
                LOG.atWarn()
                        .addKeyValue("operation", status.operationId())
                        .log(
                                "An operation came to {}: {}",
                                status.state(),
                                status.message().orElse(""));
            case Effect.SendError error -> {
                LOG.atWarn().log("The engine ended our subscription: {}", error.message());
                later(() -> subscribed = false);
            }
            case Effect.CloseStream closed -> later(() -> subscribed = false);
        }
    }

    /** Task objects run until they end: nobody is there to move them elsewhere, and whoever drains the node is to know that. */
    private void answer(List<InverseOffer> offers) {
        gate.submit(
                new Command.DeclineInverseOffers(
                        ID,
                        offers.stream().map(InverseOffer::id).toList(),
                        Optional.of(INVERSE_REFUSAL.toSeconds() * 1.0),
                        gate.now()),
                answer -> {});
    }

    /** How the object's copies stand; empty before the framework has looked at it. */
    Optional<Snapshot> snapshot(HasMetadata object) {
        return Optional.ofNullable(snapshots.get(object.getMetadata().getUid()));
    }

    /** The object's status tells of everything up to this version: ends may be acknowledged. */
    void written(HasMetadata object, long version) {
        later(() -> {
            TaskRun run = runs.get(object.getMetadata().getUid());
            if (run != null) {
                run.writtenVersion = Math.max(run.writtenVersion, version);
                acknowledge(run);
            }
        });
    }

    private void wake() {
        later(this::round);
    }

    private void later(Runnable work) {
        try {
            thread.execute(guarded(work));
        } catch (RejectedExecutionException closing) {
            LOG.debug("The framework of Task objects is closing");
        }
    }

    private static Runnable guarded(Runnable work) {
        return () -> {
            try {
                work.run();
            } catch (RuntimeException e) {
                LOG.atError()
                        .setCause(e)
                        .log("The framework of Task objects failed at a step; it goes on with the next");
            }
        };
    }

    // --- rounds

    private void round() {
        Instant now = gate.now();
        takeObjects();
        subscribeIfNeeded();
        if (subscribed) {
            askAfterUnconfirmed(now);
        }
        for (TaskRun run : List.copyOf(runs.values())) {
            endWhatIsUnwanted(run, now);
            publish(run);
        }
        runs.values().removeIf(run -> run.deleted && !run.hasLaunched());
        askForOffers(now);
    }

    private void takeObjects() {
        for (Task object : caches.tasks()) {
            if (object.getMetadata().getDeletionTimestamp() != null) {
                continue;
            }
            TaskRun run = runs.computeIfAbsent(object.getMetadata().getUid(), uid -> new TaskRun(object));
            run.object = object;
            if (isInService(run)) {
                run.fill();
            }
        }
    }

    /** A Task that has ended stays as it is. */
    private static boolean isInService(TaskRun run) {
        TaskStatus status = run.object.getStatus();
        return status == null || status.finishedTime() == null;
    }

    private void objectGone(Task gone) {
        TaskRun run = runs.get(gone.getMetadata().getUid());
        snapshots.remove(gone.getMetadata().getUid());
        if (run != null) {
            run.deleted = true;
            // Nobody will read its status any more: nothing to wait for.
            run.writtenVersion = Long.MAX_VALUE;
            acknowledge(run);
            round();
        }
    }

    private void subscribeIfNeeded() {
        Set<RolePath> wanted = new TreeSet<>();
        for (TaskRun run : runs.values()) {
            role(run).ifPresent(wanted::add);
        }
        if (subscribed && (wanted.isEmpty() || roles.containsAll(wanted))) {
            return;
        }
        if (!subscribed && runs.isEmpty() && !isKnownToEngine()) {
            return;
        }
        if (wanted.isEmpty()) {
            wanted.add(RolePath.DEFAULT);
        }
        wanted.addAll(roles);
        Set<RolePath> asking = Set.copyOf(wanted);
        boolean first = !subscribed;
        Command command = first
                ? new Command.Subscribe(
                        Optional.of(ID),
                        TaskMessages.framework(ID, wanted),
                        Set.of(),
                        connectionNumbers.getAsLong(),
                        gate.now())
                : new Command.UpdateFramework(ID, TaskMessages.framework(ID, wanted), Set.of(), gate.now());
        boolean taken = gate.submit(command, answer -> {
            if (answer instanceof Decision.Answer.Refused refused) {
                LOG.atError().log("The engine refuses the framework of Task objects: {}", refused.message());
                later(() -> subscribed = false);
            }
        });
        if (taken) {
            subscribed = true;
            suppressed = false;
            roles = asking;
            if (first) {
                // Everything that the engine knows of us, such as copies beyond those that status lists.
                gate.submit(new Command.ReconcileTasks(ID, List.of(), gate.now()), answer -> {});
                asked = Instant.EPOCH;
            }
        }
    }

    private boolean isKnownToEngine() {
        return gate.view().frameworks().stream().anyMatch(f -> f.id().equals(ID));
    }

    private Optional<RolePath> role(TaskRun run) {
        return queueFault(run.object).isPresent()
                ? Optional.empty()
                : QueueRoles.ofPath(queueOf(run.object), caches.queues());
    }

    static String queueOf(Task object) {
        return Objects.requireNonNullElse(object.getSpec().queue(), QueueRoles.DEFAULT);
    }

    /** Why nothing of the object can run in its queue; empty when it can. Any thread. */
    Optional<QueueFault> queueFault(Task object) {
        return QueueFault.of(queueOf(object), caches.queues());
    }

    private void askAfterUnconfirmed(Instant now) {
        if (asked.plus(ASK_AGAIN).isAfter(now)) {
            return;
        }
        List<Command.ReconcileTasks.Question> questions = new ArrayList<>();
        for (TaskRun run : runs.values()) {
            for (InstanceRun instance : run.instances.values()) {
                if (instance.stand == Stand.LAUNCHED && !instance.confirmed && instance.taskId != null) {
                    questions.add(new Command.ReconcileTasks.Question(
                            new TaskId(instance.taskId),
                            Optional.ofNullable(instance.agentId).map(AgentId::new)));
                }
            }
        }
        if (!questions.isEmpty()) {
            asked = now;
            gate.submit(new Command.ReconcileTasks(ID, questions, gate.now()), answer -> {});
        }
    }

    private void endWhatIsUnwanted(TaskRun run, Instant now) {
        boolean killAll = run.desired() == TaskSpec.Desired.KILLED;
        Long deadline = run.spec().deadlineSeconds();
        for (InstanceRun instance : List.copyOf(run.instances.values())) {
            if (instance.stand == Stand.WAITING && killAll) {
                instance.stand = Stand.KILLED;
                instance.finished = now;
                run.changed();
            }
            if (instance.stand != Stand.LAUNCHED) {
                continue;
            }
            boolean late = deadline != null
                    && instance.started != null
                    && instance.started.plusSeconds(deadline).isBefore(now);
            if (killAll || run.isSurplus(instance)) {
                instance.killing = true;
                kill(run, instance, now);
            } else if (late) {
                instance.killing = true;
                instance.deadlinePassed = true;
                kill(run, instance, now);
            }
        }
    }

    private void kill(TaskRun run, InstanceRun instance, Instant now) {
        String id = Objects.requireNonNull(instance.taskId);
        Instant last = killed.get(id);
        if (!subscribed || (last != null && last.plus(KILL_AGAIN).isAfter(now))) {
            return;
        }
        Long grace = run.spec().kill() == null ? null : run.spec().kill().graceSeconds();
        boolean taken = gate.submit(
                new Command.KillTask(
                        ID,
                        new TaskId(id),
                        Optional.ofNullable(instance.agentId).map(AgentId::new),
                        Optional.ofNullable(grace).map(Duration::ofSeconds),
                        gate.now()),
                answer -> {});
        if (taken) {
            killed.put(id, now);
        }
    }

    private void askForOffers(Instant now) {
        if (!subscribed) {
            return;
        }
        boolean wanting =
                runs.values().stream().anyMatch(run -> !wanting(run, now).isEmpty());
        if (wanting && suppressed && gate.submit(new Command.Revive(ID, List.of(), gate.now()), answer -> {})) {
            suppressed = false;
        } else if (!wanting
                && !suppressed
                && gate.submit(new Command.Suppress(ID, List.of(), gate.now()), answer -> {})) {
            suppressed = true;
        }
    }

    private List<InstanceRun> wanting(TaskRun run, Instant now) {
        if (run.desired() != TaskSpec.Desired.RUNNING
                || !isInService(run)
                || role(run).isEmpty()) {
            return List.of();
        }
        List<InstanceRun> list = new ArrayList<>();
        for (InstanceRun instance : run.instances.values()) {
            boolean due = instance.retryAt == null || !instance.retryAt.isAfter(now);
            if (instance.stand == Stand.WAITING && due && !run.isSurplus(instance)) {
                list.add(instance);
            }
        }
        return list;
    }

    // --- offers

    private void takeOffers(List<Offer> offers) {
        Instant now = gate.now();
        boolean recovering =
                gate.view().agents().stream().anyMatch(agent -> agent.phase() == EngineView.AgentView.Phase.RECOVERED);
        for (Offer offer : offers) {
            answer(offer, now, recovering);
        }
    }

    private void answer(Offer offer, Instant now, boolean recovering) {
        Resources left = offer.resources();
        List<io.offerplane.engine.task.TaskSpec> launches = new ArrayList<>();
        List<TaskRun> touched = new ArrayList<>();
        for (TaskRun run : runs.values()) {
            if (!role(run).equals(Optional.of(offer.role()))) {
                continue;
            }
            for (InstanceRun instance : wanting(run, now)) {
                if (recovering
                        && instance.index >= LISTED
                        && instance.attempts == 0
                        && run.object.getStatus() != null) {
                    // An earlier leader may have launched it on an agent that isn't back yet, and status doesn't list
                    // it.
                    continue;
                }
                if (spreads(run) && run.runsOn(offer.agentId().value())) {
                    run.waitingReason = "AttributeMismatch";
                    run.waitingMessage = "spreadBy Hostname: an instance runs on "
                            + offer.agent().node() + " already";
                    continue;
                }
                switch (OfferMatch.of(run.spec(), left, offer.agent())) {
                    case OfferMatch.Result.Misfit(String reason, String message) -> {
                        run.waitingReason = reason;
                        run.waitingMessage = message;
                        if (run.waitingSince == null) {
                            run.waitingSince = now;
                        }
                        run.changed();
                        touched.add(run);
                    }
                    case OfferMatch.Result.Fits(Resources resources, List<Integer> ports) -> {
                        launches.add(launch(run, instance, offer, resources, ports));
                        left = left.minus(resources);
                        touched.add(run);
                    }
                }
            }
        }
        send(offer, launches);
        touched.forEach(this::publish);
    }

    /** As many as status lists. */
    private static final int LISTED = 50;

    private static boolean spreads(TaskRun run) {
        return run.spec().placement() != null && run.spec().placement().spreadBy() == TaskSpec.SpreadBy.HOSTNAME;
    }

    private io.offerplane.engine.task.TaskSpec launch(
            TaskRun run, InstanceRun instance, Offer offer, Resources resources, List<Integer> ports) {
        String taskId = run.newTaskId(instance);
        instance.launched(
                taskId,
                offer.agentId().value(),
                offer.agent().node(),
                ports,
                Objects.requireNonNullElse(run.object.getMetadata().getGeneration(), 0L));
        run.waitingReason = null;
        run.waitingMessage = null;
        run.waitingSince = null;
        run.changed();
        return TaskMessages.instance(
                ID,
                run.spec(),
                run.object.getMetadata().getName(),
                taskId,
                offer.agentId(),
                offer.role(),
                resources,
                ports);
    }

    private void send(Offer offer, List<io.offerplane.engine.task.TaskSpec> launches) {
        List<OfferId> ids = List.of(offer.id());
        Command command = launches.isEmpty()
                ? new Command.DeclineOffers(ID, ids, Optional.of(REFUSE_SECONDS), gate.now())
                : new Command.AcceptOffers(
                        ID, ids, List.of(new Operation.Launch(launches)), Optional.of(0.0), gate.now());
        if (!gate.submit(command, answer -> {})) {
            // The engine is busy; the offer stays out, and is answered when there is room again.
            var _ = thread.schedule(guarded(() -> send(offer, launches)), 100, TimeUnit.MILLISECONDS);
        }
    }

    // --- updates

    private void takeUpdate(StatusUpdate update) {
        Optional<TaskRun> owner = ownerOf(update.taskId().value());
        Optional<InstanceRun> found =
                owner.flatMap(run -> instanceOf(run, update.taskId().value()));
        if (owner.isEmpty() || found.isEmpty()) {
            takeStray(update);
            return;
        }
        TaskRun run = owner.get();
        InstanceRun instance = found.get();
        boolean news = instance.stand == Stand.LAUNCHED
                && (instance.state != update.state() || update.state().isTerminal() || !instance.confirmed);
        if (news) {
            run.remember(instance, update);
            instance.note(update);
            if (update.agentId().isPresent() && instance.agentId == null) {
                instance.agentId = update.agentId().get().value();
            }
            if (update.state().isTerminal() || update.state() == TaskState.UNKNOWN) {
                killed.remove(update.taskId().value());
                run.ended(instance, gate.now());
            }
            run.changed();
        }
        if (update.uuid().isPresent() && update.agentId().isPresent()) {
            long due = update.state().isTerminal() && !run.deleted ? run.version : 0;
            run.owed.add(new TaskRun.Acknowledgement(
                    update.agentId().get(), update.taskId(), update.uuid().get(), due));
            acknowledge(run);
        }
        publish(run);
        later(this::round);
    }

    private void acknowledge(TaskRun run) {
        run.owed.removeIf(owed -> owed.version() <= run.writtenVersion && submitAcknowledgement(owed));
    }

    private boolean submitAcknowledgement(TaskRun.Acknowledgement owed) {
        return gate.submit(
                new Command.AcknowledgeUpdate(ID, owed.agentId(), owed.taskId(), owed.uuid(), gate.now()),
                answer -> {});
    }

    /** A task of ours whose object is gone, or an attempt that was given up: it ends, and its updates are done with. */
    private void takeStray(StatusUpdate update) {
        if (update.uuid().isPresent() && update.agentId().isPresent()) {
            gate.submit(
                    new Command.AcknowledgeUpdate(
                            ID,
                            update.agentId().get(),
                            update.taskId(),
                            update.uuid().get(),
                            gate.now()),
                    answer -> {});
        }
        boolean alive = !update.state().isTerminal() && update.state() != TaskState.UNKNOWN;
        if (alive && update.state() != TaskState.KILLING) {
            gate.submit(
                    new Command.KillTask(ID, update.taskId(), update.agentId(), Optional.empty(), gate.now()),
                    answer -> {});
        }
    }

    private Optional<TaskRun> ownerOf(String taskId) {
        String[] parts = taskId.split("\\.");
        if (parts.length < 4) {
            return Optional.empty();
        }
        String uidStart = parts[parts.length - 3];
        return runs.values().stream()
                .filter(run -> run.uid.startsWith(uidStart))
                .filter(run -> taskId.startsWith(prefix(run)))
                .findFirst();
    }

    private static String prefix(TaskRun run) {
        String name = run.object.getMetadata().getName();
        return name.substring(0, Math.min(100, name.length())) + ".";
    }

    /** The copy whose latest attempt this is; a copy that status didn't list takes the attempt on. */
    private static Optional<InstanceRun> instanceOf(TaskRun run, String taskId) {
        String[] parts = taskId.split("\\.");
        try {
            int index = Integer.parseInt(parts[parts.length - 2]);
            int attempt = Integer.parseInt(parts[parts.length - 1]);
            InstanceRun instance = run.instances.get(index);
            if (instance == null) {
                return Optional.empty();
            }
            if (instance.taskId == null && index >= LISTED) {
                instance.stand = Stand.LAUNCHED;
                instance.taskId = taskId;
                instance.attempts = attempt;
                instance.confirmed = false;
            }
            return taskId.equals(instance.taskId) ? Optional.of(instance) : Optional.empty();
        } catch (NumberFormatException foreign) {
            return Optional.empty();
        }
    }

    // --- what others see

    private void publish(TaskRun run) {
        if (run.deleted) {
            return;
        }
        Snapshot before = snapshots.get(run.uid);
        if (before != null && before.version() == run.version) {
            return;
        }
        snapshots.put(run.uid, snapshot(run));
        onChange.accept(run.object);
    }

    private static Snapshot snapshot(TaskRun run) {
        Collection<InstanceRun> all = run.instances.values();
        int launching = 0;
        int running = 0;
        for (InstanceRun instance : all) {
            if (instance.stand == Stand.LAUNCHED) {
                boolean up = instance.state == TaskState.RUNNING
                        || instance.state == TaskState.KILLING
                        || instance.state == TaskState.UNREACHABLE;
                running += up ? 1 : 0;
                launching += up ? 0 : 1;
            }
        }
        return new Snapshot(
                run.version,
                all.stream().limit(LISTED).map(InstanceRun::toStatus).toList(),
                new TaskStatus.Counts(
                        count(all, Stand.WAITING),
                        launching,
                        running,
                        count(all, Stand.FINISHED),
                        count(all, Stand.FAILED),
                        count(all, Stand.KILLED)),
                launching + running,
                List.copyOf(run.history),
                Optional.ofNullable(run.waitingReason),
                Optional.ofNullable(run.waitingMessage),
                Optional.ofNullable(run.waitingSince),
                all.stream().allMatch(instance -> instance.confirmed));
    }

    private static int count(Collection<InstanceRun> all, Stand stand) {
        return (int) all.stream().filter(instance -> instance.stand == stand).count();
    }

    /** Ends the thread. Tasks run on; the next leader's framework takes them over. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
