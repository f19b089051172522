package io.offerplane.shim.oversubscription;

import io.offerplane.shim.cgroup.Pressure;
import io.offerplane.shim.oversubscription.OversubscriptionSettings.Thresholds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Says which revocable containers have to end for the others to get what they were given. The latest goes first: who started last has lost least.
 *
 * <p>Pressure has to last for {@link #PATIENCE} before anything ends, and after each ending for {@link #SETTLE}, so that what a second brings costs
 * nobody a task and what an ending brought is seen before the next. As many end as use what is too much, {@link #RELIEF_PERCENT} below the threshold;
 * where only waiting was seen, one. Nothing more is lent until there was no pressure for {@link #CALM}.
 *
 * <p>Source of the role: Mesos' QoSController. Not safe for use by several threads.
 */
final class QosController {

    static final Duration PATIENCE = Duration.ofSeconds(2);
    static final Duration SETTLE = Duration.ofSeconds(3);
    static final Duration CALM = Duration.ofMinutes(1);
    static final int RELIEF_PERCENT = 5;

    /** A container that uses less of what is scarce isn't at fault. */
    private static final Amount NOTICEABLE = new Amount(10, 1 << 20);

    /**
     * A container that holds something revocable.
     *
     * @param acceptedAtMillis when its latest task was accepted, in milliseconds of the epoch
     * @param lent what it holds of it
     * @param use of all that it has
     */
    record Held(String containerId, long acceptedAtMillis, Amount lent, Amount use) {}

    /**
     * All that counts.
     *
     * @param at on a clock that only goes forward
     * @param claim that all containers are held to together
     * @param use of all of them together
     * @param stalledPercent of the time since the last look in which processes of the node waited; without what the kernel doesn't measure
     * @param revocable in any order
     * @param lendable the estimate
     * @param named those that the leader finds to hold more than there still is
     */
    record Situation(
            Duration at,
            Amount claim,
            Amount use,
            Map<Pressure.Kind, Double> stalledPercent,
            List<Held> revocable,
            Amount lendable,
            Set<String> named) {
        Situation {
            stalledPercent = Map.copyOf(stalledPercent);
            revocable = List.copyOf(revocable);
            named = Set.copyOf(named);
        }
    }

    /**
     * What follows.
     *
     * @param ends containers to end now, and why, the latest first
     * @param lends whether more may be lent
     */
    record Verdict(Map<String, String> ends, boolean lends) {}

    /** Something that there is too little of. */
    private record Strain(String why, ToLongFunction<Amount> of, long tooMuch) {}

    private final Thresholds stopAt;
    private @Nullable Duration strainedSince;
    private @Nullable Duration lastStrained;
    private @Nullable Duration lastEnding;

    QosController(Thresholds stopAt) {
        this.stopAt = stopAt;
    }

    /** Judges the next moment. */
    Verdict judge(Situation now) {
        List<Held> latestFirst = now.revocable().stream()
                .sorted(Comparator.comparingLong(Held::acceptedAtMillis)
                        .reversed()
                        .thenComparing(Held::containerId))
                .toList();
        Map<String, String> ends = new LinkedHashMap<>();
        List<Strain> strains = strains(now);
        if (strains.isEmpty()) {
            strainedSince = null;
        } else {
            lastStrained = now.at();
            if (strainedSince == null) {
                strainedSince = now.at();
            }
            if (hasPassed(PATIENCE, strainedSince, now.at()) && hasPassed(SETTLE, lastEnding, now.at())) {
                strains.forEach(strain -> relieve(strain, latestFirst, ends));
            }
        }
        takeBack(now, latestFirst, ends);
        if (!ends.isEmpty()) {
            lastEnding = now.at();
        }
        return new Verdict(ends, strains.isEmpty() && hasPassed(CALM, lastStrained, now.at()));
    }

    private static boolean hasPassed(Duration time, @Nullable Duration since, Duration now) {
        return since == null || now.minus(since).compareTo(time) >= 0;
    }

    private List<Strain> strains(Situation now) {
        List<Strain> strains = new ArrayList<>();
        Amount above = now.use()
                .minusToZero(new Amount(
                        now.claim().milliCpus() * stopAt.cpuUsePercent() / 100,
                        now.claim().memoryBytes() * stopAt.memoryUsePercent() / 100));
        if (above.milliCpus() > 0) {
            strains.add(new Strain(
                    "more than " + stopAt.cpuUsePercent() + " % of the claim's cpu is in use",
                    Amount::milliCpus,
                    above.milliCpus() + now.claim().milliCpus() * RELIEF_PERCENT / 100));
        }
        if (above.memoryBytes() > 0) {
            strains.add(new Strain(
                    "more than " + stopAt.memoryUsePercent() + " % of the claim's memory is in use",
                    Amount::memoryBytes,
                    above.memoryBytes() + now.claim().memoryBytes() * RELIEF_PERCENT / 100));
        }
        stalled(now, Pressure.Kind.CPU, stopAt.cpuPressurePercent(), Amount::milliCpus, strains);
        stalled(now, Pressure.Kind.MEMORY, stopAt.memoryPressurePercent(), Amount::memoryBytes, strains);
        return strains;
    }

    private static void stalled(
            Situation now, Pressure.Kind kind, int threshold, ToLongFunction<Amount> of, List<Strain> strains) {
        if (now.stalledPercent().getOrDefault(kind, 0.0) > threshold) {
            strains.add(new Strain(
                    "processes wait for " + kind.word() + " more than " + threshold + " % of the time", of, 1));
        }
    }

    private static void relieve(Strain strain, List<Held> latestFirst, Map<String, String> ends) {
        long left = strain.tooMuch();
        for (Held held : latestFirst) {
            if (left <= 0) {
                return;
            }
            long used = strain.of().applyAsLong(held.use());
            if (used >= strain.of().applyAsLong(NOTICEABLE)) {
                ends.putIfAbsent(held.containerId(), strain.why());
                left -= used;
            }
        }
    }

    /** The leader names them by an estimate that may have changed since: only what is still too much goes. */
    private static void takeBack(Situation now, List<Held> latestFirst, Map<String, String> ends) {
        Amount held = latestFirst.stream()
                .filter(one -> !ends.containsKey(one.containerId()))
                .map(Held::lent)
                .reduce(Amount.NONE, Amount::plus);
        Amount excess = held.minusToZero(now.lendable());
        for (Held one : latestFirst) {
            Amount without = excess.minusToZero(one.lent());
            if (now.named().contains(one.containerId())
                    && !ends.containsKey(one.containerId())
                    && !without.equals(excess)) {
                ends.put(one.containerId(), "less lies idle than is lent");
                excess = without;
            }
        }
    }
}
