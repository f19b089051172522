package io.offerplane.engine.theorem;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineConfig;
import io.offerplane.engine.OfferEngine;
import io.offerplane.engine.TestCluster;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.Operation;
import io.offerplane.engine.role.RolePath;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Fills through {@link OfferEngine#apply} alone, as frameworks do: each cycle the first offer is taken for one task and what is left of it declined
 * for no time; all other offers are declined for no time as well. So whenever a task is launched, nothing else was on offer when the
 * engine chose whom to offer it to. Who finds no room on this agent but on another declines for no time; who finds none anywhere
 * declines for good; who has enough suppresses.
 */
final class EngineFiller implements Filler {
    private static final double FOR_GOOD = 1e7;

    private final boolean weighs;
    private final List<Command> commands = new ArrayList<>();
    private final List<Decision> decisions = new ArrayList<>();

    /** @param weighs whether the engine is told the weights: a planted defect if not */
    EngineFiller(boolean weighs) {
        this.weighs = weighs;
    }

    static EngineConfig config(long seed) {
        EngineConfig base = TestCluster.CONFIG;
        return new EngineConfig(
                base.termId(),
                base.allocationInterval(),
                Optional.empty(),
                base.agentReregisterTimeout(),
                List.of(),
                Optional.empty(),
                true,
                base.completedTasksPerFramework(),
                base.completedFrameworks(),
                seed);
    }

    /** What it did, for those who do it again. */
    List<Command> commands() {
        return commands;
    }

    List<Decision> decisions() {
        return decisions;
    }

    @Override
    public Filled fill(Pool pool) {
        return new Run(pool).fill();
    }

    private final class Run {
        private final Pool pool;
        private final OfferEngine engine = new OfferEngine(config(7));
        private final List<Claimant> frameworks;
        private final Map<String, Integer> numbers = new HashMap<>();
        private final Map<String, Integer> agents = new HashMap<>();
        private final List<Long> tasks = new ArrayList<>();
        private final List<List<Long>> left = new ArrayList<>();
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");
        private int launched;

        Run(Pool pool) {
            this.pool = pool;
            this.frameworks = pool.frameworks();
        }

        Filled fill() {
            join();
            // Each cycle launches a task, or refuses an agent for good, or meets an agent without room: that is bounded
            // only by chance.
            for (int cycle = 0; cycle < 200_000; cycle++) {
                now = now.plusSeconds(1);
                List<Offer> offers = offersIn(apply(new Command.Tick(now)));
                if (offers.isEmpty()) {
                    return new Filled(tasks, left);
                }
                answer(offers.getFirst());
                offers.stream().skip(1).forEach(offer -> decline(offer, 0));
            }
            throw new AssertionError("offers without end in " + pool);
        }

        private void join() {
            for (Claimant role : pool.root().all()) {
                if (weighs && !role.path().isEmpty()) {
                    apply(new Command.SetRoleWeight(
                            new RolePath(role.path()), role.weight().value(), now));
                }
            }
            long connection = 1;
            for (List<Long> agent : pool.agents()) {
                String id = "s" + agents.size();
                agents.put(id, left.size());
                left.add(new ArrayList<>(agent));
                apply(new Command.RegisterAgent(
                        new AgentId(id),
                        TestCluster.agentSpec(id),
                        TestCluster.resources(Pool.text(agent)),
                        List.of(),
                        List.of(),
                        connection++,
                        now));
            }
            for (Claimant framework : frameworks) {
                numbers.put(framework.frameworkId(), tasks.size());
                tasks.add(0L);
                apply(new Command.Subscribe(
                        Optional.of(new FrameworkId(framework.frameworkId())),
                        TestCluster.frameworkSpec(
                                framework.frameworkId(),
                                List.of(framework.path()),
                                Duration.ofDays(1),
                                Set.of(FrameworkCapability.PARTITION_AWARE)),
                        Set.of(),
                        connection++,
                        now));
            }
        }

        private void answer(Offer offer) {
            int number = numbers.get(offer.frameworkId().value());
            Claimant framework = frameworks.get(number);
            List<Long> here = left.get(agents.get(offer.agentId().value()));
            if (fits(framework.demand(), here)) {
                launch(offer, framework);
                for (int r = 0; r < here.size(); r++) {
                    here.set(r, here.get(r) - framework.demand().get(r));
                }
                tasks.set(number, tasks.get(number) + 1);
                if (tasks.get(number) == framework.cap()) {
                    apply(new Command.Suppress(offer.frameworkId(), List.of(), now));
                }
            } else {
                boolean elsewhere = left.stream().anyMatch(other -> fits(framework.demand(), other));
                decline(offer, elsewhere ? 0 : FOR_GOOD);
            }
        }

        private void launch(Offer offer, Claimant framework) {
            apply(new Command.AcceptOffers(
                    offer.frameworkId(),
                    List.of(offer.id()),
                    List.of(new Operation.Launch(List.of(TestCluster.task(
                            "t" + launched++, offer.agentId().value(), Pool.text(framework.demand()))))),
                    Optional.of(0.0),
                    now));
        }

        private void decline(Offer offer, double seconds) {
            apply(new Command.DeclineOffers(offer.frameworkId(), List.of(offer.id()), Optional.of(seconds), now));
        }

        private Decision apply(Command command) {
            Decision decision = engine.apply(command);
            if (decision.answer() instanceof Decision.Answer.Refused refused) {
                throw new AssertionError(command + " was refused: " + refused);
            }
            commands.add(command);
            decisions.add(decision);
            return decision;
        }
    }

    static boolean fits(List<Long> demand, List<Long> left) {
        for (int r = 0; r < demand.size(); r++) {
            if (demand.get(r) > left.get(r)) {
                return false;
            }
        }
        return true;
    }

    /** In the order in which they were made. */
    static List<Offer> offersIn(Decision decision) {
        List<Offer> offers = new ArrayList<>();
        for (Effect effect : decision.effects()) {
            if (effect instanceof Effect.SendOffers sent) {
                offers.addAll(sent.offers());
            }
        }
        offers.sort((left, right) -> Long.compare(number(left), number(right)));
        return offers;
    }

    private static long number(Offer offer) {
        String id = offer.id().value();
        return Long.parseLong(id.substring(id.lastIndexOf('O') + 1));
    }
}
