package io.offerplane.e2e.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What one run of a scenario showed, as normalised lines.
 *
 * @param lines the lines
 * @param stopped why the scenario could not be played to its end, if so; its last line says the same
 */
record History(List<String> lines, Optional<String> stopped) {
    void write(Path file) throws IOException {
        Files.writeString(file, String.join("\n", lines) + "\n");
    }

    static History read(Path file) throws IOException {
        return new History(Files.readAllLines(file), Optional.empty());
    }
}
