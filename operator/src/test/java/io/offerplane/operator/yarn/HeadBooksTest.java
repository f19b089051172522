package io.offerplane.operator.yarn;

import static io.offerplane.operator.yarn.LeaderByHand.APPLICATION;
import static io.offerplane.operator.yarn.LeaderByHand.ATTEMPT;
import static io.offerplane.operator.yarn.LeaderByHand.FAILOVER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.offerplane.engine.Command;
import io.offerplane.engine.Effect;
import io.offerplane.engine.Payload;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.Operation;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.TaskId;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.protocol.link.v1.ApplicationEnded;
import io.offerplane.protocol.link.v1.AttemptEnded;
import io.offerplane.protocol.link.v1.Avoid;
import io.offerplane.protocol.link.v1.ContainerEnded;
import io.offerplane.protocol.link.v1.Declined;
import io.offerplane.protocol.link.v1.FromHead;
import io.offerplane.protocol.link.v1.Granted;
import io.offerplane.protocol.link.v1.HeadAsk;
import io.offerplane.protocol.link.v1.HeadQueue;
import io.offerplane.protocol.link.v1.NodeLeft;
import io.offerplane.protocol.link.v1.Wish;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The leader's end of the head's link on the real engine. */
class HeadBooksTest {
    private final LeaderByHand leader = new LeaderByHand("term-1");

    /** One node with 4 cpus, and an application in {@code root.eng}. */
    private long linked() {
        long connection = leader.open("head-1");
        leader.node("a");
        leader.attempt("root.eng");
        leader.synced();
        leader.agent("a", 4, 4096);
        return connection;
    }

    @Test
    void anAskIsGrantedByTheEngineAndAnEndFreesWhatItHeld() {
        linked();
        leader.ask(2, 0, 0);
        assertThat(leader.grants()).hasSize(2).allSatisfy(grant -> assertThat(grant.getNode())
                .isEqualTo("a:1"));
        assertThat(leader.allocatedCpus()).isEqualTo(2);
        leader.holds("c1", leader.grants().getFirst().getGrant(), "a");
        leader.hear(FromHead.newBuilder()
                .setContainerEnded(ContainerEnded.newBuilder().setContainer("c1")));
        assertThat(leader.allocatedCpus()).isEqualTo(1);
        assertThat(leader.lost()).isEmpty();
        assertThat(leader.others)
                .as("a shim knows nothing of these")
                .noneMatch(effect -> effect instanceof Effect.KillTask);
    }

    @Test
    void grantsThatAreUnderWayAreTakenOffAnAskThatCrossesThem() {
        linked();
        leader.ask(2, 0, 0);
        leader.ask(2, 0, 0);
        assertThat(leader.grants()).hasSize(2);
        leader.ask(1, 2, 2);
        assertThat(leader.grants()).hasSize(3);
    }

    @Test
    void aDeclinedGrantIsFreeAgain() {
        linked();
        leader.ask(1, 0, 0);
        leader.hear(FromHead.newBuilder()
                .setDeclined(Declined.newBuilder()
                        .setGrant(leader.grants().getFirst().getGrant())));
        assertThat(leader.allocatedCpus()).isZero();
    }

    @Test
    void anAgentWithoutANodeOfYarnsIsNotGrantedUntilOneJoins() {
        linked();
        leader.agent("b", 8, 8192);
        leader.ask(8, 0, 0);
        leader.pass(Duration.ofSeconds(1));
        assertThat(leader.grants()).hasSize(4).allSatisfy(grant -> assertThat(grant.getNode())
                .isEqualTo("a:1"));
        assertThat(leader.allocatedCpus()).isEqualTo(4);
        leader.node("b");
        leader.pass(Duration.ofSeconds(1));
        assertThat(leader.grants()).hasSize(8);
    }

