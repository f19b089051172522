package io.offerplane.operator.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskState;
import io.offerplane.engine.view.EngineView;
import io.offerplane.engine.view.EngineView.AgentView;
import io.offerplane.engine.view.EngineView.FrameworkView;
import io.offerplane.engine.view.EngineView.RoleView;
import io.offerplane.mesos.GatewayMetrics;
import io.offerplane.operator.pool.AgentPoolReconciler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All metrics of the process, in Prometheus' text form. Counters are fed by commands and effects as they pass; what is a level is
 * read from one picture of the engine's state when somebody scrapes.
 *
 * <p>{@link #observe} and {@link #applied} are called on the engine's thread; everything else on any.
 */
public final class OperatorMetrics {
    private static final String PROTOCOL = "mesos";
    private static final String OTHER = "other";
    private static final Duration[] BUCKETS = {
        Duration.ofNanos(100_000),
        Duration.ofMillis(1),
        Duration.ofMillis(10),
        Duration.ofMillis(100),
        Duration.ofSeconds(1),
        Duration.ofSeconds(10),
        Duration.ofMinutes(1)
    };

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final EngineGate engine;
    private final int maxFrameworks;

    private final Counter accepted = counter("offerplane.offers.accepted");
    private final Counter declined = counter("offerplane.offers.declined");
    private final Counter rescinded = counter("offerplane.offers.rescinded");
    private final Timer cycles = timer("offerplane.allocation.cycle.duration", Tags.empty());
    private final Counter offered = registry.counter("offerplane.allocation.decisions", "outcome", "offered");
    private final Counter passedOver = registry.counter("offerplane.allocation.decisions", "outcome", "passed_over");
    private final Map<Class<? extends Command>, Timer> commands = new ConcurrentHashMap<>();
    private final Map<String, Timer> reconciliations = new ConcurrentHashMap<>();
    private final Timer staging = timer("offerplane.task.start.duration", Tags.of("phase", "staging"));
    private final Timer starting = timer("offerplane.task.start.duration", Tags.of("phase", "starting"));

    /** When tasks that have not come to run yet entered their state; only the engine's thread writes. */
    private final Map<TaskKey, Long> enteredAt = new ConcurrentHashMap<>();

    private final ReentrantLock scraping = new ReentrantLock();
    // Guarded by scraping.
    private final Map<String, MultiGauge> levels = new TreeMap<>();
    private final Set<String> boundCounters = new HashSet<>();

    private final LongAdder refusedOfPastTerms = new LongAdder();
    private volatile IntSupplier queued = () -> 0;
    private volatile LongSupplier refused = () -> 0;
    private volatile IntSupplier linked = () -> 0;
    private volatile Supplier<List<AgentPoolReconciler.PoolDrift>> drifts = List::of;
    private volatile long termNumber;
    private volatile Duration recovery = Duration.ZERO;
    private volatile @Nullable GatewayMetrics gateway;

    private record TaskKey(FrameworkId framework, TaskId task) {}

    /** @param maxFrameworks how many names of frameworks get a label value of their own */
    public OperatorMetrics(EngineGate engine, int maxFrameworks) {
        this.engine = engine;
        this.maxFrameworks = maxFrameworks;
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        JvmGcMetrics collections = new JvmGcMetrics();
        collections.bindTo(registry);
        Gauge.builder("offerplane.engine.queued.commands", () -> queued.getAsInt())
                .register(registry);
        FunctionCounter.builder(
                        "offerplane.engine.refused.commands",
                        this,
                        metrics -> metrics.refusedOfPastTerms.sum() + metrics.refused.getAsLong())
                .register(registry);
        Gauge.builder("offerplane.link.agents", () -> linked.getAsInt()).register(registry);
        Gauge.builder("offerplane.leader.term", () -> termNumber).register(registry);
        Gauge.builder("offerplane.recovery.duration.seconds", () -> recovery.toNanos() / 1e9)
                .register(registry);
        String version = OperatorMetrics.class.getPackage().getImplementationVersion();
        Gauge.builder("offerplane.build.info", () -> 1)
                .tag("version", version == null ? "0.0.0" : version)
                .register(registry);
    }

    /** Where {@link io.micrometer.core.instrument.binder.MeterBinder}s of others, such as the reconcilers', put theirs. */
    public PrometheusMeterRegistry registry() {
        return registry;
    }

    public void bindElection(BooleanSupplier leading, BooleanSupplier reachable) {
        Gauge.builder("offerplane.leader", () -> leading.getAsBoolean() ? 1 : 0).register(registry);
        Gauge.builder("offerplane.apiserver.reachable", () -> reachable.getAsBoolean() ? 1 : 0)
                .register(registry);
    }

    public void bindGateway(GatewayMetrics metrics) {
        gateway = metrics;
        Gauge.builder("offerplane.http.connections", metrics.http().connections::get)
                .register(registry);
        counterOf("offerplane.http.slow.consumers.closed", metrics.http().slowConsumersClosed, Tags.empty());
        counterOf("offerplane.calls.refused", metrics.refusedCalls(), Tags.of("protocol", PROTOCOL));
        counterOf("offerplane.calls.busy", metrics.busy(), Tags.of("protocol", PROTOCOL));
    }

    /**
     * @param took from being elected to being open for business
     */
    public void termBegun(
            long number,
            IntSupplier queuedCommands,
            LongSupplier refusals,
            IntSupplier linkedAgents,
            Supplier<List<AgentPoolReconciler.PoolDrift>> poolDrifts,
            Duration took) {
        termNumber = number;
        queued = queuedCommands;
        refused = refusals;
        linked = linkedAgents;
        drifts = poolDrifts;
        recovery = took;
    }

    public void termEnded() {
        refusedOfPastTerms.add(refused.getAsLong());
        termNumber = 0;
        queued = () -> 0;
        refused = () -> 0;
        linked = () -> 0;
        drifts = List::of;
        enteredAt.clear();
    }

    /** Sees a command that the engine has applied. */
    public void applied(Command command, Decision decision, long nanos) {
        Duration took = Duration.ofNanos(nanos);
        commands.computeIfAbsent(
                        command.getClass(),
                        kind -> timer("offerplane.engine.command.duration", Tags.of("command", kind.getSimpleName())))
                .record(took);
        switch (command) {
            case Command.AcceptOffers accept ->
                accepted.increment(accept.offerIds().size());
            case Command.DeclineOffers decline ->
                declined.increment(decline.offerIds().size());
            case Command.Tick _ -> {
                for (Effect effect : decision.effects()) {
                    if (effect instanceof Effect.CycleFinished finished) {
                        cycles.record(took);
                        offered.increment(finished.offersMade());
                        passedOver.increment(finished.rejections());
                    }
                }
            }
            default -> {}
        }
    }

    /** Sees a reconciliation when it is through. */
    public void reconciled(String controller, Duration took, boolean failed) {
        registry.counter("offerplane.reconciliations", "controller", controller, "outcome", failed ? "failed" : "done")
                .increment();
        reconciliations
                .computeIfAbsent(
                        controller, name -> timer("offerplane.reconciliation.duration", Tags.of("controller", name)))
                .record(took);
    }

    /** Sees an effect that went out. */
    public void observe(Effect effect) {
        switch (effect) {
            case Effect.SendOffers sent -> {
                for (Offer offer : sent.offers()) {
                    registry.counter(
                                    "offerplane.offers.sent",
                                    "protocol",
                                    PROTOCOL,
                                    "queue",
                                    offer.role().value(),
                                    "pool",
                                    offer.agent().pool())
                            .increment();
                }
            }
            case Effect.RescindOffer _ -> rescinded.increment();
            case Effect.TaskTransition transition -> transition(transition);
            default -> {}
        }
    }

    /** Everything, in Prometheus' text form. */
    public String scrape() {
        scraping.lock();
        try {
            readLevels(engine.view());
            GatewayMetrics counted = gateway;
            if (counted != null) {
                counted.calls().forEach((call, count) -> bindOnce("offerplane.calls", "call", call, count));
                counted.events().forEach((event, count) -> bindOnce("offerplane.events", "event", event, count));
            }
            return registry.scrape();
        } finally {
            scraping.unlock();
        }
    }

    private void transition(Effect.TaskTransition transition) {
        registry.counter(
                        "offerplane.task.transitions",
                        "state",
                        transition.to().wireName(),
                        "reason",
                        transition.reason().map(Enum::name).orElse(""))
                .increment();
        TaskKey key = new TaskKey(transition.frameworkId(), transition.taskId());
        long now = System.nanoTime();
        Long before = enteredAt.remove(key);
        if (before != null && transition.from().isPresent()) {
            Timer phase = transition.from().get() == TaskState.STAGING ? staging : starting;
            if (!transition.to().isTerminal()) {
                phase.record(Duration.ofNanos(now - before));
            }
        }
        if (transition.to() == TaskState.STAGING || transition.to() == TaskState.STARTING) {
            enteredAt.put(key, now);
        }
    }

    private void readLevels(EngineView view) {
        Rows offers = new Rows();
        Rows info = new Rows();
        Rows connected = new Rows();
        Rows tasks = new Rows();
        Set<String> names = new HashSet<>();
        for (FrameworkView framework : view.frameworks()) {
            String name = framework.spec().name();
            String label = names.contains(name) || names.size() < maxFrameworks ? name : OTHER;
            names.add(label);
            info.set(1, "framework", label, "protocol", PROTOCOL);
            connected.add(framework.connected() ? 1 : 0, "framework", label);
            framework
                    .offers()
                    .forEach(offer -> offers.add(
                            1, "protocol", PROTOCOL, "queue", offer.role().value()));
            framework
                    .tasks()
                    .forEach(task -> tasks.add(
                            1,
                            "state",
                            task.state().wireName(),
                            "queue",
                            task.role().value()));
            framework
                    .unreachableTasks()
                    .forEach(task -> tasks.add(
                            1,
                            "state",
                            task.state().wireName(),
                            "queue",
                            task.role().value()));
        }
        offers.register("offerplane.offers.outstanding");
        info.register("offerplane.framework.info");
        connected.register("offerplane.framework.connected");
        tasks.register("offerplane.tasks");
        readQueues(view);
        readPools(view);
    }

    private void readQueues(EngineView view) {
        Rows allocated = new Rows();
        Rows share = new Rows();
        Rows fairShare = new Rows();
        for (RoleView role : view.roles()) {
            String queue = role.role().value();
            addAmounts(allocated, role.allocated(), "queue", queue);
            share.set(role.share(), "queue", queue);
            fairShare.set(role.fairShare(), "queue", queue);
        }
        allocated.register("offerplane.queue.allocated");
        share.register("offerplane.queue.dominant.share.ratio");
        fairShare.register("offerplane.queue.fair.share.ratio");
    }

    private void readPools(EngineView view) {
        Rows capacity = new Rows();
        Rows allocated = new Rows();
        Rows offerable = new Rows();
        Rows revocable = new Rows();
        Rows agents = new Rows();
        for (AgentView agent : view.agents()) {
            String pool = agent.spec().pool();
            Resources free = agent.total().minusToZero(agent.allocated()).minusToZero(agent.offered());
            addAmounts(capacity, agent.total().nonRevocable(), "pool", pool);
            addAmounts(allocated, agent.allocated().nonRevocable(), "pool", pool);
            addAmounts(offerable, free.nonRevocable(), "pool", pool);
            addAmounts(revocable, agent.total().revocable(), "pool", pool);
            agents.add(1, "pool", pool, "state", agent.phase().name().toLowerCase(Locale.ROOT));
        }
        capacity.register("offerplane.pool.capacity");
        allocated.register("offerplane.pool.allocated");
        offerable.register("offerplane.pool.offerable");
        revocable.register("offerplane.pool.revocable");
        agents.register("offerplane.agents");
        Rows drift = new Rows();
        for (AgentPoolReconciler.PoolDrift pool : drifts.get()) {
            drift.set(pool.cpuMilli() / 1000.0, "pool", pool.pool(), "resource", "cpu", "unit", "core");
            drift.set((double) pool.memoryBytes(), "pool", pool.pool(), "resource", "memory", "unit", "byte");
        }
        drift.register("offerplane.pool.booking.drift");
    }

    private static void addAmounts(Rows rows, Resources resources, String label, String value) {
        for (Map.Entry<String, Quantity> amount : resources.scalars().amounts().entrySet()) {
            String resource = amount.getKey();
            double units = amount.getValue().units();
            switch (resource) {
                case "cpus" -> rows.add(units, label, value, "resource", "cpu", "unit", "core");
                // Mesos counts both in MiB.
                case "mem" -> rows.add(units * 1024 * 1024, label, value, "resource", "memory", "unit", "byte");
                case "disk" -> rows.add(units * 1024 * 1024, label, value, "resource", "disk", "unit", "byte");
                default -> rows.add(units, label, value, "resource", resource, "unit", "integer");
            }
        }
    }

    private void bindOnce(String name, String label, String value, LongAdder count) {
        if (boundCounters.add(name + "/" + value)) {
            counterOf(name, count, Tags.of("protocol", PROTOCOL, label, value));
        }
    }

    private void counterOf(String name, LongAdder count, Tags tags) {
        FunctionCounter.builder(name, count, LongAdder::sum).tags(tags).register(registry);
    }

    private Counter counter(String name) {
        return registry.counter(name, "protocol", PROTOCOL);
    }

    private Timer timer(String name, Tags tags) {
        return Timer.builder(name).tags(tags).serviceLevelObjectives(BUCKETS).register(registry);
    }

    /** The values of one metric by its labels, summed up. */
    private final class Rows {
        private final Map<List<String>, Double> values =
                new TreeMap<>(java.util.Comparator.comparing((List<String> labels) -> String.join("\0", labels)));

        void add(double value, String... labels) {
            values.merge(List.of(labels), value, Double::sum);
        }

        void set(double value, String... labels) {
            values.put(List.of(labels), value);
        }

        void register(String name) {
            List<MultiGauge.Row<?>> rows = new ArrayList<>();
            values.forEach(
                    (labels, value) -> rows.add(MultiGauge.Row.of(Tags.of(labels.toArray(String[]::new)), value)));
            levels.computeIfAbsent(name, n -> MultiGauge.builder(n).register(registry))
                    .register(rows, true);
        }
    }
}
