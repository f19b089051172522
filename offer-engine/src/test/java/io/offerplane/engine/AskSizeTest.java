package io.offerplane.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.offerplane.engine.Decision.Answer;
import io.offerplane.engine.ask.Ask;
import io.offerplane.engine.ask.AskKey;
import io.offerplane.engine.ask.AskRules;
import io.offerplane.engine.ask.AskSizes;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Sizes that containers come in, and what is asked beyond them. */
class AskSizeTest {
    private static final AskSizes SIZES = new AskSizes(
            size("cpus:1;mem:1024"),
            size("cpus:1;mem:512"),
            new TreeMap<>(Map.of("cpus", Quantity.of(4), "mem", Quantity.of(8000))));

    private final TestCluster cluster = new TestCluster(config(SIZES));

    private static ResourceQuantities size(String text) {
        return TestCluster.resources(text).scalars();
    }

    private static EngineConfig config(AskSizes sizes) {
        return TestCluster.config(
                new AskRules(Duration.ofMillis(500), Duration.ofSeconds(1), "rack", sizes), SetAsideRules.DEFAULT);
    }

    private Answer ask(String size, int count, String... avoid) {
        return cluster.apply(new Command.UpdateAsks(
                new FrameworkId("app"),
                List.of(Ask.anywhere(new AskKey(1, 0), size(size), count)),
                List.of(avoid),
                List.of(),
                cluster.now()));
    }

    private void refused(Answer answer, String message) {
        assertThat(answer).isInstanceOfSatisfying(Answer.Refused.class, refused -> assertThat(refused.message())
                .isEqualTo(message));
    }

    @Test
    void lessThanTheSmallestIsMadeTheSmallest() {
        assertThat(SIZES.normalized(size("cpus:0.1;mem:1"))).isEqualTo(size("cpus:1;mem:1024"));
    }

    @Test
    void aResourceThatIsNotAskedForIsGivenToo() {
        assertThat(SIZES.normalized(size("mem:1024"))).isEqualTo(size("cpus:1;mem:1024"));
    }

    @Test
    void whatIsBetweenStepsIsTheNextStep() {
        assertThat(SIZES.normalized(size("cpus:1.5;mem:1025"))).isEqualTo(size("cpus:2;mem:1536"));
        assertThat(SIZES.normalized(size("cpus:2;mem:1536"))).isEqualTo(size("cpus:2;mem:1536"));
    }

    @Test
    void theLastStepEndsAtTheLargest() {
        assertThat(SIZES.normalized(size("cpus:4;mem:7900"))).isEqualTo(size("cpus:4;mem:8000"));
    }

    @Test
    void withoutRulesASizeStaysAsItIs() {
        assertThat(AskSizes.ANY.normalized(size("cpus:0.1;mem:1"))).isEqualTo(size("cpus:0.1;mem:1"));
        assertThat(AskSizes.ANY.fault(size("cpus:1000000"))).isEmpty();
    }

    @Test
    void aLargestBelowTheSmallestIsNoRule() {
        assertThatThrownBy(() -> new AskSizes(
                        size("cpus:2"), ResourceQuantities.EMPTY, new TreeMap<>(Map.of("cpus", Quantity.of(1)))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("largest cpus");
    }

    @Test
    void containersAreGrantedAndChargedInTheirNormalSize() {
        cluster.agent("a", "cpus:8;mem:8192").application("app", "eng");
        assertThat(ask("cpus:1.5;mem:100", 1)).isInstanceOf(Answer.Accepted.class);
        cluster.tick();
        assertThat(cluster.grants("app")).singleElement().satisfies(grant -> assertThat(grant.size())
                .isEqualTo(size("cpus:2;mem:1024")));
        assertThat(cluster.agentView("a").allocated().scalars()).isEqualTo(size("cpus:2;mem:1024"));
    }

    @Test
    void moreThanTheLargestIsRefusedAndChangesNothing() {
        cluster.application("app", "eng");
        assertThat(ask("cpus:1;mem:1024", 3)).isInstanceOf(Answer.Accepted.class);
        assertThat(ask("cpus:5;mem:1024", 1)).isInstanceOf(Answer.Refused.class);
        assertThat(cluster.frameworkView("app").application().orElseThrow().pending())
                .singleElement()
                .satisfies(pending -> {
                    assertThat(pending.count()).isEqualTo(3);
                    assertThat(pending.size()).isEqualTo(size("cpus:1;mem:1024"));
                });
    }

    @Test
    void aRefusalNamesWhatIsTooMuch() {
        cluster.application("app", "eng");
        refused(
                ask("cpus:5;mem:1024", 1),
                "cpus: " + Quantity.of(5) + " in one container (expected: at most " + Quantity.of(4) + ")");
    }

    @Test
    void anAskIsTakenBackWhateverItsSize() {
        cluster.application("app", "eng");
        ask("cpus:1;mem:1024", 3);
        assertThat(ask("cpus:5;mem:1024", 0)).isInstanceOf(Answer.Accepted.class);
        assertThat(cluster.frameworkView("app").application().orElseThrow().pending())
                .isEmpty();
    }

    @Test
    void nobodyMayAvoidEveryHost() {
        cluster.application("app", "eng");
        refused(ask("cpus:1;mem:1024", 1, "*"), "avoided hosts: * (expected: names of hosts)");
    }
}
