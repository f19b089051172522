package io.offerplane.e2e.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SymbolsTest {
    private static final String MASTER = "821fc0df-4ea2-4f66-8416-27a59a5c3f7e";

    private final Symbols symbols = new Symbols("127.0.0.1:5050");

    @Test
    void numbersIdsInTheOrderOfTheirAppearance() {
        assertThat(symbols.of("offer", MASTER + "-O7")).isEqualTo("<offer-1>");
        assertThat(symbols.of("offer", MASTER + "-O3")).isEqualTo("<offer-2>");
        assertThat(symbols.of("offer", MASTER + "-O7")).isEqualTo("<offer-1>");
    }

    @Test
    void tellsAnIdThatDoesNotLookLikeMesosIds() {
        assertThat(symbols.of("framework", "my-framework")).isEqualTo("<framework-1 of irregular form>");
    }

    @Test
    void anIdThatTheScenarioChoseMayHaveAnyForm() {
        symbols.chosen("framework", "own-1");
        assertThat(symbols.of("framework", "own-1")).isEqualTo("<framework-1>");
    }

    @Test
    void replacesIdsWithinTextsEvenWhereOneBeginsAsAnother() {
        symbols.of("offer", MASTER + "-O2");
        assertThat(symbols.in("Offer " + MASTER + "-O21 of agent " + MASTER + "-S0, not " + MASTER + "-O2"))
                .isEqualTo("Offer <offer-2> of agent <agent-1>, not <offer-1>");
    }

    @Test
    void replacesTheMastersAddressAndUuids() {
        assertThat(symbols.in("at 127.0.0.1:5050 with " + MASTER)).isEqualTo("at <master> with <uuid-1>");
    }

    @Test
    void swappableNamesAreNumberedAsTheyAppear() {
        symbols.swappable("role-x");
        symbols.swappable("role-y");
        assertThat(symbols.in("role-y before role-x")).isEqualTo("<name-1> before <name-2>");
    }
}
