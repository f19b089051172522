package io.offerplane.engine.theorem;

import io.offerplane.engine.theorem.Filler.Filled;
import java.util.ArrayList;
import java.util.List;

/**
 * What DRF promises of a pool of one agent and one level of roles, in whole tasks. Each check states how far whole tasks may be from
 * divisible ones, and why. Throughout: {@code d} is the demand of a task, {@code T} the total, {@code step} the dominant share of one task
 * ({@code max d/T}), {@code w} the weight, {@code W} the sum of weights, {@code n} the tasks, and the level {@code N = n * step / w}.
 *
 * <p>All rests on one fact: a task goes to the least level of those who find room, so the levels of all who never lacked room are within
 * {@code grain = max step/w} of each other.
 */
record DrfTheorems(Pool pool, Filled filled) {
    /** Nobody who wants more finds room on any agent. Exact. */
    void isParetoEfficient() {
        for (Claimant framework : pool.frameworks()) {
            for (List<Long> left : filled.left()) {
                holds(
                        !EngineFiller.fits(framework.demand(), left),
                        framework.path() + " finds room for another task in " + left);
            }
        }
    }

    /**
     * Everybody has at least what its weight's part of the pool would hold, {@code w/W * T}.
     *
     * <p>When somebody first lacks room, more than {@code 1 - max step} of some resource is in use, and at most {@code W * (L + grain)},
     * {@code L} being the least level. So {@code n >= w*L/step > w/(W*step) - w/step * (max step/W + grain)}.
     */
    void givesAtLeastThePartOfTheWeight() {
        Fraction weights = Fraction.ZERO;
        Fraction largestStep = Fraction.ZERO;
        for (Claimant framework : pool.frameworks()) {
            weights = weights.plus(framework.weight());
            largestStep = Fraction.max(largestStep, pool.step(framework));
        }
        for (int i = 0; i < pool.frameworks().size(); i++) {
            Claimant framework = pool.frameworks().get(i);
            Fraction weightPerStep = framework.weight().over(pool.step(framework));
            Fraction promised = weightPerStep.over(weights);
            Fraction slack = weightPerStep.times(largestStep.over(weights).plus(grain(pool)));
            holds(
                    tasks(i).compareTo(promised.minus(slack)) >= 0,
                    framework.path() + " has " + tasks(i) + " tasks, alone with its part of the pool " + promised
                            + ", slack " + slack);
        }
    }

    /**
     * Nobody could run more tasks with what another has, by weight.
     *
     * <p>When i last found room, {@code N(j) <= N(i) + step(j)/w(j)}. After that some resource of i's has less than {@code d(i)} left; j gets no more
     * than that of it, which is less than one task of i. So {@code n(i) + w(i)/w(j) * (step(j)/step(i) + 1)} bounds what i could run.
     */
    void leavesNobodyEnvious() {
        for (int i = 0; i < pool.frameworks().size(); i++) {
            Claimant one = pool.frameworks().get(i);
            for (int j = 0; j < pool.frameworks().size(); j++) {
                Claimant other = pool.frameworks().get(j);
                Fraction byWeight = one.weight().over(other.weight());
                Fraction wouldRun =
                        tasks(j).times(ratio(other.demand(), one.demand())).times(byWeight);
                Fraction slack =
                        byWeight.times(pool.step(other).over(pool.step(one)).plus(Fraction.ONE));
                holds(
                        i == j || wouldRun.compareTo(tasks(i).plus(slack)) <= 0,
                        one.path() + " has " + tasks(i) + " tasks, and could run " + wouldRun + " with what "
                                + other.path() + " has, slack " + slack);
            }
        }
    }

    /**
     * Everybody lacks a resource of which nobody at a higher level has any: the mark of max-min fairness.
     *
     * <p>Others may be one task above, and get what i leaves of that resource, less than {@code d(i)}: less than {@code d(i)/d(j)} tasks.
     */
    void isBoundByABottleneck() {
        for (int i = 0; i < pool.frameworks().size(); i++) {
            boolean bound = false;
            for (int r = 0; r < Pool.NAMES.size(); r++) {
                bound |= isBottleneck(i, r);
            }
            holds(bound, pool.frameworks().get(i).path() + " is below others for no want of any resource: " + this);
        }
    }

    private boolean isBottleneck(int i, int resource) {
        Claimant framework = pool.frameworks().get(i);
        long wanted = framework.demand().get(resource);
        if (filled.left().getFirst().get(resource) >= wanted) {
            return false;
        }
        for (int j = 0; j < pool.frameworks().size(); j++) {
            Claimant other = pool.frameworks().get(j);
            long taken = other.demand().get(resource);
            if (i == j || taken == 0) {
                continue;
            }
            Fraction slack = pool.step(other).over(other.weight()).times(Fraction.ONE.plus(Fraction.of(wanted, taken)));
            if (level(j).compareTo(level(i).plus(slack)) > 0) {
                return false;
            }
        }
        return true;
    }

