package io.offerplane.engine.theorem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.offerplane.engine.Property;
import io.offerplane.engine.theorem.Filler.Filled;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToDoubleBiFunction;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The theorems of DRF, for the oracle exactly, and for the engine and its sorter within whole tasks. A failure names its seed; {@code
 * -Dproperty.seed} runs it again.
 */
class DrfTheoremsTest {
    private static final int CASES = 60;

    private static Filled byEngine(Pool pool) {
        return new EngineFiller(true).fill(pool);
    }

    // --- the paper

    /** 9 cpus and 18 GB; A takes 1 cpu and 4 GB, B 3 cpus and 1 GB: three tasks for A, two for B, each 2/3 of its dominant resource. */
    @Test
    void sharesAsInTheExampleOfTheDrfPaper() {
        Pool pool = new Pool(
                List.of(List.of(9L, 18L, 1L)),
                Claimant.role(
                        "",
                        2,
                        List.of(
                                Claimant.framework("A", 2, List.of(1L, 4L, 0L), Claimant.ENDLESS),
                                Claimant.framework("B", 2, List.of(3L, 1L, 0L), Claimant.ENDLESS))));

        assertThat(ProgressiveFilling.of(pool).tasks()).containsExactly(Fraction.of(3), Fraction.of(2));
        assertThat(byEngine(pool).tasks()).containsExactly(3L, 2L);
        assertThat(new SorterFiller().fill(pool).tasks()).containsExactly(3L, 2L);
    }

    /** Twice the weight for A, whose step is 4/18, while B's is 3/9: levels are equal at x = 3y, and 9 = x + 3y gives 4.5 and 1.5 tasks. */
    @Test
    void fillsByWeight() {
        Pool pool = new Pool(
                List.of(List.of(9L, 18L, 1L)),
                Claimant.role(
                        "",
                        2,
                        List.of(
                                Claimant.framework("A", 4, List.of(1L, 4L, 0L), Claimant.ENDLESS),
                                Claimant.framework("B", 2, List.of(3L, 0L, 0L), Claimant.ENDLESS))));

        assertThat(ProgressiveFilling.of(pool).tasks()).containsExactly(Fraction.of(9, 2), Fraction.of(3, 2));
    }

    // --- the oracle, exactly

    @Test
    void theOracleKeepsThePromisesExactly() {
        Property.check(CASES, (random, size) -> {
            Pool pool = Pools.flat(random);
            ProgressiveFilling.Outcome outcome = ProgressiveFilling.of(pool);
            Fraction weights = pool.frameworks().stream().map(Claimant::weight).reduce(Fraction.ZERO, Fraction::plus);
            for (int i = 0; i < pool.frameworks().size(); i++) {
                Claimant one = pool.frameworks().get(i);
                Fraction tasks = outcome.tasks().get(i);
                assertThat(tasks)
                        .as("sharing incentive of %s in %s", one.path(), pool)
                        .isGreaterThanOrEqualTo(one.weight().over(weights).over(pool.step(one)));
                assertThat(outcome.blockers().get(i))
                        .as("a resource that is used up")
                        .isNotNegative();
                for (int j = 0; j < pool.frameworks().size(); j++) {
                    Claimant other = pool.frameworks().get(j);
                    Fraction bundle = outcome.tasks()
                            .get(j)
                            .times(DrfTheorems.ratio(other.demand(), one.demand()))
                            .times(one.weight().over(other.weight()));
                    assertThat(bundle)
                            .as("%s envies %s in %s", one.path(), other.path(), pool)
                            .isLessThanOrEqualTo(tasks);
                }
            }
        });
    }

    @Test
    void nobodyGainsByALieToTheOracle() {
        Property.check(CASES, (random, size) -> {
            Lie lie = Lie.drawn(random);
            Fraction honest = ProgressiveFilling.of(lie.honest()).tasks().get(lie.liar());
            Fraction useful =
                    ProgressiveFilling.of(lie.told()).tasks().get(lie.liar()).times(lie.use());
            assertThat(useful).as("%s", lie).isLessThanOrEqualTo(honest);
        });
    }

    // --- the engine

    @Test
    void nobodyFindsRoomThatIsLeft() {
        Property.check(
                CASES, (random, size) -> checkFlat(random, DrfTheoremsTest::byEngine, DrfTheorems::isParetoEfficient));
    }

    @Test
    void everybodyHasAtLeastThePartOfItsWeight() {
        Property.check(
                CASES,
                (random, size) ->
                        checkFlat(random, DrfTheoremsTest::byEngine, DrfTheorems::givesAtLeastThePartOfTheWeight));
    }

    @Test
    void nobodyWouldRatherHaveWhatAnotherHas() {
        Property.check(
                CASES,
                (random, size) -> checkFlat(random, DrfTheoremsTest::byEngine, DrfTheorems::leavesNobodyEnvious));
    }

