package io.offerplane.engine.theorem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.OfferEngine;
import io.offerplane.engine.Property;
import io.offerplane.engine.TestCluster;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.Operation;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.engine.view.EngineView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * What holds of every cycle, whoever asks for what: each offer goes to who is furthest below at that moment, nothing is given away twice, a
 * filter holds exactly its time, and the same commands lead to the same decisions. Books of our own say so, in whole thousandths and fractions.
 */
class CycleProperties {
    private static final Duration INTERVAL = TestCluster.CONFIG.allocationInterval();
    private static final List<String> ROLES =
            List.of("eng", "eng/web", "eng/ads", "ops", "ops/db/hot", "ops/db/cold", "lab");

    /** Several frameworks in a tree of roles where parents have frameworks, too; agents of all shapes; nobody filters, some suppress. */
    private static final class Run {
        private final SplittableRandom random;
        private final boolean weighs;
        private final OfferEngine engine = new OfferEngine(EngineFiller.config(11));
        private final Map<String, String> roleOf = new LinkedHashMap<>();
        private final Map<String, Integer> inVain = new HashMap<>();
        private final Map<String, Fraction> weights = new HashMap<>();
        private final Map<String, Map<String, Long>> heldBy = new HashMap<>();
        private final Map<String, Resources> agents = new TreeMap<>();
        private final Map<String, Long> totals = new TreeMap<>();
        private final Map<String, Offer> open = new LinkedHashMap<>();
        private final Set<String> suppressed = new LinkedHashSet<>();
        private final List<Command> commands = new ArrayList<>();
        private final List<String> decisions = new ArrayList<>();
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");
        private int tasks;

        Run(SplittableRandom random, boolean weighs) {
            this.random = random;
            this.weighs = weighs;
        }

        Run go(int steps) {
            for (int i = 0; i < 2 + random.nextInt(6); i++) {
                subscribe("f" + i, ROLES.get(random.nextInt(ROLES.size())), i);
            }
            for (int step = 0; step < steps; step++) {
                switch (random.nextInt(8)) {
                    case 0 -> join();
                    case 1 -> weigh(ROLES.get(random.nextInt(ROLES.size())));
                    case 2 -> suppressOrRevive();
                    default -> answerSome();
                }
                now = now.plus(INTERVAL);
                for (Offer offer : EngineFiller.offersIn(apply(new Command.Tick(now)))) {
                    isForWhoIsFurthestBelow(offer);
                    take(offer);
                }
                sumsHold();
            }
            return this;
        }

        private void subscribe(String framework, String role, int connection) {
            roleOf.put(framework, role);
            apply(new Command.Subscribe(
                    Optional.of(new FrameworkId(framework)),
                    TestCluster.frameworkSpec(framework, List.of(role), Duration.ofHours(1), Set.of()),
                    Set.of(),
                    connection,
                    now));
        }

        private void join() {
            String id = "s" + agents.size();
            Resources total = TestCluster.resources(
                    Pool.text(List.of(1L + random.nextInt(16), 1L + random.nextInt(64), (long) random.nextInt(100))));
            agents.put(id, total);
            total.scalars().forEach((name, milli) -> totals.merge(name, milli, Long::sum));
            apply(new Command.RegisterAgent(
                    new AgentId(id), TestCluster.agentSpec(id), total, List.of(), List.of(), 1, now));
        }

        private void weigh(String role) {
            int halves = 1 + random.nextInt(6);
            boolean changes = !Fraction.of(halves, 2).equals(weights.getOrDefault(role, Fraction.ONE));
            weights.put(role, Fraction.of(halves, 2));
            if (!weighs) {
                return;
            }
            apply(new Command.SetRoleWeight(new RolePath(role), halves / 2.0, now));
            if (changes && roleOf.values().stream().anyMatch(used -> isWithin(role, used))) {
                // What was on offer went back.
                List.copyOf(open.values()).forEach(offer -> giveBack(offer, offer.resources()));
                open.clear();
            }
        }

        private void suppressOrRevive() {
            String framework = any(roleOf.keySet());
            if (suppressed.remove(framework)) {
                apply(new Command.Revive(new FrameworkId(framework), List.of(), now));
            } else {
                suppressed.add(framework);
                apply(new Command.Suppress(new FrameworkId(framework), List.of(), now));
            }
        }

        private void answerSome() {
            for (Offer offer : List.copyOf(open.values())) {
                if (random.nextInt(3) == 0) {
                    continue;
                }
                open.remove(offer.id().value());
                Resources task = part(offer.resources());
                if (random.nextBoolean() || task.isEmpty()) {
                    giveBack(offer, offer.resources());
                    apply(new Command.DeclineOffers(offer.frameworkId(), List.of(offer.id()), Optional.of(0.0), now));
                    staysInItsPlace(offer.frameworkId());
                } else {
                    giveBack(offer, offer.resources().minus(task));
                    inVain.remove(offer.frameworkId().value());
                    var spec = TestCluster.task("t" + tasks++, offer.agentId().value(), "");
                    apply(new Command.AcceptOffers(
                            offer.frameworkId(),
                            List.of(offer.id()),
                            List.of(new Operation.Launch(List.of(new TaskSpec(
                                    spec.taskId(),
                                    spec.name(),
                                    spec.agentId(),
                                    task,
                                    spec.executor(),
                                    Optional.empty(),
                                    Optional.empty(),
                                    spec.info())))),
                            Optional.of(0.0),
                            now));
                }
            }
        }

