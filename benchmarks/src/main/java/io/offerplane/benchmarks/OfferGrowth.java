package io.offerplane.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How the cost of an offer grows with the cluster. All sizes live side by side and take turns, for about as long each: a machine that is faster at one
 * time than at another is so for all of them.
 */
final class OfferGrowth {
    private static final long WARM_NANOS = 3_000_000_000L;
    private static final int TURNS = 100;

    private final BenchReport report;
    private final List<Contender> contenders = new ArrayList<>();

    OfferGrowth(BenchReport report) {
        this.report = report;
    }

    /** One size, and what its rounds took per offer, in nanoseconds. */
    private static final class Contender {
        final String sizes;
        final DeclineRounds rounds;
        final List<Double> perOffer = new ArrayList<>();

        /** The median of each turn. */
        final List<Double> turns = new ArrayList<>();

        Contender(int agents, int frameworks) {
            sizes = agents + " x " + frameworks;
            rounds = new DeclineRounds(agents, frameworks, OfferMarket.Tree.ONE_ROLE, OfferMarket::fresh);
        }

        /** Rounds for at least so long, and at least one; says how long it was. */
        long turn(long nanos) {
            long spent = 0;
            List<Double> turn = new ArrayList<>();
            do {
                long took = rounds.next();
                turn.add((double) took / rounds.agents());
                spent += took;
            } while (spent < nanos);
            perOffer.addAll(turn);
            turns.add(at(turn, 0.5));
            return spent;
        }

        double at(double part) {
            return at(perOffer, part);
        }

        void forget() {
            perOffer.clear();
            turns.clear();
        }

        static double at(List<Double> figures, double part) {
            return figures.stream().sorted().toList().get((int) (part * (figures.size() - 1)));
        }
    }

    /** Another size; the largest last. */
    OfferGrowth with(int agents, int frameworks) {
        contenders.add(new Contender(agents, frameworks));
        return this;
    }

    OfferGrowth run() {
        contenders.forEach(contender -> {
            contender.turn(WARM_NANOS);
            contender.forget();
        });
        for (int i = 0; i < TURNS; i++) {
            long turn = contenders.getLast().turn(0);
            contenders.subList(0, contenders.size() - 1).forEach(contender -> contender.turn(turn));
        }
        report.text("""
                | cost of an offer, by turns | rounds | best ns | median ns | ninth in ten ns |
                |---|---:|---:|---:|---:|""");
        contenders.forEach(this::record);
        return this;
    }

    private void record(Contender contender) {
        String row = String.format(
                Locale.ROOT,
                "| %s | %d | %.0f | %.0f | %.0f |",
                contender.sizes,
                contender.perOffer.size(),
                contender.at(0),
                contender.at(0.5),
                contender.at(0.9));
        report.record(
                row,
                String.format(
                        Locale.ROOT,
                        "{\"shape\":\"growth\",\"sizes\":\"%s\",\"rounds\":%d,\"bestNsPerOffer\":%.0f,\"medianNsPerOffer\":%.0f}",
                        contender.sizes,
                        contender.perOffer.size(),
                        contender.at(0),
                        contender.at(0.5)));
    }

    /** From the first size to another: the median of what it is in each turn, as the machine may be another one in the next. */
    double to(int place) {
        List<Double> from = contenders.getFirst().turns;
        List<Double> to = contenders.get(place).turns;
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < from.size(); i++) {
            ratios.add(to.get(i) / from.get(i));
        }
        return Contender.at(ratios, 0.5);
    }
}
