package io.offerplane.benchmarks;

import io.offerplane.engine.Decision;
import io.offerplane.engine.resource.Resources;
import java.util.function.Supplier;

/** Every agent is offered, and declined without a filter, over and over. Mesos: DeclineOffers. */
final class DeclineRounds {
    private final OfferMarket market;
    private Decision last;
    private long declining;

    DeclineRounds(int agents, int frameworks, OfferMarket.Tree tree, Supplier<Resources> totals) {
        market = new OfferMarket(agents, frameworks, tree, totals);
        last = market.cycle();
    }

    int agents() {
        return market.agents();
    }

    /** The offers of the round before come back, and a cycle makes others; says how many nanoseconds the cycle took. */
    long next() {
        long start = BenchClock.nanos();
        market.decline(last, 0);
        declining = BenchClock.nanos() - start;
        start = BenchClock.nanos();
        last = market.cycle();
        long took = BenchClock.nanos() - start;
        int offers = OfferMarket.countOffers(last);
        Measurement.require(offers == market.agents(), offers + " were offered, not " + market.agents());
        return took;
    }

    /** How long it took to decline what came before the last round, in nanoseconds. */
    long declining() {
        return declining;
    }
}
