package io.offerplane.yarn.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogRetentionTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path logs;

    private void log(String application, Duration age) throws IOException {
        Path container = Files.createDirectories(logs.resolve(application).resolve("container_1"));
        Path file = Files.writeString(container.resolve("stdout"), "said");
        for (Path path : List.of(file, container, logs.resolve(application))) {
            Files.setLastModifiedTime(path, FileTime.from(NOW.minus(age)));
        }
    }

    private List<String> sweep(Set<String> running) throws IOException {
        new LogRetention(List.of(logs), Duration.ofHours(3), () -> running, InstantSource.fixed(NOW)).sweep();
        try (Stream<Path> all = Files.list(logs)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void logsGoWhenTheirApplicationHasBeenOverForLong() throws IOException {
        log("application_1_0001", Duration.ofHours(4));
        log("application_1_0002", Duration.ofHours(2));
        assertThat(sweep(Set.of())).containsExactly("application_1_0002");
    }

    @Test
    void logsOfWhatRunsStayHoweverOldTheyAre() throws IOException {
        log("application_1_0001", Duration.ofHours(4));
        assertThat(sweep(Set.of("application_1_0001"))).containsExactly("application_1_0001");
    }

    @Test
    void aYoungContainerKeepsItsApplicationsLogs() throws IOException {
        log("application_1_0001", Duration.ofHours(4));
        Path young = Files.createDirectory(logs.resolve("application_1_0001/container_2"));
        Files.setLastModifiedTime(young, FileTime.from(NOW));
        Files.setLastModifiedTime(logs.resolve("application_1_0001"), FileTime.from(NOW.minus(Duration.ofHours(4))));
        assertThat(sweep(Set.of())).containsExactly("application_1_0001");
    }
}
