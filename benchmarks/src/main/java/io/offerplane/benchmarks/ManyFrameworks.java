package io.offerplane.benchmarks;

import io.offerplane.engine.Command;
import io.offerplane.engine.Effect;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.Resources;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How many cycles it takes until every framework of a mixed crowd runs what it wants, in a cluster that has room for all twice over. Frameworks that
 * have all they want go on taking offers and giving them back at once, without a filter. Mesos: MultiFrameworkAllocations.
 */
final class ManyFrameworks {
    private static final int ROUNDS_AT_MOST = 2_000;
    private static final int GOAL_ROUNDS = 100;
    private static final int MOONSHOT_ROUNDS = 29;
    private static final int AGENTS = 80;

    private final BenchReport report;
    private final Map<FrameworkId, Crowd> crowds = new HashMap<>();
    private final Map<FrameworkId, Integer> left = new HashMap<>();
    private final Map<Crowd, TaskLives> livesByCrowd = new HashMap<>();
    private int wanted;

    /** What frameworks of one kind want. */
    private record Crowd(double cpus, double mem, int tasks, int perOffer) {}

    ManyFrameworks(BenchReport report) {
        this.report = report;
    }

    void run() {
        OfferMarket market = new OfferMarket(AGENTS, 0, OfferMarket.Tree.ONE_ROLE, ManyFrameworks::agent);
        Crowd services = new Crowd(0.07, 400, 4_000, 100);
        Crowd builds = new Crowd(0.1, 4_000, 5, 1);
        Crowd jobs = new Crowd(1, 1_000, 20, 5);
        for (int i = 1; i <= 4; i++) {
            join(market, "services" + i, "roleA-" + i, services);
        }
        for (int i = 1; i <= 500; i++) {
            join(market, "builds" + i, "roleB", builds);
        }
        for (int i = 1; i <= 50; i++) {
            join(market, "jobs" + i, "roleC-" + i, jobs);
        }
        int running = 0;
        int rounds = 0;
        int offers = 0;
        int useful = 0;
        long start = System.nanoTime();
        while (running < wanted && rounds < ROUNDS_AT_MOST) {
            rounds++;
            for (Effect.SendOffers sent : OfferMarket.offers(market.cycle())) {
                for (Offer offer : sent.offers()) {
                    int launched = answer(market, offer);
                    offers++;
                    useful += launched > 0 ? 1 : 0;
                    running += launched;
                }
            }
        }
        long millis = (System.nanoTime() - start) / 1_000_000;
        report.text("""
                | MultiFrameworkAllocations | agents x frameworks | tasks | wanted | rounds | offers | of use | ms |
                |---|---|---:|---:|---:|---:|---:|---:|""");
        String row = String.format(
                Locale.ROOT,
                "| until all run | %d x %d | %,d | %,d | %,d | %,d | %,d | %,d |",
                AGENTS,
                crowds.size(),
                running,
                wanted,
                rounds,
                offers,
                useful,
                millis);
        report.record(
                row,
                String.format(
                        Locale.ROOT,
                        "{\"shape\":\"MultiFrameworkAllocations\",\"tasks\":%d,\"wanted\":%d,\"rounds\":%d,\"offers\":%d,\"useful\":%d,\"ms\":%d}",
                        running,
                        wanted,
                        rounds,
                        offers,
                        useful,
                        millis));
        report.add(Goal.atMost(
                        "MultiFrameworkAllocations: rounds until all 19,500 tasks run",
                        "rounds",
                        "5,132 tasks after 6,507",
                        running < wanted ? Double.POSITIVE_INFINITY : rounds,
                        GOAL_ROUNDS)
                .moonshot(MOONSHOT_ROUNDS));
    }

    private static Resources agent() {
        return Resources.scalars(Map.of("cpus", Quantity.of(64), "mem", Quantity.of(488_000)));
    }

    private void join(OfferMarket market, String name, String role, Crowd crowd) {
        FrameworkId id = market.subscribe(name, role);
        crowds.put(id, crowd);
        left.put(id, crowd.tasks);
        wanted += crowd.tasks;
    }

    /** As many tasks as fit, are wanted, and are allowed on one offer. */
    private int answer(OfferMarket market, Offer offer) {
        Crowd crowd = Objects.requireNonNull(crowds.get(offer.frameworkId()), "an offer to somebody else");
        int missing = left.getOrDefault(offer.frameworkId(), 0);
        double cpus = offer.resources().scalars().milli("cpus") / 1e3;
        double mem = offer.resources().scalars().milli("mem") / 1e3;
        int fit = (int) Math.floor(Math.min(cpus / crowd.cpus, mem / crowd.mem) + 1e-9);
        int tasks = Math.min(Math.min(fit, crowd.perOffer), missing);
        if (tasks == 0) {
            market.apply(new Command.DeclineOffers(
                    offer.frameworkId(), List.of(offer.id()), Optional.of(0.0), market.now()));
        } else {
            lives(market, crowd).launch(offer, tasks, 0);
            left.put(offer.frameworkId(), missing - tasks);
        }
        return tasks;
    }

    /** Names of tasks are counted by crowd, so they are unique within a framework. */
    private TaskLives lives(OfferMarket market, Crowd crowd) {
        return livesByCrowd.computeIfAbsent(crowd, c -> new TaskLives(market, c.cpus, c.mem, 0));
    }
}
