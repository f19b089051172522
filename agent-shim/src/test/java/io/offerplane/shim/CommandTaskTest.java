package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Command tasks in real containers, launched through the real link. */
class CommandTaskTest {

    private static TestNode node;

    @BeforeAll
    static void start() throws Exception {
        node = TestNode.create().startShim();
    }

    @AfterAll
    static void stop() throws Exception {
        if (node != null) {
            node.close();
        }
    }

    @Test
    void aShellTaskRunsAndItsOutputIsInTheSandboxWhenItHasFinished() throws Exception {
        node.leader()
                .launch(TestNode.shell("shell-1", "echo out; echo err >&2; pwd").build(), TestNode.framework());
        TaskStatus last = node.leader().awaitState("shell-1", TaskState.TASK_FINISHED);
        assertThat(node.leader().states("shell-1"))
                .containsExactly(TaskState.TASK_STARTING, TaskState.TASK_RUNNING, TaskState.TASK_FINISHED);
        assertThat(last.getMessage()).isEqualTo("Command exited with status 0");
        assertThat(last.getSource()).isEqualTo(TaskStatus.Source.SOURCE_EXECUTOR);
        assertThat(Files.readString(node.sandbox("shell-1").resolve("stdout"))).isEqualTo("out\n/mnt/mesos/sandbox\n");
        assertThat(Files.readString(node.sandbox("shell-1").resolve("stderr"))).isEqualTo("err\n");
        FakeLeader.await("nothing is left", () -> {
            try {
                return node.leftovers().equals(List.of());
            } catch (Exception e) {
                return false;
            }
        });
    }
}
