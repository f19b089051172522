package io.offerplane.shim.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.offerplane.shim.journal.v1.Acknowledge;
import io.offerplane.shim.journal.v1.Entry;
import io.offerplane.shim.journal.v1.Forget;
import io.offerplane.shim.journal.v1.Launch;
import io.offerplane.shim.journal.v1.Node;
import io.offerplane.shim.journal.v1.Update;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileJournalTest {

    @TempDir
    private Path folder;

    private static Entry launch(String task) {
        return Entry.newBuilder()
                .setLaunch(
                        Launch.newBuilder().setFrameworkId("f").setTaskId(task).setContainerId("c-" + task))
                .build();
    }

    private static Entry update(String task, TaskState state, String uuid) {
        return Entry.newBuilder()
                .setUpdate(Update.newBuilder()
                        .setFrameworkId("f")
                        .setTaskId(task)
                        .setTaskStatus(TaskStatus.newBuilder()
                                .setTaskId(TaskID.newBuilder().setValue(task))
                                .setState(state)
                                .setUuid(ByteString.copyFromUtf8(uuid))
                                .build()
                                .toByteString()))
                .build();
    }

    private static Entry acknowledge(String task, String uuid) {
        return Entry.newBuilder()
                .setAcknowledge(Acknowledge.newBuilder()
                        .setFrameworkId("f")
                        .setTaskId(task)
                        .setUuid(ByteString.copyFromUtf8(uuid)))
                .build();
    }

    @Test
    void entriesThatAreHandedOverTogetherAreReadBackInTheirOrder() throws IOException {
        try (FileJournal journal = FileJournal.open(folder)) {
            journal.append(List.of(launch("t"), update("t", TaskState.TASK_STARTING, "u1")));
        }
        try (FileJournal journal = FileJournal.open(folder)) {
            JournalState.Task task = journal.state().tasks().values().iterator().next();
            assertThat(task.launch().getContainerId()).isEqualTo("c-t");
            assertThat(task.launch().getLatestState()).isEqualTo("TASK_STARTING");
            assertThat(task.unacknowledged()).hasSize(1);
        }
    }

    @Test
    void whatNobodyWaitsForIsThereForTheNextShim() throws IOException {
        try (FileJournal journal = FileJournal.open(folder)) {
            journal.append(List.of(launch("t"), update("t", TaskState.TASK_STARTING, "u1")));
            journal.appendLater(acknowledge("t", "u1"));
        }
        try (FileJournal journal = FileJournal.open(folder)) {
            assertThat(journal.state().tasks().values().iterator().next().unacknowledged())
                    .isEmpty();
        }
    }

    @Test
    void whatWasAppendedIsThereAfterReopening() throws IOException {
        try (FileJournal journal = FileJournal.open(folder)) {
            journal.append(Entry.newBuilder()
                    .setNode(Node.newBuilder().setAgentId("a-S0").setHighestTerm(7))
                    .build());
            journal.append(launch("t1"));
            journal.append(update("t1", TaskState.TASK_STARTING, "1"));
            journal.append(update("t1", TaskState.TASK_RUNNING, "2"));
            journal.appendLater(acknowledge("t1", "1"));
        }
        try (FileJournal journal = FileJournal.open(folder)) {
            JournalState state = journal.state();
            assertThat(state.node().getHighestTerm()).isEqualTo(7);
            JournalState.Task task = state.tasks().get(new TaskKey("f", "t1"));
            assertThat(task.launch().getLatestState()).isEqualTo("TASK_RUNNING");
            assertThat(task.unacknowledged()).hasSize(1);
            assertThat(JournalState.uuidOf(task.unacknowledged().getFirst())).isEqualTo(ByteString.copyFromUtf8("2"));
        }
    }

    @Test
    void aTailTornAtAnyByteCostsTheTornEntryOnly() throws IOException {
        List<Long> ends = new ArrayList<>();
        Path file = folder.resolve("journal");
        try (FileJournal journal = FileJournal.open(folder)) {
            for (int i = 0; i < 3; i++) {
                journal.append(launch("t" + i));
                ends.add(Files.size(file));
            }
        }
        byte[] whole = Files.readAllBytes(file);
        for (int length = 8; length <= whole.length; length++) {
            Path torn = folder.resolve("torn-" + length);
            Files.createDirectories(torn);
            Files.write(torn.resolve("journal"), java.util.Arrays.copyOf(whole, length));
            int complete = length;
            long expected = ends.stream().filter(e -> e <= complete).count();
            try (FileJournal journal = FileJournal.open(torn)) {
                assertThat(journal.state().tasks()).as("torn at %d", length).hasSize((int) expected);
                journal.append(launch("after"));
            }
            try (FileJournal journal = FileJournal.open(torn)) {
                assertThat(journal.state().tasks()).hasSize((int) expected + 1);
            }
        }
    }

    @Test
    void aDamagedByteEndsTheJournalThere() throws IOException {
        Path file = folder.resolve("journal");
        long first;
        try (FileJournal journal = FileJournal.open(folder)) {
            journal.append(launch("t0"));
            first = Files.size(file);
            journal.append(launch("t1"));
        }
        byte[] bytes = Files.readAllBytes(file);
        bytes[(int) first + 10] ^= 1;
        Files.write(file, bytes);
        try (FileJournal journal = FileJournal.open(folder)) {
            assertThat(journal.state().tasks()).containsOnlyKeys(new TaskKey("f", "t0"));
        }
    }

    @Test
    void aFileThatIsNoJournalIsRefusedAndLeftAsItIs() throws IOException {
        Files.writeString(folder.resolve("journal"), "something else entirely");
        assertThatThrownBy(() -> FileJournal.open(folder)).hasMessageContaining("is no journal of format 1");
        assertThat(Files.readString(folder.resolve("journal"))).isEqualTo("something else entirely");
    }

    @Test
    void theFileStaysSmallWhileTasksComeAndGo() throws Exception {
        ByteString description = ByteString.copyFrom(new byte[2000]);
        try (FileJournal journal = FileJournal.open(folder);
                var threads = Executors.newFixedThreadPool(16)) {
            List<Callable<Void>> lives = new ArrayList<>();
            for (int i = 0; i < 3000; i++) {
                String task = "t" + i;
                lives.add(() -> {
                    journal.append(Entry.newBuilder()
                            .setLaunch(launch(task).getLaunch().toBuilder().setTaskInfo(description))
                            .build());
                    journal.append(update(task, TaskState.TASK_FINISHED, task));
                    journal.append(acknowledge(task, task));
                    journal.append(Entry.newBuilder()
                            .setForget(Forget.newBuilder().setFrameworkId("f").setTaskId(task))
                            .build());
                    return null;
                });
            }
            for (Future<Void> life : threads.invokeAll(lives)) {
                life.get();
            }
            journal.append(launch("last"));
            assertThat(journal.state().tasks()).hasSize(1);
            assertThat(Files.size(folder.resolve("journal"))).isLessThan(4 << 20);
        }
        try (FileJournal journal = FileJournal.open(folder)) {
            assertThat(journal.state().tasks()).containsOnlyKeys(new TaskKey("f", "last"));
        }
    }

    @Test
    void theShortestListOfEntriesAddsUpToTheSame() {
        JournalState state = new JournalState();
        state.apply(launch("t1"));
        state.apply(update("t1", TaskState.TASK_STARTING, "1"));
        state.apply(update("t1", TaskState.TASK_RUNNING, "2"));
        state.apply(acknowledge("t1", "1"));
        state.apply(acknowledge("t1", "2"));
        state.apply(update("t1", TaskState.TASK_FINISHED, "3"));
        state.apply(update("answer", TaskState.TASK_GONE, "4"));
        assertThat(state.copy().entries()).isEqualTo(state.entries());
        assertThat(state.copy().tasks().get(new TaskKey("f", "t1")).launch().getLatestState())
                .isEqualTo("TASK_FINISHED");
    }
}