    @Test
    void whatANodeHeldIsFreeWhenItLeavesAndItsHostIsAvoided() {
        linked();
        leader.ask(1, 0, 0);
        leader.holds("c1", leader.grants().getFirst().getGrant(), "a");
        leader.hear(FromHead.newBuilder().setNodeLeft(NodeLeft.newBuilder().setNode("a:1")));
        assertThat(leader.allocatedCpus()).isZero();
        leader.ask(1, 1, 1);
        assertThat(leader.grants()).hasSize(1);
    }

    @Test
    void hostsThatAnAttemptAvoidsAreNotGranted() {
        linked();
        leader.hear(FromHead.newBuilder()
                .setAvoid(Avoid.newBuilder().setAttempt(ATTEMPT).addPlaces("a")));
        leader.ask(1, 0, 0);
        assertThat(leader.grants()).isEmpty();
        leader.hear(FromHead.newBuilder().setAvoid(Avoid.newBuilder().setAttempt(ATTEMPT)));
        leader.pass(Duration.ofSeconds(1));
        assertThat(leader.grants()).hasSize(1);
    }

    @Test
    void theHeadThatWasThereBeforeHasWhatItNamesAndNothingElse() {
        long first = linked();
        leader.ask(3, 0, 0);
        List<Granted> grants = leader.grants();
        leader.holds("c1", grants.get(0).getGrant(), "a");
        leader.holds("c2", grants.get(1).getGrant(), "a");
        leader.close(first);

        // c2 ended meanwhile, and the third grant never arrived.
        leader.open("head-1");
        leader.node("a");
        leader.attempt("root.eng");
        leader.ask(1, 2, 2);
        leader.holds("c1", grants.get(0).getGrant(), "a");
        assertThat(leader.grants()).as("nothing before all has been said").hasSize(3);
        leader.synced();
        assertThat(leader.grants()).hasSize(4);
        assertThat(leader.allocatedCpus()).isEqualTo(2);
        assertThat(leader.lost()).isEmpty();
    }

    @Test
    void anApplicationThatTheHeadOfOldNoLongerNamesHasEnded() {
        long first = linked();
        leader.ask(1, 0, 0);
        leader.close(first);
        leader.open("head-1");
        leader.node("a");
        leader.synced();
        assertThat(leader.framework(APPLICATION)).isEmpty();
        assertThat(leader.allocatedCpus()).isZero();
    }

    @Test
    void aNewHeadHasTimeToNameContainersAndThenTheyAreFree() {
        long first = linked();
        leader.ask(2, 0, 0);
        leader.holds("c1", leader.grants().get(0).getGrant(), "a");
        leader.holds("c2", leader.grants().get(1).getGrant(), "a");
        leader.close(first);
        leader.open("head-2");
        leader.attempt("root.eng");
        leader.synced();
        assertThat(leader.allocatedCpus()).isEqualTo(2);
        leader.node("a");
        leader.holds("c1", "", "a");
        leader.pass(FAILOVER.plusSeconds(1));
        assertThat(leader.allocatedCpus()).isEqualTo(1);
        assertThat(leader.framework(APPLICATION)).isPresent();
    }

    @Test
    void anApplicationThatANewHeadDoesNotNameEndsAfterTheFailoverTime() {
        linked();
        leader.ask(1, 0, 0);
        leader.holds("c1", leader.grants().getFirst().getGrant(), "a");
        // The old stream's end is heard of after the new one's begin, and so not at all.
        leader.open("head-2");
        leader.synced();
        assertThat(leader.allocatedCpus()).isEqualTo(1);
        leader.pass(FAILOVER.plusSeconds(1));
        assertThat(leader.allocatedCpus()).isZero();
        assertThat(leader.framework(APPLICATION)).isEmpty();
    }

