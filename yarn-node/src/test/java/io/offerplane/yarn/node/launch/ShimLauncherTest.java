package io.offerplane.yarn.node.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.offerplane.protocol.container.LocalContainersClient;
import io.offerplane.protocol.container.v1.Container;
import io.offerplane.protocol.container.v1.End;
import io.offerplane.protocol.container.v1.Refusal;
import io.offerplane.protocol.container.v1.Response;
import io.offerplane.protocol.container.v1.SendSignal;
import io.offerplane.protocol.container.v1.Start;
import io.offerplane.yarn.gateway.Eventually;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.Image;
import org.apache.mesos.v1.Protos.Volume;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers of applications become containers of the shim. */
class ShimLauncherTest {

    private static final String ID = "container_1_0001_01_000002";

    @TempDir
    Path folder;

    private ScriptedShim shim;
    private ShimLauncher launcher;

    @BeforeEach
    void startShim() throws IOException {
        Path socket = folder.resolve("s");
        shim = new ScriptedShim(socket);
        launcher = new ShimLauncher(
                new LocalContainersClient(socket),
                "65532",
                List.of(new NodeMount(folder.resolve("jre"), ContainerRoot.JAVA)),
                500,
                Duration.ofMillis(20),
                Duration.ofMinutes(1));
    }

    @AfterEach
    void stopShim() throws IOException {
        shim.close();
    }

    private LaunchOrder order() {
        return order(Optional.empty());
    }

    private LaunchOrder order(Optional<String> image) {
        return new LaunchOrder(
                ID,
                "alice",
                List.of("bash", "launch_container.sh"),
                folder.resolve("work"),
                Map.of("LANG", "C"),
                List.of(folder.resolve("filecache")),
                List.of(folder.resolve("work"), folder.resolve("logs")),
                512,
                2,
                image);
    }

    private RunningContainer.Exit exit(RunningContainer container) throws Exception {
        return container.exit().get(1, TimeUnit.MINUTES);
    }

    @Test
    void anOrderBecomesACommandInItsDirectoryWithItsFoldersAndSize() throws Exception {
        launcher.launch(order());
        Start start = shim.starts.getFirst();
        assertThat(start.getName()).isEqualTo(ID);
        assertThat(start.getSize().getCpus()).isEqualTo(1);
        assertThat(start.getSize().getMemoryBytes()).isEqualTo(512L << 20);
        var command = ScriptedShim.command(start);
        assertThat(command.getUser()).isEqualTo("65532");
        assertThat(command.getArgumentsList())
                .endsWith("sh", folder.resolve("work").toString(), "bash", "launch_container.sh");
        assertThat(command.getEnvironment().getVariables(0).getName()).isEqualTo("LANG");
        ContainerInfo container = ContainerInfo.parseFrom(start.getContainer());
        assertThat(container.getVolumesList())
                .extracting(Volume::getHostPath)
                .containsExactly(
                        folder.resolve("jre").toString(),
                        folder.resolve("filecache").toString(),
                        folder.resolve("work").toString(),
                        folder.resolve("logs").toString());
        assertThat(container.getVolumesList())
                .extracting(Volume::getMode)
                .containsExactly(Volume.Mode.RO, Volume.Mode.RO, Volume.Mode.RW, Volume.Mode.RW);
        assertThat(container.getVolumes(0).getContainerPath()).isEqualTo("/opt/java");
        assertThat(container.getMesos().hasImage()).isFalse();
    }

    @Test
    void anOrderMayNameAnImage() throws Exception {
        launcher.launch(order(Optional.of("registry.example.com/spark:4")));
        ContainerInfo container = ContainerInfo.parseFrom(shim.starts.getFirst().getContainer());
        assertThat(container.getMesos().getImage().getType()).isEqualTo(Image.Type.DOCKER);
        assertThat(container.getMesos().getImage().getDocker().getName()).isEqualTo("registry.example.com/spark:4");
        assertThat(container.getVolumesList()).hasSize(4);
    }

