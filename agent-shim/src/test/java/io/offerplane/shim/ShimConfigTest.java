package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
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
    }

    @Test
    void aWrongSettingIsNamedWithWhatWouldBeRight() {
        for (var wrong : Map.of(
                        "OFFERPLANE_LINK_ADDRESS", "no-port",
                        "OFFERPLANE_HTTP_PORT", "70000",
                        "OFFERPLANE_WORK_DIR", "relative",
                        "OFFERPLANE_CGROUPS_ENABLE_CFS", "yes",
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
