package io.offerplane.engine.simulation;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision.Answer;
import io.offerplane.engine.Effect;
import io.offerplane.engine.Payload;
import io.offerplane.engine.TestCluster;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.maintenance.InverseOffer;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.offer.Operation;
import io.offerplane.engine.offer.Operation.Change.Kind;
import io.offerplane.engine.resource.Amounts;
import io.offerplane.engine.resource.Reservation;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import io.offerplane.engine.resource.Volume;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.ExecutorId;
import io.offerplane.engine.task.StatusSource;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/** A scheduler that launches, kills, asks, refuses, dawdles, blunders, and fails over. */
final class SimulatedFramework {
    /** What it thinks of one of its tasks. */
    static final class Belief {
        final AgentId agent;
        TaskState state = TaskState.STAGING;
        long lastNumber;

        Belief(AgentId agent) {
            this.agent = agent;
        }
    }

    private static final List<Optional<Double>> REFUSALS = List.of(
            Optional.empty(),
            Optional.of(0.0),
            Optional.of(0.3),
            Optional.of(3.0),
            Optional.of(20.0),
            Optional.of(-1.0),
            Optional.of(Double.NaN));

    final String name;
    final Map<TaskId, Belief> beliefs = new LinkedHashMap<>();
    Optional<FrameworkId> id = Optional.empty();
    boolean ended;
    boolean demands = true;
    int offersSinceCalm;
    private final Simulation simulation;
    private final World world;
    private final Map<OfferId, Offer> offers = new LinkedHashMap<>();
    private FrameworkSpec spec;
    private Stream stream;
    private boolean subscribing;
    private int nextTask;
    private final Optional<SimulatedAsking> asking;

    SimulatedFramework(Simulation simulation, String name, FrameworkSpec spec) {
        this.simulation = simulation;
        this.world = simulation.world;
        this.name = name;
        this.spec = spec;
        asking = spec.application().map(application -> new SimulatedAsking(this, simulation));
        if (world.chance(0.3)) {
            id = Optional.of(new FrameworkId("chosen-" + name));
        }
        world.after(world.between(5, 15), this::live);
    }

    boolean isConnected() {
        return stream != null && stream.isOpen();
    }

    void subscribe() {
        if (ended || subscribing) {
            return;
        }
        subscribing = true;
        Stream opened = new Stream(world, simulation.nextConnection());
        opened.toEngine(() -> {
            subscribing = false;
            Set<RolePath> suppressed = world.trouble(0.1) ? Set.of(spec.roles().getFirst()) : Set.of();
            Command subscribe = new Command.Subscribe(id, spec, suppressed, opened.number, world.now());
            simulation.submit(subscribe, answer -> {
                switch (answer) {
                    case Answer.Subscribed(FrameworkId given) -> subscribed(given, opened);
                    case Answer.Refused refused -> ended = true;
                    case Answer.Accepted accepted -> throw new AuditFailure("subscription", "answered by Accepted");
                }
            });
        });
    }

    private void subscribed(FrameworkId given, Stream opened) {
        if (stream != null) {
            stream.close();
        }
        id = Optional.of(given);
        stream = opened;
        offers.clear();
        simulation.attach(given, this, opened);
        reconcile();
        asking.ifPresent(SimulatedAsking::ask);
    }

    /** The stream breaks. The engine notices later. */
    void disconnect() {
        if (!isConnected()) {
            return;
        }
        Stream broken = stream;
        broken.close();
        offers.clear();
        world.after(
                world.between(0, 2),
                () -> simulation.submit(new Command.DisconnectFramework(id.orElseThrow(), broken.number, world.now())));
    }

    /** A call: by its own way, so that it may be lost, doubled, or overtaken by a later one. */
    void call(Supplier<Command> command) {
        if (!isConnected() || world.trouble(0.03)) {
            return;
        }
        for (int copies = world.trouble(0.03) ? 2 : 1; copies > 0; copies--) {
            world.after(world.between(0, world.trouble(0.05) ? 5 : 0.05), () -> simulation.submit(command.get()));
        }
    }

