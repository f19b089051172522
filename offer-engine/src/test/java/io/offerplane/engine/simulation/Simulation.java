package io.offerplane.engine.simulation;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Decision.Answer;
import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineConfig;
import io.offerplane.engine.SetAsideRules;
import io.offerplane.engine.TestCluster;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.ask.ApplicationSpec;
import io.offerplane.engine.ask.Grant;
import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.offer.Operation;
import io.offerplane.engine.offer.Operation.Change.Kind;
import io.offerplane.engine.recording.Recording;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import io.offerplane.engine.role.QueuePolicy;
import io.offerplane.engine.role.QueuePolicy.Ordering;
import io.offerplane.engine.role.Quota;
import io.offerplane.engine.role.ReclaimPolicy;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.view.EngineView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * One run: trouble for so many steps, then calm in which everybody must get on, then an end in which everything must be given back.
 *
 * <p>A step is one thing that happens: a message arrives, a timer fires, a fault strikes.
 */
final class Simulation {
    private static final List<String> ROLES = List.of("*", "eng", "eng/web", "eng/ads", "ops");
    private static final Duration AGENT_TIMEOUT = Duration.ofSeconds(15);
    private static final int CALM_SECONDS = 80;
    // Ten subscriptions may have to take turns on the only agent that isn't full of long tasks.
    private static final int CALM_SECONDS_AT_MOST = 240;
    private static final int DRAIN_SECONDS = 180;

    final World world;
    final Auditor auditor;
    final Sightings sightings;
    private final long seed;
    private final UnaryOperator<Decision> sabotage;
    private final Map<AgentId, SimulatedAgent> agents = new LinkedHashMap<>();
    private final List<SimulatedFramework> frameworks = new ArrayList<>();
    private final Map<AgentId, Route<SimulatedAgent>> toAgents = new LinkedHashMap<>();
    private final Map<FrameworkId, Route<SimulatedFramework>> toFrameworks = new LinkedHashMap<>();
    private final Map<FrameworkId, FrameworkSpec> rememberedFrameworks = new LinkedHashMap<>();
    private final Set<FrameworkId> rememberedEnds = new LinkedHashSet<>();
    private final Set<AgentId> removedAgents = new LinkedHashSet<>();
    private final SimulatedOperator maintenance;
    private RestoringEngine engine;
    private long nextConnection = 1;
    private int term;
    private int nextAgent;
    private int steps;
    private boolean tickDue;
    private boolean recording;
    private final List<RestoringEngine> terms = new ArrayList<>();

    private record Route<T>(T end, Stream stream) {}

    /** @param sabotage what is done to each decision before anybody sees it; identity for an honest engine */
    Simulation(long seed, UnaryOperator<Decision> sabotage, Sightings sightings) {
        this.seed = seed;
        this.sabotage = sabotage;
        this.sightings = sightings;
        world = new World(seed);
        EngineConfig config = config();
        auditor = new Auditor(config);
        maintenance = new SimulatedOperator(this);
        engine = begin(config);
    }

    /** Takes down all that engines are told from here on. */
    Simulation recording() {
        recording = true;
        terms.forEach(RestoringEngine::record);
        return this;
    }

    /** One of each leader. */
    List<Recording> recordings() {
        return terms.stream().map(RestoringEngine::recording).toList();
    }

    private RestoringEngine begin(EngineConfig config) {
        RestoringEngine next = new RestoringEngine(config);
        if (recording) {
            next.record();
        }
        terms.add(next);
        return next;
    }

    private EngineConfig config() {
        EngineConfig base = TestCluster.CONFIG;
        return new EngineConfig(
                "term" + ++term,
                base.allocationInterval(),
                seed % 2 == 0 ? Optional.of(Duration.ofSeconds(10)) : Optional.empty(),
                AGENT_TIMEOUT,
                base.minAllocatable(),
                base.region(),
                base.filterGpuAgents(),
                base.completedTasksPerFramework(),
                base.completedFrameworks(),
                base.askRules(),
                new SetAsideRules(Duration.ofSeconds(10), Duration.ofSeconds(20), (int) (seed % 4) * 200),
                seed + term,
                Set.of());
    }

