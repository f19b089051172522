package io.offerplane.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class RehearsalTest {
    @Test
    void goesTheWholeWayFromAClientsCallToAShimsOrder() {
        OperatorConfig config =
                OperatorConfig.read("engine: {allocationInterval: 200ms}\n", Map.of("POD_NAME", "standby"));

        assertThat(Rehearsal.run(config)).isTrue();
    }
}
