package io.offerplane.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.crd.v1alpha1.common.Waiting;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.Rejection.Reason;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.view.Diagnosis;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WaitingStatusTest {
    private static final Instant SINCE = Instant.parse("2026-01-01T00:00:00.5Z");
    private static final Instant NOW = Instant.parse("2026-01-01T00:05:00Z");

    private final WaitingStatus<String> statuses = new WaitingStatus<>();

    private static Diagnosis diagnosis(Optional<Reason> reason, int cpus, String sentence) {
        return new Diagnosis(
                new FrameworkId("f"),
                new RolePath("eng"),
                reason,
                Map.of(),
                1,
                1,
                0,
                ResourceQuantities.of(Map.of("cpus", Quantity.of(cpus))),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                sentence);
    }

    private Waiting say(int cpus, String sentence, Instant now) {
        return statuses.of("f", diagnosis(Optional.of(Reason.ASK_DOES_NOT_FIT), cpus, sentence), sentence, SINCE, now);
    }

    @Test
    void aSentenceStandsWhileOnlyNumbersInItMove() {
        assertThat(say(8, "best is 4 cpus", NOW).message()).isEqualTo("best is 4 cpus");
        assertThat(say(8, "best is 3 cpus", NOW.plusSeconds(59)))
                .isEqualTo(new Waiting("2026-01-01T00:00:00Z", "Starved", "best is 4 cpus"));
        assertThat(say(8, "best is 2 cpus", NOW.plusSeconds(60)).message()).isEqualTo("best is 2 cpus");
        assertThat(say(8, "best is 1 cpu", NOW.plusSeconds(119)).message()).isEqualTo("best is 2 cpus");
    }

    @Test
    void whatIsNewIsSaidSoonWithItsWord() {
        say(8, "needs 8", NOW);
        Diagnosis filtered = diagnosis(Optional.of(Reason.FILTERED), 8, "declines");
        assertThat(statuses.of("f", filtered, "declines", SINCE, NOW.plusSeconds(9)))
                .as("whatever comes and goes in between is no news")
                .isEqualTo(new Waiting("2026-01-01T00:00:00Z", "Starved", "needs 8"));
        assertThat(statuses.of("f", filtered, "declines", SINCE, NOW.plusSeconds(10)))
                .isEqualTo(new Waiting("2026-01-01T00:00:00Z", "DecliningAll", "declines"));
        assertThat(say(6, "needs 6", NOW.plusSeconds(20)).message()).isEqualTo("needs 6");
    }

    @Test
    void whoWaitsAnewIsNotToldWhatHeldBefore() {
        say(8, "best is 4 cpus", NOW);
        statuses.forget("f");
        assertThat(say(8, "best is 3 cpus", NOW.plusSeconds(1)).message()).isEqualTo("best is 3 cpus");
    }

    @Test
    void othersHaveSentencesOfTheirOwn() {
        say(8, "best is 4 cpus", NOW);
        Diagnosis same = diagnosis(Optional.of(Reason.ASK_DOES_NOT_FIT), 8, "best is 3 cpus");
        assertThat(statuses.of("g", same, same.sentence(), SINCE, NOW).message())
                .isEqualTo("best is 3 cpus");
    }

    @Test
    void aLongSentenceIsCutAtWhatTheSchemaTakes() {
        assertThat(say(8, "x".repeat(600), NOW).message()).hasSize(512).endsWith("…");
    }

    @Test
    void withoutAnAgentNoneMatches() {
        assertThat(statuses.of("f", diagnosis(Optional.empty(), 1, "no agent is registered"), "", SINCE, NOW)
                        .reason())
                .isEqualTo("NoMatchingAgent");
    }

    @ParameterizedTest
    @CsvSource({
        "OFFER_CONSTRAINTS, NoMatchingAgent",
        "AGENT_INACTIVE, NoMatchingAgent",
        "FILTERED, DecliningAll",
        "QUOTA_LIMIT, AtLimit",
        "SET_ASIDE, Starved",
        "BELOW_MINIMUM, Starved"
    })
    void eachReasonHasAWordForScripts(Reason reason, String word) {
        assertThat(statuses.of("f", diagnosis(Optional.of(reason), 1, ""), "", SINCE, NOW)
                        .reason())
                .isEqualTo(word);
    }
}
