package io.offerplane.engine.theorem;

import io.offerplane.engine.TestCluster;
import io.offerplane.engine.fairness.Client;
import io.offerplane.engine.fairness.ClusterTotals;
import io.offerplane.engine.fairness.DrfSorter;
import java.util.ArrayList;
import java.util.List;

/** Fills a pool of one agent and one level of roles by the sorter alone: the first whose task still fits gets one. */
final class SorterFiller implements Filler {
    private static final class Team extends Client {
        final int number;
        final Claimant claimant;

        Team(int number, Claimant claimant) {
            super(claimant.path());
            this.number = number;
            this.claimant = claimant;
        }
    }

    @Override
    public Filled fill(Pool pool) {
        ClusterTotals totals = new ClusterTotals();
        List<Long> left = new ArrayList<>(pool.agents().getFirst());
        totals.add(TestCluster.resources(Pool.text(left)).scalars());
        DrfSorter<Team> sorter = new DrfSorter<>(totals);
        List<Long> tasks = new ArrayList<>();
        for (Claimant framework : pool.frameworks()) {
            Team team = new Team(tasks.size(), framework);
            tasks.add(0L);
            sorter.add(team);
            sorter.reweigh(team, framework.weight().value());
        }
        while (true) {
            Team chosen = firstThatFits(sorter, left);
            if (chosen == null) {
                return new Filled(tasks, List.of(left));
            }
            List<Long> demand = chosen.claimant.demand();
            sorter.charge(
                    chosen,
                    totals.vector(TestCluster.resources(Pool.text(demand)).scalars()));
            for (int r = 0; r < left.size(); r++) {
                left.set(r, left.get(r) - demand.get(r));
            }
            tasks.set(chosen.number, tasks.get(chosen.number) + 1);
        }
    }

    private static Team firstThatFits(DrfSorter<Team> sorter, List<Long> left) {
        sorter.sort();
        for (int i = 0; i < sorter.size(); i++) {
            if (EngineFiller.fits(sorter.get(i).claimant.demand(), left)) {
                return sorter.get(i);
            }
        }
        return null;
    }
}
