package io.offerplane.engine;

import static io.offerplane.engine.TestCluster.resources;
import static io.offerplane.engine.TestCluster.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.Operation;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.TaskState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** "Not now": what a refusal keeps back, for how long, and what ends it early. */
class FilterTest {
    private final TestCluster cluster = new TestCluster();

    @BeforeEach
    void oneOffer() {
        cluster.framework("f", "a", "b").agent("s", "cpus:4;mem:1024").tick();
    }

    @ParameterizedTest
    @CsvSource({
        // asked, held for (seconds)
        "0, 0",
        "-0.0, 0",
        "0.3, 1",
        "1, 1",
        "2.5, 2.5",
        "-1, 5",
        "NaN, 5",
        "31536000, 31536000",
        "1e12, 31536000",
        "Infinity, 31536000"
    })
    void holdsForTheRefuseTimeWithinItsBounds(double asked, double held) {
        assertThat(FilterTable.refuseTime(Optional.of(asked), Duration.ofSeconds(1)))
                .isEqualTo(Duration.ofNanos((long) (held * 1e9)));
    }

    @Test
    void holdsForFiveSecondsWhenNothingIsSaid() {
        assertThat(FilterTable.refuseTime(Optional.empty(), Duration.ofSeconds(1)))
                .isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void holdsUntilItsTimeAndNoLonger() {
        TestCluster own = new TestCluster().framework("f", "a").agent("s", "cpus:4;mem:1024");
        own.tick();
        own.decline(own.offers("f").getFirst(), 10);
        own.pass(9.999).tick();
        assertThat(own.offers("f")).isEmpty();

        own.pass(0.001).tick().cycle();
        assertThat(own.offers("f")).hasSize(1);
    }

    @Test
    void keepsBackOnlyTheRoleThatRefused() {
        Offer first = cluster.offers("f").getFirst();
        cluster.decline(first, 3600);
        cluster.cycle();

        assertThat(cluster.offers("f")).singleElement().satisfies(offer -> assertThat(offer.role())
                .isNotEqualTo(first.role()));
    }

    @Test
    void letsThroughMoreThanWasRefused() {
        TestCluster own = new TestCluster().framework("f", "a").agent("s", "cpus:4;mem:1024");
        own.tick();
        own.launch(own.offers("f").getFirst(), task("t", "s", "cpus:3;mem:512"));
        own.update("s", "f", "t", TaskState.RUNNING);
        own.pass(5).tick();
        own.decline(own.offers("f").getFirst(), 3600);
        own.cycle();
        assertThat(own.offers("f")).isEmpty();

        own.update("s", "f", "t", TaskState.FINISHED);
        own.cycle();
        assertThat(own.offers("f")).singleElement().satisfies(offer -> assertThat(offer.resources())
                .isEqualTo(resources("cpus:4;mem:1024")));
    }

    @Test
    void standsForWhatAnAcceptLeaves() {
        Offer offer = cluster.offers("f").getFirst();
        cluster.apply(new Command.AcceptOffers(
                new FrameworkId("f"),
                List.of(offer.id()),
                List.of(new Operation.Launch(List.of(task("t", "s", "cpus:1;mem:24")))),
                Optional.of(100.0),
                cluster.now()));
        cluster.cycle();
        assertThat(cluster.offers("f")).singleElement().satisfies(next -> assertThat(next.role())
                .isNotEqualTo(offer.role()));
    }

    @Test
    void endsWithRevive() {
        declineAll(3600);
        cluster.apply(new Command.Revive(new FrameworkId("f"), List.of(), cluster.now()));
        cluster.tick();
        assertThat(cluster.offers("f")).hasSize(1);
    }

    @Test
    void endsWithReviveOfItsRoleOnly() {
        declineAll(3600);
        cluster.apply(new Command.Revive(new FrameworkId("f"), List.of(new RolePath("b")), cluster.now()));
        cluster.tick();
        assertThat(cluster.offers("f")).singleElement().satisfies(offer -> assertThat(offer.role())
                .isEqualTo(new RolePath("b")));
    }

    @Test
    void endsWhenTheAgentChanges() {
        declineAll(3600);
        cluster.apply(new Command.UpdateAgent(
                new AgentId("s"), TestCluster.agentSpec("s"), resources("cpus:3;mem:1024"), cluster.now()));
        cluster.tick();
        assertThat(cluster.offers("f")).hasSize(1);
    }

    @Test
    void endsWhenTheFrameworkFailsOver() {
        declineAll(3600);
        cluster.framework("f", "a", "b").tick();
        assertThat(cluster.offers("f")).hasSize(1);
    }

    @Test
    void makesAnIdleCycleVisitNobody() {
        declineAll(3600);
        cluster.pass(5).cycle();
        cluster.take(Effect.class);
        cluster.cycle();
        assertThat(cluster.take(Effect.CycleFinished.class)).containsExactly(new Effect.CycleFinished(0, 0, 0));
    }

    @Test
    void dropsACallThatSuppressesARoleOfOthers() {
        declineAll(0);
        cluster.apply(new Command.Suppress(
                new FrameworkId("f"), List.of(new RolePath("a"), new RolePath("c")), cluster.now()));
        assertThat(cluster.frameworkView("f").suppressedRoles()).isEmpty();
    }

    @Test
    void suppressionHoldsUntilRevive() {
        declineAll(0);
        cluster.apply(new Command.Suppress(new FrameworkId("f"), List.of(), cluster.now()));
        cluster.cycle();
        assertThat(cluster.offers("f")).isEmpty();

        cluster.apply(new Command.Revive(new FrameworkId("f"), List.of(new RolePath("a")), cluster.now()));
        cluster.tick();
        assertThat(cluster.offers("f")).singleElement().satisfies(offer -> assertThat(offer.role())
                .isEqualTo(new RolePath("a")));
    }

    /** Both roles in turn, so that nobody is left to offer to. */
    private void declineAll(double refuseSeconds) {
        for (int role = 0; role < 2; role++) {
            cluster.offers("f").forEach(offer -> cluster.decline(offer, refuseSeconds));
            if (refuseSeconds > 0) {
                cluster.cycle();
            }
        }
    }
}