    @Test
    void aHeadThatStaysAwayTooLongFindsItsApplicationsRemoved() {
        long first = linked();
        leader.ask(1, 0, 0);
        leader.holds("c1", leader.grants().getFirst().getGrant(), "a");
        leader.close(first);
        assertThat(leader.allocatedCpus()).isEqualTo(1);
        leader.pass(FAILOVER.plusSeconds(1));
        assertThat(leader.allocatedCpus()).isZero();
        leader.sent.clear();

        leader.open("head-1");
        leader.node("a");
        leader.attempt("root.eng");
        leader.holds("c1", "", "a");
        leader.synced();
        assertThat(leader.removed()).containsExactly(APPLICATION);
        assertThat(leader.lost()).containsExactly("c1");
    }

    @Test
    void aNewLeaderTakesContainersOverWithTheirAgentsAndGivesTheirRoomToNobodyElse() {
        leader.apply(mesos("eng"));
        leader.open("head-1");
        leader.node("a");
        leader.attempt("root.eng");
        leader.ask(1, 3, 3);
        for (int i = 1; i <= 3; i++) {
            leader.holds("c" + i, i == 3 ? "" : "term-0-C" + i, "a");
        }
        leader.synced();
        leader.agent("a", 4, 4096);
        leader.pass(Duration.ofSeconds(1));
        assertThat(leader.lost()).isEmpty();
        assertThat(leader.allocatedCpus()).isEqualTo(3);
        assertThat(offers())
                .as("to the one who has less, what is left")
                .singleElement()
                .satisfies(offer -> assertThat(
                                offer.resources().scalars().get("cpus").units())
                        .isEqualTo(1));

        leader.hear(FromHead.newBuilder()
                .setContainerEnded(ContainerEnded.newBuilder().setContainer("c3")));
        assertThat(leader.allocatedCpus()).isEqualTo(2);
    }

    @Test
    void aContainerWhoseAgentHasRegisteredWithoutItIsLost() {
        leader.agent("a", 4, 4096);
        leader.open("head-1");
        leader.node("a");
        leader.attempt("root.eng");
        leader.holds("c1", "term-0-C1", "a");
        leader.synced();
        assertThat(leader.lost()).containsExactly("c1");
        assertThat(leader.allocatedCpus()).isZero();
    }

    @Test
    void anApplicationIsTornDownWhenItsLastContainerHasEnded() {
        linked();
        leader.ask(1, 0, 0);
        leader.holds("c1", leader.grants().getFirst().getGrant(), "a");
        leader.hear(
                FromHead.newBuilder().setAttemptEnded(AttemptEnded.newBuilder().setAttempt(ATTEMPT)));
        leader.hear(FromHead.newBuilder()
                .setApplicationEnded(ApplicationEnded.newBuilder().setApplication(APPLICATION)));
        assertThat(leader.framework(APPLICATION)).isPresent();
        assertThat(leader.allocatedCpus()).isEqualTo(1);
        leader.hear(FromHead.newBuilder()
                .setContainerEnded(ContainerEnded.newBuilder().setContainer("c1")));
        assertThat(leader.framework(APPLICATION)).isEmpty();
        assertThat(leader.removed()).as("the head said so itself").isEmpty();
    }

    @Test
    void aSecondAttemptBeginsWithoutTheFirstOnesAsks() {
        linked();
        leader.ask(100, 0, 0);
        assertThat(leader.grants()).hasSize(4);
        leader.attempt(APPLICATION, "appattempt_1_0001_000002", "root.eng");
        leader.hear(FromHead.newBuilder()
                .setDeclined(Declined.newBuilder()
                        .setGrant(leader.grants().getFirst().getGrant())));
        leader.pass(Duration.ofSeconds(1));
        assertThat(leader.grants()).hasSize(4);
        assertThat(leader.allocatedCpus()).isEqualTo(3);
    }

    @Test
    void containersOfALostAgentAreLost() {
        linked();
        leader.ask(1, 0, 0);
        leader.holds("c1", leader.grants().getFirst().getGrant(), "a");
        leader.apply(new Command.MarkAgentUnreachable(new AgentId("a-S"), leader.now));
        assertThat(leader.lost()).containsExactly("c1");
    }