    /** An answer to an offer: a client that sees its call fail tries again, or the offer would be held for ever. */
    void callUntilHeard(Supplier<Command> command) {
        if (isConnected() && world.trouble(0.05)) {
            world.after(world.between(1, 5), () -> callUntilHeard(command));
        } else if (isConnected()) {
            world.after(world.between(0, world.trouble(0.05) ? 5 : 0.05), () -> simulation.submit(command.get()));
            if (world.trouble(0.03)) {
                call(command);
            }
        }
    }

    void handle(Effect.ToFramework effect) {
        switch (effect) {
            case Effect.SendOffers sent -> sent.offers().forEach(this::consider);
            case Effect.RescindOffer rescind -> offers.remove(rescind.offerId());
            case Effect.SendInverseOffers sent -> sent.offers().forEach(this::consider);
            case Effect.RescindInverseOffer rescind -> {}
            case Effect.SendUpdate update -> updated(update.update());
            case Effect.AnnounceReclaim ignored -> {}
            case Effect.GrantContainers granted -> asking.orElseThrow().granted(granted);
            case Effect.SendAgentFailure ignored -> {}
            case Effect.SendExecutorFailure ignored -> {}
            case Effect.SendMessage ignored -> {}
            case Effect.SendOperationStatus status ->
                status.uuid()
                        .ifPresent(uuid -> call(() -> new Command.AcknowledgeOperation(
                                id.orElseThrow(), status.operationId(), uuid, world.now())));
            case Effect.SendError ignored -> disconnect();
            case Effect.CloseStream ignored -> {
                stream.close();
                offers.clear();
            }
        }
    }

    // --- offers

    private void consider(Offer offer) {
        offersSinceCalm++;
        offers.put(offer.id(), offer);
        double patience = world.trouble(0.1) ? 40 : 0.5;
        world.after(world.between(0, patience), () -> answer(offer));
    }

    /** Says yes or no, and sometimes nothing at all. An answer may come late, doubled, or to what has been rescinded. */
    private void consider(InverseOffer offer) {
        if (world.trouble(0.2)) {
            return;
        }
        List<OfferId> ids = List.of(offer.id());
        Optional<Double> refusal = pick(REFUSALS);
        boolean accepted = world.chance(0.5);
        world.after(
                world.between(0, 3),
                () -> call(() -> accepted
                        ? new Command.AcceptInverseOffers(offer.frameworkId(), ids, refusal, world.now())
                        : new Command.DeclineInverseOffers(offer.frameworkId(), ids, refusal, world.now())));
    }

    private void answer(Offer offer) {
        if (offers.remove(offer.id()) == null || !isConnected()) {
            return;
        }
        Optional<Double> refusal = world.troubled ? pick(REFUSALS) : Optional.of(3.0);
        if (!demands || world.trouble(0.4) || !offer.resources().contains(smallest())) {
            callUntilHeard(
                    () -> new Command.DeclineOffers(offer.frameworkId(), List.of(offer.id()), refusal, world.now()));
            return;
        }
        List<OfferId> accepted = new ArrayList<>(List.of(offer.id()));
        blunder(offer, accepted);
        List<TaskSpec> tasks = new ArrayList<>();
        Resources left = offer.resources();
        for (int wanted = 1 + world.upTo(3); wanted > 0; wanted--) {
            TaskSpec task = draw(offer.agentId(), left);
            tasks.add(task);
            left = left.minusToZero(task.resources());
            if (world.trouble(0.02)) {
                // The same once more: only the first may start.
                tasks.add(task);
            }
        }
        tasks.forEach(task -> beliefs.putIfAbsent(task.taskId(), new Belief(offer.agentId())));
        List<Operation> operations = new ArrayList<>();
        if (world.trouble(0.35)) {
            operations.addAll(changes(offer));
        }
        operations.add(world.chance(0.25) ? group(tasks) : new Operation.Launch(tasks));
        callUntilHeard(() -> new Command.AcceptOffers(offer.frameworkId(), accepted, operations, refusal, world.now()));
    }