    void run(int troubledSteps) {
        populate();
        for (steps = 0; steps < troubledSteps; steps++) {
            step();
        }
        calm();
        drain();
    }

    private void step() {
        world.step();
        if (steps % 50 == 0) {
            auditor.compare(engine.view(world.now()));
        }
    }

    private void populate() {
        for (int i = 2 + world.upTo(4); i > 0; i--) {
            addAgent();
        }
        for (int i = 2 + world.upTo(4); i > 0; i--) {
            addFramework();
        }
        tickEverySecond();
        world.after(world.between(1, 5), this::fault);
    }

    private void addAgent() {
        AgentId id = new AgentId("agent" + nextAgent++);
        SimulatedAgent agent = new SimulatedAgent(this, id, drawTotal());
        agents.put(id, agent);
        stayConnected(agent);
    }

    private Resources drawTotal() {
        int size = 1 + world.upTo(8);
        return TestCluster.resources("cpus:" + size + ";mem:" + 256 * size + ";disk:" + 100 * size + ";ports:[31000-310"
                + (10 + size) + "]");
    }

    private void addFramework() {
        Duration failover = List.of(Duration.ZERO, Duration.ofSeconds(5), Duration.ofMinutes(1), Duration.ofDays(7))
                .get(world.upTo(4));
        Set<FrameworkCapability> capabilities = world.chance(0.5)
                ? Set.of(
                        FrameworkCapability.PARTITION_AWARE,
                        FrameworkCapability.RESERVATION_REFINEMENT,
                        FrameworkCapability.REVOCABLE_RESOURCES)
                : Set.of();
        String name = "f" + frameworks.size();
        boolean asks = seed % 2 == 0 && world.chance(0.4);
        List<String> roles = drawRoles().stream()
                .map(RolePath::value)
                .limit(asks ? 1 : ROLES.size())
                .toList();
        FrameworkSpec spec = TestCluster.frameworkSpec(name, roles, failover, capabilities);
        SimulatedFramework framework =
                new SimulatedFramework(this, name, asks ? spec.with(new ApplicationSpec(0)) : spec);
        frameworks.add(framework);
        world.after(world.between(0, 5), framework::subscribe);
    }

    List<RolePath> drawRoles() {
        List<RolePath> roles = new ArrayList<>();
        for (String role : ROLES) {
            if (world.chance(0.3)) {
                roles.add(new RolePath(role));
            }
        }
        return roles.isEmpty() ? List.of(RolePath.DEFAULT) : roles;
    }

    private void stayConnected(SimulatedAgent agent) {
        agent.connect();
        boolean away = world.trouble(0.05);
        world.after(away ? 25 : world.between(1, 5), () -> {
            if (!agent.dead) {
                stayConnected(agent);
            }
        });
    }

    // --- the engine

    long nextConnection() {
        return nextConnection++;
    }

    void attach(AgentId id, SimulatedAgent agent, Stream stream) {
        toAgents.put(id, new Route<>(agent, stream));
    }

    void attach(FrameworkId id, SimulatedFramework framework, Stream stream) {
        toFrameworks.put(id, new Route<>(framework, stream));
    }

    /** An application starts a container on its node by itself. Says whether the node could be reached. */
    boolean startContainer(FrameworkId framework, FrameworkSpec spec, Grant grant, TaskSpec task) {
        SimulatedAgent agent = agents.get(grant.agentId());
        // Nodes refuse what an earlier leader granted: the one they are registered with doesn't know of it.
        boolean current = grant.container().value().startsWith("term" + term + "-");
        if (agent == null || !agent.isConnected() || !current) {
            return false;
        }
        agent.startContainer(framework, spec, grant.role(), task);
        return true;
    }

