package io.offerplane.engine;

import io.offerplane.engine.Decision.Answer;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.ask.ApplicationSpec;
import io.offerplane.engine.ask.Ask;
import io.offerplane.engine.ask.AskKey;
import io.offerplane.engine.ask.AskRules;
import io.offerplane.engine.ask.Grant;
import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.offer.Operation;
import io.offerplane.engine.resource.ItemSet;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.Ranges;
import io.offerplane.engine.resource.Reservation;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import io.offerplane.engine.resource.Volume;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.StatusReason;
import io.offerplane.engine.task.StatusSource;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.task.TaskState;
import io.offerplane.engine.view.EngineView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** An engine with short words for what tests do to it; the clock stands until {@link #pass} moves it. */
public final class TestCluster {
    public static final EngineConfig CONFIG = new EngineConfig(
            "t1",
            Duration.ofSeconds(1),
            Optional.empty(),
            Duration.ofMinutes(10),
            List.of(
                    ResourceQuantities.of(Map.of("cpus", Quantity.of(0.01))),
                    ResourceQuantities.of(Map.of("mem", Quantity.of(32)))),
            Optional.empty(),
            true,
            100,
            50,
            1);

    /** {@link #CONFIG} with other rules. */
    public static EngineConfig config(AskRules askRules, SetAsideRules setAside) {
        return new EngineConfig(
                CONFIG.termId(),
                CONFIG.allocationInterval(),
                CONFIG.offerTimeout(),
                CONFIG.agentReregisterTimeout(),
                CONFIG.minAllocatable(),
                CONFIG.region(),
                CONFIG.filterGpuAgents(),
                CONFIG.completedTasksPerFramework(),
                CONFIG.completedFrameworks(),
                askRules,
                setAside,
                CONFIG.seed(),
                CONFIG.fairSharingExcluded());
    }

    private final OfferEngine engine;
    private final List<Effect> effects = new ArrayList<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private long nextConnection = 1;
    private long nextUuid = 1;

    public TestCluster() {
        this(CONFIG);
    }

    public TestCluster(EngineConfig config) {
        engine = new OfferEngine(config);
    }

    /** {@code cpus:4;mem:2048;ports:[31000-31010,32000-32000];disks:{a,b}}, with terms in brackets: {@code cpus(eng):1}. */
    public static Resources resources(String text) {
        Resources sum = Resources.EMPTY;
        for (String part : text.split(";")) {
            if (part.isBlank()) {
                continue;
            }
            String name = part.substring(0, part.indexOf(':')).strip();
            String value = part.substring(part.indexOf(':') + 1).strip();
            int terms = name.indexOf('(');
            sum = sum.plus(
                    terms < 0
                            ? resource(name, value)
                            : Resources.of(
                                    terms(name.substring(terms + 1, name.length() - 1)),
                                    resource(name.substring(0, terms), value).free()));
        }
        return sum;
    }

    /**
     * {@code eng>eng/ads}: a dynamic reservation, refined; {@code !eng} a static one; {@code eng@alice} by a principal; {@code eng,#v_64} with a
     * volume of 64 MiB; {@code mount_a} a disk mounted at a; {@code shared} and {@code revocable} as words.
     */
    private static Terms terms(String text) {
        Terms terms = Terms.FREE;
        for (String word : text.split(",")) {
            if (word.startsWith("#")) {
                String[] parts = word.substring(1).split("_");
                long size = (long) (1000 * Double.parseDouble(parts[1]));
                terms = terms.of(new Volume(parts[0], Optional.empty(), "data", size), false);
            } else if (word.startsWith("mount_")) {
                terms = new Terms(
                        terms.reservations(),
                        terms.volume(),
                        terms.shared(),
                        terms.revocable(),
                        Optional.of(word.substring("mount_".length())));
            } else if (word.equals("shared")) {
                terms = new Terms(terms.reservations(), terms.volume(), true, terms.revocable(), terms.mount());
            } else if (word.equals("revocable")) {
                terms = new Terms(terms.reservations(), terms.volume(), terms.shared(), true, terms.mount());
            } else {
                for (String layer : word.split(">")) {
                    terms = terms.reserved(reservation(layer));
                }
            }
        }
        return terms;
    }

    private static Reservation reservation(String layer) {
        String[] parts = layer.replace("!", "").split("@");
        return new Reservation(
                layer.startsWith("!") ? Reservation.Kind.STATIC : Reservation.Kind.DYNAMIC,
                new RolePath(parts[0]),
                parts.length > 1 ? Optional.of(parts[1]) : Optional.empty(),
                List.of());
    }

    private static Resources resource(String name, String value) {
        String inner = value.substring(1, Math.max(1, value.length() - 1));
        if (value.startsWith("[")) {
            Ranges ranges = Ranges.EMPTY;
            for (String range : inner.split(",")) {
                String[] ends = range.strip().split("-");
                ranges = ranges.plus(Ranges.of(Long.parseLong(ends[0]), Long.parseLong(ends[1])));
            }
            return Resources.ranges(name, ranges);
        }
        return value.startsWith("{")
                ? Resources.set(name, ItemSet.of(inner.split(",")))
                : Resources.scalar(name, Double.parseDouble(value));
    }

    public static AgentSpec agentSpec(String name) {
        return new AgentSpec(name, "10.0.0.1", 5051, name, "pool", List.of(), Optional.empty(), "0.1.0");
    }

    public static FrameworkSpec frameworkSpec(
            String name, List<String> roles, Duration failoverTimeout, Set<FrameworkCapability> capabilities) {
        return new FrameworkSpec(
                name,
                "root",
                roles.stream().map(RolePath::new).toList(),
                failoverTimeout,
                true,
                Optional.empty(),
                capabilities,
                Payload.EMPTY);
    }

    public static TaskSpec task(String id, String agent, String resources) {
        return new TaskSpec(
                new TaskId(id),
                id,
                new AgentId(agent),
                resources(resources),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Payload.EMPTY);
    }

    public Instant now() {
        return now;
    }

    /** Moves the clock without a word to the engine. */
    public TestCluster pass(double seconds) {
        now = now.plusNanos((long) (seconds * 1e9));
        return this;
    }

    public TestCluster tick() {
        apply(new Command.Tick(now));
        return this;
    }

    /** Moves the clock by an allocation interval and ticks. */
    public TestCluster cycle() {
        return pass(1).tick();
    }

    public Answer apply(Command command) {
        Decision decision = engine.apply(command);
        effects.addAll(decision.effects());
        return decision.answer();
    }

    public TestCluster agent(String id, String total) {
        return register(id, total, List.of(), List.of());
    }

    public TestCluster register(
            String id, String total, List<Command.HeldTask> tasks, List<Command.HeldFramework> frameworks) {
        apply(new Command.RegisterAgent(
                new AgentId(id), agentSpec(id), resources(total), tasks, frameworks, nextConnection++, now));
        return this;
    }

    /** Partition-aware, with an hour to fail over. */
    public TestCluster framework(String id, String... roles) {
        subscribe(
                id,
                frameworkSpec(id, List.of(roles), Duration.ofHours(1), Set.of(FrameworkCapability.PARTITION_AWARE)));
        return this;
    }

    /** @return the number of the connection */
    public long subscribe(String id, FrameworkSpec spec) {
        apply(new Command.Subscribe(Optional.of(new FrameworkId(id)), spec, Set.of(), nextConnection, now));
        return nextConnection++;
    }

    /** One that asks for containers in a queue. */
    public TestCluster application(String id, String queue) {
        subscribe(
                id,
                frameworkSpec(id, List.of(queue), Duration.ofHours(1), Set.of(FrameworkCapability.PARTITION_AWARE))
                        .with(new ApplicationSpec(0)));
        return this;
    }

    /** Asks for so many containers of that size, anywhere. */
    public TestCluster ask(String application, int priority, int count, String size) {
        return ask(
                application,
                Ask.anywhere(new AskKey(priority, 0), resources(size).scalars(), count));
    }

    public TestCluster ask(String application, Ask... asks) {
        apply(new Command.UpdateAsks(new FrameworkId(application), List.of(asks), List.of(), List.of(), now));
        return this;
    }

    /** What was granted to it since effects were last taken, which forgets all others. */
    public List<Grant> grants(String application) {
        return take(Effect.GrantContainers.class).stream()
                .filter(granted -> granted.frameworkId().value().equals(application))
                .flatMap(granted -> granted.grants().stream())
                .toList();
    }

    public TestCluster disconnectAgent(String id) {
        apply(new Command.DisconnectAgent(new AgentId(id), nextConnection - 1, now));
        return this;
    }

    /** The offers that a framework holds, in the order in which they were made. */
    public List<Offer> offers(String framework) {
        return view().frameworks().stream()
                .filter(f -> f.id().value().equals(framework))
                .flatMap(f -> f.offers().stream())
                .toList();
    }

    public void decline(Offer offer, double refuseSeconds) {
        apply(new Command.DeclineOffers(offer.frameworkId(), List.of(offer.id()), Optional.of(refuseSeconds), now));
    }

    public void launch(Offer offer, TaskSpec... tasks) {
        accept(offer.frameworkId().value(), List.of(offer.id()), tasks);
    }

    public void accept(String framework, List<OfferId> offers, TaskSpec... tasks) {
        apply(new Command.AcceptOffers(
                new FrameworkId(framework),
                offers,
                List.of(new Operation.Launch(List.of(tasks))),
                Optional.empty(),
                now));
    }

    /** @return the update's uuid */
    public UUID update(String agent, String framework, String task, TaskState state) {
        return update(agent, framework, task, state, state);
    }

    public UUID update(String agent, String framework, String task, TaskState state, TaskState latest) {
        UUID uuid = new UUID(0, nextUuid++);
        apply(new Command.UpdateTask(
                new AgentId(agent), new FrameworkId(framework), status(agent, task, state, uuid), latest, now));
        return uuid;
    }

    public StatusUpdate status(String agent, String task, TaskState state, UUID uuid) {
        return new StatusUpdate(
                new TaskId(task),
                state,
                Optional.of(new AgentId(agent)),
                Optional.empty(),
                StatusSource.EXECUTOR,
                Optional.<StatusReason>empty(),
                Optional.empty(),
                Optional.of(uuid),
                now,
                Optional.empty(),
                Payload.EMPTY);
    }

    public void acknowledge(String agent, String framework, String task, UUID uuid) {
        apply(new Command.AcknowledgeUpdate(
                new FrameworkId(framework), new AgentId(agent), new TaskId(task), uuid, now));
    }

    public EngineView view() {
        return engine.view(now);
    }

    public EngineView.AgentView agentView(String id) {
        return view().agents().stream()
                .filter(a -> a.id().value().equals(id))
                .findFirst()
                .orElseThrow();
    }

    public EngineView.FrameworkView frameworkView(String id) {
        return view().frameworks().stream()
                .filter(f -> f.id().value().equals(id))
                .findFirst()
                .orElseThrow();
    }

    public WhatIfReport whatIf(Command change) {
        return engine.whatIf().report(change);
    }

    public EngineSnapshot snapshot() {
        return engine.snapshot();
    }

    public Optional<Instant> nextDue() {
        return engine.nextDue();
    }

    /** The effects of this kind since the last call of any of these, which forgets all. */
    public <E extends Effect> List<E> take(Class<E> kind) {
        List<E> found =
                effects.stream().filter(kind::isInstance).map(kind::cast).toList();
        effects.clear();
        return found;
    }

    public List<StatusUpdate> updates() {
        return take(Effect.SendUpdate.class).stream()
                .map(Effect.SendUpdate::update)
                .toList();
    }
}
