package io.offerplane.shim.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.offerplane.shim.container.ContainerUser;
import io.offerplane.shim.journal.TaskKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SandboxesTest {

    private static final ContainerUser USER = new ContainerUser(1234, 1235, List.of(), "/");

    @TempDir
    private Path work;

    @Test
    void aSandboxLiesWhereMesosHasItAndBelongsToTheUser() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "giving sandboxes away needs root");
        Sandboxes sandboxes = new Sandboxes(work, Duration.ofDays(7));
        Path first = sandboxes.path("a-S0", new TaskKey("f-0000", "t 1"), "c1");
        assertThat(first).isEqualTo(work.resolve("slaves/a-S0/frameworks/f-0000/executors/t 1/runs/c1"));
        sandboxes.create(first, USER);
        sandboxes.create(first, USER);
        Path second = sandboxes.path("a-S0", new TaskKey("f-0000", "t 1"), "c2");
        sandboxes.create(second, USER);
        assertThat(Files.getAttribute(second, "unix:uid")).isEqualTo(1234);
        assertThat(first.resolveSibling("latest").toRealPath()).isEqualTo(second.toRealPath());
    }

    @Test
    void idsThatWouldLeaveTheirFolderAreRefused() {
        Sandboxes sandboxes = new Sandboxes(work, Duration.ofDays(7));
        for (String id : List.of("", ".", "..", "a/b", "../x", "nul\0", "x".repeat(256))) {
            assertThatThrownBy(() -> sandboxes.path("a-S0", new TaskKey("f", id), "c"))
                    .as(id)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("can't name a folder");
            assertThatThrownBy(() -> sandboxes.path("a-S0", new TaskKey(id, "t"), "c"))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void oldSandboxesAreCollectedAndHeldOnesStay() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "giving sandboxes away needs root");
        Sandboxes sandboxes = new Sandboxes(work, Duration.ofHours(1));
        for (String id : List.of("old", "held")) {
            Path sandbox = sandboxes.path("a-S0", new TaskKey("f", id), id);
            sandboxes.create(sandbox, USER);
            Files.createDirectories(sandbox.resolve("deep/er"));
            Files.writeString(sandbox.resolve("deep/er/file"), "x");
            Files.createSymbolicLink(sandbox.resolve("link"), work);
        }
        Instant now = Instant.now();
        // However full this machine's disk is, nothing stays longer than it was asked to.
        assertThat(sandboxes.collect(Set.of("held"), now.plus(Duration.ofHours(2))))
                .isEqualTo(1);
        assertThat(work.resolve("slaves/a-S0/frameworks/f/executors/old")).doesNotExist();
        assertThat(work.resolve("slaves/a-S0/frameworks/f/executors/held/runs/held/deep/er/file"))
                .exists();
        assertThat(work).exists();
    }
}
