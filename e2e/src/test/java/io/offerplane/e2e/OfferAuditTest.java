package io.offerplane.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.offerplane.e2e.client.JournalEntry;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An auditor that cannot find a planted fault proves nothing. */
final class OfferAuditTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, Double> TASK = Map.of("cpus", 1.0, "mem", 100.0);
    private static final Map<String, Map<String, Double>> ONE_AGENT = Map.of("S0", Map.of("cpus", 4.0, "mem", 1000.0));

    @Test
    void acceptsOffersThatAreAnsweredBeforeTheNext() {
        List<JournalEntry> entries = List.of(
                offer(1, "O0", 4),
                launch(2, "O0", "t0", "t1"),
                offer(3, "O1", 2),
                entry(4, "decline", "\"offer_id\": \"O1\""),
                offer(5, "O2", 2),
                entry(6, "rescind", "\"offer_id\": \"O2\""),
                entry(7, "update", "\"task_id\": \"t0\", \"state\": \"TASK_FINISHED\""),
                offer(8, "O3", 3));

        assertThat(audit(entries)).isEmpty();
    }

    @Test
    void findsAnOfferOfWhatATaskHolds() {
        List<JournalEntry> entries = List.of(offer(1, "O0", 4), launch(2, "O0", "t0"), offer(3, "O1", 4));

        // 1 held + 4 offered = 5 of 4
        assertThat(audit(entries))
                .singleElement()
                .asString()
                .startsWith("cpus of S0: 5.000 offered and held, of 4.000");
    }

    @Test
    void findsTheSameResourcesInOffersOfTwoFrameworks() {
        List<String> violations = new OfferAudit(ONE_AGENT)
                .replay(List.of(
                        new OfferAudit.Journal("a", List.of(offer(1, "O0", 3)), TASK),
                        new OfferAudit.Journal("b", List.of(offer(2, "O1", 2)), TASK)));

        assertThat(violations).singleElement().asString().startsWith("cpus of S0: 5.000");
    }

    @Test
    void findsAnOfferAfterANewLeaderOfWhatAnOldTaskHolds() {
        List<JournalEntry> entries = List.of(
                offer(1, "O0", 4),
                launch(2, "O0", "t0"),
                offer(3, "O1", 3),
                entry(4, "resubscribed", "\"framework_id\": \"F\""),
                offer(5, "O0-new", 4));

        assertThat(audit(entries)).singleElement().asString().startsWith("cpus of S0: 5.000");
    }

    @Test
    void forgetsOpenOffersOfALeaderThatIsGone() {
        List<JournalEntry> entries =
                List.of(offer(1, "O0", 4), entry(2, "resubscribed", "\"framework_id\": \"F\""), offer(3, "O1", 4));

        assertThat(audit(entries)).isEmpty();
    }

    @Test
    void findsAnOfferIdThatIsGivenTwice() {
        assertThat(audit(List.of(offer(1, "O0", 1), offer(2, "O0", 1))))
                .singleElement()
                .asString()
                .startsWith("offer id given twice");
    }

    private static List<String> audit(List<JournalEntry> entries) {
        return new OfferAudit(ONE_AGENT).replay(List.of(new OfferAudit.Journal("f", entries, TASK)));
    }

    private static JournalEntry offer(double at, String id, double cpus) {
        return entry(at, "offer", """
                "offer_id": "%s", "agent_id": "S0", "resources": [{"name": "cpus", "scalar": {"value": %s}}]""".formatted(id, cpus));
    }

    private static JournalEntry launch(double at, String offerId, String... tasks) {
        return entry(
                at,
                "launch",
                "\"offer_id\": \"%s\", \"agent_id\": \"S0\", \"task_ids\": [\"%s\"]"
                        .formatted(offerId, String.join("\", \"", tasks)));
    }

    private static JournalEntry entry(double at, String event, String fields) {
        try {
            JsonNode line = JSON.readTree("{\"event\": \"" + event + "\", " + fields + "}");
            return new JournalEntry(at, event, line);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new AssertionError("the test's own JSON", e);
        }
    }
}
