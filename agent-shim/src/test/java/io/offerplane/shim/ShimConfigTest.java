package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.offerplane.shim.isolator.ContainerPolicy;
import io.offerplane.shim.oversubscription.OversubscriptionSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ShimConfigTest {

    private static Map<String, String> least() {
        return new HashMap<>(Map.of(
                "OFFERPLANE_LINK_ADDRESS", "offerplane-link.offerplane.svc:7070",
                "OFFERPLANE_NODE_NAME", "node-1",
                "OFFERPLANE_NODE_IP", "10.0.0.1"));
    }

    @Test
    void whatIsNotSetHasItsDocumentedDefault() {
        ShimConfig config = ShimConfig.of(least());
        assertThat(config.link().host()).isEqualTo("offerplane-link.offerplane.svc");
        assertThat(config.link().port()).isEqualTo(7070);
        assertThat(config.hostname()).isEqualTo("node-1");
        assertThat(config.workDir()).hasToString("/var/lib/offerplane");
        assertThat(config.httpPort()).isEqualTo(5051);
        assertThat(config.hardCpu()).isFalse();
        assertThat(config.pidsLimit()).hasValue(16384);
        assertThat(config.fetch().localFolders()).isEmpty();
        assertThat(config.containers()).isEqualTo(ContainerPolicy.NOTHING);
    }

    @Test
    void whatTasksMayAskOfTheirContainersIsRead() {
        Map<String, String> environment = least();
        environment.putAll(Map.of(
                "OFFERPLANE_VOLUME_FOLDERS", "/srv:/mnt/disks",
                "OFFERPLANE_CAPABILITIES", "NET_ADMIN, CAP_SYS_PTRACE",
                "OFFERPLANE_SECCOMP_PROFILES", "/etc/seccomp",
                "OFFERPLANE_SECCOMP_UNCONFINED", "true",
                "OFFERPLANE_SHARE_IPC", "true",
                "OFFERPLANE_ENFORCE_CONTAINER_DISK_QUOTA", "true",
                "OFFERPLANE_CONTAINER_DISK_WATCH_INTERVAL_SECONDS", "60"));
        assertThat(ShimConfig.of(environment).containers())
                .isEqualTo(new ContainerPolicy(
                        List.of(Path.of("/srv"), Path.of("/mnt/disks")),
                        Set.of("CAP_NET_ADMIN", "CAP_SYS_PTRACE"),
                        Optional.of(Path.of("/etc/seccomp")),
                        true,
                        true,
                        true,
                        Duration.ofMinutes(1)));
    }

    @Test
    void howMuchIdleIsLentIsRead() {
        assertThat(ShimConfig.of(least()).oversubscription()).isEqualTo(OversubscriptionSettings.OFF);
        Map<String, String> environment = least();
        environment.put("OFFERPLANE_OVERSUBSCRIPTION_ENABLED", "true");
        environment.put("OFFERPLANE_OVERSUBSCRIPTION_CPU_PERCENT_OF_IDLE", "80");
        environment.put("OFFERPLANE_OVERSUBSCRIPTION_MEMORY_PERCENT_OF_IDLE", "20");
        environment.put("OFFERPLANE_OVERSUBSCRIPTION_WINDOW_SECONDS", "600");
        environment.put("OFFERPLANE_OVERSUBSCRIPTION_STOP_AT_CPU_USE_PERCENT", "90");
        environment.put("OFFERPLANE_OVERSUBSCRIPTION_STOP_AT_MEMORY_USE_PERCENT", "85");
        environment.put("OFFERPLANE_OVERSUBSCRIPTION_STOP_AT_CPU_PRESSURE_PERCENT", "50");
        environment.put("OFFERPLANE_OVERSUBSCRIPTION_STOP_AT_MEMORY_PRESSURE_PERCENT", "5");
        assertThat(ShimConfig.of(environment).oversubscription())
                .isEqualTo(new OversubscriptionSettings(
                        true, 80, 20, Duration.ofMinutes(10), new OversubscriptionSettings.Thresholds(90, 85, 50, 5)));
    }

    @Test
    void aWrongSettingIsNamedWithWhatWouldBeRight() {
        for (var wrong : Map.of(
                        "OFFERPLANE_LINK_ADDRESS", "no-port",
                        "OFFERPLANE_HTTP_PORT", "70000",
                        "OFFERPLANE_WORK_DIR", "relative",
                        "OFFERPLANE_CGROUPS_ENABLE_CFS", "yes",
                        "OFFERPLANE_OVERSUBSCRIPTION_CPU_PERCENT_OF_IDLE", "101",
                        "OFFERPLANE_PIDS_LIMIT", "many")
                .entrySet()) {
            Map<String, String> environment = least();
            environment.put(wrong.getKey(), wrong.getValue());
            assertThatThrownBy(() -> ShimConfig.of(environment))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(wrong.getKey())
                    .hasMessageContaining("expected");
        }
        Map<String, String> missing = least();
        missing.remove("OFFERPLANE_NODE_IP");
        assertThatThrownBy(() -> ShimConfig.of(missing))
                .hasMessageContaining("OFFERPLANE_NODE_IP is not set; it is the node's address");
    }
}