        /** Who hands back too often in a row has others before it, which is BackOffTest's business. */
        private void staysInItsPlace(FrameworkId id) {
            if (inVain.merge(id.value(), 1, Integer::sum) % 4 == 0 && !suppressed.contains(id.value())) {
                apply(new Command.Revive(id, List.of(), now));
            }
        }

        private Resources part(Resources offered) {
            StringBuilder text = new StringBuilder();
            offered.scalars()
                    .forEach((name, milli) -> text.append(milli < 2000 ? "" : name + ":" + milli / 2000 + ";"));
            return TestCluster.resources(text.toString());
        }

        // --- what must hold

        /** At each level of the tree, no sibling with somebody who wants offers is lower than the one on the way to the framework. */
        private void isForWhoIsFurthestBelow(Offer offer) {
            String framework = offer.frameworkId().value();
            assertThat(suppressed).doesNotContain(framework);
            String role = roleOf.get(framework);
            List<String> way = List.of(role.split("/"));
            String parent = "";
            for (int depth = 0; depth <= way.size(); depth++) {
                boolean own = depth == way.size();
                String chosen = own ? parent + "/." : child(parent, way.get(depth));
                for (String sibling : siblings(parent)) {
                    assertThat(level(chosen))
                            .as("%s is offered %s, and %s competes with %s", framework, offer, chosen, sibling)
                            .isLessThanOrEqualTo(level(sibling));
                }
                parent = own ? parent : chosen;
            }
            for (String other : roleOf.keySet()) {
                if (roleOf.get(other).equals(role) && !suppressed.contains(other)) {
                    assertThat(share(held(other))).isGreaterThanOrEqualTo(share(held(framework)));
                }
            }
        }

        private static String child(String parent, String name) {
            return parent.isEmpty() ? name : parent + "/" + name;
        }

        /** Roles below the parent with somebody who wants offers, and the parent's own frameworks as {@code parent/.}. */
        private Set<String> siblings(String parent) {
            Set<String> siblings = new LinkedHashSet<>();
            roleOf.forEach((framework, role) -> {
                if (suppressed.contains(framework) || !isWithin(parent, role)) {
                    return;
                }
                String below = role.substring(parent.isEmpty() ? 0 : parent.length());
                if (below.isEmpty()) {
                    siblings.add(parent + "/.");
                } else {
                    siblings.add(child(parent, below.replaceFirst("^/", "").split("/")[0]));
                }
            });
            return siblings;
        }

        private static boolean isWithin(String parent, String role) {
            return parent.isEmpty() || role.equals(parent) || role.startsWith(parent + "/");
        }

        private Fraction level(String node) {
            boolean own = node.endsWith("/.");
            String role = own ? node.substring(0, node.length() - 2) : node;
            Map<String, Long> sum = new HashMap<>();
            roleOf.forEach((framework, of) -> {
                if (own ? of.equals(role) : isWithin(role, of)) {
                    held(framework).forEach((name, milli) -> sum.merge(name, milli, Long::sum));
                }
            });
            return share(sum).over(own ? Fraction.ONE : weights.getOrDefault(role, Fraction.ONE));
        }

        private Fraction share(Map<String, Long> held) {
            Fraction largest = Fraction.ZERO;
            for (Map.Entry<String, Long> entry : held.entrySet()) {
                if (entry.getValue() > 0) {
                    largest = Fraction.max(largest, Fraction.of(entry.getValue(), totals.get(entry.getKey())));
                }
            }
            return largest;
        }

        private Map<String, Long> held(String framework) {
            return heldBy.computeIfAbsent(framework, f -> new HashMap<>());
        }

        private void take(Offer offer) {
            open.put(offer.id().value(), offer);
            offer.resources()
                    .scalars()
                    .forEach((name, milli) -> held(offer.frameworkId().value()).merge(name, milli, Long::sum));
        }

        private void giveBack(Offer offer, Resources resources) {
            resources
                    .scalars()
                    .forEach((name, milli) -> held(offer.frameworkId().value()).merge(name, -milli, Long::sum));
        }

