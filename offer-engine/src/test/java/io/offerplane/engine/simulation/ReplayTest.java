package io.offerplane.engine.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.recording.Recording;
import io.offerplane.engine.recording.Recordings;
import io.offerplane.engine.recording.Recordings.JavaExpression;
import io.offerplane.engine.recording.Replay;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayTest {
    private static List<Recording> record(long seed) {
        Simulation simulation = new Simulation(seed, UnaryOperator.identity(), new Sightings()).recording();
        simulation.run(400);
        return simulation.recordings();
    }

    /** Other hash codes, language, time zone and collector: nothing of them may show in a decision. */
    @Test
    void anotherJvmDecidesAlike(@TempDir Path folder) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UnlockExperimentalVMOptions",
                "-XX:hashCode=2",
                "-XX:+UseSerialGC",
                "-Duser.language=tr",
                "-Duser.country=TR",
                "-Duser.timezone=Asia/Kathmandu",
                "-Dfile.encoding=ISO-8859-1",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                ReplayMain.class.getName()));
        int commands = 0;
        for (long seed = 1; seed <= 10; seed++) {
            List<Recording> recordings = record(seed);
            for (int term = 0; term < recordings.size(); term++) {
                Path file = folder.resolve("seed" + seed + "-term" + term);
                Files.write(file, Recordings.RECORDINGS.encode(recordings.get(term)));
                command.add(file.toString());
                commands += recordings.get(term).steps().size();
            }
        }
        Process other = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(other.waitFor()).as(said).isZero();
        assertThat(said.lines().mapToInt(ReplayTest::count).sum()).isEqualTo(commands);
    }

    private static int count(String line) {
        String[] words = line.substring(line.indexOf(": ") + 2).split(" ");
        return Integer.parseInt(words[0]);
    }

    @Test
    void saysWhereADecisionDiffersFirst() {
        Recording recording = record(11).getFirst();
        List<Recording.Step> steps = new ArrayList<>(recording.steps());
        Recording.Step twentieth = steps.get(19);
        steps.set(19, new Recording.Step(twentieth.command(), twentieth.digest() + 1));
        Recording changed = new Recording(recording.config(), recording.from(), steps);
        assertThat(Replay.firstDifference(recording, JavaExpression::new)).isEmpty();
        assertThat(Replay.firstDifference(changed, JavaExpression::new))
                .hasValueSatisfying(difference -> assertThat(difference.step()).isEqualTo(19));
    }

    @Test
    void aRecordingIsTheSameBytesAfterItWasReadAndWrittenAgain() {
        for (Recording recording : record(12)) {
            byte[] bytes = Recordings.RECORDINGS.encode(recording);
            assertThat(Recordings.RECORDINGS.encode(Recordings.RECORDINGS.decode(bytes)))
                    .isEqualTo(bytes);
        }
    }
}
