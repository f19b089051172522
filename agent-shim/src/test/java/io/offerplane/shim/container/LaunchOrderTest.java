package io.offerplane.shim.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class LaunchOrderTest {

    private static ContainerSpec spec(List<String> arguments, Map<String, String> environment) {
        return new ContainerSpec(
                "id",
                "/g/id",
                Path.of("/sandbox"),
                new RootFilesystem.Shared(Path.of("/rootfs")),
                "sh",
                arguments,
                environment,
                new ContainerUser(1234, 1235, List.of(44, 45), "/home/mesos"),
                "/mnt/mesos/sandbox",
                ContainerLimits.least(OptionalLong.empty()),
                ContainerWishes.NONE);
    }

    @Test
    void textsStandInTheOrderThatProcess1ReadsThem() {
        byte[] order = LaunchOrder.of(spec(List.of("sh", "-c", "echo größer"), Map.of("A", "b=c\nd")));
        assertThat(new String(order, StandardCharsets.UTF_8).split("\0", -1))
                .containsExactly(
                        "1",
                        "1234",
                        "1235",
                        "2",
                        "44",
                        "45",
                        "/mnt/mesos/sandbox",
                        "sh",
                        "3",
                        "sh",
                        "-c",
                        "echo größer",
                        "1",
                        "A=b=c\nd",
                        "end",
                        "");
    }

    @Test
    void whatNoProgramCanBeToldIsRefused() {
        assertThat(LaunchOrder.canSay(spec(List.of("sh", ""), Map.of("A", "")))).isTrue();
        for (ContainerSpec spec : List.of(
                spec(List.of(), Map.of()),
                spec(List.of("sh", "a\0b"), Map.of()),
                spec(List.of("sh"), Map.of("A", "\0")),
                spec(List.of("sh"), Map.of("\0", "a")))) {
            assertThat(LaunchOrder.canSay(spec)).isFalse();
            assertThatThrownBy(() -> LaunchOrder.of(spec)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