    /** The executor takes nothing, so that the auditor's books, which know tasks only, add up. */
    private static Operation.LaunchGroup group(List<TaskSpec> tasks) {
        TaskSpec.ExecutorSpec executor = new TaskSpec.ExecutorSpec(
                new ExecutorId("e-" + tasks.getFirst().taskId()), Resources.EMPTY, Payload.EMPTY);
        return new Operation.LaunchGroup(
                tasks.stream()
                        .map(task -> new TaskSpec(
                                task.taskId(),
                                task.name(),
                                task.agentId(),
                                task.resources(),
                                Optional.of(executor),
                                task.fault(),
                                task.resourceFault(),
                                task.info(),
                                task.standing()))
                        .toList(),
                Optional.empty());
    }

    /** Reserves something free, makes a volume of reserved disk, or undoes either; some of it can't be. */
    private List<Operation> changes(Offer offer) {
        List<Operation> changes = new ArrayList<>();
        Terms mine =
                Terms.reservedBy(new Reservation(Reservation.Kind.DYNAMIC, offer.role(), Optional.empty(), List.of()));
        if (world.chance(0.5)) {
            changes.add(change(Kind.RESERVE, Resources.of(mine, free("cpus:1000"))));
        }
        switch (world.upTo(4)) {
            case 0 -> {
                Terms refined = offer.resources().bound().keySet().stream()
                        .filter(terms -> terms.volume().isEmpty() && world.chance(0.5))
                        .findFirst()
                        .map(terms -> terms.reserved(mine.reservations().getFirst()))
                        .orElse(mine);
                changes.add(change(Kind.RESERVE, Resources.of(refined, free("cpus:0.25;disk:10"))));
            }
            case 1 -> {
                Volume volume = new Volume("v" + world.upTo(3), Optional.empty(), "data", 5_000);
                changes.add(change(Kind.RESERVE, Resources.of(mine, free("disk:5"))));
                changes.add(change(Kind.CREATE, Resources.diskOn(mine.of(volume, false))));
            }
            default ->
                offer.resources().bound().keySet().stream()
                        .limit(2)
                        .forEach(terms -> changes.add(change(
                                terms.volume().isPresent() ? Kind.DESTROY : Kind.UNRESERVE,
                                offer.resources().on(terms::equals))));
        }
        return changes;
    }

    private static Amounts free(String text) {
        return TestCluster.resources(text).free();
    }

    private Operation change(Kind kind, Resources resources) {
        return new Operation.Change(
                kind, resources, Resources.EMPTY, Optional.of("operation" + nextTask++), Optional.empty());
    }

    /** Sometimes the list of offers is wrong, sometimes it has one more that is right. */
    private void blunder(Offer offer, List<OfferId> accepted) {
        if (world.trouble(0.02)) {
            accepted.add(offer.id());
        } else if (world.trouble(0.02)) {
            accepted.add(new OfferId("nobody's"));
        } else if (world.trouble(0.1) && !offers.isEmpty()) {
            OfferId other = offers.keySet().iterator().next();
            offers.remove(other);
            accepted.add(other);
        }
    }

    private static Resources smallest() {
        return TestCluster.resources("cpus:0.5;mem:64");
    }

    private TaskSpec draw(AgentId agent, Resources left) {
        String taskId = name + "-" + nextTask++;
        double size = world.trouble(0.05) ? 1000 : 0.5 * (1 + world.upTo(4));
        Resources wanted = TestCluster.resources("cpus:" + size + ";mem:" + (long) (128 * size));
        if (!left.isFree() && world.chance(0.5)) {
            Terms terms = left.bound().firstKey();
            wanted = wanted.plus(left.on(terms::equals));
        }
        var ports = left.free().ranges().get("ports");
        if (ports != null && !ports.isEmpty() && world.chance(0.5)) {
            long port = ports.ranges().getFirst().begin();
            wanted = wanted.plus(TestCluster.resources("ports:[" + port + "-" + port + "]"));
        }
        TaskSpec whole = TestCluster.task(taskId, agent.value(), "");
        return new TaskSpec(
                whole.taskId(),
                whole.name(),
                agent,
                wanted,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                whole.info());
    }

    // --- tasks

