package io.offerplane.benchmarks;

import io.offerplane.engine.Decision;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One allocation cycle of the engine. A cycle is measured alone; what brings the engine back to where it was, between two, is not.
 * With an interval of one second, a cycle may take a small part of that.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 3)
@Fork(1)
public class AllocationCycleBenchmark {

    /** Every agent is free, and every framework wants all: the dearest cycle, as after a leader's start. */
    @Benchmark
    public Decision everythingFree(FreeAgents state) {
        state.last = state.market.cycle();
        return state.last;
    }

    /** Every framework has refused every agent for long: a hundred thousand filters are asked, and nothing is offered. */
    @Benchmark
    public Decision everythingRefused(RefusedAgents state) {
        return state.market.cycle();
    }

    /** All agents are partly in use, their free rest comes back and is offered again: an ordinary second of a busy cluster. */
    @Benchmark
    public Decision halfInUse(BusyAgents state) {
        state.last = state.market.cycle();
        return state.last;
    }

    /** Sizes; the first of each is small, for the growth from one to the other. */
    @State(Scope.Thread)
    public abstract static class Sized {
        @Param({"100", "1000"})
        public int agents;

        @Param({"100"})
        public int frameworks;
    }

    /** All agents free before each cycle. */
    @State(Scope.Thread)
    public static class FreeAgents extends Sized {
        private OfferMarket market = new OfferMarket(1, 1);
        private Decision last = market.cycle();

        @Setup(Level.Trial)
        public void fill() {
            market = new OfferMarket(agents, frameworks);
            last = market.cycle();
            require(OfferMarket.countOffers(last), agents);
        }

        @Setup(Level.Invocation)
        public void giveBack() {
            market.decline(last, 0);
        }
    }

    /** All agents refused by all frameworks. */
    @State(Scope.Thread)
    public static class RefusedAgents extends Sized {
        private OfferMarket market = new OfferMarket(1, 1);

        @Setup(Level.Trial)
        public void fill() {
            market = new OfferMarket(agents, frameworks);
            int refused = 0;
            int offers;
            do {
                Decision decision = market.cycle();
                offers = OfferMarket.countOffers(decision);
                refused += offers;
                market.decline(decision, 86_400);
            } while (offers > 0);
            require(refused, agents * frameworks);
            market.touchAll();
            require(OfferMarket.countVisited(market.cycle()), agents);
        }

        /** Agents of which nothing is new would not be looked at. */
        @Setup(Level.Invocation)
        public void touch() {
            market.touchAll();
        }
    }

    /** Sixteen of each agent's 32 cores in use by the tasks of several frameworks. */
    @State(Scope.Thread)
    public static class BusyAgents extends Sized {
        private static final int TASKS_PER_AGENT = 8;

        private OfferMarket market = new OfferMarket(1, 1);
        private Decision last = market.cycle();

        @Setup(Level.Trial)
        public void fill() {
            market = new OfferMarket(agents, frameworks);
            for (int i = 0; i < TASKS_PER_AGENT; i++) {
                market.launch(market.cycle(), 2, 0);
            }
            last = market.cycle();
            require(OfferMarket.countOffers(last), agents);
        }

        @Setup(Level.Invocation)
        public void giveBack() {
            market.decline(last, 0);
        }
    }

    private static void require(int counted, int expected) {
        if (counted != expected) {
            throw new IllegalStateException(counted + " were counted, not " + expected + ": the set-up is wrong");
        }
    }
}
