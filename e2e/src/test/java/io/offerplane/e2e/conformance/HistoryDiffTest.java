package io.offerplane.e2e.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HistoryDiffTest {
    @Test
    void alikeHistoriesDoNotDiffer() {
        assertThat(HistoryDiff.between(List.of("a", "b"), List.of("a", "b"))).isEmpty();
    }

    @Test
    void tellsLinesThatOnlyOneHas() {
        assertThat(HistoryDiff.between(List.of("a", "b", "c"), List.of("a", "x", "c", "d")))
                .containsExactly("- b", "+ x", "+ d");
    }

    @Test
    void anotherOrderIsADifference() {
        assertThat(HistoryDiff.between(List.of("STARTING", "RUNNING"), List.of("RUNNING", "STARTING")))
                .hasSize(2);
    }
}
