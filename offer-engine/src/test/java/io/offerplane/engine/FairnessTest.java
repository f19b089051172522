package io.offerplane.engine;

import static io.offerplane.engine.TestCluster.resources;
import static io.offerplane.engine.TestCluster.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.Operation;
import io.offerplane.engine.role.RolePath;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who gets how much. The first is the example of the DRF paper, the others are worked out beside their assertions. */
class FairnessTest {
    private final TestCluster cluster = new TestCluster();
    private int launched;

    @Test
    void sharesAsInTheExampleOfTheDrfPaper() {
        // 9 cpus and 18 GB in all. A's tasks take <1 cpu, 4 GB>, B's <3 cpus, 1 GB>.
        cluster.agent("s1", "cpus:9;mem:18432").framework("A", "a").framework("B", "b");
        runUntilFull(Map.of("A", "cpus:1;mem:4096", "B", "cpus:3;mem:1024"));

        // A: three tasks, 12 of 18 GB = 2/3. B: two tasks, 6 of 9 cpus = 2/3.
        assertThat(cluster.frameworkView("A").allocated()).isEqualTo(resources("cpus:3;mem:12288"));
        assertThat(cluster.frameworkView("B").allocated()).isEqualTo(resources("cpus:6;mem:2048"));
        assertThat(share("a")).isCloseTo(2.0 / 3, within(1e-9));
        assertThat(share("b")).isCloseTo(2.0 / 3, within(1e-9));
    }

    @Test
    void holdsWeightsOneToTwoWithinOneTask() {
        setWeight("heavy", 2);
        cluster.agent("s1", "cpus:30;mem:30720").framework("one", "light").framework("two", "heavy");
        runUntilFull(Map.of("one", "cpus:1;mem:1024", "two", "cpus:1;mem:1024"));

        double light =
                cluster.frameworkView("one").allocated().scalars().get("cpus").units();
        double heavy =
                cluster.frameworkView("two").allocated().scalars().get("cpus").units();
        assertThat(light + heavy).isEqualTo(30);
        assertThat(heavy).isCloseTo(2 * light, within(1.0));
    }

    @Test
    void weighsRolesAmongTheirSiblingsOnly() {
        setWeight("eng/web", 3);
        cluster.agent("s1", "cpus:16;mem:16384")
                .framework("web", "eng/web")
                .framework("ads", "eng/ads")
                .framework("ops", "ops");
        runUntilFull(Map.of("web", "cpus:1;mem:1024", "ads", "cpus:1;mem:1024", "ops", "cpus:1;mem:1024"));

        // eng and ops halve 16; within eng's 8, web has three parts of four.
        assertThat(cpus("ops")).isEqualTo(8);
        assertThat(cpus("web")).isEqualTo(6);
        assertThat(cpus("ads")).isEqualTo(2);
    }

    @Test
    void letsARoleThatIsAlsoAParentCompeteAsOneMoreChild() {
        cluster.agent("s1", "cpus:12;mem:12288")
                .framework("own", "eng")
                .framework("web", "eng/web")
                .framework("ads", "eng/ads");
        runUntilFull(Map.of("own", "cpus:1;mem:1024", "web", "cpus:1;mem:1024", "ads", "cpus:1;mem:1024"));

        assertThat(List.of(cpus("own"), cpus("web"), cpus("ads"))).containsOnly(4.0);
    }

    @Test
    void sharesARoleAmongItsFrameworks() {
        cluster.agent("s1", "cpus:8;mem:8192")
                .framework("a1", "a")
                .framework("a2", "a")
                .framework("b1", "b");
        runUntilFull(Map.of("a1", "cpus:1;mem:512", "a2", "cpus:1;mem:512", "b1", "cpus:1;mem:512"));

        assertThat(cpus("b1")).isEqualTo(4);
        assertThat(cpus("a1")).isEqualTo(2);
        assertThat(cpus("a2")).isEqualTo(2);
    }

    @Test
    void countsWhatIsOfferedAsHeld() {
        cluster.framework("first", "a").framework("second", "b");
        cluster.agent("s1", "cpus:4;mem:4096").tick();
        cluster.agent("s2", "cpus:4;mem:4096").tick();

        assertThat(cluster.offers("first")).hasSize(1);
        assertThat(cluster.offers("second")).hasSize(1);
    }

    /** Everyone launches one task at a time and declines the rest for no time, until nobody can. */
    private void runUntilFull(Map<String, String> tasks) {
        for (int i = 0; i < 200; i++) {
            cluster.cycle();
            for (String framework : tasks.keySet().stream().sorted().toList()) {
                for (Offer offer : cluster.offers(framework)) {
                    String wanted = tasks.get(framework);
                    if (offer.resources().contains(resources(wanted))) {
                        cluster.apply(new Command.AcceptOffers(
                                offer.frameworkId(),
                                List.of(offer.id()),
                                List.of(new Operation.Launch(List.of(
                                        task("t" + launched++, offer.agentId().value(), wanted)))),
                                Optional.of(0.0),
                                cluster.now()));
                    } else {
                        cluster.decline(offer, 3600);
                    }
                }
            }
        }
    }

    private void setWeight(String role, double weight) {
        cluster.apply(new Command.SetRoleWeight(new RolePath(role), weight, cluster.now()));
    }

    private double cpus(String framework) {
        return cluster.frameworkView(framework)
                .allocated()
                .scalars()
                .get("cpus")
                .units();
    }

    private double share(String role) {
        return cluster.view().roles().stream()
                .filter(view -> view.role().value().equals(role))
                .findFirst()
                .orElseThrow()
                .share();
    }
}
