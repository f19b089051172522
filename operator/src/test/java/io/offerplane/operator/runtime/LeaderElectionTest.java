package io.offerplane.operator.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.operator.runtime.LeaderElection.Timing;
import io.offerplane.operator.runtime.LeaseStore.LeaseRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LeaderElectionTest {
    private static final Timing TIMING =
            new Timing(Duration.ofSeconds(5), Duration.ofMillis(3500), Duration.ofSeconds(1));

    private final AtomicLong now = new AtomicLong();
    private final InMemoryLease lease = new InMemoryLease();
    private final Candidate a = new Candidate("a");
    private final Candidate b = new Candidate("b");

    @Test
    void firstCandidateLeadsInTermOneAndTheOtherKnowsWhereItIs() {
        a.step();
        b.step();

        assertThat(a.election.isLeading()).isTrue();
        assertThat(a.terms).containsExactly(1L);
        assertThat(b.election.isLeading()).isFalse();
        assertThat(b.election.leaderAddress()).contains("a:5050");
    }

    @Test
    void crashedLeaderIsReplacedWithinSixSecondsInAHigherTerm() {
        a.step();
        b.step();
        for (int second = 1; second <= 6 && !b.election.isLeading(); second++) {
            advance(Duration.ofSeconds(1));
            b.step();
        }

        assertThat(b.election.isLeading()).isTrue();
        assertThat(b.terms).containsExactly(2L);
        assertThat(Duration.ofNanos(now.get())).isLessThanOrEqualTo(Duration.ofSeconds(6));
    }

    @Test
    void leaderThatRenewsKeepsTheLease() {
        a.step();
        for (int second = 0; second < 60; second++) {
            advance(Duration.ofSeconds(1));
            a.step();
            b.step();
        }

        assertThat(a.election.isLeading()).isTrue();
        assertThat(b.terms).isEmpty();
    }

    @Test
    void leaderThatEndsGivesTheLeaseBackAtOnce() {
        a.step();
        b.step();
        a.election.close();
        b.step();

        assertThat(a.deposed).containsExactly(1L);
        assertThat(b.terms).containsExactly(2L);
    }

    @Test
    void leaderThatCannotReachTheLeaseStandsDownBeforeOthersMayTakeOver() {
        a.step();
        b.step();
        a.cutOff = true;
        while (a.election.isLeading()) {
            assertThat(b.election.isLeading()).isFalse();
            advance(Duration.ofMillis(250));
            a.step();
            b.step();
        }

        assertThat(Duration.ofNanos(now.get())).isBetween(Duration.ofMillis(3500), Duration.ofSeconds(4));
        assertThat(a.deposed).containsExactly(1L);
    }

    @Test
    void leaderThatWasCutOffTakesUpItsOwnLeaseAtOnceInAHigherTerm() {
        a.step();
        a.cutOff = true;
        advance(Duration.ofSeconds(4));
        a.step();
        assertThat(a.election.isLeading()).isFalse();

        a.cutOff = false;
        // The lease still bears its name, and its old term has ended: nobody is harmed if it doesn't wait.
        a.step();

        assertThat(a.terms).containsExactly(1L, 2L);
    }

    @Test
    void someoneElsesAnnotationOnTheLeaseDeposesNobody() {
        a.step();
        lease.touch();
        advance(Duration.ofSeconds(1));
        a.step();

        assertThat(a.election.isLeading()).isTrue();
    }

    @Test
    void leaderThatLearnsOfALaterTermStartsOneBeyondIt() {
        a.step();
        a.election.cede(42);
        a.step();
        assertThat(a.deposed).containsExactly(1L);
        a.step();

        assertThat(a.terms).containsExactly(1L, 42L);
    }

    @Test
    void neverTwoLeadersWhateverIsCutOff() {
        for (long seed = 1; seed <= 300; seed++) {
            Random random = new Random(seed);
            InMemoryLease shared = new InMemoryLease();
            List<Candidate> all =
                    List.of(new Candidate("a", shared), new Candidate("b", shared), new Candidate("c", shared));
            List<Long> terms = new ArrayList<>();
            for (int round = 0; round < 400; round++) {
                Candidate one = all.get(random.nextInt(3));
                if (random.nextInt(20) == 0) {
                    one.cutOff = !one.cutOff;
                }
                advance(Duration.ofMillis(random.nextInt(200)));
                // Each process looks at least every 500 ms; which comes first is chance.
                for (int i = 0; i < 3; i++) {
                    all.get((i + round) % 3).step();
                }
                long leaders = all.stream()
                        .filter(candidate -> candidate.election.isLeading())
                        .count();
                assertThat(leaders).as("seed %s, round %s", seed, round).isLessThanOrEqualTo(1);
            }
            all.forEach(candidate -> terms.addAll(candidate.terms));
            assertThat(terms).as("seed %s", seed).doesNotHaveDuplicates();
        }
    }

    private void advance(Duration by) {
        now.addAndGet(by.toNanos());
    }

    /** One process, with its own way to the lease. */
    private final class Candidate implements LeaderElection.Listener {
        final List<Long> terms = new ArrayList<>();
        final List<Long> deposed = new ArrayList<>();
        final LeaderElection election;
        boolean cutOff;

        Candidate(String name) {
            this(name, lease);
        }

        Candidate(String name, InMemoryLease shared) {
            LeaseStore way = new LeaseStore() {
                @Override
                public Optional<LeaseRecord> read() throws LeaseUnavailable {
                    requireReach();
                    return shared.read();
                }

                @Override
                public LeaseRecord write(LeaseRecord record) throws LeaseUnavailable, LeaseTaken {
                    requireReach();
                    return shared.write(record);
                }

                private void requireReach() throws LeaseUnavailable {
                    if (cutOff) {
                        throw new LeaseUnavailable("cut off", new IllegalStateException("cut off by the test"));
                    }
                }
            };
            election = new LeaderElection(way, name, name + ":5050", TIMING, now::get, this);
        }

        void step() {
            election.step();
        }

        @Override
        public void onElected(long term) {
            terms.add(term);
        }

        @Override
        public void onDeposed(long term) {
            deposed.add(term);
        }
    }

    private static final class InMemoryLease implements LeaseStore {
        private LeaseRecord present;
        private long version;

        @Override
        public Optional<LeaseRecord> read() {
            return Optional.ofNullable(present);
        }

        @Override
        public LeaseRecord write(LeaseRecord record) throws LeaseTaken {
            String expected = present == null ? "" : present.version();
            if (!record.version().equals(expected)) {
                throw new LeaseTaken("version " + expected);
            }
            version++;
            present = new LeaseRecord(
                    record.holder(),
                    record.address(),
                    record.term(),
                    record.renewal(),
                    record.duration(),
                    Long.toString(version));
            return present;
        }

        void touch() {
            version++;
            present = new LeaseRecord(
                    present.holder(),
                    present.address(),
                    present.term(),
                    present.renewal(),
                    present.duration(),
                    Long.toString(version));
        }
    }
}