    @Test
    void everybodyIsBoundByABottleneck() {
        Property.check(
                CASES,
                (random, size) -> checkFlat(random, DrfTheoremsTest::byEngine, DrfTheorems::isBoundByABottleneck));
    }

    @Test
    void fillsAsProgressiveFillingDoes() {
        Property.check(
                CASES,
                (random, size) ->
                        checkFlat(random, DrfTheoremsTest::byEngine, DrfTheorems::isWhatProgressiveFillingGives));
    }

    @Test
    void nobodyGainsByALieAboutItsDemand() {
        Property.check(CASES, (random, size) -> checkLie(Lie.drawn(random), DrfTheoremsTest::byEngine));
    }

    @Test
    void theSorterAloneKeepsThemAll() {
        Property.check(2 * CASES, (random, size) -> checkFlat(random, new SorterFiller()::fill, DrfTheorems::all));
    }

    /**
     * Trees with weights and caps. At each level siblings who find room are within one task of each other by weight, so a framework's dominant
     * share is off by at most two of the largest steps for each level between it and the root, and two for the end.
     */
    @Test
    void fillsTreesAsProgressiveFillingDoes() {
        Property.check(CASES, (random, size) -> checkTree(Pools.tree(random), DrfTheoremsTest::byEngine));
    }

    private static void checkFlat(SplittableRandom random, Function<Pool, Filled> filler, Consumer<DrfTheorems> check) {
        Pool pool = Pools.flat(random);
        check.accept(new DrfTheorems(pool, filler.apply(pool)));
    }

    private static void checkTree(Pool pool, Function<Pool, Filled> filler) {
        ProgressiveFilling.Outcome outcome = ProgressiveFilling.of(pool);
        Filled filled = filler.apply(pool);
        Fraction largest = Fraction.ZERO;
        for (Claimant framework : pool.frameworks()) {
            largest = Fraction.max(largest, pool.step(framework));
        }
        for (int i = 0; i < pool.frameworks().size(); i++) {
            Claimant framework = pool.frameworks().get(i);
            long levels = framework.path().chars().filter(c -> c == '/').count() + 1;
            Fraction slack = largest.times(Fraction.of(2 * levels + 2));
            Fraction off = Fraction.of(filled.tasks().get(i))
                    .minus(outcome.tasks().get(i))
                    .abs()
                    .times(pool.step(framework));
            assertThat(off)
                    .as(
                            "dominant share of %s: %s tasks, by progressive filling %s, in %s",
                            framework.path(),
                            filled.tasks().get(i),
                            outcome.tasks().get(i),
                            pool)
                    .isLessThanOrEqualTo(slack);
        }
    }

    /**
     * The liar runs at most as many of its true tasks as it would in truth. Divisible, that is exact; in whole tasks each of the two runs may be
     * off by its slack.
     */
    private static void checkLie(Lie lie, Function<Pool, Filled> filler) {
        Fraction honest = Fraction.of(filler.apply(lie.honest()).tasks().get(lie.liar()));
        Fraction useful =
                Fraction.of(filler.apply(lie.told()).tasks().get(lie.liar())).times(lie.use());
        Fraction slack = DrfTheorems.slacks(lie.honest(), ProgressiveFilling.of(lie.honest()))
                .get(lie.liar())
                .plus(DrfTheorems.slacks(lie.told(), ProgressiveFilling.of(lie.told()))
                        .get(lie.liar())
                        .times(lie.use()));
        assertThat(useful).as("%s, slack %s", lie, slack).isLessThanOrEqualTo(honest.plus(slack));
    }

    /**
     * @param use how many true tasks one claimed task is good for
     */
    private record Lie(Pool honest, Pool told, int liar, Fraction use) {
        static Lie drawn(SplittableRandom random) {
            Pool honest = Pools.flat(random);
            List<Claimant> roles = new ArrayList<>(honest.frameworks());
            int liar = random.nextInt(roles.size());
            Claimant truth = roles.get(liar);
            List<Long> claimed = new ArrayList<>();
            for (long amount : truth.demand()) {
                // Of what it needs it claims some, perhaps too little or too much; of the rest perhaps some.
                claimed.add(
                        amount > 0 ? Math.max(1, amount + random.nextInt(-2, 4)) : Math.max(0L, random.nextInt(6) - 3));
            }
            roles.set(liar, truth.demanding(claimed));
            return new Lie(honest, honest.withRoles(roles), liar, DrfTheorems.ratio(claimed, truth.demand()));
        }
    }

    // --- planted defects: each promise is broken by an allocator that somebody might write

