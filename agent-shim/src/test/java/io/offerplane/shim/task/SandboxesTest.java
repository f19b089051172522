package io.offerplane.shim.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.offerplane.shim.container.ContainerUser;
import io.offerplane.shim.journal.TaskKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
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
    void aPreparedFolderBecomesTheSandbox() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "giving sandboxes away needs root");
        Sandboxes sandboxes = new Sandboxes(work, Duration.ofDays(7));
        Path prepared = Files.createDirectories(work.resolve("runtime/prepared"));
        Object number = Files.getAttribute(prepared, "unix:ino");
        Path sandbox = sandboxes.path("a-S0", new TaskKey("f", "t"), "c");
        sandboxes.create(sandbox, USER, Optional.of(prepared));
        assertThat(Files.getAttribute(sandbox, "unix:ino")).isEqualTo(number);
        assertThat(Files.getAttribute(sandbox, "unix:uid")).isEqualTo(1234);
        assertThat(sandbox.resolveSibling("latest").toRealPath()).isEqualTo(sandbox.toRealPath());
        assertThat(prepared).doesNotExist();
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

    /** A sandbox with something in it, whose task ended at the time. */
    private Path ended(Sandboxes sandboxes, String id, Instant at) throws IOException {
        Path sandbox = sandboxes.path("a-S0", new TaskKey("f", id), id);
        sandboxes.create(sandbox, USER);
        Files.createDirectories(sandbox.resolve("deep/er"));
        Files.writeString(sandbox.resolve("deep/er/file"), "x");
        Files.createSymbolicLink(sandbox.resolve("link"), work);
        Files.setLastModifiedTime(sandbox, FileTime.from(at));
        return sandbox;
    }

    @Test
    void oldSandboxesAreCollectedAndHeldOnesStay() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "giving sandboxes away needs root");
        Sandboxes sandboxes = new Sandboxes(work, Duration.ofHours(1));
        Instant now = Instant.now();
        ended(sandboxes, "old", now);
        Path held = ended(sandboxes, "held", now);
        // However full this machine's disk is, nothing stays longer than it was asked to.
        assertThat(sandboxes.collect(() -> Set.of("held"), now.plus(Duration.ofHours(2))))
                .isEqualTo(1);
        assertThat(work.resolve("slaves/a-S0/frameworks/f/executors/old")).doesNotExist();
        assertThat(held.resolve("deep/er/file")).exists();
        assertThat(work).exists();
        // With the last sandbox go the folders of its framework and agent; nothing above them.
        assertThat(sandboxes.collect(Set::of, now.plus(Duration.ofHours(2)))).isEqualTo(1);
        assertThat(work.resolve("slaves")).isEmptyDirectory();
        assertThat(sandboxes.collected()).isEqualTo(new Sandboxes.Collected(0, 2, 0));
    }

    /** 8 days, times what is free beyond a tenth: at 40 % half of them, at 90 % nothing. */
    @Test
    void theFullerTheDiskTheSoonerSandboxesGo() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "giving sandboxes away needs root");
        double[] fill = {0.4};
        Sandboxes sandboxes = new Sandboxes(work, Duration.ofDays(8), folder -> fill[0]);
        Instant now = Instant.parse("2026-01-10T00:00:00Z");
        Path old = ended(sandboxes, "old", now.minus(Duration.ofDays(4)).minusSeconds(60));
        Path young = ended(sandboxes, "young", now.minus(Duration.ofDays(4)).plusSeconds(60));
        Path running = ended(sandboxes, "running", now.minus(Duration.ofDays(400)));
        // 8 d * (1 - 0.1 - 0.4) = 4 d
        assertThat(sandboxes.maxAge()).isBetween(Duration.ofDays(4).minusSeconds(1), Duration.ofDays(4));
        assertThat(sandboxes.collect(() -> Set.of("running"), now)).isEqualTo(1);
        assertThat(old).doesNotExist();
        assertThat(young).exists();
        assertThat(sandboxes.collected()).isEqualTo(new Sandboxes.Collected(1, 1, 0));
        for (double full : new double[] {0.9, 0.97, 1.0}) {
            fill[0] = full;
            assertThat(sandboxes.maxAge()).isEqualTo(Duration.ZERO);
        }
        assertThat(sandboxes.collect(() -> Set.of("running"), now)).isEqualTo(1);
        assertThat(young).doesNotExist();
        assertThat(running).exists();
        fill[0] = 0;
        // 8 d * 0.9
        assertThat(sandboxes.maxAge()).isEqualTo(Duration.ofHours(172).plusMinutes(48));
    }

    /** On a full disk a sandbox that is made while others are looked at must not be taken for an old one. */
    @Test
    void whoIsHeldIsAskedAfterTheLook() throws IOException {
        assumeTrue("root".equals(System.getProperty("user.name")), "giving sandboxes away needs root");
        Sandboxes sandboxes = new Sandboxes(work, Duration.ofDays(7), folder -> 1);
        Instant now = Instant.now();
        Path seen = ended(sandboxes, "seen", now.minusSeconds(1));
        Path[] made = new Path[1];
        int removed = sandboxes.collect(
                () -> {
                    try {
                        made[0] = ended(sandboxes, "made", now.minusSeconds(1));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    return Set.of();
                },
                now);
        assertThat(removed).isEqualTo(1);
        assertThat(seen).doesNotExist();
        assertThat(made[0]).exists();
    }
}
