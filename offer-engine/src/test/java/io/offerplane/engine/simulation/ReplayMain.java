package io.offerplane.engine.simulation;

import io.offerplane.engine.recording.Recording;
import io.offerplane.engine.recording.Recordings;
import io.offerplane.engine.recording.Recordings.JavaExpression;
import io.offerplane.engine.recording.Replay;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Replays recordings in a JVM of its own: one file each. Says what it did; ends with 1 at the first difference. */
final class ReplayMain {
    private ReplayMain() {}

    public static void main(String[] files) throws IOException {
        for (String file : files) {
            Recording recording = Recordings.RECORDINGS.decode(Files.readAllBytes(Path.of(file)));
            Optional<Replay.Difference> difference = Replay.firstDifference(recording, JavaExpression::new);
            if (difference.isPresent()) {
                System.out.println(file + ": differs at " + difference.get());
                System.exit(1);
            }
            System.out.println(file + ": " + recording.steps().size() + " commands decided alike");
        }
    }
}