    /** Gives to whom a number says, as long as it finds room. */
    private static Filled byLeast(Pool pool, ToDoubleBiFunction<Integer, List<Long>> number) {
        List<Long> left = new ArrayList<>(pool.agents().getFirst());
        List<Long> tasks = new ArrayList<>();
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < pool.frameworks().size(); i++) {
            tasks.add(0L);
            all.add(i);
        }
        while (true) {
            List<Integer> order = all.stream()
                    .filter(i -> EngineFiller.fits(pool.frameworks().get(i).demand(), left))
                    .sorted(Comparator.comparingDouble((Integer i) -> number.applyAsDouble(i, tasks)))
                    .toList();
            if (order.isEmpty()) {
                return new Filled(tasks, List.of(left));
            }
            int chosen = order.getFirst();
            tasks.set(chosen, tasks.get(chosen) + 1);
            List<Long> demand = pool.frameworks().get(chosen).demand();
            for (int r = 0; r < left.size(); r++) {
                left.set(r, left.get(r) - demand.get(r));
            }
        }
    }

    private static Filled firstComeFirstServed(Pool pool) {
        return byLeast(pool, (i, tasks) -> i);
    }

    private static Filled byTheCpusAlone(Pool pool) {
        return byLeast(
                pool,
                (i, tasks) -> tasks.get(i)
                        * pool.frameworks().get(i).demand().getFirst()
                        / pool.frameworks().get(i).weight().value());
    }

    private static Filled byCount(Pool pool) {
        return byLeast(pool, (i, tasks) -> tasks.get(i));
    }

    private static Filled largestTasksFirst(Pool pool) {
        return byLeast(pool, (i, tasks) -> -pool.frameworks().get(i).demand().stream()
                .mapToLong(Long::longValue)
                .sum());
    }

    private static Filled withATenthHeldBack(Pool pool) {
        List<Long> total = pool.agents().getFirst();
        List<Long> less = total.stream().map(amount -> amount * 9 / 10).toList();
        Filled filled = byEngine(new Pool(List.of(less), pool.root()));
        List<Long> left = new ArrayList<>();
        for (int r = 0; r < total.size(); r++) {
            left.add(filled.left().getFirst().get(r) + total.get(r) - less.get(r));
        }
        return new Filled(filled.tasks(), List.of(left));
    }

    private static Filled withoutWeights(Pool pool) {
        return new EngineFiller(false).fill(pool);
    }

    @TestFactory
    List<DynamicTest> findsPlantedDefects() {
        return List.of(
                isFound(
                        "a tenth held back, by Pareto efficiency",
                        random ->
                                checkFlat(random, DrfTheoremsTest::withATenthHeldBack, DrfTheorems::isParetoEfficient)),
                isFound(
                        "first come first served, by the sharing incentive",
                        random -> checkFlat(
                                random,
                                DrfTheoremsTest::firstComeFirstServed,
                                DrfTheorems::givesAtLeastThePartOfTheWeight)),
                isFound(
                        "weights that nobody told the engine, by the sharing incentive",
                        random -> checkFlat(
                                random, DrfTheoremsTest::withoutWeights, DrfTheorems::givesAtLeastThePartOfTheWeight)),
                isFound(
                        "equal numbers of tasks, by envy",
                        random -> checkFlat(random, DrfTheoremsTest::byCount, DrfTheorems::leavesNobodyEnvious)),
                isFound(
                        "weights that nobody told the engine, by envy",
                        random -> checkFlat(random, DrfTheoremsTest::withoutWeights, DrfTheorems::leavesNobodyEnvious)),
                isFound(
                        "fairness in cpus alone, by its bottlenecks",
                        random ->
                                checkFlat(random, DrfTheoremsTest::byTheCpusAlone, DrfTheorems::isBoundByABottleneck)),
                isFound(
                        "fairness in cpus alone, by progressive filling",
                        random -> checkFlat(
                                random, DrfTheoremsTest::byTheCpusAlone, DrfTheorems::isWhatProgressiveFillingGives)),
                isFound(
                        "weights that nobody told the engine, by progressive filling",
                        random -> checkFlat(
                                random, DrfTheoremsTest::withoutWeights, DrfTheorems::isWhatProgressiveFillingGives)),
                isFound(
                        "largest tasks first, by a lie that pays",
                        random -> checkLie(Lie.drawn(random), DrfTheoremsTest::largestTasksFirst)),
                isFound(
                        "weights that nobody told the engine, by trees",
                        random -> checkTree(Pools.tree(random), DrfTheoremsTest::withoutWeights)));
    }

    private static DynamicTest isFound(String name, Consumer<SplittableRandom> check) {
        return DynamicTest.dynamicTest(
                name, () -> assertThatThrownBy(() -> Property.check(CASES, (random, size) -> check.accept(random)))
                        .isInstanceOf(AssertionError.class)
                        .hasMessageContaining("again: "));
    }
}
