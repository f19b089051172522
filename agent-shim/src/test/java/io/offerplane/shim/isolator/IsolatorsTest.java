package io.offerplane.shim.isolator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.TextFormat;
import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ContainerUser;
import io.offerplane.shim.container.ContainerWishes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a node refuses of which nobody said that it may be asked for. */
class IsolatorsTest {

    private static final ContainerUser ROOT = new ContainerUser(0, 0, List.of(), "/");

    @TempDir
    private Path folder;

    private ContainerWishes prepare(ContainerPolicy policy, String container) throws Exception {
        return new Isolators(policy, folder.resolve("work"), "10.0.0.1")
                .prepare(TextFormat.parse("type: MESOS " + container, ContainerInfo.class), List.of(), ROOT);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            linux_info {ipc_mode: SHARE_PARENT} | Sharing agent IPC namespace with container is not allowed; containers.shareIpc of the AgentPool would
            linux_info {seccomp {unconfined: true}} | containers.seccompUnconfined of the AgentPool would
            linux_info {seccomp {profile_name: 'p'}} | containers.seccompProfiles of the AgentPool names none
            linux_info {effective_capabilities {capabilities: NET_ADMIN}} | CAP_NET_ADMIN not allowed on this node
            volumes {mode: RW container_path: '/d' host_path: '/tmp'} | containers.volumeFolders of the AgentPool allows none
            linux_info {shm_size: 0} | Shared memory size is 0; expected at least 1
            """)
    void isRefusedByDefault(String container, String words) {
        assertThatThrownBy(() -> prepare(ContainerPolicy.NOTHING, container))
                .isInstanceOf(ContainerLaunchException.class)
                .hasMessageContaining(words);
    }

    @Test
    void whatTasksAlwaysSendAlongAsksForNothing() throws Exception {
        assertThat(prepare(ContainerPolicy.NOTHING, "rlimit_info {} linux_info {ipc_mode: PRIVATE seccomp {}}"))
                .isEqualTo(ContainerWishes.NONE);
    }

    @Test
    void theAgentsOwnFilesAreNoVolumeWhateverIsAllowed() throws Exception {
        Path work = Files.createDirectories(folder.resolve("work/meta"));
        ContainerPolicy policy = new ContainerPolicy(
                List.of(folder), Set.of(), Optional.empty(), false, false, false, Duration.ofSeconds(15));
        for (Path path : List.of(folder, folder.resolve("work"), work)) {
            assertThatThrownBy(
                            () -> prepare(policy, "volumes {mode: RO container_path: '/d' host_path: '" + path + "'}"))
                    .hasMessageContaining("the agent's own files are there");
        }
        Files.createDirectory(folder.resolve("other"));
        assertThat(prepare(
                                policy,
                                "volumes {mode: RO container_path: '/d' host_path: '" + folder.resolve("other") + "'}")
                        .volumes())
                .hasSize(1);
    }

    @Test
    void aVolumesFolderIsNamedAsInMesos() {
        PersistentVolumes volumes = new PersistentVolumes(Path.of("/var/lib/agent"));
        assertThat(volumes.path("eng/ads", "id 1")).hasToString("/var/lib/agent/volumes/roles/eng ads/id 1");
        for (String bad : List.of("", ".", "..", "a/b", "x".repeat(256))) {
            assertThatThrownBy(() -> volumes.path("eng", bad)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
