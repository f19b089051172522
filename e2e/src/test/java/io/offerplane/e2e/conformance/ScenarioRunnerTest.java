package io.offerplane.e2e.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The runner against a master of a few lines, right and with faults planted. */
class ScenarioRunnerTest {
    private static final String OFFER = ScriptedMaster.ID + "-O5";
    private static final String SCENARIO = """
            title: a small one
            steps:
              - subscribe: {}
              - await: {event: OFFER, bind: o}
              - launch: {offers: [$o], tasks: [{id: t1, run: "exit 0"}]}
              - await: {event: UPDATE, within: 2s, where: {state: TASK_RUNNING}}
              - quiet: {lane: status, for: 300ms}
            """;
    private static final List<String> HISTORY = List.of(
            "a> SUBSCRIBE",
            "a< 200 application/json",
            "a: first on the stream came SUBSCRIBED",
            "a: SUBSCRIBED <framework-1>",
            "a: OFFER <offer-1> of <agent-1>, cpus all, mem none, ports none",
            "a> ACCEPT 1 offer(s)",
            "a< 202",
            "a: UPDATE t1 TASK_STARTING SOURCE_EXECUTOR without reason to acknowledge",
            "a: UPDATE t1 TASK_RUNNING SOURCE_EXECUTOR without reason to acknowledge",
            "a: no other events");

    @TempDir
    private Path folder;

    private History play(ScriptedMaster master) throws IOException, InterruptedException {
        Scenario scenario = Scenario.read(Files.writeString(folder.resolve("01-small.yaml"), SCENARIO));
        return ScenarioRunner.play(master.base(), scenario, 1);
    }

    @Test
    void writesWhatTheFrameworkSaw() throws Exception {
        try (ScriptedMaster master = new ScriptedMaster(OFFER, "TASK_STARTING", "TASK_RUNNING")) {
            assertThat(play(master).lines()).isEqualTo(HISTORY);
        }
    }

    @Test
    void acknowledgesUpdatesAndDeclinesAgentsBeyondItsOwn() throws Exception {
        try (ScriptedMaster master = new ScriptedMaster(OFFER, "TASK_STARTING", "TASK_RUNNING")) {
            play(master);
            assertThat(master.calls())
                    .filteredOn(call -> call.contains("\"ACKNOWLEDGE\""))
                    .hasSize(2);
            assertThat(master.calls())
                    .filteredOn(call -> call.contains("\"DECLINE\""))
                    .singleElement()
                    .asString()
                    .contains(ScriptedMaster.ID + "-O6");
        }
    }

    @Test
    void anUpdateThatIsLeftOutIsADifference() throws Exception {
        try (ScriptedMaster master = new ScriptedMaster(OFFER, "TASK_RUNNING")) {
            assertThat(HistoryDiff.between(HISTORY, play(master).lines()))
                    .containsExactly("- a: UPDATE t1 TASK_STARTING SOURCE_EXECUTOR without reason to acknowledge");
        }
    }

    @Test
    void anUpdateTooManyIsADifference() throws Exception {
        try (ScriptedMaster master = new ScriptedMaster(OFFER, "TASK_STARTING", "TASK_RUNNING", "TASK_LOST")) {
            assertThat(HistoryDiff.between(HISTORY, play(master).lines()))
                    .containsExactly(
                            "- a: no other events",
                            "+ a: UPDATE t1 TASK_LOST SOURCE_EXECUTOR without reason to acknowledge",
                            "+ a: then no more other events");
        }
    }

    @Test
    void anEventThatDoesNotComeStopsTheScenarioAndSaysWhich() throws Exception {
        try (ScriptedMaster master = new ScriptedMaster(OFFER, "TASK_STARTING")) {
            History history = play(master);
            assertThat(history.stopped()).get().asString().contains("no UPDATE", "TASK_RUNNING");
            assertThat(history.lines()).last().asString().startsWith("STOPPED");
        }
    }

    @Test
    void anIdOfAnotherFormIsADifference() throws Exception {
        try (ScriptedMaster master = new ScriptedMaster("offer/5", "TASK_STARTING", "TASK_RUNNING")) {
            assertThat(HistoryDiff.between(HISTORY, play(master).lines()))
                    .contains("+ a: OFFER <offer-1 of irregular form> of <agent-1>, cpus all, mem none, ports none");
        }
    }
}
