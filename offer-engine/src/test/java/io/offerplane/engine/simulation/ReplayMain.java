package io.offerplane.engine.simulation;

import io.offerplane.engine.recording.DamagedRecordingException;
import io.offerplane.engine.recording.Recording;
import io.offerplane.engine.recording.Recordings;
import io.offerplane.engine.recording.Recordings.JavaExpression;
import io.offerplane.engine.recording.Replay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Replays recordings in a JVM of its own, one file each, and says where one first differs; or, with {@code --record SEED STEPS FOLDER},
 * records a simulated run: one file for each of its leaders. What {@code dev/replay} runs.
 */
final class ReplayMain {
    private static final int DIFFERS = 1;
    private static final int UNREADABLE = 2;

    private ReplayMain() {}

    public static void main(String[] arguments) throws IOException {
        int status = 0;
        if (arguments.length == 4 && arguments[0].equals("--record")) {
            record(Long.parseLong(arguments[1]), Integer.parseInt(arguments[2]), Path.of(arguments[3]));
        } else {
            for (String file : arguments) {
                status = Math.max(status, replay(Path.of(file)));
            }
        }
        System.exit(status);
    }

    private static void record(long seed, int steps, Path folder) throws IOException {
        Simulation simulation = new Simulation(seed, UnaryOperator.identity(), new Sightings()).recording();
        simulation.run(steps);
        Files.createDirectories(folder);
        List<Recording> recordings = simulation.recordings();
        for (int term = 0; term < recordings.size(); term++) {
            Path file = folder.resolve("seed" + seed + "-term" + term + ".recording");
            Files.write(file, Recordings.RECORDINGS.encode(recordings.get(term)));
            System.out.println(file + ": " + recordings.get(term).steps().size() + " commands");
        }
    }

    private static int replay(Path file) throws IOException {
        Recording recording;
        try {
            recording = Recordings.RECORDINGS.decode(Files.readAllBytes(file));
        } catch (DamagedRecordingException e) {
            System.out.println(file + ": " + e.getMessage());
            return UNREADABLE;
        }
        int steps = recording.steps().size();
        Optional<Replay.Difference> difference = Replay.firstDifference(recording, JavaExpression::new);
        if (difference.isEmpty()) {
            System.out.println(file + ": " + steps + " commands decided alike");
            return 0;
        }
        System.out.println(file + ": differs at command " + difference.get().step() + " of " + steps
                + ", counted from 0\n  command: " + difference.get().command() + "\n  decides now: "
                + difference.get().decision());
        return DIFFERS;
    }
}
