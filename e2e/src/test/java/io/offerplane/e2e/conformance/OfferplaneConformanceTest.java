package io.offerplane.e2e.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Whether the master at {@code -Dconformance.url} does as Mesos 1.11.0 does. Ends with the table in {@code
 * target/conformance.md}. {@code -Dconformance.patience} stretches all limits of waiting (2 by default).
 */
@Tag("cluster")
@EnabledIfSystemProperty(named = "conformance.url", matches = "http://.+")
class OfferplaneConformanceTest {
    private static final List<Verdict> VERDICTS = new ArrayList<>();
    private static ConformanceSuite suite;

    @BeforeAll
    static void load() throws IOException {
        suite = ConformanceSuite.load();
    }

    @AfterAll
    static void writeTable() throws IOException {
        ConformanceSuite.writeTable(VERDICTS, Path.of("target/conformance.md"));
    }

    @TestFactory
    Stream<DynamicTest> doesAsMesosDoesOrIsExplained() {
        URI base = URI.create(System.getProperty("conformance.url"));
        double patience = Double.parseDouble(System.getProperty("conformance.patience", "2"));
        return suite.scenarios().stream()
                .map(scenario -> DynamicTest.dynamicTest(scenario.id(), () -> {
                    Verdict verdict = suite.play(scenario, base, patience);
                    VERDICTS.add(verdict);
                    assertThat(verdict.passes()).as(verdict.complaint()).isTrue();
                }));
    }
}
