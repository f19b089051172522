package io.offerplane.shim.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.shim.cgroup.Pressure.Kind;
import io.offerplane.shim.cgroup.Pressure.Stalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PressureTest {

    private static final String MEMORY = """
            some avg10=12.50 avg60=3.10 avg300=0.70 total=1500000
            full avg10=2.00 avg60=0.40 avg300=0.05 total=250000
            """;

    @TempDir
    private Path folder;

    @Test
    void someAndFullAreReadInPercentAndSeconds() {
        assertThat(Pressure.parse(MEMORY))
                .contains(new Pressure(new Stalls(12.5, 3.1, 0.7, 1.5), Optional.of(new Stalls(2, 0.4, 0.05, 0.25))));
    }

    @Test
    void theCpuOfAnOlderKernelHasNoFull() {
        assertThat(Pressure.parse("some avg10=1.00 avg60=0.00 avg300=0.00 total=7\n")
                        .orElseThrow()
                        .full())
                .isEmpty();
    }

    @Test
    void whatIsNoPressureIsNone() {
        assertThat(Pressure.parse("")).isEmpty();
        assertThat(Pressure.parse("some avg10=much avg60=0 avg300=0 total=0\n")).isEmpty();
        assertThat(Pressure.parse("some avg10=1.0\n")).isEmpty();
    }

    @Test
    void onlyWhatTheKernelMeasuresIsTold() throws IOException {
        assertThat(Pressure.ofNode(folder)).isEmpty();
        Files.writeString(Files.createDirectories(folder.resolve("pressure")).resolve("memory"), MEMORY);
        assertThat(Pressure.ofNode(folder)).containsOnlyKeys(Kind.MEMORY);
        Files.writeString(folder.resolve("io.pressure"), MEMORY);
        assertThat(Pressure.ofGroup(folder)).containsOnlyKeys(Kind.IO);
    }
}
