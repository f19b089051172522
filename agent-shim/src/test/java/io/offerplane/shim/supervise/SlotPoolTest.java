package io.offerplane.shim.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.shim.supervise.SlotPool.Slot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SlotPoolTest {

    private static final String GROUP = "/pod/offerplane";
    private static final long MS = 1_000_000;

    private static SlotPool pool(int wanted) {
        return new SlotPool(
                new SlotPool.Settings(
                        wanted,
                        Duration.ofMillis(5),
                        Duration.ofMillis(100),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(5)),
                0);
    }

    private static SlotPool full(int wanted) {
        SlotPool pool = pool(wanted);
        pool.useClaim(GROUP, 100);
        for (int i = 0; i < wanted; i++) {
            assertThat(pool.next(0)).contains(GROUP);
            assertThat(pool.made(new Slot("s" + i, GROUP))).isTrue();
        }
        assertThat(pool.due()).isEmpty();
        return pool;
    }

    @Test
    void nothingIsMadeWithoutAClaim() {
        SlotPool pool = pool(3);
        assertThat(pool.next(MS)).isEmpty();
        pool.useClaim(GROUP, 100);
        assertThat(pool.next(MS)).contains(GROUP);
    }

    @Test
    void oneIsMadeAtATime() {
        SlotPool pool = pool(3);
        pool.useClaim(GROUP, 100);
        assertThat(pool.next(MS)).contains(GROUP);
        assertThat(pool.next(MS)).isEmpty();
        assertThat(pool.due()).isEmpty();
        pool.made(new Slot("s", GROUP));
        assertThat(pool.next(MS)).contains(GROUP);
    }

    @Test
    void theOldestIsHandedOutAndOnce() {
        SlotPool pool = full(2);
        assertThat(pool.take(GROUP)).contains(new Slot("s0", GROUP));
        assertThat(pool.take(GROUP)).contains(new Slot("s1", GROUP));
        assertThat(pool.take(GROUP)).isEmpty();
    }

    @Test
    void oneOfAnotherClaimIsNotHandedOut() {
        assertThat(full(2).take("/other/offerplane")).isEmpty();
    }

    @Test
    void aTakenOneIsReplacedAfterAQuietMomentOnly() {
        SlotPool pool = full(2);
        pool.take(GROUP);
        pool.startBegan();
        assertThat(pool.due()).isEmpty();
        assertThat(pool.next(1000 * MS)).isEmpty();
        pool.startBegan();
        pool.startEnded(1003 * MS);
        assertThat(pool.due()).as("the other start goes on").isEmpty();
        pool.startEnded(1004 * MS);
        assertThat(pool.due()).hasValue(1009 * MS);
        assertThat(pool.next(1009 * MS - 1)).isEmpty();
        assertThat(pool.next(1009 * MS)).contains(GROUP);
    }

    @Test
    void oneThatWillSoonBeStartedIsNotDisturbedEither() {
        SlotPool pool = full(1);
        pool.asked(100 * MS);
        pool.take(GROUP);
        assertThat(pool.due()).as("it may never start").hasValue(200 * MS);
        pool.startBegan();
        assertThat(pool.due()).isEmpty();
        pool.startEnded(110 * MS);
        assertThat(pool.due()).hasValue(115 * MS);
    }

    @Test
    void failuresAreTriedAgainLaterAndLater() {
        SlotPool pool = pool(1);
        pool.useClaim(GROUP, 100);
        long now = 0;
        for (long wait : List.of(1000, 2000, 4000, 5000, 5000)) {
            assertThat(pool.next(now)).contains(GROUP);
            pool.failed(now);
            assertThat(pool.due()).hasValue(now + wait * MS);
            now += wait * MS;
        }
        assertThat(pool.next(now)).contains(GROUP);
        assertThat(pool.made(new Slot("s", GROUP))).isTrue();
        assertThat(pool.take(GROUP)).isPresent();
        assertThat(pool.next(now)).contains(GROUP);
        pool.failed(now);
        assertThat(pool.due()).as("patience is new after one was of use").hasValue(now + 1000 * MS);
    }

    @Test
    void onesThatDieAreReplacedLaterAndLater() {
        SlotPool pool = full(2);
        assertThat(pool.died("s1", 0)).contains(new Slot("s1", GROUP));
        assertThat(pool.died("s1", 0)).isEmpty();
        assertThat(pool.died("a task's", 0)).isEmpty();
        assertThat(pool.due()).hasValue(1000 * MS);
        assertThat(pool.next(1000 * MS)).contains(GROUP);
        pool.made(new Slot("again", GROUP));
        pool.died("again", 1001 * MS);
        assertThat(pool.due()).hasValue(3001 * MS);
        assertThat(pool.take(GROUP)).contains(new Slot("s0", GROUP));
    }

    @Test
    void aSmallerClaimLetsTheOldestGo() {
        SlotPool pool = full(4);
        assertThat(pool.useClaim(GROUP, 1)).extracting(Slot::id).containsExactly("s0", "s1", "s2");
        assertThat(pool.due()).isEmpty();
        assertThat(pool.useClaim(GROUP, 0)).extracting(Slot::id).containsExactly("s3");
    }

    @Test
    void anotherClaimLetsAllGoAlsoWhatIsBeingMade() {
        SlotPool pool = full(2);
        pool.take(GROUP);
        assertThat(pool.next(MS)).contains(GROUP);
        assertThat(pool.useClaim("/next/offerplane", 100)).extracting(Slot::id).containsExactly("s1");
        assertThat(pool.made(new Slot("late", GROUP))).isFalse();
        assertThat(pool.parked()).isZero();
        assertThat(pool.next(MS)).contains("/next/offerplane");
    }

    /** A pool beside books of what it should hold. */
    private static final class Books {
        private final SplittableRandom random;
        private final int wanted;
        private final SlotPool pool;
        private final Set<Slot> parked = new HashSet<>();
        private final Set<Slot> everTaken = new HashSet<>();
        private final List<String> story = new ArrayList<>();
        private Optional<String> making = Optional.empty();
        private String group = "";
        private int bound;
        private int starting;
        private long now;

        Books(long seed) {
            random = new SplittableRandom(seed);
            wanted = random.nextInt(5);
            pool = pool(wanted);
        }

        void step(int number) {
            now += random.nextLong(20 * MS);
            int what = random.nextInt(20);
            story.add(what + "@" + now);
            switch (what) {
                case 0 -> claim();
                case 1, 2 -> take();
                case 3, 4 -> {
                    pool.startBegan();
                    starting++;
                }
                case 5, 6, 7, 8 -> {
                    if (starting > 0) {
                        pool.startEnded(now);
                        starting--;
                    }
                }
                case 9, 10, 11, 12 -> next();
                default -> make(number);
            }
            assertThat(pool.parked()).isEqualTo(parked.size());
            assertThat(parked.size()).isLessThanOrEqualTo(Math.min(wanted, bound));
        }

        private void claim() {
            group = random.nextBoolean() ? GROUP : "/g" + random.nextInt(2);
            bound = random.nextInt(5);
            for (Slot slot : pool.useClaim(group, bound)) {
                assertThat(parked.remove(slot)).isTrue();
            }
            assertThat(parked).allMatch(slot -> slot.group().equals(group));
        }

        private void take() {
            Optional<Slot> taken = pool.take(group);
            assertThat(taken.isPresent()).isEqualTo(!parked.isEmpty());
            taken.ifPresent(slot -> {
                assertThat(parked.remove(slot)).isTrue();
                assertThat(everTaken.add(slot)).isTrue();
            });
        }

        private void next() {
            Optional<String> next = pool.next(now);
            if (next.isPresent()) {
                assertThat(making).isEmpty();
                assertThat(starting).isZero();
                assertThat(parked.size()).isLessThan(Math.min(wanted, bound));
                making = next;
            }
        }

        private void make(int number) {
            if (making.isEmpty()) {
                return;
            }
            if (random.nextInt(4) == 0) {
                pool.failed(now);
            } else {
                Slot slot = new Slot("s" + number, making.get());
                if (pool.made(slot)) {
                    assertThat(slot.group()).isEqualTo(group);
                    parked.add(slot);
                }
            }
            making = Optional.empty();
        }
    }

    @Test
    void inAnyCourseOfEventsNoneIsLostNoneIsTakenTwiceAndNoneIsTooMany() {
        int taken = 0;
        for (int seed = 0; seed < 500; seed++) {
            Books books = new Books(seed);
            for (int step = 0; step < 200; step++) {
                try {
                    books.step(step);
                } catch (AssertionError e) {
                    throw new AssertionError("seed " + seed + ": " + books.story, e);
                }
            }
            taken += books.everTaken.size();
        }
        assertThat(taken).as("the stories reach what they are about").isGreaterThan(500);
    }
}
