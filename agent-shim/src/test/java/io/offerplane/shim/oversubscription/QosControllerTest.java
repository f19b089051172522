package io.offerplane.shim.oversubscription;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.shim.cgroup.Pressure;
import io.offerplane.shim.oversubscription.QosController.Held;
import io.offerplane.shim.oversubscription.QosController.Situation;
import io.offerplane.shim.oversubscription.QosController.Verdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A node of 10 cores second by second; revocable tasks end at 95 % of its cpu, 90 % of its memory, 60 % and 10 % of waiting. */
class QosControllerTest {

    private static final long GIB = 1L << 30;
    private static final Amount CLAIM = new Amount(10_000, 10 * GIB);

    private final QosController controller = new QosController(OversubscriptionSettings.OFF.stopAt());
    private final List<Held> running = new ArrayList<>();
    private long second;
    private Amount use = Amount.NONE;
    private Amount lendable = CLAIM;
    private Map<Pressure.Kind, Double> stalled = Map.of();
    private Set<String> named = Set.of();

    private void runs(String id, long acceptedAt, long milliCpus, Amount uses) {
        running.add(new Held(id, acceptedAt, new Amount(milliCpus, 0), uses));
    }

    private Verdict next() {
        Verdict verdict = controller.judge(
                new Situation(Duration.ofSeconds(++second), CLAIM, use, stalled, running, lendable, named));
        running.removeIf(held -> verdict.ends().containsKey(held.containerId()));
        return verdict;
    }

    /** What ended in so many seconds. */
    private List<String> after(int seconds) {
        List<String> ended = new ArrayList<>();
        for (int i = 0; i < seconds; i++) {
            ended.addAll(next().ends().keySet());
        }
        return ended;
    }

    @Test
    void nothingEndsWhileThereIsRoom() {
        runs("a", 1, 1000, new Amount(1000, 0));
        use = new Amount(9_500, 9 * GIB);
        stalled = Map.of(Pressure.Kind.CPU, 60.0, Pressure.Kind.MEMORY, 10.0);
        assertThat(after(60)).isEmpty();
        assertThat(next().lends()).isTrue();
    }

    @Test
    void aSpikeOfASecondEndsNothing() {
        runs("a", 1, 1000, new Amount(1000, 0));
        for (int i = 0; i < 10; i++) {
            use = new Amount(10_000, 0);
            assertThat(after(2)).isEmpty();
            use = Amount.NONE;
            assertThat(after(1)).isEmpty();
        }
    }

    @Test
    void theLatestEndFirstAndAsManyAsUseWhatIsTooMuch() {
        runs("first", 1, 400, new Amount(400, 0));
        runs("third", 3, 400, new Amount(400, 0));
        runs("second", 2, 400, new Amount(400, 0));
        use = new Amount(9_700, 0);
        // 200 above 95 %, and 500 more to get clear of it.
        assertThat(after(2)).isEmpty();
        assertThat(after(1)).containsExactly("third", "second");
    }

    @Test
    void whatAnEndingBringsIsAwaitedBeforeTheNext() {
        runs("a", 1, 600, new Amount(600, 0));
        runs("b", 2, 600, new Amount(600, 0));
        use = new Amount(9_600, 0);
        assertThat(after(3)).containsExactly("b");
        assertThat(after(2)).isEmpty();
        assertThat(after(1)).containsExactly("a");
    }

    @Test
    void whoUsesNothingOfWhatIsScarceIsLeft() {
        runs("memory hog", 1, 100, new Amount(0, 2 * GIB));
        runs("sleeper", 2, 100, new Amount(0, 0));
        use = new Amount(9_900, 0);
        assertThat(after(10)).isEmpty();
        use = new Amount(0, 9_500L << 20);
        assertThat(after(10)).containsExactly("memory hog");
    }

    @Test
    void whereProcessesWaitOneEndsAtATime() {
        runs("a", 1, 100, new Amount(100, 0));
        runs("b", 2, 100, new Amount(100, 0));
        stalled = Map.of(Pressure.Kind.CPU, 75.0);
        assertThat(after(3)).containsExactly("b");
        stalled = Map.of(Pressure.Kind.CPU, 20.0);
        assertThat(after(60)).isEmpty();
    }

    @Test
    void theCauseIsSaid() {
        runs("a", 1, 100, new Amount(100, 2 * GIB));
        stalled = Map.of(Pressure.Kind.MEMORY, 11.0);
        after(2);
        assertThat(next().ends())
                .containsExactly(Map.entry("a", "processes wait for memory more than 10 % of the time"));
    }

    @Test
    void nothingMoreIsLentUntilItWasCalmForAMinute() {
        use = new Amount(9_600, 0);
        assertThat(next().lends()).isFalse();
        use = Amount.NONE;
        for (int i = 0; i < 59; i++) {
            assertThat(next().lends()).as("after %d s of calm", i + 1).isFalse();
        }
        assertThat(next().lends()).isTrue();
    }

    @Test
    void whatTheLeaderNamesEndsAsFarAsItIsStillTooMuch() {
        runs("a", 1, 500, Amount.NONE);
        runs("b", 2, 500, Amount.NONE);
        runs("c", 3, 500, Amount.NONE);
        named = Set.of("a", "b", "c");
        lendable = new Amount(1500, 0);
        assertThat(after(10)).isEmpty();
        lendable = new Amount(900, 0);
        assertThat(after(10)).containsExactly("c", "b");
        named = Set.of();
        lendable = Amount.NONE;
        assertThat(after(10)).as("unnamed").isEmpty();
    }
}
