package io.offerplane.engine;

import static io.offerplane.engine.TestCluster.resources;
import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.role.RolePath;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How Mesos prints what its messages name. */
class TextTest {
    @ParameterizedTest
    @CsvSource({
        "PT0S, 0ns",
        "PT0.0000015S, 1.5us",
        "PT0.1S, 100ms",
        "PT15S, 15secs",
        "PT1M15S, 1.25mins",
        "PT10M, 10mins",
        "PT1H30M, 1.5hrs",
        "P1D, 1days",
        "P365D, 52.1428571428571weeks"
    })
    void durations(Duration duration, String text) {
        assertThat(DurationText.of(duration)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mem:128;cpus:1 | cpus(allocated: eng):1; mem(allocated: eng):128",
                "cpus:0.1;mem:1000000000000000 | cpus(allocated: eng):0.1; mem(allocated: eng):1e+15",
                "mem:1234500000000000 | mem(allocated: eng):1.2345e+15",
                "cpus:123456.789 | cpus(allocated: eng):123456.789",
                "ports:[1-2,4-4];disk:5;gpus:1;x:1;b:{c,d} | gpus(allocated: eng):1; disk(allocated: eng):5;"
                        + " ports(allocated: eng):[1-2, 4-4]; b(allocated: eng):{c, d}; x(allocated: eng):1",
                "cpus:0 | {}"
            })
    void resourcesOfAnOffer(String resources, String text) {
        assertThat(ResourceText.allocated(resources(resources), new RolePath("eng")))
                .isEqualTo(text);
    }
}
