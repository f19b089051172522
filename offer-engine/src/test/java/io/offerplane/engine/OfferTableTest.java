package io.offerplane.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.offer.OfferId;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.RolePath;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OfferTableTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final RolePath ROLE = new RolePath("eng");
    private static final AgentSpec NODE =
            new AgentSpec("node", "10.0.0.1", 5051, "node", "default", List.of(), Optional.empty(), "0.1.0");

    private final Agent agent = new Agent(new AgentId("agent"), 0, NODE);
    private final Framework framework = new Framework(
            new FrameworkId("framework"),
            new FrameworkSpec(
                    "framework",
                    "root",
                    List.of(ROLE),
                    Duration.ZERO,
                    true,
                    Optional.empty(),
                    Set.<FrameworkCapability>of(),
                    Payload.EMPTY),
            NOW);
    private final Subscription subscription = new Subscription(framework, ROLE);
    private final OfferTable table = new OfferTable();
    private final OfferChain chain = new OfferChain(OfferChain.Kind.OF_FRAMEWORK);

    private OutstandingOffer offer(String id) {
        return new OutstandingOffer(
                new Offer(new OfferId(id), framework.id, ROLE, agent.id, NODE, Resources.EMPTY, NOW),
                agent,
                subscription);
    }

    /** Whatever comes and goes, in whatever order: the same as a table and a list that scatter what they hold. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void holdsWhatWasTakenInAndNotTakenOutInThatOrder(long seed) {
        Random random = new Random(seed);
        Map<OfferId, OutstandingOffer> expected = new LinkedHashMap<>();
        int made = 0;
        for (int step = 0; step < 5_000; step++) {
            if (expected.isEmpty() || random.nextInt(100) < (step / 500 % 2 == 0 ? 70 : 30)) {
                // A few of another term, whose count may be at the same number.
                OutstandingOffer offer =
                        offer(random.nextInt(10) == 0 ? "former-O" + made % 50 + "-" + made : "term-O" + made);
                made++;
                expected.put(offer.id(), offer);
                table.add(offer);
                chain.add(offer);
            } else {
                List<OfferId> ids = new ArrayList<>(expected.keySet());
                // The oldest as a rule, as a cycle's offers end in about their order.
                OfferId id = ids.get(random.nextInt(4) == 0 ? random.nextInt(ids.size()) : 0);
                chain.remove(expected.get(id));
                expected.remove(id);
                table.remove(id);
                assertThat(table.get(id)).isNull();
            }
            if (step % 100 == 0) {
                assertThat(table).containsExactlyElementsOf(expected.values());
                assertThat(chain).containsExactlyElementsOf(expected.values());
                expected.forEach((id, offer) -> assertThat(table.get(id)).isSameAs(offer));
            }
        }
        assertThat(table).hasSameSizeAs(expected.values());
        assertThat(chain).hasSameSizeAs(expected.values());
    }

    @Test
    void tellsApartIdsThatEndInTheSameNumber() {
        OutstandingOffer mine = offer("term-O7");
        OutstandingOffer former = offer("former-O7");
        OutstandingOffer wordy = offer("seven");
        List.of(mine, former, wordy, offer("term-O71")).forEach(table::add);

        table.remove(mine.id());

        assertThat(table.get(former.id())).isSameAs(former);
        assertThat(table.get(wordy.id())).isSameAs(wordy);
        assertThat(table.contains(new OfferId("another-O7"))).isFalse();
    }

    @Test
    void takingOutWhatIsNotThereChangesNothing() {
        table.add(offer("term-O1"));

        table.remove(new OfferId("term-O2"));

        assertThat(table).hasSize(1);
    }

    @Test
    void thereIsNothingBeyondTheLast() {
        var offers = table.iterator();
        var ofOne = chain.iterator();

        assertThatThrownBy(offers::next).isInstanceOf(NoSuchElementException.class);
        assertThatThrownBy(ofOne::next).isInstanceOf(NoSuchElementException.class);
    }
}