    @Test
    void anOperatorWhoTearsAnApplicationDownEndsItAtTheHead() {
        linked();
        leader.apply(new Command.TeardownFramework(new FrameworkId(APPLICATION), leader.now));
        assertThat(leader.removed()).containsExactly(APPLICATION);
    }

    @Test
    void aMesosFrameworkAndAYarnApplicationInQueuesOfEqualWeightShareAlike() {
        leader.apply(mesos("svc"));
        leader.open("head-1");
        leader.attempt("root.eng");
        for (int i = 0; i < 8; i++) {
            leader.node("n" + i);
        }
        leader.synced();
        leader.ask(100, 0, 0);
        for (int i = 0; i < 8; i++) {
            leader.agent("n" + i, 1, 512);
            acceptAll();
        }
        leader.pass(Duration.ofSeconds(1));
        acceptAll();
        assertThat(leader.allocatedCpus()).isEqualTo(8);
        assertThat(leader.grants()).hasSize(4);
    }

    @Test
    void queuesAreTheEnginesRolesWithTheirWeightsAndLimits() {
        leader.apply(new Command.SetRoleWeight(new RolePath("eng"), 3, leader.now));
        leader.apply(new Command.SetRoleWeight(new RolePath("eng/ads"), 2, leader.now));
        assertThat(QueueTree.of(leader.engine.view(leader.now)))
                .extracting(HeadQueue::getPath, HeadQueue::getCapacity, HeadQueue::getWeight)
                .containsExactly(
                        tuple("root", 1.0, 1.0),
                        tuple("root.default", 0.25, 1.0),
                        tuple("root.eng", 0.75, 3.0),
                        tuple("root.eng.ads", 1.0, 2.0));
    }

    @Test
    void whatCannotBeObeyedIsNamedWithWhatWouldBeRight() {
        assertThat(HeadMessages.fault(FromHead.getDefaultInstance())).isPresent();
        assertThat(HeadMessages.fault(FromHead.newBuilder()
                        .setAsk(HeadAsk.newBuilder()
                                .setAttempt(ATTEMPT)
                                .addWishes(Wish.newBuilder().setPlace("*").setCount(2_000_000)))
                        .build()))
                .contains("count: 2000000 (expected: at most 1000000)");
        assertThat(HeadMessages.fault(FromHead.newBuilder()
                        .setNodeLeft(NodeLeft.newBuilder().setNode("n".repeat(1025)))
                        .build()))
                .contains("node: 1025 characters (expected: 1 to 1024)");
    }

    // --- a Mesos framework that takes what it gets

    private Command.Subscribe mesos(String role) {
        return new Command.Subscribe(
                Optional.of(new FrameworkId("mesos")),
                new FrameworkSpec(
                        "mesos",
                        "root",
                        List.of(new RolePath(role)),
                        Duration.ZERO,
                        false,
                        Optional.empty(),
                        Set.of(),
                        Payload.EMPTY),
                Set.of(),
                1,
                leader.now);
    }

    private List<Offer> offers() {
        return leader.others.stream()
                .filter(effect -> effect instanceof Effect.SendOffers)
                .flatMap(effect -> ((Effect.SendOffers) effect).offers().stream())
                .toList();
    }

    private void acceptAll() {
        for (Offer offer : offers()) {
            leader.apply(new Command.AcceptOffers(
                    new FrameworkId("mesos"),
                    List.of(offer.id()),
                    List.of(new Operation.Launch(List.of(new TaskSpec(
                            new TaskId("task-" + offer.id()),
                            "task",
                            offer.agentId(),
                            offer.resources(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Payload.EMPTY)))),
                    Optional.empty(),
                    leader.now));
        }
        leader.others.removeIf(effect -> effect instanceof Effect.SendOffers);
    }
}