    Answer submit(Command command) {
        return submit(command, answer -> {});
    }

    Answer submit(Command command, Consumer<Answer> onAnswer) {
        sightings.see(command);
        Decision decision = sabotage.apply(engine.apply(command));
        auditor.audit(command, decision);
        remember(command, decision);
        onAnswer.accept(decision.answer());
        decision.effects().forEach(this::dispatch);
        if (!tickDue
                && engine.nextDue().filter(due -> !due.isAfter(world.now())).isPresent()) {
            tickDue = true;
            world.after(0.01, () -> {
                tickDue = false;
                submit(new Command.Tick(world.now()));
            });
        }
        return decision.answer();
    }

    private void dispatch(Effect effect) {
        sightings.see(effect);
        if (effect instanceof Effect.ToAgent toAgent) {
            Route<SimulatedAgent> route = toAgents.get(toAgent.agentId());
            if (route != null) {
                route.stream().fromEngine(() -> route.end().handle(toAgent));
            }
        } else if (effect instanceof Effect.ToFramework toFramework) {
            Route<SimulatedFramework> route = toFrameworks.get(toFramework.frameworkId());
            if (route != null) {
                route.stream().fromEngine(() -> route.end().handle(toFramework));
            }
        }
    }

    List<AgentId> agentIds() {
        return List.copyOf(agents.keySet());
    }

    private void tickEverySecond() {
        submit(new Command.Tick(world.now()));
        world.after(1, this::tickEverySecond);
    }

    /** What outlives a leader: the frameworks and agents that there are. */
    private void remember(Command command, Decision decision) {
        if (command instanceof Command.Subscribe subscribe
                && decision.answer() instanceof Answer.Subscribed(FrameworkId id)) {
            rememberedFrameworks.put(id, subscribe.spec());
        }
        for (Effect effect : decision.effects()) {
            if (effect instanceof Effect.FrameworkRemoved removed) {
                rememberedFrameworks.remove(removed.frameworkId());
                rememberedEnds.add(removed.frameworkId());
            }
        }
    }

    // --- faults

    private void fault() {
        if (!world.troubled) {
            return;
        }
        world.after(world.between(0.5, 6), this::fault);
        switch (world.upTo(19)) {
            case 0, 1 -> anyAgent().disconnect();
            case 2 -> anyAgent().reboot();
            case 3, 4 -> anyFramework().disconnect();
            case 5 -> anyFramework().subscribe();
            case 6 -> resize(anyAgent());
            case 7 -> toggle(anyAgent());
            case 8 -> crash();
            case 9 -> lose(anyAgent());
            case 10 -> teardown(anyFramework());
            case 11 -> setQuota();
            case 12 ->
                submit(new Command.SetReclaimPolicy(
                        new RolePath(ROLES.get(world.upTo(ROLES.size()))),
                        world.chance(0.1)
                                ? Optional.empty()
                                : Optional.of(new ReclaimPolicy(world.chance(0.7), Duration.ofSeconds(world.upTo(10)))),
                        world.now()));
            case 13, 14, 15, 16 -> maintenance.trouble();
            case 17 -> setQueuePolicy();
            default ->
                submit(new Command.SetRoleWeight(
                        new RolePath(ROLES.get(world.upTo(ROLES.size()))), world.between(0.5, 4), world.now()));
        }
    }

    /** Sets a quota of a top-level role, or takes it away; guarantees may be too high, and limits too low. */
    private void setQueuePolicy() {
        QueuePolicy policy = new QueuePolicy(
                List.of(Ordering.FAIR, Ordering.FIFO, Ordering.PRIORITY).get(world.upTo(3)),
                world.chance(0.5) ? 100 : 50,
                world.chance(0.7) ? Optional.empty() : Optional.of(200),
                Optional.empty(),
                world.chance(0.5) ? Optional.empty() : Optional.of(world.upTo(3)),
                world.chance(0.5) ? Optional.empty() : Optional.of(50));
        submit(new Command.SetQueuePolicy(
                new RolePath(ROLES.get(world.upTo(ROLES.size()))),
                world.chance(0.2) ? Optional.empty() : Optional.of(policy),
                world.now()));
    }

