package io.offerplane.yarn.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class NodeConfigTest {
    private static final Map<String, String> LEAST = Map.of(
            "OFFERPLANE_HEAD_ADDRESS", "head.offerplane:5052",
            "OFFERPLANE_NODE_IP", "10.0.0.7",
            "OFFERPLANE_HOSTNAME", "seven");

    private static NodeConfig with(String name, String value) {
        Map<String, String> environment = new TreeMap<>(LEAST);
        environment.put(name, value);
        return NodeConfig.of(environment);
    }

    @Test
    void theRestHasDefaults() {
        NodeConfig config = NodeConfig.of(LEAST);
        assertThat(config.link().host()).isEqualTo("head.offerplane");
        assertThat(config.link().port()).isEqualTo(5052);
        assertThat(config.port()).isEqualTo(8041);
        assertThat(config.folder()).isEqualTo(Path.of("/var/lib/offerplane-yarn"));
        assertThat(config.killDelay()).isEqualTo(Duration.ofMillis(250));
    }

    @Test
    void whatIsMissingOrWrongIsNamedWithWhatItShouldHold() {
        assertThatThrownBy(() -> NodeConfig.of(Map.of())).hasMessageContaining("OFFERPLANE_HEAD_ADDRESS is not set");
        assertThatThrownBy(() -> with("OFFERPLANE_HEAD_ADDRESS", "head")).hasMessageContaining("expected host:port");
        assertThatThrownBy(() -> with("OFFERPLANE_YARN_PORT", "0"))
                .hasMessageContaining("expected a number from 1 to 65535");
        assertThatThrownBy(() -> with("OFFERPLANE_YARN_DIR", "yarn")).hasMessageContaining("expected an absolute path");
    }

    @Test
    void aNodeHasWhatTheMachineHasUnlessItIsToldOtherwise() {
        Machine machine = new Machine(16_000, 8);
        NodeSettings all = NodeConfig.of(LEAST).node(machine);
        assertThat(all.memoryMib()).isEqualTo(16_000);
        assertThat(all.vcores()).isEqualTo(8);
        assertThat(with("OFFERPLANE_YARN_MEMORY_MIB", "4096").node(machine).memoryMib())
                .isEqualTo(4096);
        assertThat(with("OFFERPLANE_YARN_VCORES", "3").node(machine).vcores()).isEqualTo(3);
    }

    @Test
    void containersAreToldWhereTheyHaveJavaAndHadoop() {
        assertThat(NodeConfig.of(LEAST).node(new Machine(1, 1)).whitelist())
                .containsEntry("JAVA_HOME", "/opt/java")
                .containsEntry("HADOOP_MAPRED_HOME", "/opt/hadoop")
                .containsEntry("HADOOP_CONF_DIR", "/opt/hadoop-conf");
    }

    @Test
    void everyVariableIsInTheHelp() {
        for (String name : new String[] {
            "HEAD_ADDRESS",
            "LINK_CA",
            "LINK_CERT",
            "LINK_KEY",
            "TOKEN_FILE",
            "NODE_IP",
            "HOSTNAME",
            "LOCAL_SOCKET",
            "YARN_PORT",
            "YARN_HEALTH_PORT",
            "YARN_CONF_DIR",
            "YARN_DIR",
            "YARN_FOLDERS",
            "YARN_IMAGE_DIR",
            "YARN_MEMORY_MIB",
            "YARN_VCORES",
            "YARN_KILL_DELAY_MILLIS",
            "YARN_LOG_KEEP_SECONDS"
        }) {
            assertThat(NodeConfig.HELP).contains("_" + name);
        }
    }
}
