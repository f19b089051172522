package io.offerplane.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Offer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Who hands everything back doesn't keep others from what they could use. */
class BackOffTest {
    private final TestCluster cluster = new TestCluster();

    private void handBack(String framework) {
        cluster.offers(framework).forEach(offer -> cluster.decline(offer, 0));
    }

    @Test
    void othersComeFirstAfterFiveCyclesInVain() {
        cluster.agent("a", "cpus:4;mem:4096").framework("done", "eng");
        for (int i = 0; i < 5; i++) {
            cluster.cycle();
            assertThat(cluster.offers("done")).hasSize(1);
            handBack("done");
        }
        cluster.framework("busy", "ops").tick();
        assertThat(cluster.offers("busy")).hasSize(1);
    }

    @Test
    void whatNobodyElseWantsIsStillOffered() {
        cluster.agent("a", "cpus:4;mem:4096").framework("done", "eng");
        for (int i = 0; i < 20; i++) {
            cluster.cycle();
            assertThat(cluster.offers("done")).as("cycle %s", i).hasSize(1);
            handBack("done");
        }
    }

    @Test
    void aRevivalPutsItInItsOldPlace() {
        cluster.agent("a", "cpus:4;mem:4096").framework("done", "eng");
        for (int i = 0; i < 7; i++) {
            cluster.cycle();
            handBack("done");
        }
        cluster.framework("busy", "ops").tick();
        Offer offer = cluster.offers("busy").getFirst();
        cluster.launch(offer, TestCluster.task("t", "a", "cpus:1;mem:1"));
        cluster.apply(new Command.Revive(new FrameworkId("done"), List.of(), cluster.now()));
        cluster.tick();
        assertThat(cluster.offers("done")).hasSize(1);
    }

    @Test
    void itIsInItsOldPlaceAgainAfterAWhileByItself() {
        cluster.agent("a", "cpus:4;mem:4096").framework("done", "eng");
        for (int i = 0; i < 5; i++) {
            cluster.cycle();
            handBack("done");
        }
        cluster.framework("busy", "ops");
        cluster.tick();
        cluster.launch(cluster.offers("busy").getFirst(), TestCluster.task("t", "a", "cpus:1;mem:1"));
        cluster.pass(6).tick();
        assertThat(cluster.offers("done")).hasSize(1);
    }

    /**
     * The shape of Mesos' own benchmark MultiFrameworkAllocations: 80 agents, 554 frameworks that want 19,500 tasks together, nobody sets
     * filters, whoever is done hands everything back. Mesos' allocator launched 5,132 of them in 6,507 rounds.
     */
    @Test
    void allTasksOfFiveHundredFrameworksRunWithinAHundredRounds() {
        Map<String, Integer> wanted = new TreeMap<>();
        add(wanted, "large", 4, 500);
        add(wanted, "middle", 50, 150);
        add(wanted, "small", 500, 20);
        assertThat(wanted.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(19_500);
        for (int i = 0; i < 80; i++) {
            cluster.agent("agent" + i, "cpus:64;mem:262144");
        }
        wanted.keySet().forEach(name -> cluster.framework(name, name));
        int launched = 0;
        int rounds = 0;
        while (launched < 19_500 && rounds < 100) {
            rounds++;
            cluster.cycle();
            launched += answer(wanted);
        }
        assertThat(launched).as("after %s rounds", rounds).isEqualTo(19_500);
        System.out.println("19,500 tasks of 554 frameworks run after " + rounds + " rounds");
    }

    private static void add(Map<String, Integer> wanted, String name, int frameworks, int tasks) {
        for (int i = 0; i < frameworks; i++) {
            wanted.put(name + i, tasks);
        }
    }

    /** Each takes of an offer what it still wants, and hands back what it has no use for. */
    private int answer(Map<String, Integer> wanted) {
        int launched = 0;
        List<Effect.SendOffers> all = cluster.take(Effect.SendOffers.class);
        for (Effect.SendOffers sent : all) {
            String name = sent.frameworkId().value();
            for (Offer offer : sent.offers()) {
                int count = Math.min(wanted.getOrDefault(name, 0), (int)
                        (offer.resources().scalars().milli("cpus") / 200));
                if (count == 0) {
                    cluster.decline(offer, 0);
                    continue;
                }
                List<io.offerplane.engine.task.TaskSpec> tasks = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    int number = wanted.merge(name, -1, Integer::sum);
                    tasks.add(TestCluster.task(
                            name + "-" + number, offer.agentId().value(), "cpus:0.2;mem:512"));
                }
                cluster.launch(offer, tasks.toArray(new io.offerplane.engine.task.TaskSpec[0]));
                launched += count;
            }
        }
        return launched;
    }
}
