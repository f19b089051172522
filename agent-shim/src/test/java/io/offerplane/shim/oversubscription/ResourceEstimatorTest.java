package io.offerplane.shim.oversubscription;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.shim.cgroup.GroupLoad;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A node's containers second by second, with a window of 10 s. */
class ResourceEstimatorTest {

    private static final long MIB = 1 << 20;
    private static final Amount CLAIM = new Amount(8000, 8192 * MIB);

    private final Map<String, Container> containers = new LinkedHashMap<>();
    private final ResourceEstimator estimator = new ResourceEstimator(settings(50, 25));
    private Amount claim = CLAIM;
    private long second;
    private Amount told = Amount.NONE;

    private static OversubscriptionSettings settings(int cpu, int memory) {
        return new OversubscriptionSettings(
                true, cpu, memory, Duration.ofSeconds(10), OversubscriptionSettings.OFF.stopAt());
    }

    private static final class Container {
        private final Amount kept;
        private final Amount lent;
        private long milliCpus;
        private long memory;
        private long nanos;

        Container(Amount kept, Amount lent) {
            this.kept = kept;
            this.lent = lent;
        }
    }

    private Container runs(String id, long milliCpus, long mebibytes) {
        Container container = new Container(new Amount(milliCpus, mebibytes * MIB), Amount.NONE);
        containers.put(id, container);
        return container;
    }

    private Container runsOnLoan(String id, long milliCpus) {
        Container container = new Container(new Amount(0, 64 * MIB), new Amount(milliCpus, 0));
        containers.put(id, container);
        return container;
    }

    /** All that was told in so many seconds, of cpu. */
    private List<Long> after(int seconds) {
        List<Long> cpus = new ArrayList<>();
        for (int i = 0; i < seconds; i++) {
            List<Sample> samples = new ArrayList<>();
            containers.forEach((id, container) -> {
                container.nanos += container.milliCpus * 1_000_000;
                samples.add(new Sample(
                        id, 0, container.kept, container.lent, new GroupLoad(container.nanos, container.memory)));
            });
            told = estimator.observe(Duration.ofSeconds(++second), samples, claim);
            cpus.add(told.milliCpus());
        }
        return cpus;
    }

    @Test
    void halfOfWhatIsIdleIsLentWhenAWindowHasShownIt() {
        runs("idle", 4000, 4096).milliCpus = 1000;
        assertThat(after(10)).containsOnly(0L);
        after(2);
        assertThat(told.milliCpus()).isEqualTo(1500);
        assertThat(told.memoryBytes()).isEqualTo(1024 * MIB);
    }

    @Test
    void whatNobodyWasGivenIsNotLent() {
        after(60);
        assertThat(told).isEqualTo(Amount.NONE);
        runs("busy", 1000, 64).milliCpus = 1000;
        containers.get("busy").memory = 64 * MIB;
        after(60);
        assertThat(told).isEqualTo(Amount.NONE);
    }

    @Test
    void aContainerThatHasJustBegunLendsNothingThoughOthersDo() {
        runs("old", 2000, 64);
        after(12);
        assertThat(told.milliCpus()).isEqualTo(1000);
        runs("new", 2000, 64);
        assertThat(after(9)).containsOnly(1000L);
        after(3);
        assertThat(told.milliCpus()).isEqualTo(2000);
    }

    @Test
    void aPeakCountsForAWindowAndIsSeenWithinASecond() {
        Container container = runs("spiky", 2000, 64);
        after(12);
        container.milliCpus = 1600;
        assertThat(after(1)).containsExactly(200L);
        container.milliCpus = 0;
        assertThat(after(9)).containsOnly(200L);
        after(3);
        assertThat(told.milliCpus()).isEqualTo(1000);
    }

    @Test
    void useThatWaversAroundAStepChangesNothing() {
        Container container = runs("wavering", 2000, 64);
        container.milliCpus = 610;
        after(12);
        long before = told.milliCpus();
        List<Long> seen = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            // A peak of 610 at first, then 590 for more than a window, and again.
            container.milliCpus = i / 12 % 2 == 0 ? 590 : 610;
            seen.addAll(after(1));
        }
        assertThat(seen).containsOnly(before);
    }

    @Test
    void theMarginIsACushionForWhatIsLentAlready() {
        Container owner = runs("owner", 4000, 64);
        after(12);
        assertThat(told.milliCpus()).isEqualTo(2000);
        runsOnLoan("guest", 2000);
        owner.milliCpus = 1500;
        // Half of 2500 would be 1200, and 2500 still covers the guest.
        after(1);
        assertThat(told.milliCpus()).isEqualTo(2000);
        owner.milliCpus = 2500;
        after(1);
        assertThat(told.milliCpus()).isEqualTo(1500);
    }

    @Test
    void aNewEstimatorTakesNothingBackBeforeItKnowsBetter() {
        runs("owner", 4000, 64);
        runsOnLoan("guest", 1500);
        assertThat(after(10)).containsOnly(1500L);
        after(3);
        assertThat(told.milliCpus()).isEqualTo(2000);
    }

    @Test
    void whatTheClaimHasLostIsNotLent() {
        runs("idle", 4000, 64);
        after(12);
        claim = new Amount(3000, CLAIM.memoryBytes());
        after(1);
        assertThat(told.milliCpus()).isEqualTo(1500);
        claim = Amount.NONE;
        after(1);
        assertThat(told.milliCpus()).isZero();
    }

    @Test
    void nothingOfAResourceIsLentWhereItsPartIsZero() {
        ResourceEstimator cpuOnly = new ResourceEstimator(settings(100, 0));
        Amount last = Amount.NONE;
        for (int i = 1; i < 14; i++) {
            last = cpuOnly.observe(
                    Duration.ofSeconds(i),
                    List.of(new Sample("idle", 0, new Amount(1000, 1024 * MIB), Amount.NONE, new GroupLoad(0, 0))),
                    CLAIM);
        }
        assertThat(last).isEqualTo(new Amount(1000, 0));
    }

    @Test
    void aThousandLooksAtAContainerKeepNoMoreThanAWindowOfThem() {
        UseHistory history = new UseHistory(Duration.ofSeconds(10), Duration.ZERO, new GroupLoad(0, 0));
        for (int i = 1; i <= 1000; i++) {
            history.observe(Duration.ofMillis(100L * i), new GroupLoad(i == 500 ? 100_000_000 : 0, i));
        }
        // The one busy moment, of one whole core, is long past.
        assertThat(history.peak()).isEqualTo(new Amount(0, 1000));
        assertThat(history.isKnown()).isTrue();
    }
}
