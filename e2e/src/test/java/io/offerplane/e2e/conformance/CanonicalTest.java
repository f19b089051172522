package io.offerplane.e2e.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CanonicalTest {
    private final Canonical canonical = new Canonical(new Symbols("127.0.0.1:5050"), Set.of("no-agent"));

    private static JsonNode json(String text) throws JsonProcessingException {
        return new ObjectMapper().readTree(text);
    }

    @Test
    void ordersNamedThingsByNameAndFieldsByTheirNames() throws Exception {
        List<String> lines = canonical.lines(
                "", json("{\"r\":[{\"name\":\"mem\",\"v\":1},{\"name\":\"cpus\",\"v\":2}],\"a\":true}"));
        assertThat(lines)
                .containsExactly(
                        "a: true", "r[cpus].name: \"cpus\"", "r[cpus].v: 2", "r[mem].name: \"mem\"", "r[mem].v: 1");
    }

    @Test
    void keepsTheOrderOfOtherLists() throws Exception {
        assertThat(canonical.lines("s", json("[\"b\",\"a\"]"))).containsExactly("s[0]: \"b\"", "s[1]: \"a\"");
    }

    @Test
    void tellsWholeNumbersFromDecimals() throws Exception {
        assertThat(canonical.lines("x", json("{\"a\":15,\"b\":15.0}"))).containsExactly("x.a: 15", "x.b: 15.0");
    }

    @Test
    void hidesTimesAndAddressesButNotTheirTypes() throws Exception {
        assertThat(canonical.lines("s", json("{\"timestamp\":12.5,\"port\":\"5050\"}")))
                .containsExactly("s.port: <port as string>", "s.timestamp: <time as number>");
    }

    @Test
    void leavesOutWhereAnAgentStandsAndWhetherItWasAway() throws Exception {
        JsonNode agent = json("{\"domain\":{\"fault_domain\":{\"zone\":{\"name\":\"a\"}}},\"hostname\":\"a\","
                + "\"reregistered_time\":1.5}");
        JsonNode framework = json("{\"reregistered_time\":1.5}");

        assertThat(Canonical.shape("s", agent, List.of())).containsExactly("s.hostname: string");
        assertThat(Canonical.shape("s", framework, List.of())).containsExactly("s.reregistered_time: number");
    }

    @Test
    void aWordOfTheScenarioIsNoIdentifier() throws Exception {
        assertThat(canonical.lines("s", json("{\"agent_id\":{\"value\":\"no-agent\"}}")))
                .containsExactly("s.agent_id.value: \"no-agent\"");
    }

    @Test
    void hidesWhatAnOfferHasOnlyIfItIsWellFormed() throws Exception {
        assertThat(canonical.value(
                        "message", json("\"is more than available cpus(allocated: *):4; mem(allocated: *):5\"")))
                .isEqualTo("\"is more than available <the resources offered>\"");
        assertThat(canonical.value("message", json("\"is more than available cpus=4\"")))
                .isEqualTo("\"is more than available cpus=4\"");
    }

    @Test
    void hidesWhyAFetchFailedButNotThatItDid() throws Exception {
        assertThat(
                        canonical.value(
                                "message",
                                json(
                                        "\"Failed to fetch all URIs for container '821fc0df-4ea2-4f66-8416-27a59a5c3f7e': refused\"")))
                .isEqualTo("\"Failed to fetch all URIs for container '<uuid-1>': <why>\"");
    }

    @Test
    void theShapeOfAListIsThatOfAllItsElements() throws Exception {
        assertThat(Canonical.shape(
                        "", json("{\"l\":[{\"a\":1},{\"a\":\"x\",\"b\":[]}],\"m\":{\"k1\":1,\"k2\":2}}"), List.of("m")))
                .containsExactly("l[].a: number or string", "l[].b: empty list", "m: map");
    }

    @Test
    void findsValuesByIndexAndByWhatAnElementHas() throws Exception {
        JsonNode root = json("{\"frameworks\":[{\"id\":\"f.1\",\"tasks\":[{\"id\":\"t\",\"state\":\"S\"}]}]}");
        assertThat(Canonical.at(root, "frameworks[id=f.1].tasks[0].state").asText())
                .isEqualTo("S");
        assertThat(Canonical.at(root, "frameworks[id=g].tasks").isMissingNode()).isTrue();
    }
}
