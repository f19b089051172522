package io.offerplane.engine.theorem;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * DRF on divisible demand, exactly: all who can still grow do so at once, and at each level of the tree those with the least dominant
 * share over weight grow together, until whatever they need is used up. From one event to the next everything grows in
 * proportion, so the state is computed in fractions, event by event: a resource is used up, somebody has enough, a role catches up with a
 * sibling, or another resource becomes a role's dominant one.
 *
 * <p>Written from the paper, without a look at the engine's sorters: it orders nobody and knows no offers.
 */
final class ProgressiveFilling {
    private static final int EVENTS = 10_000;

    private final Pool pool;
    private final List<Fraction> totals;
    private final List<Claimant> frameworks;
    private final Map<Claimant, Integer> numbers = new HashMap<>();
    private final List<Fraction> tasks;
    private final List<Integer> stages;
    private final List<Integer> blockers;
    private int stage;

    private ProgressiveFilling(Pool pool) {
        this.pool = pool;
        this.totals = pool.totals().stream().map(Fraction::of).toList();
        this.frameworks = pool.frameworks();
        for (int i = 0; i < frameworks.size(); i++) {
            numbers.put(frameworks.get(i), i);
        }
        this.tasks = new ArrayList<>(Collections.nCopies(frameworks.size(), Fraction.ZERO));
        this.stages = new ArrayList<>(Collections.nCopies(frameworks.size(), -1));
        this.blockers = new ArrayList<>(Collections.nCopies(frameworks.size(), -1));
    }

    /**
     * @param tasks how many each framework has in the end, in the order of {@link Pool#frameworks}; fractions, as demand is divisible
     * @param stages the number of the event that ended each framework's growth
     * @param blockers the resource that was used up, or -1 for one that had enough
     */
    record Outcome(List<Fraction> tasks, List<Integer> stages, List<Integer> blockers) {}

    static Outcome of(Pool pool) {
        ProgressiveFilling filling = new ProgressiveFilling(pool);
        for (int event = 0; event < EVENTS; event++) {
            filling.settle();
            if (!filling.isActive(pool.root())) {
                return new Outcome(filling.tasks, filling.stages, filling.blockers);
            }
            filling.growToNextEvent();
        }
        throw new AssertionError("no end after " + EVENTS + " events in " + pool);
    }

    /** Ends the growth of those who have enough or lack something. */
    private void settle() {
        List<Fraction> used = heldBelow(pool.root());
        boolean any = false;
        for (int i = 0; i < frameworks.size(); i++) {
            Claimant framework = frameworks.get(i);
            if (stages.get(i) >= 0) {
                continue;
            }
            if (framework.cap() != Claimant.ENDLESS && tasks.get(i).compareTo(Fraction.of(framework.cap())) >= 0) {
                stages.set(i, stage);
                any = true;
            }
            for (int r = 0; r < totals.size(); r++) {
                if (framework.demand().get(r) > 0 && used.get(r).equals(totals.get(r))) {
                    stages.set(i, stage);
                    blockers.set(i, r);
                    any = true;
                }
            }
        }
        stage += any ? 1 : 0;
    }

    private boolean isActive(Claimant claimant) {
        return claimant.isFramework()
                ? stages.get(number(claimant)) < 0
                : claimant.children().stream().anyMatch(this::isActive);
    }

    private void growToNextEvent() {
        List<Fraction> rates = rates(pool.root());
        Fraction time = timeToNextEvent(pool.root(), rates, null);
        List<Fraction> growth = resources(pool.root(), rates);
        List<Fraction> used = heldBelow(pool.root());
        for (int r = 0; r < totals.size(); r++) {
            if (growth.get(r).isPositive()) {
                time = least(time, totals.get(r).minus(used.get(r)).over(growth.get(r)));
            }
        }
        if (time == null) {
            throw new AssertionError("growth without end in " + pool);
        }
        for (int i = 0; i < tasks.size(); i++) {
            tasks.set(i, tasks.get(i).plus(time.times(rates.get(i))));
        }
    }

    /** How fast each framework's tasks become more, up to a factor that all have in common. */
    private List<Fraction> rates(Claimant claimant) {
        List<Fraction> rates = new ArrayList<>(Collections.nCopies(tasks.size(), Fraction.ZERO));
        if (claimant.isFramework()) {
            rates.set(number(claimant), Fraction.ONE);
            return rates;
        }
        for (Claimant child : lowest(claimant)) {
            List<Fraction> own = rates(child);
            Fraction slope = slope(child, own);
            if (slope.isZero()) {
                // What it takes is not dominant for it, so it stays the lowest and takes all.
                return own;
            }
            for (int i = 0; i < rates.size(); i++) {
                rates.set(i, rates.get(i).plus(own.get(i).over(slope)));
            }
        }
        return rates;
    }

