package io.offerplane.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.offerplane.engine.SetAsideRules;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class OperatorConfigTest {
    @Test
    void emptyFileGivesTheDefaults() {
        OperatorConfig config = OperatorConfig.read("", Map.of());

        assertThat(config.mesos().port()).isEqualTo(5050);
        assertThat(config.mesos().authenticationMode()).isEqualTo(OperatorConfig.AuthenticationMode.Required);
        assertThat(config.engine().allocationInterval()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.engine().offerTimeout()).isEmpty();
        assertThat(config.link().maxMessageBytes()).isEqualTo(16L << 20);
        assertThat(config.election().leaseDuration()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void fileAndEnvironmentAreReadAndTheEnvironmentWins() {
        String yaml = """
                mesos:
                  port: 15050
                  authentication:
                    mode: None
                engine:
                  offerTimeout: 30s
                """;

        OperatorConfig config = OperatorConfig.read(
                yaml, Map.of("OFFERPLANE_SET_MESOS_PORT", "16050", "POD_NAMESPACE", "elsewhere", "POD_NAME", "op-1"));

        assertThat(config.mesos().port()).isEqualTo(16050);
        assertThat(config.mesos().authenticationMode()).isEqualTo(OperatorConfig.AuthenticationMode.None);
        assertThat(config.engine().offerTimeout()).isEqualTo(Optional.of(Duration.ofSeconds(30)));
        assertThat(config.pod().name()).isEqualTo("op-1");
        assertThat(config.frameworks().namespace()).isEqualTo("elsewhere");
        assertThat(config.agents().linkAddress()).isEqualTo("offerplane-link.elsewhere.svc:7070");
    }

    @Test
    void unknownKeyIsRefusedWithTheNearestKnownOne() {
        assertThatThrownBy(() -> OperatorConfig.read("engine:\n  alocationInterval: 2s\n", Map.of()))
                .isInstanceOf(InvalidSetting.class)
                .hasMessage("engine.alocationInterval: no such setting (did you mean engine.allocationInterval?)");
        assertThatThrownBy(() -> OperatorConfig.read("", Map.of("OFFERPLANE_SET_MESOS_PROT", "1")))
                .hasMessageContaining("did you mean OFFERPLANE_SET_MESOS_PORT?");
    }

    @Test
    void valueOutOfRangeIsRefusedWithTheRange() {
        assertThatThrownBy(() -> OperatorConfig.read("mesos: {port: 70000}", Map.of()))
                .hasMessage("mesos.port: 70000 (expected: 0 to 65535)");
        assertThatThrownBy(() -> OperatorConfig.read("mesos: {authentication: {mode: off}}", Map.of()))
                .hasMessageContaining("expected: one of Required, Optional, None");
        assertThatThrownBy(() -> OperatorConfig.read("link: {pingInterval: 15}", Map.of()))
                .hasMessage("link.pingInterval: 15 (expected: 100ms to 10m)");
    }

    @Test
    void sizesOfContainersAndWhatIsSetAsideAreRead() {
        OperatorConfig.Engine engine = OperatorConfig.read("""
                        engine:
                          setAside: {after: 30s, patience: 2m, percent: 5}
                          asks: {hostDelay: 2s, rackDelay: 5s, smallest: "cpus=1,mem=512", step: mem=512, largest: cpus=32}
                        """, Map.of()).engine();
        assertThat(engine.setAside()).isEqualTo(new SetAsideRules(Duration.ofSeconds(30), Duration.ofMinutes(2), 50));
        assertThat(engine.askRules().hostDelay()).isEqualTo(Duration.ofSeconds(2));
        assertThat(engine.askRules()
                        .sizes()
                        .normalized(ResourceQuantities.of(Map.of("cpus", Quantity.of(0.5), "mem", Quantity.of(600)))))
                .isEqualTo(ResourceQuantities.of(Map.of("cpus", Quantity.of(1), "mem", Quantity.of(1024))));
        assertThat(engine.askRules().sizes().fault(ResourceQuantities.of(Map.of("cpus", Quantity.of(33)))))
                .contains("cpus: 33 in one container (expected: at most 32)");
    }

    @Test
    void sizesThatContradictOneAnotherAreRefused() {
        assertThatThrownBy(() -> OperatorConfig.read("engine: {asks: {smallest: cpus=4, largest: cpus=2}}", Map.of()))
                .hasMessage("engine.asks: largest cpus: 2 (expected: not below the smallest, 4)");
        assertThatThrownBy(() -> OperatorConfig.read("engine: {asks: {step: cpus=-1}}", Map.of()))
                .hasMessageContaining("engine.asks.step: cpus=-1 (expected: resource=amount");
        assertThatThrownBy(() -> OperatorConfig.read("engine: {asks: {rackDelay: 100ms}}", Map.of()))
                .hasMessageContaining("engine.asks: delays");
    }

    @Test
    void electionTimesMustNest() {
        assertThatThrownBy(() -> OperatorConfig.read("election: {renewDeadline: 5s}", Map.of()))
                .hasMessage(
                        "election.renewDeadline: 5000ms (expected: less than election.leaseDuration, which is 5000ms)");
    }

    @Test
    void fileThatIsNoMappingIsRefused() {
        assertThatThrownBy(() -> OperatorConfig.read("- mesos", Map.of())).hasMessageContaining("not a mapping");
        assertThatThrownBy(() -> OperatorConfig.read("mesos: {", Map.of())).hasMessageContaining("not YAML");
    }

    @TestFactory
    Stream<DynamicTest> everySettingsDefaultIsAValueThatItTakes() {
        return OperatorConfig.settings().stream()
                .map(setting -> DynamicTest.dynamicTest(setting.key(), () -> {
                    assertThat(setting.parse(setting.standard())).isNotNull();
                    assertThat(setting.meaning()).endsWith(".");
                    assertThat(setting.range()).isNotEmpty();
                    OperatorConfig byFile = OperatorConfig.read(
                            "\"" + setting.key().replace(".", "\": {\"") + "\": \"" + setting.standard() + "\""
                                    + "}".repeat((int) setting.key()
                                            .chars()
                                            .filter(c -> c == '.')
                                            .count()),
                            Map.of());
                    assertThat(byFile).isEqualTo(OperatorConfig.read("", Map.of()));
                    OperatorConfig byVariable = OperatorConfig.read("", Map.of(setting.variable(), setting.standard()));
                    assertThat(byVariable).isEqualTo(byFile);
                }));
    }
}