    @Test
    void exitsAreToldAsAShellWouldAndForgottenByTheShim() throws Exception {
        RunningContainer container = launcher.launch(order());
        shim.end(ID, End.newBuilder().setExitStatus(3).build());
        assertThat(exit(container)).isEqualTo(new RunningContainer.Exit(3, false));
        Eventually.eventually(shim::held, held -> assertThat(held).isEmpty());
        RunningContainer next = launcher.launch(order());
        shim.end(ID, End.newBuilder().setSignal(9).setOutOfMemory(true).build());
        assertThat(exit(next)).isEqualTo(new RunningContainer.Exit(137, true));
    }

    @Test
    void aShimThatGoesAwayAndComesBackIsWaitedFor() throws Exception {
        RunningContainer container = launcher.launch(order());
        shim.goAway();
        shim.comeBack();
        shim.end(ID, End.newBuilder().setExitStatus(0).build());
        assertThat(exit(container).status()).isZero();
    }

    @Test
    void aStartThatFindsNoShimIsTriedAgainAndIsOneContainer() throws Exception {
        shim.goAway();
        Thread back = Thread.ofVirtual().start(() -> {
            try {
                shim.comeBack();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        launcher.launch(order());
        back.join();
        assertThat(shim.held()).containsExactly(ID);
    }

    @Test
    void whatTheShimWontOrCantStartFailsWithItsWords() {
        shim.answer = Response.newBuilder()
                .setRefusal(Refusal.newBuilder()
                        .setCause(Refusal.Cause.INVALID)
                        .setMessage("cpus: 0.0 (expected: 0.01 to the claim's 4.0)"))
                .build();
        assertThatThrownBy(() -> launcher.launch(order()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the claim's 4.0");
        shim.answer = Response.newBuilder()
                .setContainer(Container.newBuilder()
                        .setName(ID)
                        .setState(Container.State.ENDED)
                        .setMessage("Failed to launch container: no such user")
                        .setEnd(End.newBuilder().setNotStarted(true)))
                .build();
        assertThatThrownBy(() -> launcher.launch(order()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no such user");
        assertThat(shim.held()).isEmpty();
    }

    @Test
    void signalsArePassedOnAndLostOnesHarmNobody() throws Exception {
        RunningContainer container = launcher.launch(order());
        container.signal(RunningContainer.Signal.QUIT);
        container.signal(RunningContainer.Signal.TERM);
        assertThat(shim.signals).containsExactly(SendSignal.Signal.QUIT, SendSignal.Signal.TERM);
        shim.goAway();
        container.signal(RunningContainer.Signal.KILL);
        assertThat(container.exit()).isNotDone();
    }

    @Test
    void containersOfAnEarlierProcessAreEndedUnlessTheyAreKnown() throws Exception {
        shim.holds("container_1_0001_01_000008");
        shim.holds("container_1_0001_01_000009");
        launcher.endOthers(Set.of("container_1_0001_01_000009"));
        Eventually.eventually(shim::held, held -> assertThat(held).containsExactly("container_1_0001_01_000009"));
    }

    @Test
    void aContainerOfAnEarlierProcessIsTakenUp() throws Exception {
        shim.holds(ID);
        RunningContainer container = launcher.takeUp(ID).orElseThrow();
        List<Set<String>> held = new CopyOnWriteArrayList<>();
        var _ = container.exit().thenAccept(exit -> held.add(shim.held()));
        shim.end(ID, End.newBuilder().setExitStatus(3).build());
        assertThat(exit(container)).isEqualTo(new RunningContainer.Exit(3, false));
        assertThat(held).as("forgotten only after its end was told").containsExactly(Set.of(ID));
        Eventually.eventually(shim::held, left -> assertThat(left).isEmpty());
        assertThat(launcher.takeUp(ID)).isEmpty();
    }
}
