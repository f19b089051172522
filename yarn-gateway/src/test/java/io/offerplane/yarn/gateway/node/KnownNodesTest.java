package io.offerplane.yarn.gateway.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.apache.hadoop.yarn.api.records.NodeId;
import org.junit.jupiter.api.Test;

/** Who may speak for which place. */
class KnownNodesTest {
    private static final NodeIdentity ONE = new NodeIdentity("one");
    private static final NodeIdentity TWO = new NodeIdentity("two");
    private static final NodeId PLACE = NodeId.newInstance("10.0.0.1", 8041);
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final KnownNodes nodes = new KnownNodes(Duration.ofMinutes(10));

    @Test
    void aPlaceIsWhoseTookItFirst() {
        assertThat(nodes.register(ONE, PLACE, "one", START)).isEmpty();
        assertThat(nodes.register(TWO, PLACE, "two", START))
                .contains("node two can't speak for 10.0.0.1:8041, which is node one's");
        assertThat(nodes.speaks(TWO, PLACE, START)).isPresent();
        assertThat(nodes.register(ONE, PLACE, "one", START)).isEmpty();
        assertThat(nodes.speaks(ONE, PLACE, START)).isEmpty();
    }

    @Test
    void aPlaceIsFreeAgainWhenItsNodeLeavesOrIsSilentForLong() {
        nodes.register(ONE, PLACE, "one", START);
        Instant beat = START.plusSeconds(500);
        nodes.speaks(ONE, PLACE, beat);
        assertThat(nodes.register(TWO, PLACE, "two", beat.plusSeconds(600))).isPresent();
        assertThat(nodes.register(TWO, PLACE, "two", beat.plusSeconds(601))).isEmpty();
        nodes.left(PLACE);
        assertThat(nodes.register(ONE, PLACE, "one", beat.plusSeconds(602))).isEmpty();
    }

    @Test
    void aRefusedWordDoesNotKeepAPlaceTaken() {
        nodes.register(ONE, PLACE, "one", START);
        nodes.speaks(TWO, PLACE, START.plusSeconds(500));
        assertThat(nodes.register(TWO, PLACE, "two", START.plusSeconds(601))).isEmpty();
    }

    @Test
    void aNodeHasAFewPlacesOnly() {
        for (int port = 1; port <= 4; port++) {
            assertThat(nodes.register(ONE, NodeId.newInstance("10.0.0.1", port), "one", START))
                    .isEmpty();
        }
        NodeId fifth = NodeId.newInstance("10.0.0.1", 5);
        assertThat(nodes.register(ONE, fifth, "one", START))
                .hasValueSatisfying(why -> assertThat(why).contains("at most 4"));
        assertThat(nodes.register(ONE, NodeId.newInstance("10.0.0.1", 4), "one", START))
                .isEmpty();
        assertThat(nodes.register(ONE, fifth, "one", START.plusSeconds(601))).isEmpty();
    }

    @Test
    void theAgentIsTheNodesOrItsAddress() {
        assertThat(nodes.agentOn(PLACE)).isEqualTo("10.0.0.1");
        assertThat(nodes.register(ONE, PLACE, "two", START))
                .contains("the agent of node one can't be \"two\" (expected: one or 10.0.0.1)");
        assertThat(nodes.register(ONE, PLACE, "10.0.0.1", START)).isEmpty();
        assertThat(nodes.register(ONE, PLACE, "one", START)).isEmpty();
        assertThat(nodes.agentOn(PLACE)).isEqualTo("one");
    }
}
