package io.offerplane.shim.oversubscription;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Says how much may be lent: of what running containers were given for good, the part that none of them has used within the window, less a
 * margin. Never anything that nobody was given, as that is offered in the usual way, and never for a container that wasn't watched for a window.
 *
 * <p>The margin is a cushion: what is lent out already is taken back only when not even the whole idle part covers it any more. A first window after
 * the start, in which nothing is known, leaves what is lent as it is. The estimate goes down at once, and up only by more than a {@link #STEP}, so
 * that a figure that wavers doesn't have offers rescinded again and again.
 *
 * <p>Source of the role: Mesos' ResourceEstimator; it tells what is left to be lent, this tells the sum, as the leader wants it. Not safe for use by
 * several threads.
 */
final class ResourceEstimator {

    /** Estimates are multiples of this. */
    static final Amount STEP = new Amount(100, 64L << 20);

    private final OversubscriptionSettings settings;
    private final Map<String, UseHistory> histories = new HashMap<>();
    private @Nullable Duration began;
    private Amount told = Amount.NONE;

    ResourceEstimator(OversubscriptionSettings settings) {
        this.settings = settings;
    }

    /**
     * Looks at what runs.
     *
     * @param at on a clock that only goes forward
     * @param running all containers
     * @param claim that all of them are held to together
     * @return what may be lent in sum, including what is lent
     */
    Amount observe(Duration at, List<Sample> running, Amount claim) {
        if (began == null) {
            began = at;
        }
        Set<String> ids = running.stream().map(Sample::containerId).collect(Collectors.toSet());
        histories.keySet().retainAll(ids);
        for (Sample sample : running) {
            UseHistory history = histories.get(sample.containerId());
            if (history == null) {
                histories.put(sample.containerId(), new UseHistory(settings.window(), at, sample.load()));
            } else {
                history.observe(at, sample.load());
            }
        }
        Amount lent = running.stream().map(Sample::lent).reduce(Amount.NONE, Amount::plus);
        if (at.minus(began).compareTo(settings.window()) < 0) {
            told = lent.atMost(claim);
            return told;
        }
        Amount kept = running.stream().map(Sample::kept).reduce(Amount.NONE, Amount::plus);
        Amount idle = running.stream().map(this::idle).reduce(Amount.NONE, Amount::plus);
        // More than the claim may have been given while that shrinks: what isn't there can't be lent.
        idle = idle.minusToZero(kept.minusToZero(claim));
        Amount margin = new Amount(
                idle.milliCpus() * settings.cpuPercentOfIdle() / 100,
                idle.memoryBytes() * settings.memoryPercentOfIdle() / 100);
        Amount covered = new Amount(
                settings.cpuPercentOfIdle() == 0 ? 0 : Math.min(lent.milliCpus(), idle.milliCpus()),
                settings.memoryPercentOfIdle() == 0 ? 0 : Math.min(lent.memoryBytes(), idle.memoryBytes()));
        Amount raw = new Amount(damped(margin, Amount::milliCpus), damped(margin, Amount::memoryBytes));
        told = raw.atLeast(covered);
        return told;
    }

    private long damped(Amount now, ToLongFunction<Amount> of) {
        long step = of.applyAsLong(STEP);
        long before = of.applyAsLong(told) / step * step;
        long rounded = of.applyAsLong(now) / step * step;
        return rounded < before || rounded - before > step || before == 0 ? rounded : before;
    }

    /** What a container has left unused; a resource of which it was lent some is its own cushion. */
    private Amount idle(Sample sample) {
        UseHistory history = histories.get(sample.containerId());
        if (history == null || !history.isKnown()) {
            return Amount.NONE;
        }
        Amount idle = sample.kept().minusToZero(history.peak());
        return new Amount(
                sample.lent().milliCpus() > 0 ? 0 : idle.milliCpus(),
                sample.lent().memoryBytes() > 0 ? 0 : idle.memoryBytes());
    }

    /** What a container used between the last two looks. */
    Amount use(String containerId) {
        UseHistory history = histories.get(containerId);
        return history == null ? Amount.NONE : history.current();
    }
}
