package io.offerplane.yarn.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.junit.jupiter.api.Test;

class RuntimeChoiceTest {
    @Test
    void withoutVariablesAContainerRunsOnThePoolsFiles() throws YarnException {
        assertThat(RuntimeChoice.image(Map.of())).isEmpty();
        assertThat(RuntimeChoice.image(Map.of(RuntimeChoice.TYPE, "default", RuntimeChoice.IMAGE, "not looked at")))
                .isEmpty();
    }

    @Test
    void theImageOfDockersRuntimeIsTaken() throws YarnException {
        assertThat(RuntimeChoice.image(Map.of(RuntimeChoice.TYPE, "docker", RuntimeChoice.IMAGE, "spark:4")))
                .contains("spark:4");
    }

    @Test
    void whatIsNotHereIsRefused() {
        assertThatThrownBy(() -> RuntimeChoice.image(Map.of(RuntimeChoice.TYPE, "docker")))
                .hasMessageContaining("YARN_CONTAINER_RUNTIME_DOCKER_IMAGE is not set");
        assertThatThrownBy(() -> RuntimeChoice.image(Map.of(RuntimeChoice.TYPE, "runc")))
                .hasMessageContaining("is \"runc\" (expected: docker, default, or nothing)");
        assertThatThrownBy(() -> RuntimeChoice.image(Map.of(
                        RuntimeChoice.TYPE,
                        "docker",
                        RuntimeChoice.IMAGE,
                        "spark:4",
                        "YARN_CONTAINER_RUNTIME_DOCKER_MOUNTS",
                        "/etc:/etc:ro")))
                .hasMessageContaining("MOUNTS is set");
    }
}