    /** The children that can grow and are furthest below. */
    private List<Claimant> lowest(Claimant parent) {
        List<Claimant> lowest = new ArrayList<>();
        for (Claimant child : parent.children()) {
            if (!isActive(child)) {
                continue;
            }
            int order = lowest.isEmpty() ? 0 : level(child).compareTo(level(lowest.getFirst()));
            if (order < 0) {
                lowest.clear();
            }
            if (order <= 0) {
                lowest.add(child);
            }
        }
        return lowest;
    }

    private @Nullable Fraction timeToNextEvent(Claimant claimant, List<Fraction> rates, @Nullable Fraction known) {
        Fraction time = known;
        if (claimant.isFramework()) {
            Fraction rate = rates.get(number(claimant));
            return claimant.cap() == Claimant.ENDLESS || !rate.isPositive()
                    ? time
                    : least(
                            time,
                            Fraction.of(claimant.cap())
                                    .minus(tasks.get(number(claimant)))
                                    .over(rate));
        }
        List<Claimant> lowest = lowest(claimant);
        for (Claimant child : lowest) {
            Fraction slope = slope(child, rates);
            for (Claimant other : claimant.children()) {
                if (slope.isPositive() && isActive(other) && level(other).compareTo(level(child)) > 0) {
                    time = least(time, level(other).minus(level(child)).over(slope));
                }
            }
            time = timeToOtherDominance(child, rates, time);
            time = timeToNextEvent(child, rates, time);
        }
        return time;
    }

    private @Nullable Fraction timeToOtherDominance(Claimant claimant, List<Fraction> rates, @Nullable Fraction known) {
        Fraction time = known;
        Fraction share = dominantShare(claimant);
        Fraction slope = slope(claimant, rates).times(claimant.weight());
        List<Fraction> held = heldBelow(claimant);
        List<Fraction> growth = resources(claimant, rates);
        for (int r = 0; r < totals.size(); r++) {
            Fraction own = held.get(r).over(totals.get(r));
            Fraction ownSlope = growth.get(r).over(totals.get(r));
            if (own.compareTo(share) < 0 && ownSlope.compareTo(slope) > 0) {
                time = least(time, share.minus(own).over(ownSlope.minus(slope)));
            }
        }
        return time;
    }

    private static Fraction least(@Nullable Fraction known, Fraction other) {
        return known == null ? other : Fraction.min(known, other);
    }

    /** How fast dominant share over weight grows at these rates. */
    private Fraction slope(Claimant claimant, List<Fraction> rates) {
        Fraction share = dominantShare(claimant);
        List<Fraction> held = heldBelow(claimant);
        List<Fraction> growth = resources(claimant, rates);
        Fraction slope = Fraction.ZERO;
        for (int r = 0; r < totals.size(); r++) {
            if (held.get(r).over(totals.get(r)).equals(share)) {
                slope = Fraction.max(slope, growth.get(r).over(totals.get(r)));
            }
        }
        return slope.over(claimant.weight());
    }

    private Fraction level(Claimant claimant) {
        return dominantShare(claimant).over(claimant.weight());
    }

    private Fraction dominantShare(Claimant claimant) {
        List<Fraction> held = heldBelow(claimant);
        Fraction largest = Fraction.ZERO;
        for (int r = 0; r < totals.size(); r++) {
            largest = Fraction.max(largest, held.get(r).over(totals.get(r)));
        }
        return largest;
    }

    private List<Fraction> heldBelow(Claimant claimant) {
        return resources(claimant, tasks);
    }

    private List<Fraction> resources(Claimant claimant, List<Fraction> counts) {
        List<Fraction> sums = new ArrayList<>(Collections.nCopies(totals.size(), Fraction.ZERO));
        for (Claimant framework : claimant.frameworks()) {
            for (int r = 0; r < sums.size(); r++) {
                sums.set(
                        r,
                        sums.get(r)
                                .plus(counts.get(number(framework))
                                        .times(Fraction.of(framework.demand().get(r)))));
            }
        }
        return sums;
    }

    private int number(Claimant framework) {
        return numbers.getOrDefault(framework, -1);
    }
}