    private void setQuota() {
        RolePath role = new RolePath(List.of("*", "eng", "ops").get(world.upTo(3)));
        int size = world.upTo(8);
        SortedMap<String, Quantity> limits = new TreeMap<>();
        if (world.chance(0.5)) {
            limits.put("cpus", Quantity.of(size + world.upTo(4)));
        }
        Resources guarantee =
                world.chance(0.5) ? TestCluster.resources("cpus:" + size + ";mem:" + 128 * size) : Resources.EMPTY;
        Quota quota = world.chance(0.3) ? Quota.NONE : new Quota(guarantee.scalars(), limits);
        submit(new Command.SetQuotas(
                List.of(new Command.SetQuotas.RoleQuota(role, quota)), world.chance(0.5), world.now()));
    }

    private SimulatedAgent anyAgent() {
        return List.copyOf(agents.values()).get(world.upTo(agents.size()));
    }

    private SimulatedFramework anyFramework() {
        return frameworks.get(world.upTo(frameworks.size()));
    }

    private void resize(SimulatedAgent agent) {
        if (!agent.isConnected()) {
            return;
        }
        if (world.chance(0.4)) {
            submit(new Command.SetOversubscribed(
                    agent.id, TestCluster.resources("cpus(revocable):" + 0.5 * (1 + world.upTo(4))), world.now()));
            return;
        }
        agent.total = drawTotal();
        submit(new Command.UpdateAgent(agent.id, TestCluster.agentSpec(agent.id.value()), agent.total, world.now()));
    }

    private void toggle(SimulatedAgent agent) {
        submit(new Command.DeactivateAgent(agent.id, world.now()));
        world.after(world.between(0, 10), () -> submit(new Command.ActivateAgent(agent.id, world.now())));
    }

    private void lose(SimulatedAgent agent) {
        if (world.chance(0.7)) {
            agent.disconnect();
            submit(new Command.MarkAgentUnreachable(agent.id, world.now()));
            return;
        }
        agent.disconnect();
        agent.dead = true;
        agent.tasks.clear();
        agents.remove(agent.id);
        removedAgents.add(agent.id);
        submit(new Command.RemoveAgent(agent.id, "its node is gone", world.now()));
        addAgent();
    }

    /** The agent was sent away for good: another takes its place. */
    void replace(SimulatedAgent agent) {
        if (agents.remove(agent.id) != null) {
            removedAgents.add(agent.id);
            addAgent();
        }
    }

    private void teardown(SimulatedFramework framework) {
        if (world.chance(0.3) && framework.id.isPresent()) {
            // One that chose its id but has not subscribed yet can't be torn down.
            if (submit(new Command.TeardownFramework(framework.id.get(), world.now())) instanceof Answer.Accepted) {
                framework.ended = true;
                addFramework();
            }
        }
    }

    /** The leader dies with all that it knew; the next one starts from what Kubernetes remembers. */
    private void crash() {
        sightings.see("crash");
        toAgents.values().forEach(route -> route.stream().close());
        toFrameworks.values().forEach(route -> route.stream().close());
        toAgents.clear();
        toFrameworks.clear();
        EngineConfig config = config();
        Map<AgentId, Resources> dynamic = new LinkedHashMap<>();
        engine.view(world.now()).agents().forEach(agent -> dynamic.put(agent.id(), agent.dynamic()));
        engine = begin(config);
        auditor.newTerm(config);
        Instant now = world.now();
        removedAgents.forEach(id -> submit(new Command.RecoverRemovedAgent(id, now)));
        rememberedEnds.forEach(id -> submit(new Command.RecoverRemovedFramework(id, now)));
        agents.keySet().forEach(id -> submit(new Command.RecoverAgent(id, TestCluster.agentSpec(id.value()), now)));
        dynamic.forEach((id, resources) -> {
            if (agents.containsKey(id)) {
                submit(new Command.RecoverReservations(id, resources, now));
            }
        });
        maintenance.recover();
        rememberedFrameworks.forEach((id, spec) -> submit(new Command.RecoverFramework(
                id, spec, Optional.of(now.plus(spec.failoverTimeout()).plusSeconds(20)), now)));
    }

