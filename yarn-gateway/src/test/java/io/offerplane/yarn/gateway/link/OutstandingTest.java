package io.offerplane.yarn.gateway.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.protocol.link.v1.FromHead;
import io.offerplane.yarn.gateway.allocation.Amount;
import io.offerplane.yarn.gateway.allocation.Applicant;
import io.offerplane.yarn.gateway.allocation.Ask;
import io.offerplane.yarn.gateway.allocation.AskKey;
import io.offerplane.yarn.gateway.allocation.Grant;
import io.offerplane.yarn.gateway.allocation.NodeOnOffer;
import io.offerplane.yarn.gateway.allocation.Wish;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is said to a leader that may know nothing. */
class OutstandingTest {
    private static final String ATTEMPT = "appattempt_17_0001_000001";
    private static final AskKey KEY = new AskKey(1, 0);
    private static final Amount EACH = new Amount(512, 1);

    private final Outstanding outstanding = new Outstanding();

    private void begin() {
        outstanding.joined(new NodeOnOffer("a:1", "a", "a", "/default-rack", new Amount(4096, 8)));
        outstanding.began(new Applicant(ATTEMPT, "application_17_0001", "root.eng", "ada", 0));
        outstanding.asks(new Ask(ATTEMPT, KEY, EACH, List.of(new Wish(Wish.ANYWHERE, 3, true)), "", 0, false));
    }

    private void grant(String id) {
        outstanding.granted(new Grant(id, ATTEMPT, KEY, "a:1", EACH));
    }

    private List<FromHead.MessageCase> kinds() {
        return outstanding.report().stream().map(FromHead::getMessageCase).toList();
    }

    @Test
    void allIsSaidInAnOrderInWhichItCanBeTaken() {
        begin();
        grant("g1");
        outstanding.accepted("g1", "c1");
        outstanding.avoids(ATTEMPT, Set.of("b"));
        assertThat(kinds())
                .containsExactly(
                        FromHead.MessageCase.NODE_JOINED,
                        FromHead.MessageCase.ATTEMPT_BEGAN,
                        FromHead.MessageCase.AVOID,
                        FromHead.MessageCase.ASK,
                        FromHead.MessageCase.HOLDS);
    }

    @Test
    void anAskThatIsRepeatedSaysHowManyGrantsWereAnsweredSince() {
        begin();
        grant("g1");
        grant("g2");
        grant("g3");
        outstanding.accepted("g1", "c1");
        outstanding.declined("g2");
        FromHead ask = outstanding.report().stream()
                .filter(FromHead::hasAsk)
                .findFirst()
                .orElseThrow();
        assertThat(ask.getAsk().getGrantsSeen()).isZero();
        assertThat(ask.getAsk().getGrantsAnswered()).isEqualTo(2);
    }

    @Test
    void aGrantIsAnsweredOnce() {
        begin();
        grant("g1");
        assertThat(outstanding.accepted("g1", "c1")).isPresent();
        assertThat(outstanding.declined("g1")).isEmpty();
        assertThat(outstanding.accepted("unheard-of", "c2")).isEmpty();
    }

    @Test
    void anEndedAttemptAsksNoMoreButItsContainersAreHeld() {
        begin();
        grant("g1");
        outstanding.accepted("g1", "c1");
        outstanding.attemptEnded(ATTEMPT);
        assertThat(kinds())
                .containsExactly(
                        FromHead.MessageCase.NODE_JOINED,
                        FromHead.MessageCase.ATTEMPT_BEGAN,
                        FromHead.MessageCase.ATTEMPT_ENDED,
                        FromHead.MessageCase.HOLDS);
    }

    @Test
    void whatHasEndedIsNotSaid() {
        begin();
        grant("g1");
        grant("g2");
        outstanding.accepted("g1", "c1");
        outstanding.accepted("g2", "c2");
        outstanding.ended("c1");
        outstanding.left("a:1");
        outstanding.applicationEnded("application_17_0001");
        assertThat(kinds()).isEmpty();
    }

    @Test
    void aContainerOfAnEarlierAttemptIsItsApplications() {
        begin();
        FromHead holds = outstanding.recovered("c0", "appattempt_17_0001_000000", "a:1", EACH);
        assertThat(holds.getHolds().getApplication()).isEqualTo("application_17_0001");
        assertThat(holds.getHolds().getGrant()).isEmpty();
    }

    @Test
    void aHostIsToldByTheHostnameOfItsAgentAlsoWhereItWasNamedBefore() {
        begin();
        outstanding.asks(new Ask(
                ATTEMPT,
                KEY,
                EACH,
                List.of(new Wish(Wish.ANYWHERE, 3, false), new Wish("10.0.0.7", 3, true)),
                "",
                0,
                false));
        outstanding.avoids(ATTEMPT, Set.of("10.0.0.7", "b"));
        List<FromHead> told =
                outstanding.joined(new NodeOnOffer("10.0.0.7:1", "10.0.0.7", "seven", "/default-rack", EACH));
        assertThat(told).hasSize(3);
        assertThat(told.getFirst().getNodeJoined().getHost()).isEqualTo("seven");
        assertThat(told.get(1).getAvoid().getPlacesList()).containsExactlyInAnyOrder("seven", "b");
        assertThat(told.get(2).getAsk().getWishesList())
                .extracting(wish -> wish.getPlace() + " " + wish.getCount() + " " + wish.getRelaxed())
                .containsExactly("* 3 false", "seven 3 true");
        assertThat(outstanding.report()).containsAll(told);

        FromHead again = outstanding.avoids(ATTEMPT, Set.of("10.0.0.7"));
        assertThat(again.getAvoid().getPlacesList()).containsExactly("seven");
        outstanding.left("10.0.0.7:1");
        again = outstanding.avoids(ATTEMPT, Set.of("10.0.0.7"));
        assertThat(again.getAvoid().getPlacesList()).containsExactly("10.0.0.7");
    }

    @Test
    void nothingIsSaidAgainForAHostWhoseAgentIsCalledTheSame() {
        begin();
        outstanding.avoids(ATTEMPT, Set.of("b"));
        assertThat(outstanding.joined(new NodeOnOffer("b:1", "b", "b", "/default-rack", EACH)))
                .hasSize(1);
    }
}
