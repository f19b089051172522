package io.offerplane.yarn.gateway.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeadConfigTest {
    @TempDir
    private Path folder;

    private static Map<String, String> with(String... more) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "OFFERPLANE_SET_LINK_ADDRESS", "offerplane-link.offerplane.svc:7070",
                "OFFERPLANE_SET_HOST", "offerplane-yarn-head.offerplane.svc",
                "OFFERPLANE_SET_AUTHENTICATION", "Simple",
                "POD_NAMESPACE", "offerplane",
                "KUBERNETES_SERVICE_HOST", "fd00::1",
                "KUBERNETES_SERVICE_PORT", "443"));
        for (int i = 0; i < more.length; i += 2) {
            environment.put(more[i], more[i + 1]);
        }
        return environment;
    }

    @Test
    void defaultsAreThoseOfTheChart() {
        HeadConfig config = HeadConfig.of(with());
        assertThat(config.leaderPort()).isEqualTo(7070);
        assertThat(config.ports()).isEqualTo(new HeadConfig.Ports(8032, 8030, 8033, 8088, 5052, 9092));
        assertThat(config.nodes().user()).isEqualTo("system:serviceaccount:offerplane:offerplane-shim");
        assertThat(config.nodes().apiServer()).hasToString("https://[fd00::1]:443");
    }

    @Test
    void nobodyIsBelievedTheirNameUnlessThatWasChosen() {
        assertThatThrownBy(() -> HeadConfig.of(with("OFFERPLANE_SET_AUTHENTICATION", "")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("OFFERPLANE_SET_AUTHENTICATION is not set (expected: one of: Simple)");
    }

    @Test
    void whatIsWrongIsNamedWithWhatWouldBeRight() {
        assertThatThrownBy(() -> HeadConfig.of(with("OFFERPLANE_SET_CLIENT_PORT", "70000")))
                .hasMessage("OFFERPLANE_SET_CLIENT_PORT: 70000 (expected: TCP port, 0 to 65535; 0 takes any free one)");
        assertThatThrownBy(() -> HeadConfig.of(with("OFFERPLANE_SET_STATE_DIRECTORY", "state")))
                .hasMessage("OFFERPLANE_SET_STATE_DIRECTORY: state (expected: an absolute path)");
        assertThatThrownBy(() -> HeadConfig.of(with("OFFERPLANE_SET_LINK_ADDRESS", "leader")))
                .hasMessage("OFFERPLANE_SET_LINK_ADDRESS: leader (expected: host:port)");
        assertThatThrownBy(() -> HeadConfig.of(with("OFFERPLANE_SET_CLIENTPORT", "8032")))
                .hasMessage(
                        "OFFERPLANE_SET_CLIENTPORT is no setting of the head (nearest: OFFERPLANE_SET_CLIENT_PORT)");
    }

    @Test
    void helpNamesEverySetting() {
        assertThat(HeadConfig.SETTINGS).isNotEmpty().allSatisfy(setting -> assertThat(HeadConfig.help())
                .contains("OFFERPLANE_SET_" + setting.variable() + " ", setting.meaning()));
    }

    @Test
    void pageListsEverySettingAsItIsDeclared() throws Exception {
        StringBuilder page = new StringBuilder("""
                # The settings of YARN's head

                Environment variables, which the chart sets; `--help` of the process prints the same. A variable of this prefix that isn't listed, and a
                value out of range, stop the process with what would be right. Exit codes: 0 after SIGTERM, 70 when the ResourceManager ended by
                itself, 78 when the settings can't be used. What Hadoop itself goes by comes from `core-site.xml` and `yarn-site.xml`, in the chart `yarn.hadoop`.

                | variable | default | range | meaning |
                |---|---|---|---|
                """);
        for (HeadSetting<?> setting : HeadConfig.SETTINGS) {
            page.append("| `")
                    .append(HeadSetting.PREFIX)
                    .append(setting.variable())
                    .append("` | ")
                    .append(setting.standard() == null ? "" : "`" + setting.standard() + "`")
                    .append(" | ")
                    .append(setting.range())
                    .append(" | ")
                    .append(setting.meaning())
                    .append(" |\n");
        }
        Path file = Path.of("..", "docs", "reference", "yarn-head.md");
        if (Boolean.getBoolean("docs.update")) {
            Files.writeString(file, page);
        }
        assertThat(file)
                .as("docs/reference/yarn-head.md; -Ddocs.update=true writes it")
                .hasContent(page.toString());
    }

    private HeadConfig withFile(String file, String key, String value) throws Exception {
        Files.writeString(
                folder.resolve(file),
                "<configuration><property><name>" + key + "</name><value>" + value
                        + "</value></property></configuration>");
        return HeadConfig.of(with("OFFERPLANE_SET_HADOOP_DIRECTORY", folder.toString()));
    }

    @Test
    void usersFilesWinOverWhatIsUsualAndLoseToWhatMustBe() throws Exception {
        withFile("core-site.xml", "hadoop.security.group.mapping", "org.example.Groups");
        YarnConfiguration hadoop =
                HadoopSettings.of(withFile("yarn-site.xml", YarnConfiguration.RM_ADDRESS, "elsewhere:1"));
        assertThat(hadoop.get("hadoop.security.group.mapping")).isEqualTo("org.example.Groups");
        assertThat(hadoop.get("hadoop.security.token.service.use_ip")).isEqualTo("false");
        assertThat(hadoop.get(YarnConfiguration.RM_ADDRESS)).isEqualTo("offerplane-yarn-head.offerplane.svc:8032");
    }

    @Test
    void authenticationThatTheHeadCannotDoIsRefused() throws Exception {
        HeadConfig config = withFile("core-site.xml", "hadoop.security.authentication", "kerberos");
        assertThatThrownBy(() -> HadoopSettings.of(config))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("hadoop.security.authentication: kerberos", "(expected: simple");
    }
}
