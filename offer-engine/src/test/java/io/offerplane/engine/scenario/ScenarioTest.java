package io.offerplane.engine.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs every script. {@code -Dscenarios.update=true} writes what came out beside it, for a reader of the difference to judge. */
class ScenarioTest {
    private static final Path FOLDER = Path.of("src/test/resources/scenarios");
    private static final boolean UPDATE = Boolean.getBoolean("scenarios.update");

    static List<Path> scripts() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".txt"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void comesOutAsWritten(Path script) throws IOException {
        String outcome = new Script().run(Files.readAllLines(script));
        Path expected = Path.of(script.toString().replaceAll("\\.txt$", ".out"));
        if (UPDATE) {
            Files.writeString(expected, outcome);
        }
        assertThat(expected)
                .as("outcome of " + script + "; -Dscenarios.update=true writes it")
                .exists();
        assertThat(outcome).isEqualTo(Files.readString(expected));
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void comesOutTheSameAgain(Path script) throws IOException {
        List<String> lines = Files.readAllLines(script);
        assertThat(new Script().run(lines)).isEqualTo(new Script().run(lines));
    }

    @Test
    void hasScripts() throws IOException {
        assertThat(scripts()).hasSizeGreaterThan(10);
    }
}
