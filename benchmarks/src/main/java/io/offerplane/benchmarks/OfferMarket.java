package io.offerplane.benchmarks;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineConfig;
import io.offerplane.engine.OfferEngine;
import io.offerplane.engine.Payload;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.ask.ApplicationSpec;
import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.offer.Operation;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.Ranges;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * An engine full of agents and frameworks. Agents have 32 cores, 128 GiB and a thousand ports; each framework has a queue of its own
 * among ten departments, with weights from 1 to 5.
 */
final class OfferMarket {
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final int DEPARTMENTS = 10;
    private static final Resources TOTAL = fresh();

    static final EngineConfig CONFIG = new EngineConfig(
            "benchmark",
            INTERVAL,
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

    private final OfferEngine engine = new OfferEngine(CONFIG);
    private int agents;
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private Resources total = TOTAL;
    private long connection = 1;
    private long tasks;
    private final List<FrameworkId> frameworks = new ArrayList<>();
    private final Supplier<Resources> agentTotals;

    /** How the frameworks' roles lie. */
    enum Tree {
        /** All in one, as in Mesos' benchmarks. */
        ONE_ROLE("one role"),
        /** Each has its own below one of ten departments. */
        TWO_LEVELS("two levels"),
        /** Each has its own below one of ten teams of one of ten departments. */
        THREE_LEVELS("three levels");

        final String text;

        Tree(String text) {
            this.text = text;
        }

        RolePath role(int framework) {
            return new RolePath(
                    switch (this) {
                        case ONE_ROLE -> "*";
                        case TWO_LEVELS -> "department" + framework % DEPARTMENTS + "/team" + framework;
                        case THREE_LEVELS ->
                            "department" + framework % DEPARTMENTS + "/team" + framework / DEPARTMENTS % DEPARTMENTS
                                    + "/project" + framework;
                    });
        }
    }

    OfferMarket(int agents, int frameworks) {
        this(agents, frameworks, Tree.TWO_LEVELS);
    }

    OfferMarket(int agents, int frameworks, Tree tree) {
        this(agents, frameworks, tree, OfferMarket::fresh);
    }

    /** @param agentTotals what the next agent to join has */
    OfferMarket(int agents, int frameworks, Tree tree, Supplier<Resources> agentTotals) {
        this.agentTotals = agentTotals;
        for (int i = 0; i < frameworks; i++) {
            RolePath role = tree.role(i);
            if (tree != Tree.ONE_ROLE) {
                apply(new Command.SetRoleWeight(role, 1 + i % 5, now));
            }
            subscribe("framework" + i, List.of(role), Set.of(FrameworkCapability.PARTITION_AWARE));
        }
        for (int i = 0; i < agents; i++) {
            join();
        }
    }

    /** One framework that is in many roles, and no agents. */
    static OfferMarket ofOneFramework(int roles) {
        OfferMarket market = new OfferMarket(0, 0);
        List<RolePath> paths = new ArrayList<>();
        for (int i = 0; i < roles; i++) {
            paths.add(new RolePath("role" + i));
        }
        market.subscribe(
                "framework", paths, Set.of(FrameworkCapability.PARTITION_AWARE, FrameworkCapability.MULTI_ROLE));
        return market;
    }

    /** One more framework, in one role. */
    FrameworkId subscribe(String name, String role) {
        subscribe(name, List.of(new RolePath(role)), Set.of(FrameworkCapability.PARTITION_AWARE));
        return frameworks.getLast();
    }

    /** One more application, which asks rather than waits for offers. */
    FrameworkId submit(String name, String queue) {
        FrameworkId id = new FrameworkId(name);
        apply(new Command.Subscribe(
                Optional.of(id),
                spec(name, List.of(new RolePath(queue)), Set.of(FrameworkCapability.PARTITION_AWARE))
                        .with(new ApplicationSpec(0)),
                Set.of(),
                connection++,
                now));
        return id;
    }

    private static FrameworkSpec spec(String name, List<RolePath> roles, Set<FrameworkCapability> capabilities) {
        return new FrameworkSpec(
                name, "root", roles, Duration.ofHours(1), true, Optional.empty(), capabilities, Payload.EMPTY);
    }

    private void subscribe(String name, List<RolePath> roles, Set<FrameworkCapability> capabilities) {
        apply(new Command.Subscribe(
                Optional.of(new FrameworkId(name)), spec(name, roles, capabilities), Set.of(), connection++, now));
        frameworks.add(new FrameworkId(name));
    }

    /** One more agent. */
    void join() {
        int number = agents++;
        apply(new Command.RegisterAgent(
                new AgentId("agent" + number),
                spec(number),
                agentTotals.get(),
                List.of(),
                List.of(),
                connection++,
                now));
    }

    int agents() {
        return agents;
    }

    OfferEngine engine() {
        return engine;
    }

    List<FrameworkId> frameworks() {
        return List.copyOf(frameworks);
    }

    void suppressAll() {
        frameworks.forEach(this::suppress);
    }

    /** It wants no offers until it says so. */
    void suppress(FrameworkId framework) {
        apply(new Command.Suppress(framework, List.of(), now));
    }

    void revive(FrameworkId framework) {
        apply(new Command.Revive(framework, List.of(), now));
    }

    /** What waits is done, and no time passes. */
    Decision tick() {
        return apply(new Command.Tick(now));
    }

    /** As from a wire: nothing in it is another agent's, too. */
    static Resources fresh() {
        return Resources.scalar("cpus", 32)
                .plus(Resources.scalar("mem", 131_072))
                .plus(Resources.scalar("disk", 1_000_000))
                .plus(Resources.ranges("ports", Ranges.of(31_000, 32_000)));
    }

    private static AgentSpec spec(int agent) {
        return new AgentSpec(
                "node" + agent, "10.0.0.1", 5051, "node" + agent, "default", List.of(), Optional.empty(), "0.1.0");
    }

    /** Every agent loses or regains a megabyte of disk: the next cycle looks at them all, and what was refused stays refused. */
    void touchAll() {
        total = total.equals(TOTAL) ? TOTAL.minus(Resources.scalar("disk", 1)) : TOTAL;
        for (int i = 0; i < agents; i++) {
            apply(new Command.UpdateAgent(new AgentId("agent" + i), spec(i), total, now));
        }
    }

    /** An allocation interval passes. */
    Decision cycle() {
        now = now.plus(INTERVAL);
        return apply(new Command.Tick(now));
    }

    /** All offers of a decision come back, for so long. */
    void decline(Decision decision, double refuseSeconds) {
        for (Effect.SendOffers sent : offers(decision)) {
            List<OfferId> ids = sent.offers().stream().map(Offer::id).toList();
            apply(new Command.DeclineOffers(sent.frameworkId(), ids, Optional.of(refuseSeconds), now));
        }
    }

    /** One task of so many cores on each of a decision's offers; the rest is refused for so long. */
    void launch(Decision decision, double cpus, double refuseSeconds) {
        for (Effect.SendOffers sent : offers(decision)) {
            for (Offer offer : sent.offers()) {
                TaskId id = new TaskId("task" + tasks++);
                TaskSpec task = new TaskSpec(
                        id,
                        id.value(),
                        offer.agentId(),
                        Resources.scalar("cpus", cpus).plus(Resources.scalar("mem", 1024)),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Payload.EMPTY);
                apply(new Command.AcceptOffers(
                        offer.frameworkId(),
                        List.of(offer.id()),
                        List.of(new Operation.Launch(List.of(task))),
                        Optional.of(refuseSeconds),
                        now));
            }
        }
    }

    static int countOffers(Decision decision) {
        return offers(decision).stream().mapToInt(sent -> sent.offers().size()).sum();
    }

    /** How many agents the cycle of this decision looked at. */
    static int countVisited(Decision decision) {
        return decision.effects().stream()
                .mapToInt(effect -> effect instanceof Effect.CycleFinished cycle ? cycle.agentsVisited() : 0)
                .sum();
    }

    static List<Effect.SendOffers> offers(Decision decision) {
        List<Effect.SendOffers> offers = new ArrayList<>();
        for (Effect effect : decision.effects()) {
            if (effect instanceof Effect.SendOffers sent) {
                offers.add(sent);
            }
        }
        return offers;
    }

    Instant now() {
        return now;
    }

    /** A time with which another cycle is due. */
    void pass(Duration time) {
        now = now.plus(time);
    }

    Decision apply(Command command) {
        Decision decision = engine.apply(command);
        if (decision.answer() instanceof Decision.Answer.Refused refused) {
            throw new IllegalStateException(command + " was refused: " + refused.message());
        }
        return decision;
    }
}
