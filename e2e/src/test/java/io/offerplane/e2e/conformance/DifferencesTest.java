package io.offerplane.e2e.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class DifferencesTest {
    private static final Scenario SCENARIO = new Scenario("01-x", "about x", List.of(), 1, List.of(), List.of());

    private static Differences of(String... lines) {
        return Differences.parse(List.of(lines));
    }

    @Test
    void aDifferenceWithoutAnEntryFails() {
        Verdict verdict = of("# none").judge(SCENARIO, List.of("- a", "+ b"), 1);
        assertThat(verdict.passes()).isFalse();
        assertThat(verdict.word()).isEqualTo("DIFFERENT");
        assertThat(verdict.complaint()).contains("01-x", "- a", "+ b");
    }

    @Test
    void anEntryExplainsItsLinesAndNoOthers() {
        Differences differences = of("## D1: it is so", "Reason.", "```diff", "# scenario: 01-x", "- a", "+ b", "```");
        assertThat(differences.judge(SCENARIO, List.of("- a", "+ b"), 1).word()).isEqualTo("explained (D1)");
        Verdict more = differences.judge(SCENARIO, List.of("- a", "+ b", "+ c"), 1);
        assertThat(more.passes()).isFalse();
        assertThat(more.unexplained()).containsExactly("+ c");
    }

    @Test
    void anEntryWhoseLinesDoNotDifferAnyMoreFails() {
        Differences differences = of("## D1: it is so", "Reason.", "```diff", "# scenario: 01-x", "- a", "+ b", "```");
        Verdict verdict = differences.judge(SCENARIO, List.of(), 1);
        assertThat(verdict.passes()).isFalse();
        assertThat(verdict.complaint()).contains("D1");
    }

    @Test
    void linesOfAnEntryMustFollowOneAnother() {
        Differences differences = of("## D1: it is so", "Reason.", "```diff", "# scenario: 01-x", "- a", "+ b", "```");
        assertThat(differences.judge(SCENARIO, List.of("- a", "- z", "+ b"), 1).passes())
                .isFalse();
    }

    @Test
    void oneBlockMayServeSeveralScenariosButNoOther() {
        Differences differences = of("## D2: so", "Reason.", "```diff", "# scenarios: 00-w, 01-x", "+ b", "```");
        assertThat(differences.judge(SCENARIO, List.of("+ b"), 1).passes()).isTrue();
        assertThat(differences.scenarios()).containsExactly("00-w", "01-x");
    }

    @Test
    void anEntryNeedsAReason() {
        assertThatThrownBy(() -> of("## D1: it is so", "```diff", "# scenario: 01-x", "- a", "```"))
                .hasMessageContaining("reason");
    }
}
