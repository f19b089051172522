package io.offerplane.e2e.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scenarios that are there: well formed, recorded, and enough of them. */
class ScenariosTest {
    private static final int LAST_ROW = 92;

    @TempDir
    private Path folder;

    @Test
    void everyScenarioIsRecordedToItsEnd() throws Exception {
        ConformanceSuite suite = ConformanceSuite.load();
        assertThat(suite.scenarios()).hasSizeGreaterThanOrEqualTo(60);
        for (Scenario scenario : suite.scenarios()) {
            assertThat(suite.recorded(scenario))
                    .as(scenario.id())
                    .isNotEmpty()
                    .noneMatch(line -> line.startsWith("STOPPED"))
                    .noneMatch(line -> line.contains("of irregular form"));
        }
    }

    @Test
    void everyRecordingBelongsToAScenario() throws Exception {
        ConformanceSuite suite = ConformanceSuite.load();
        Path recordings = suite.recordingOf(suite.scenarios().getFirst()).getParent();
        try (var files = Files.list(recordings)) {
            assertThat(files.filter(file -> file.toString().endsWith(".mesos.txt")))
                    .containsExactlyInAnyOrderElementsOf(
                            suite.scenarios().stream().map(suite::recordingOf).toList());
        }
    }

    @Test
    void theChecklistsRowsAreCovered() throws Exception {
        TreeSet<Integer> covered = ConformanceSuite.load().scenarios().stream()
                .flatMap(scenario -> scenario.covers().stream())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(covered).allMatch(row -> row >= 1 && row <= LAST_ROW).hasSizeGreaterThanOrEqualTo(40);
    }

    @Test
    void explainedDifferencesNameScenariosThatAreThere() throws Exception {
        ConformanceSuite suite = ConformanceSuite.load();
        List<String> ids = suite.scenarios().stream().map(Scenario::id).toList();
        assertThat(ids).containsAll(suite.differences().scenarios());
    }

    @Test
    void aMisspeltArgumentIsRefused() throws Exception {
        Path file = Files.writeString(folder.resolve("x.yaml"), "title: x\nsteps:\n  - subscribe: {frameworkk: {}}\n");
        assertThatThrownBy(() -> Scenario.read(file)).hasMessageContaining("frameworkk");
    }

    @Test
    void anUnknownVerbIsRefused() throws Exception {
        Path file = Files.writeString(folder.resolve("x.yaml"), "title: x\nsteps:\n  - sleep: {for: 1s}\n");
        assertThatThrownBy(() -> Scenario.read(file)).hasMessageContaining("sleep");
    }
}
