package io.offerplane.operator.claim;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.operator.claim.GiveBackPlan.NodeRoom;
import io.offerplane.operator.claim.GiveBackPlan.WaitingPod;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GiveBackPlanTest {
    private static Amount amount(long cpu, long mebibytes) {
        return new Amount(cpu, mebibytes << 20);
    }

    private static WaitingPod pod(String name, Amount request) {
        return new WaitingPod(name, request, node -> true);
    }

    @Test
    void oneNodeMakesRoomForOnePod() {
        Map<String, Amount> plan = GiveBackPlan.of(
                List.of(pod("a", amount(1000, 512))),
                List.of(
                        new NodeRoom("n1", amount(250, 256), amount(2000, 4096)),
                        new NodeRoom("n2", amount(250, 256), amount(2000, 4096))));
        assertThat(plan).containsExactlyEntriesOf(Map.of("n1", amount(1000, 512)));
    }

    @Test
    void theNodeThatLosesTheSmallestPartOfItsIdleClaimIsChosen() {
        // n1 gives back 750 of 1000, n2 750 of 4000.
        Map<String, Amount> plan = GiveBackPlan.of(
                List.of(pod("a", amount(1000, 10))),
                List.of(
                        new NodeRoom("n1", amount(250, 256), amount(1000, 4096)),
                        new NodeRoom("n2", amount(250, 256), amount(4000, 4096))));
        assertThat(plan).containsOnlyKeys("n2");
    }

    @Test
    void secondPodCountsWithWhatTheFirstTook() {
        // n1 has 250 + 1000: the second pod of 700 doesn't fit beside the first.
        Map<String, Amount> plan = GiveBackPlan.of(
                List.of(pod("a", amount(700, 10)), pod("b", amount(700, 10))),
                List.of(
                        new NodeRoom("n1", amount(250, 256), amount(1000, 4096)),
                        new NodeRoom("n2", amount(0, 256), amount(900, 4096))));
        assertThat(plan).containsOnlyKeys("n1", "n2");
    }

    @Test
    void nobodyGivesBackForAPodThatFitsNowhereAnyway() {
        assertThat(GiveBackPlan.of(
                        List.of(pod("large", amount(9000, 10))),
                        List.of(new NodeRoom("n1", amount(250, 256), amount(2000, 4096)))))
                .isEmpty();
        assertThat(GiveBackPlan.of(
                        List.of(new WaitingPod("elsewhere", amount(500, 10), node -> node.equals("n9"))),
                        List.of(new NodeRoom("n1", amount(250, 256), amount(2000, 4096)))))
                .isEmpty();
    }

    @Test
    void anOverbookedNodeHasToGiveBackThatMuchMore() {
        // 200 overbooked: 500 more idle than the pod asks for is enough, 100 isn't.
        assertThat(GiveBackPlan.of(
                        List.of(pod("a", amount(500, 10))),
                        List.of(new NodeRoom("n1", amount(-200, 256), amount(600, 4096)))))
                .isEmpty();
        assertThat(GiveBackPlan.of(
                        List.of(pod("a", amount(500, 10))),
                        List.of(new NodeRoom("n1", amount(-200, 256), amount(1000, 4096)))))
                .containsOnlyKeys("n1");
    }
}
