package io.offerplane.engine.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The scripts that mirror tests of Mesos say what Mesos' test asserts, and are in the table of them. */
class MesosScenariosTest {
    private static final Path TABLE = Path.of("../docs/allocator-scenarios.md");

    private static List<Path> mirrors() throws IOException {
        return ScenarioTest.scripts().stream()
                .filter(script -> script.getFileName().toString().startsWith("mesos-"))
                .toList();
    }

    @Test
    void expectWhatMesosDoes() throws IOException {
        for (Path script : mirrors()) {
            assertThat(Files.readAllLines(script))
                    .as("%s", script)
                    .anyMatch(line -> line.startsWith("expect"))
                    .first()
                    .asString()
                    .matches("# Mesos: \\w+\\.\\w+.*");
        }
    }

    @Test
    void areInTheTable() throws IOException {
        List<String> listed = Files.readAllLines(TABLE).stream()
                .filter(line -> line.matches("\\| `mesos-[a-z-]+` \\| `.*"))
                .map(line -> line.split("`")[1])
                .sorted()
                .toList();
        assertThat(mirrors().stream()
                        .map(script -> script.getFileName().toString().replace(".txt", ""))
                        .sorted())
                .hasSizeGreaterThanOrEqualTo(60)
                .containsExactlyElementsOf(listed.stream().distinct().toList());
    }

    /** An expectation that is off by one cpu, by an offer too many, by a role or by an agent is found. */
    @Test
    void failWhenAnExpectationIsNotMet() {
        List<String> script = List.of("agent s cpus:2;mem:1024", "framework f roles=a,b failover=60", "tick");
        assertThat(new Script().run(with(script, "expect f/a/s/cpus:2;mem:1024")))
                .contains("OFFERS O0");
        for (String wrong : List.of(
                "expect f/a/s/cpus:3;mem:1024",
                "expect",
                "expect f/b/s/cpus:2;mem:1024",
                "expect f/a/s2/cpus:2;mem:1024",
                "expect f/a/s/cpus:2;mem:1024 f/a/*/cpus:2;mem:1024",
                "expect-shares a=0.9")) {
            assertThatThrownBy(() -> new Script().run(with(script, wrong)))
                    .as(wrong)
                    .isInstanceOf(AssertionError.class);
        }
    }

    private static List<String> with(List<String> script, String last) {
        return Stream.concat(script.stream(), Stream.of(last)).toList();
    }
}
