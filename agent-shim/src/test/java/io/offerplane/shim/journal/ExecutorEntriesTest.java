package io.offerplane.shim.journal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.offerplane.shim.journal.v1.Entry;
import io.offerplane.shim.journal.v1.ExecutorLaunch;
import io.offerplane.shim.journal.v1.ExecutorProgress;
import io.offerplane.shim.journal.v1.ExecutorRemoved;
import io.offerplane.shim.journal.v1.ExecutorShutdown;
import io.offerplane.shim.journal.v1.ExecutorStage;
import io.offerplane.shim.journal.v1.HandedOver;
import io.offerplane.shim.journal.v1.Launch;
import io.offerplane.shim.journal.v1.ShutdownCause;
import io.offerplane.shim.journal.v1.Update;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.junit.jupiter.api.Test;

/** What entries about custom executors add up to, also after the journal was rewritten. */
class ExecutorEntriesTest {

    private static final ExecutorKey KEY = new ExecutorKey("f", "e");
    private final JournalState state = new JournalState();

    private void launch() {
        state.apply(Entry.newBuilder()
                .setExecutorLaunch(ExecutorLaunch.newBuilder()
                        .setFrameworkId("f")
                        .setExecutorId("e")
                        .setContainerId("c"))
                .build());
        state.apply(Entry.newBuilder()
                .setLaunch(Launch.newBuilder()
                        .setFrameworkId("f")
                        .setTaskId("t")
                        .setExecutorId("e")
                        .setContainerId("c"))
                .build());
    }

    private void update(int number) {
        state.apply(Entry.newBuilder()
                .setUpdate(Update.newBuilder()
                        .setFrameworkId("f")
                        .setTaskId("t")
                        .setTaskStatus(TaskStatus.newBuilder()
                                .setTaskId(TaskID.newBuilder().setValue("t"))
                                .setState(TaskState.TASK_RUNNING)
                                .setUuid(ByteString.copyFromUtf8("uuid-" + number))
                                .build()
                                .toByteString()))
                .build());
    }

    @Test
    void whereADriverListensIsKeptThroughARewritingUntilTheExecutorComesAnotherWay() {
        launch();
        ExecutorProgress.Builder subscribed = ExecutorProgress.newBuilder()
                .setFrameworkId("f")
                .setExecutorId("e")
                .setStage(ExecutorStage.EXECUTOR_STAGE_SUBSCRIBED)
                .setDriverPid("executor(1)@10.0.0.1:4000");
        state.apply(Entry.newBuilder().setExecutorProgress(subscribed).build());
        assertThat(state.copy().executors().get(KEY).launch().getDriverPid()).isEqualTo("executor(1)@10.0.0.1:4000");
        state.apply(Entry.newBuilder()
                .setExecutorProgress(subscribed.clearDriverPid())
                .build());
        assertThat(state.copy().executors().get(KEY).launch().getDriverPid()).isEmpty();
    }

    @Test
    void progressShutdownAndHandingOverAreKeptThroughARewriting() {
        launch();
        state.apply(Entry.newBuilder()
                .setExecutorProgress(ExecutorProgress.newBuilder()
                        .setFrameworkId("f")
                        .setExecutorId("e")
                        .setStage(ExecutorStage.EXECUTOR_STAGE_SUBSCRIBED))
                .build());
        state.apply(Entry.newBuilder()
                .setExecutorShutdown(ExecutorShutdown.newBuilder()
                        .setFrameworkId("f")
                        .setExecutorId("e")
                        .setCause(ShutdownCause.SHUTDOWN_CAUSE_ASKED))
                .build());
        state.apply(Entry.newBuilder()
                .setHandedOver(HandedOver.newBuilder().setFrameworkId("f").setTaskId("t"))
                .build());
        update(1);
        JournalState rewritten = state.copy();
        JournalState.Executor executor = rewritten.executors().get(KEY);
        assertThat(executor.launch().getStage()).isEqualTo(ExecutorStage.EXECUTOR_STAGE_SUBSCRIBED);
        assertThat(executor.shutdown().orElseThrow().getCause()).isEqualTo(ShutdownCause.SHUTDOWN_CAUSE_ASKED);
        Launch task = rewritten.tasks().get(new TaskKey("f", "t")).launch();
        assertThat(task.getHandedOver()).isTrue();
        assertThat(task.getRecentUuidsList()).containsExactly(ByteString.copyFromUtf8("uuid-1"));
        assertThat(rewritten.entries()).isEqualTo(state.entries());
    }

    @Test
    void onlyTheLastUuidsAreKept() {
        launch();
        for (int i = 0; i < 100; i++) {
            update(i);
        }
        Launch task = state.tasks().get(new TaskKey("f", "t")).launch();
        assertThat(task.getRecentUuidsList()).hasSize(64).endsWith(ByteString.copyFromUtf8("uuid-99"));
    }

    @Test
    void aRemovedExecutorIsGoneThoughItsTaskIsStillTold() {
        launch();
        state.apply(Entry.newBuilder()
                .setExecutorRemoved(
                        ExecutorRemoved.newBuilder().setFrameworkId("f").setExecutorId("e"))
                .build());
        assertThat(state.executors()).isEmpty();
        assertThat(state.tasks()).hasSize(1);
    }
}
