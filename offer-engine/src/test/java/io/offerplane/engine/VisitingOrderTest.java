package io.offerplane.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.offerplane.engine.offer.Offer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** In which order a cycle goes through agents: no agent is first more often than others. */
class VisitingOrderTest {
    private static final int AGENTS = 50;
    private static final int CYCLES = 4_000;

    private final TestCluster cluster = new TestCluster();

    @Test
    void everyAgentComesAtEveryPlaceAboutAsOften() {
        for (int i = 0; i < AGENTS; i++) {
            cluster.agent("s" + i, "cpus:1;mem:1024");
        }
        cluster.framework("f", "role");
        Map<String, Integer> first = new HashMap<>();
        Map<String, Long> places = new HashMap<>();
        Set<List<String>> orders = new HashSet<>();
        for (int cycle = 0; cycle < CYCLES; cycle++) {
            List<String> order = nextOrder();
            assertThat(order).hasSize(AGENTS).doesNotHaveDuplicates();
            first.merge(order.getFirst(), 1, Integer::sum);
            for (int place = 0; place < AGENTS; place++) {
                places.merge(order.get(place), (long) place, Long::sum);
            }
            orders.add(order);
        }

        // 80 times each, more or less: six standard deviations of that are 54.
        assertThat(first).hasSize(AGENTS);
        assertThat(first.values()).allSatisfy(times -> assertThat(times).isBetween(26, 134));
        // 24.5 in the mean; its standard deviation is 0.23.
        places.values()
                .forEach(sum -> assertThat((double) sum / CYCLES).isCloseTo((AGENTS - 1) / 2.0, within(6 * 0.23)));
        assertThat(orders).hasSize(CYCLES);
    }

    /** The agents as one cycle offered them; they come back before the next. */
    private List<String> nextOrder() {
        List<Offer> offers = cluster.cycle().offers("f");
        offers.forEach(offer -> cluster.decline(offer, 0));
        return offers.stream().map(offer -> offer.agentId().value()).toList();
    }
}
