package io.offerplane.e2e.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.e2e.cluster.TimeToTest;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Whether the recordings are still what Mesos does. With {@code -Dconformance.record=true} they are made anew instead, and
 * fail where they changed, for whoever did so to look at.
 */
@Tag("oracle")
@ExtendWith(TimeToTest.class)
class OracleConformanceTest {
    private static Oracle oracle;
    private static ConformanceSuite suite;

    @BeforeAll
    static void startMesos() throws IOException, InterruptedException {
        suite = ConformanceSuite.load();
        oracle = Oracle.start(2, "cpus:4;mem:4096;disk:10000;ports:[31000-31099]");
    }

    @AfterAll
    static void stopMesos() {
        oracle.close();
    }

    @TestFactory
    Stream<DynamicTest> mesosDoesWhatWasRecorded() {
        return suite.scenarios().stream()
                .map(scenario -> DynamicTest.dynamicTest(scenario.id(), () -> {
                    TimeToTest.orLeaveOut();
                    History history = ScenarioRunner.play(oracle.base(), scenario, 1);
                    assertThat(history.stopped())
                            .as("why it could not be played to its end")
                            .isEmpty();
                    List<String> before = suite.recorded(scenario);
                    if (Boolean.getBoolean("conformance.record")) {
                        history.write(suite.recordingOf(scenario));
                    }
                    assertThat(HistoryDiff.between(before, history.lines()))
                            .as("- recorded, + seen now")
                            .isEmpty();
                }));
    }
}
