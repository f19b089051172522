package io.offerplane.engine.fairness;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.Property;
import io.offerplane.engine.TestCluster;
import io.offerplane.engine.resource.ResourceQuantities;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The sorter, which moves clients along one by one, against a sort from scratch over books of our own. */
class DrfSorterProperties {
    private static final List<String> NAMES = List.of("cpus", "mem", "disk", "gpus");

    private static final class Team extends Client {
        final Map<String, Long> held = new HashMap<>();
        double weight = 1;
        int chosen;

        Team(String path) {
            super(path);
        }
    }

    @Test
    void ordersAsASortFromScratchDoes() {
        Property.check(300, (random, size) -> {
            ClusterTotals totals = new ClusterTotals();
            Map<String, Long> total = new HashMap<>();
            DrfSorter<Team> sorter = new DrfSorter<>(totals);
            List<Team> competing = new ArrayList<>();
            List<Team> all = new ArrayList<>();
            for (int step = 0; step < 5 * size; step++) {
                switch (random.nextInt(8)) {
                    case 0 -> {
                        String text = amounts(random);
                        totals.add(quantities(text));
                        addTo(total, quantities(text), 1);
                    }
                    case 1 -> {
                        Team team = new Team("team" + all.size());
                        all.add(team);
                        competing.add(team);
                        sorter.add(team);
                    }
                    case 2 -> toggle(sorter, competing, all, random);
                    case 3 -> reweigh(sorter, all, random);
                    case 4 -> release(sorter, totals, all, random);
                    default -> charge(sorter, totals, all, random);
                }
                if (random.nextInt(3) == 0) {
                    assertSameOrder(sorter, competing, total);
                }
            }
            assertSameOrder(sorter, competing, total);
        });
    }

    /** So many that they stand in several runs, which fill up, split and run empty. */
    @Test
    void ordersManyAsASortFromScratchDoes() {
        Property.check(12, (random, size) -> {
            ClusterTotals totals = new ClusterTotals();
            Map<String, Long> total = new HashMap<>();
            totals.add(quantities("cpus:1000;mem:1000;disk:1000;gpus:1000"));
            addTo(total, quantities("cpus:1000;mem:1000;disk:1000;gpus:1000"), 1);
            DrfSorter<Team> sorter = new DrfSorter<>(totals);
            List<Team> all = new ArrayList<>();
            for (int i = 0; i < 300 + 10 * size; i++) {
                Team team = new Team("team" + random.nextInt(100) + "/" + i);
                all.add(team);
                sorter.add(team);
            }
            List<Team> competing = new ArrayList<>(all);
            assertSameOrder(sorter, competing, total);
            for (int step = 0; step < 3_000; step++) {
                Team team = random.nextInt(3) == 0 ? all.get(random.nextInt(all.size())) : sorter.get(0);
                ResourceQuantities amounts = quantities(amounts(random));
                sorter.charge(team, totals.vector(amounts));
                addTo(team.held, amounts, 1);
                team.chosen++;
                if (step % 100 == 0) {
                    assertSameOrder(sorter, competing, total);
                    toggle(sorter, competing, all, random);
                } else if (step % 10 == 0) {
                    // Without a sort before it: a charge keeps the order, once there is one.
                    assertAnyPlaceCanBeRead(sorter, random);
                }
            }
            while (!competing.isEmpty()) {
                Team team = competing.remove(random.nextInt(competing.size()));
                sorter.remove(team);
                assertThat(sorter.size()).isEqualTo(competing.size());
            }
            Team last = new Team("last");
            sorter.add(last);
            assertSameOrder(sorter, List.of(last), total);
        });
    }

    /** Places are read one after another as a rule, and needn't be. */
    private static void assertAnyPlaceCanBeRead(DrfSorter<Team> sorter, SplittableRandom random) {
        sorter.sort();
        List<Team> inTurn = new ArrayList<>();
        for (int i = 0; i < sorter.size(); i++) {
            inTurn.add(sorter.get(i));
        }
        for (int i = 0; i < 10; i++) {
            int place = random.nextInt(inTurn.size());
            assertThat(sorter.get(place)).isSameAs(inTurn.get(place));
        }
    }

    private static void toggle(DrfSorter<Team> sorter, List<Team> competing, List<Team> all, SplittableRandom random) {
        if (all.isEmpty()) {
            return;
        }
        Team team = all.get(random.nextInt(all.size()));
        if (competing.remove(team)) {
            sorter.remove(team);
        } else {
            competing.add(team);
            sorter.add(team);
        }
    }

    private static void reweigh(DrfSorter<Team> sorter, List<Team> all, SplittableRandom random) {
        if (!all.isEmpty()) {
            Team team = all.get(random.nextInt(all.size()));
            team.weight = 0.5 + random.nextInt(4);
            sorter.reweigh(team, team.weight);
        }
    }

    private static void charge(DrfSorter<Team> sorter, ClusterTotals totals, List<Team> all, SplittableRandom random) {
        if (!all.isEmpty()) {
            Team team = all.get(random.nextInt(all.size()));
            ResourceQuantities amounts = quantities(amounts(random));
            sorter.charge(team, totals.vector(amounts));
            addTo(team.held, amounts, 1);
            team.chosen++;
        }
    }

    private static void release(DrfSorter<Team> sorter, ClusterTotals totals, List<Team> all, SplittableRandom random) {
        if (all.isEmpty()) {
            return;
        }
        Team team = all.get(random.nextInt(all.size()));
        String name = NAMES.get(random.nextInt(NAMES.size()));
        long held = team.held.getOrDefault(name, 0L);
        if (held > 0) {
            ResourceQuantities amounts = quantities(name + ":" + (held / 1000));
            sorter.release(team, totals.vector(amounts));
            addTo(team.held, amounts, -1);
        }
    }

    private static void assertSameOrder(DrfSorter<Team> sorter, List<Team> competing, Map<String, Long> total) {
        sorter.sort();
        List<String> found = new ArrayList<>();
        for (int i = 0; i < sorter.size(); i++) {
            found.add(sorter.get(i).path());
        }
        List<String> expected = competing.stream()
                .sorted(Comparator.<Team>comparingDouble(team -> share(team, total))
                        .thenComparingInt(team -> team.chosen)
                        .thenComparing(Client::path))
                .map(Client::path)
                .toList();
        assertThat(found).isEqualTo(expected);
    }

    private static double share(Team team, Map<String, Long> total) {
        return team.held.entrySet().stream()
                        .filter(entry -> total.getOrDefault(entry.getKey(), 0L) > 0)
                        .mapToDouble(entry -> (double) entry.getValue() / total.get(entry.getKey()))
                        .max()
                        .orElse(0)
                / team.weight;
    }

    private static String amounts(SplittableRandom random) {
        return NAMES.get(random.nextInt(NAMES.size())) + ":" + (1 + random.nextInt(5)) + ";"
                + NAMES.get(random.nextInt(NAMES.size())) + ":" + (1 + random.nextInt(5));
    }

    private static ResourceQuantities quantities(String text) {
        return TestCluster.resources(text).scalars();
    }

    private static void addTo(Map<String, Long> sums, ResourceQuantities amounts, int sign) {
        amounts.forEach((name, milli) -> sums.merge(name, sign * milli, Long::sum));
    }
}