        /** On each agent, tasks and offers come to what it says, and never to more than it has. */
        private void sumsHold() {
            EngineView view = engine.view(now);
            for (EngineView.AgentView agent : view.agents()) {
                Resources offered = Resources.EMPTY;
                for (Offer offer : open.values()) {
                    if (offer.agentId().equals(agent.id())) {
                        offered = offered.plus(offer.resources());
                    }
                }
                Resources allocated = Resources.EMPTY;
                for (EngineView.FrameworkView framework : view.frameworks()) {
                    for (EngineView.TaskView task : framework.tasks()) {
                        if (task.spec().agentId().equals(agent.id())) {
                            allocated = allocated.plus(task.spec().resources());
                        }
                    }
                }
                assertThat(agent.offered()).isEqualTo(offered);
                assertThat(agent.allocated()).isEqualTo(allocated);
                assertThat(agents.get(agent.id().value()).contains(offered.plus(allocated)))
                        .as("%s holds %s and %s", agent, offered, allocated)
                        .isTrue();
            }
        }

        private Decision apply(Command command) {
            Decision decision = engine.apply(command);
            commands.add(command);
            decisions.add(decision.toString());
            return decision;
        }

        private String any(Set<String> of) {
            return List.copyOf(of).get(random.nextInt(of.size()));
        }
    }

    @Test
    void everyOfferGoesToWhoIsFurthestBelow() {
        Property.check(120, (random, size) -> new Run(random, true).go(size));
    }

    @Test
    void weightsThatNobodyToldTheEngineAreMissed() {
        assertThatThrownBy(() -> Property.check(120, (random, size) -> new Run(random, false).go(size)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("again: ");
    }

    @Test
    void theSameCommandsLeadToTheSameDecisions() {
        Property.check(40, (random, size) -> {
            Run run = new Run(random, true).go(size);
            OfferEngine other = new OfferEngine(EngineFiller.config(11));
            for (int i = 0; i < run.commands.size(); i++) {
                assertThat(other.apply(run.commands.get(i)).toString())
                        .as("decision on %s", run.commands.get(i))
                        .isEqualTo(run.decisions.get(i));
            }
        });
    }

    @Test
    void anotherSeedLeadsToOtherDecisions() {
        Run run = new Run(new SplittableRandom(5), true).go(60);
        OfferEngine other = new OfferEngine(EngineFiller.config(12));
        List<String> decisions = run.commands.stream()
                .map(command -> other.apply(command).toString())
                .toList();
        assertThat(decisions).isNotEqualTo(run.decisions);
    }

    /**
     * A refusal keeps the agent from the framework up to its time, and no longer: a tick at its end, to the nanosecond, offers it again, if an
     * interval has passed since the last cycle. Ticks come at all times in between.
     */
    @Test
    void aFilterHoldsExactlyItsTime() {
        Property.check(150, (random, size) -> {
            OfferEngine engine = new OfferEngine(EngineFiller.config(3));
            Instant now = Instant.parse("2026-01-01T00:00:00Z");
            FrameworkId framework = new FrameworkId("f");
            engine.apply(new Command.RegisterAgent(
                    new AgentId("s"),
                    TestCluster.agentSpec("s"),
                    TestCluster.resources("cpus:4;mem:64"),
                    List.of(),
                    List.of(),
                    1,
                    now));
            engine.apply(new Command.Subscribe(
                    Optional.of(framework),
                    TestCluster.frameworkSpec("f", List.of("eng"), Duration.ofHours(1), Set.of()),
                    Set.of(),
                    1,
                    now));
            List<Offer> offers = EngineFiller.offersIn(engine.apply(new Command.Tick(now)));
            for (int round = 0; round < size; round++) {
                assertThat(offers).as("offers at %s", now).hasSize(1);
                now = now.plusMillis(random.nextInt(3000));
                // From a tenth of the interval to half a minute; what is shorter than an interval is as long as one.
                long refused = 100L + random.nextInt(30_000);
                engine.apply(new Command.DeclineOffers(
                        framework, List.of(offers.getFirst().id()), Optional.of(refused / 1000.0), now));
                Instant end = now.plus(
                        Duration.ofMillis(refused).compareTo(INTERVAL) < 0 ? INTERVAL : Duration.ofMillis(refused));
                Instant lastCycle = now.minus(INTERVAL);
                for (Instant tick = now.plusNanos(1);
                        tick.isBefore(end);
                        tick = tick.plusMillis(random.nextInt(2000))) {
                    assertThat(EngineFiller.offersIn(engine.apply(new Command.Tick(tick))))
                            .as("offers at %s, refused until %s", tick, end)
                            .isEmpty();
                    lastCycle = tick;
                }
                assertThat(EngineFiller.offersIn(engine.apply(new Command.Tick(end.minusNanos(1)))))
                        .as("offers a nanosecond before %s", end)
                        .isEmpty();
                now = end;
                offers = EngineFiller.offersIn(engine.apply(new Command.Tick(now)));
                if (offers.isEmpty()) {
                    // A cycle ran less than an interval ago; the next one offers it.
                    now = engine.nextDue().orElseThrow();
                    assertThat(now)
                            .as("the cycle after the end, the last was at %s or later", lastCycle)
                            .isAfterOrEqualTo(end)
                            .isBefore(end.plus(INTERVAL));
                    offers = EngineFiller.offersIn(engine.apply(new Command.Tick(now)));
                }
            }
        });
    }
}