    // --- the end

    private void calm() {
        world.troubled = false;
        Instant began = world.now();
        agents.keySet().forEach(id -> submit(new Command.ActivateAgent(id, world.now())));
        maintenance.end();
        frameworks.forEach(framework -> framework.offersSinceCalm = 0);
        giveUpReservations();
        for (String role : List.of("*", "eng", "ops")) {
            submit(new Command.SetQuotas(
                    List.of(new Command.SetQuotas.RoleQuota(new RolePath(role), Quota.NONE)), true, world.now()));
        }
        for (String role : ROLES) {
            submit(new Command.SetQueuePolicy(new RolePath(role), Optional.empty(), world.now()));
        }
        Instant soonest = began.plusSeconds(CALM_SECONDS);
        Instant latest = began.plusSeconds(CALM_SECONDS_AT_MOST);
        while (world.now().isBefore(withoutOffer().isPresent() ? latest : soonest)) {
            steps++;
            step();
        }
        withoutOffer().ifPresent(framework -> {
            throw new AuditFailure(
                    "liveness",
                    framework.name + " got no offer in " + CALM_SECONDS_AT_MOST + " s after the last fault; "
                            + engine.view(world.now()).rejections());
        });
    }

    /** One that is still there and has had no offer since the last fault. */
    private Optional<SimulatedFramework> withoutOffer() {
        return frameworks.stream()
                .filter(framework -> !framework.ended && framework.offersSinceCalm == 0)
                .findFirst();
    }

    /** An operator clears up what nobody may be left to use; what is in use stays. */
    private void giveUpReservations() {
        for (EngineView.AgentView agent : engine.view(world.now()).agents()) {
            agent.dynamic().bound().keySet().forEach(terms -> {
                Resources there = agent.dynamic().on(terms::equals);
                if (terms.volume().isPresent()) {
                    operate(agent.id(), Kind.DESTROY, there);
                    operate(agent.id(), Kind.UNRESERVE, there.onOther(Terms::withoutVolume));
                } else {
                    operate(agent.id(), Kind.UNRESERVE, there);
                }
            });
        }
    }

    private void operate(AgentId agent, Kind kind, Resources resources) {
        submit(new Command.ChangeResources(
                agent,
                new Operation.Change(kind, resources, Resources.EMPTY, Optional.empty(), Optional.empty()),
                world.now()));
    }

    private boolean isQuiet() {
        return agents.values().stream().allMatch(agent -> agent.tasks.isEmpty())
                && auditor.isNothingHeld()
                && frameworks.stream().allMatch(framework -> framework.ended || framework.believesAllEnded());
    }

    private void drain() {
        frameworks.forEach(framework -> framework.demands = false);
        Instant until = world.now().plusSeconds(DRAIN_SECONDS);
        while (world.now().isBefore(until) && !isQuiet()) {
            steps++;
            step();
        }
        auditor.compare(engine.view(world.now()));
        for (SimulatedAgent agent : agents.values()) {
            if (!agent.tasks.isEmpty()) {
                throw new AuditFailure(
                        "everything ends", agent.id + " still holds " + agent + "; frameworks " + frameworks);
            }
        }
        for (SimulatedFramework framework : frameworks) {
            framework.beliefs.forEach((task, belief) -> {
                if (!framework.ended && !belief.state.isTerminal()) {
                    throw new AuditFailure(
                            "no update lost", framework.name + " believes " + task + " to be " + belief.state);
                }
            });
        }
        auditor.requireNothingHeld();
    }
}
