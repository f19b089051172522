package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.protocol.link.v1.KeepVolumes;
import io.offerplane.protocol.link.v1.PersistentVolume;
import io.offerplane.protocol.link.v1.ToAgent;
import io.offerplane.shim.isolator.PersistentVolumes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.apache.mesos.v1.Protos.TaskState;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What becomes of persistent volumes when the leader says which there are. */
class PersistentVolumesTest {

    private static TestNode node;

    @BeforeAll
    static void start() throws Exception {
        node = TestNode.create();
        node.startShim();
    }

    @AfterAll
    static void stop() throws Exception {
        if (node != null) {
            node.close();
        }
    }

    @Test
    void aVolumeThatIsNoMoreIsSeenByNoTaskAgainAndGoesWithTheSandboxes() throws Exception {
        Path content = node.work().resolve("volumes/roles/eng ads/db-1/file");
        Path other = node.work().resolve("volumes/roles/eng ads/db-2");
        for (String id : List.of("db-1", "db-2")) {
            node.finish(
                    TestNode.shell("writes-" + id, "echo one > data/file")
                            .addResources(VolumesTest.persistent("eng/ads", id, "data", "RW")),
                    TaskState.TASK_FINISHED);
        }
        node.leader().send(keep("db-1", "db-2"));
        node.leader().send(keep("db-2"));
        FakeLeader.await("the volume is put aside", () -> !Files.exists(content));
        assertThat(other.resolve("file")).hasContent("one\n");
        PersistentVolumes volumes = node.agent().identity().isolators().persistentVolumes();
        Path aside = node.work().resolve("volumes/destroyed");
        volumes.collect(Instant.EPOCH);
        assertThat(aside).isDirectoryContaining(put -> Files.exists(put.resolve("file")));
        volumes.collect(Instant.now().plusSeconds(60));
        assertThat(aside).isEmptyDirectory();
        node.finish(
                TestNode.shell("finds-it-empty", "ls data | wc -l")
                        .addResources(VolumesTest.persistent("eng/ads", "db-1", "data", "RW")),
                TaskState.TASK_FINISHED);
        assertThat(node.stdout("finds-it-empty")).isEqualTo("0\n");
    }

    @Test
    void aVolumeStaysAsLongAsATaskHasIt() throws Exception {
        node.leader()
                .launch(
                        TestNode.shell("holds", "echo one > data/file; exec sleep 1000")
                                .addResources(VolumesTest.persistent("eng", "held", "data", "RW"))
                                .build(),
                        TestNode.framework());
        Path content = node.work().resolve("volumes/roles/eng/held/file");
        FakeLeader.await("the task has written", () -> Files.exists(content));
        node.leader().send(keep());
        // Messages are handled in order: when this task has been heard of, so has the list before it.
        node.finish(TestNode.shell("later", "true"), TaskState.TASK_FINISHED);
        assertThat(content).exists();
        node.leader().kill("holds");
        node.leader().awaitState("holds", TaskState.TASK_KILLED);
        // Its container is removed a moment after its end.
        FakeLeader.await("the volume is put aside", () -> {
            node.leader().send(keep());
            return !Files.exists(content);
        });
    }

    private static ToAgent.Builder keep(String... ids) {
        KeepVolumes.Builder kept = KeepVolumes.newBuilder();
        for (String id : ids) {
            kept.addVolumes(PersistentVolume.newBuilder().setRole("eng/ads").setId(id));
        }
        return ToAgent.newBuilder().setKeepVolumes(kept);
    }
}