    private void updated(StatusUpdate update) {
        Belief belief = beliefs.get(update.taskId());
        if (belief == null && asking.isPresent()) {
            // Granted to the one before, or on the way when the stream broke: nobody will start it.
            asking.get().release(update.taskId());
            update.uuid().ifPresent(uuid -> acknowledge(update, uuid));
            return;
        }
        if (belief == null) {
            throw new AuditFailure("updates of own tasks", name + " was told of " + update.taskId());
        }
        boolean fromAgent = update.uuid().isPresent();
        if (fromAgent != (update.source() != StatusSource.MASTER)) {
            throw new AuditFailure("uuid from agents only", update.toString());
        }
        if (fromAgent && update.agentId().equals(Optional.of(belief.agent))) {
            long number = update.uuid().get().getLeastSignificantBits();
            if (number < belief.lastNumber || number > belief.lastNumber + 1) {
                throw new AuditFailure(
                        "updates in order",
                        name + " heard number " + number + " of " + update.taskId() + " after " + belief.lastNumber);
            }
            belief.lastNumber = number;
        }
        // Of a second launch under a name in use only the refusal is heard, which says nothing of the first.
        if (update.state() != TaskState.ERROR || belief.lastNumber == 0) {
            belief.state = update.state();
        }
        asking.ifPresent(application -> application.toldOf(update.taskId(), update.state()));
        update.uuid().ifPresent(uuid -> acknowledge(update, uuid));
    }

    private void acknowledge(StatusUpdate update, UUID uuid) {
        AgentId agent = update.agentId().orElseThrow();
        call(() -> new Command.AcknowledgeUpdate(id.orElseThrow(), agent, update.taskId(), uuid, world.now()));
    }

    private void reconcile() {
        call(() -> new Command.ReconcileTasks(id.orElseThrow(), List.of(), world.now()));
        List<Command.ReconcileTasks.Question> questions = beliefs.entrySet().stream()
                .filter(entry -> !entry.getValue().state.isTerminal())
                .map(entry -> new Command.ReconcileTasks.Question(entry.getKey(), Optional.of(entry.getValue().agent)))
                .toList();
        if (!questions.isEmpty()) {
            call(() -> new Command.ReconcileTasks(id.orElseThrow(), questions, world.now()));
        }
    }

    boolean believesAllEnded() {
        return beliefs.values().stream().allMatch(belief -> belief.state.isTerminal());
    }

    FrameworkSpec spec() {
        return spec;
    }

    // --- whims

    private void live() {
        if (ended) {
            return;
        }
        world.after(world.between(5, 15), this::live);
        if (!isConnected()) {
            subscribe();
            return;
        }
        reconcile();
        asking.ifPresent(SimulatedAsking::ask);
        if (world.trouble(0.3)) {
            whim();
        } else if (!world.troubled) {
            call(() -> new Command.Revive(id.orElseThrow(), List.of(), world.now()));
        }
    }

    private void whim() {
        List<RolePath> roles = world.chance(0.5) ? List.of() : List.of(pick(spec.roles()));
        switch (world.upTo(5)) {
            case 0 -> call(() -> new Command.Suppress(id.orElseThrow(), roles, world.now()));
            case 1, 2 -> call(() -> new Command.Revive(id.orElseThrow(), roles, world.now()));
            case 3 -> killOne();
            default -> changeRoles();
        }
    }

    private void killOne() {
        beliefs.entrySet().stream()
                .filter(entry -> !entry.getValue().state.isTerminal())
                .findFirst()
                .ifPresent(entry -> call(() -> new Command.KillTask(
                        id.orElseThrow(),
                        entry.getKey(),
                        world.chance(0.5) ? Optional.of(entry.getValue().agent) : Optional.empty(),
                        Optional.empty(),
                        world.now())));
    }

    private void changeRoles() {
        spec = new FrameworkSpec(
                spec.name(),
                spec.user(),
                asking.isPresent() ? simulation.drawRoles().subList(0, 1) : simulation.drawRoles(),
                spec.failoverTimeout(),
                spec.checkpoint(),
                spec.principal(),
                spec.capabilities(),
                spec.info(),
                spec.offerRules(),
                spec.application());
        FrameworkSpec next = spec;
        call(() -> new Command.UpdateFramework(id.orElseThrow(), next, Set.of(), world.now()));
    }

    private <T> T pick(List<T> choices) {
        return choices.get(world.upTo(choices.size()));
    }

    @Override
    public String toString() {
        return name + " " + id + (isConnected() ? " connected" : " away") + (ended ? " ended" : "");
    }
}
