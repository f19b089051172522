package io.offerplane.yarn.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineTest {
    @TempDir
    Path proc;

    @Test
    void memoryAndProcessorsAreTheKernels() throws IOException {
        Files.writeString(proc.resolve("meminfo"), "MemTotal:       16384000 kB\nMemFree:         1000000 kB\n");
        Files.writeString(proc.resolve("stat"), "cpu  1 2 3\ncpu0 1 2 3\ncpu1 1 2 3\ncpu10 1 2 3\nintr 4 5\n");
        assertThat(Machine.of(proc)).isEqualTo(new Machine(16_000, 3));
    }

    @Test
    void aFileThatDoesNotSayIsRefused() throws IOException {
        Files.writeString(proc.resolve("meminfo"), "");
        assertThatThrownBy(() -> Machine.of(proc))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("meminfo");
    }
}
