package io.offerplane.yarn.node.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.offerplane.yarn.gateway.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scripts are run, not read: what counts is what bash makes of them. */
class LaunchScriptTest {
    @TempDir
    Path home;

    private Path work;
    private Path logs;

    @BeforeEach
    void directories() throws Exception {
        work = Files.createDirectory(home.resolve("work"));
        logs = Files.createDirectory(home.resolve("logs"));
    }

    private String run(
            Map<String, String> whitelist, Map<String, String> application, Map<String, Path> links, String command)
            throws Exception {
        Expansion expansion = new Expansion(logs.toString(), "");
        SequencedMap<String, String> node = new LinkedHashMap<>();
        node.put("CONTAINER_ID", "container_1_0001_01_000001");
        node.put("PWD", work.toString());
        ContainerEnvironment environment = ContainerEnvironment.of(whitelist, node, application, expansion);
        String script = LaunchScript.of(
                environment,
                new LinkedHashMap<>(links),
                List.of(expansion.expand(command), "1><LOG_DIR>/stdout".replace("<LOG_DIR>", logs.toString())),
                logs);
        Path file = Files.writeString(work.resolve("launch_container.sh"), script);
        RunningContainer container = new ProcessLauncher()
                .launch(new LaunchOrder(
                        "c",
                        "alice",
                        List.of("bash", file.toString()),
                        work,
                        Map.of("PATH", System.getenv("PATH")),
                        List.of(),
                        List.of(work),
                        128,
                        1,
                        Optional.empty()));
        int status = container.exit().get().status();
        assertThat(status).as(() -> script + logs.resolve("prelaunch.err")).isZero();
        return Files.readString(logs.resolve("stdout"));
    }

    @Test
    void theApplicationsVariablesCannotOverrideTheContainersIdButTheWhitelist() throws Exception {
        assertThat(run(
                        Map.of("JAVA_HOME", "/node", "LANG", "C"),
                        Map.of("CONTAINER_ID", "forged", "JAVA_HOME", "/mine"),
                        Map.of(),
                        "echo \\$CONTAINER_ID \\$JAVA_HOME \\$LANG"))
                .isEqualTo("container_1_0001_01_000001 /mine C\n");
    }

    @Test
    void variablesAreDefinedBeforeTheyAreReferredTo() throws Exception {
        assertThat(run(Map.of(), Map.of("A", "$B/a", "B", "$C/b", "C", "{{PWD}}"), Map.of(), "echo $A"))
                .isEqualTo(work + "/b/a\n");
    }

    @Test
    void commandsAreEvaluatedTwiceAsHadoopDoes() throws Exception {
        // The inner quotes close and open the outer ones, so the outer shell expands $X; what is escaped reaches the
        // inner one.
        assertThat(run(Map.of(), Map.of("X", "x"), Map.of(), "echo \"$X\" '\\$X' \\\"a  b\\\""))
                .isEqualTo("x $X a  b\n");
    }

    @Test
    void filesAreLinkedInSubdirectoriesToo() throws Exception {
        Path file = Files.writeString(home.resolve("it's"), "content\n");
        assertThat(run(Map.of(), Map.of(), Map.of("deep/down/link", file), "cat deep/down/link"))
                .isEqualTo("content\n");
    }

    @Test
    void whatWasRunIsKeptWithTheLogs() throws Exception {
        run(Map.of(), Map.of(), Map.of(), "echo");
        assertThat(logs.resolve("launch_container.sh")).exists();
        assertThat(logs.resolve("directory.info")).content().contains("launch_container.sh");
        assertThat(logs.resolve("prelaunch.out")).content().contains("Launching container");
    }

    @Test
    void aNameThatIsNoVariablesIsRefused() {
        assertThatThrownBy(() -> ContainerEnvironment.of(
                        Map.of(), new LinkedHashMap<>(), Map.of("A=1; touch /tmp/x; B", ""), new Expansion("", "")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void optionsForHadoopAreForJava17AndLaterOnly() throws Exception {
        Path java = Files.createDirectory(home.resolve("java"));
        Files.writeString(java.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"1.8.0_402\"\n");
        assertThat(Expansion.forContainer(logs, java).expand("java <ADD_OPENS> X"))
                .isEqualTo("java  X");
        Files.writeString(java.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
        assertThat(Expansion.forContainer(logs, java).expand("java <ADD_OPENS>"))
                .startsWith("java --add-opens=java.base/java.lang=ALL-UNNAMED ");
        assertThat(Expansion.forContainer(logs, java).expand("a<CPS>{{B}}<CPS><LOG_DIR>"))
                .isEqualTo("a:$B:" + logs);
    }

    @Test
    void aSignalReachesTheWholeGroup() throws Exception {
        Path children = work.resolve("children");
        RunningContainer container = new ProcessLauncher()
                .launch(new LaunchOrder(
                        "c",
                        "alice",
                        List.of("bash", "-c", "sleep 1000 & echo $! > children.new; mv children.new children; wait"),
                        work,
                        Map.of("PATH", System.getenv("PATH")),
                        List.of(),
                        List.of(work),
                        128,
                        1,
                        Optional.empty()));
        Eventually.eventually(
                () -> Files.exists(children), exists -> assertThat(exists).isTrue());
        container.signal(RunningContainer.Signal.TERM);
        assertThat(container.exit().get().status()).isEqualTo(143);
        long child = Long.parseLong(Files.readString(children).strip());
        Eventually.eventually(() -> ProcessHandle.of(child).filter(ProcessHandle::isAlive), alive -> assertThat(alive)
                .isEmpty());
    }
}