    /** Everybody has what progressive filling of divisible tasks gives, within {@link #slacks}. */
    void isWhatProgressiveFillingGives() {
        ProgressiveFilling.Outcome outcome = ProgressiveFilling.of(pool);
        List<Fraction> slacks = slacks(pool, outcome);
        for (int i = 0; i < pool.frameworks().size(); i++) {
            Fraction expected = outcome.tasks().get(i);
            holds(
                    tasks(i).minus(expected).abs().compareTo(slacks.get(i)) <= 0,
                    pool.frameworks().get(i).path() + " has " + tasks(i) + " tasks, by progressive filling " + expected
                            + ", slack " + slacks.get(i));
        }
    }

    void all() {
        isParetoEfficient();
        givesAtLeastThePartOfTheWeight();
        leavesNobodyEnvious();
        isBoundByABottleneck();
        isWhatProgressiveFillingGives();
    }

    /**
     * By how many tasks whole ones may differ from divisible ones, for each framework.
     *
     * <p>Those whom resource r stops at one event fill what the frozen ones left of it: {@code sum(w*N*rho) = 1 - frozen}, {@code rho} being r's part in
     * a task over its dominant part. In whole tasks less than one task of r stays over, at most {@code grain * sum(w*rho)}, and the levels are
     * within a grain: so each is within two grains of divisible filling, plus what the errors of the frozen ones come to, spread over
     * {@code sum(w*rho)}. Who has small tasks may fill what a larger one leaves: {@code grain * max(w*rho) / (w*rho)} more.
     */
    static List<Fraction> slacks(Pool pool, ProgressiveFilling.Outcome outcome) {
        List<Claimant> frameworks = pool.frameworks();
        List<Fraction> levels = new ArrayList<>();
        for (int i = 0; i < frameworks.size(); i++) {
            levels.add(Fraction.ZERO);
        }
        int last = outcome.stages().stream().mapToInt(stage -> stage).max().orElseThrow();
        for (int stage = 0; stage <= last; stage++) {
            for (int i = 0; i < frameworks.size(); i++) {
                if (outcome.stages().get(i) != stage) {
                    continue;
                }
                int resource = outcome.blockers().get(i);
                Fraction frozen = Fraction.ZERO;
                Fraction growing = Fraction.ZERO;
                Fraction largest = Fraction.ZERO;
                for (int j = 0; j < frameworks.size(); j++) {
                    Fraction part = part(pool, frameworks.get(j), resource);
                    if (outcome.stages().get(j) < stage) {
                        frozen = frozen.plus(levels.get(j).times(part));
                    } else {
                        growing = growing.plus(part);
                        largest = Fraction.max(largest, part);
                    }
                }
                Fraction own = largest.over(part(pool, frameworks.get(i), resource));
                levels.set(i, grain(pool).times(Fraction.of(2).plus(own)).plus(frozen.over(growing)));
            }
        }
        List<Fraction> tasks = new ArrayList<>();
        for (int i = 0; i < frameworks.size(); i++) {
            Claimant framework = frameworks.get(i);
            tasks.add(levels.get(i).times(framework.weight()).over(pool.step(framework)));
        }
        return tasks;
    }

    /** {@code w * rho}. */
    private static Fraction part(Pool pool, Claimant framework, int resource) {
        return framework
                .weight()
                .times(Fraction.of(
                        framework.demand().get(resource), pool.totals().get(resource)))
                .over(pool.step(framework));
    }

    static Fraction grain(Pool pool) {
        Fraction grain = Fraction.ZERO;
        for (Claimant framework : pool.frameworks()) {
            grain = Fraction.max(grain, pool.step(framework).over(framework.weight()));
        }
        return grain;
    }

    /** How many tasks of one size the resources of a task of another size are enough for. */
    static Fraction ratio(List<Long> from, List<Long> to) {
        Fraction ratio = Fraction.of(Long.MAX_VALUE);
        for (int r = 0; r < to.size(); r++) {
            if (to.get(r) > 0) {
                ratio = Fraction.min(ratio, Fraction.of(from.get(r), to.get(r)));
            }
        }
        return ratio;
    }

    private Fraction tasks(int framework) {
        return Fraction.of(filled.tasks().get(framework));
    }

    private Fraction level(int framework) {
        Claimant claimant = pool.frameworks().get(framework);
        return tasks(framework).times(pool.step(claimant)).over(claimant.weight());
    }

    private static void holds(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }
}
