package io.offerplane.shim.journal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.offerplane.shim.journal.v1.Entry;
import io.offerplane.shim.journal.v1.Exit;
import io.offerplane.shim.journal.v1.Launch;
import io.offerplane.shim.journal.v1.Resized;
import org.junit.jupiter.api.Test;

/** What entries about containers of the local API add up to, also after the journal was rewritten. */
class LocalEntriesTest {

    private static final TaskKey KEY = new TaskKey("local-root", "c");

    @Test
    void theLastSizeAndTheExitAreKeptThroughARewriting() {
        JournalState state = new JournalState();
        state.apply(Entry.newBuilder()
                .setLaunch(Launch.newBuilder()
                        .setFrameworkId("local-root")
                        .setTaskId("c")
                        .setTaskInfo(ByteString.copyFromUtf8("small")))
                .build());
        for (String size : new String[] {"larger", "largest"}) {
            state.apply(Entry.newBuilder()
                    .setResized(Resized.newBuilder()
                            .setFrameworkId("local-root")
                            .setTaskId("c")
                            .setTaskInfo(ByteString.copyFromUtf8(size)))
                    .build());
        }
        Exit exit = Exit.newBuilder()
                .setFrameworkId("local-root")
                .setTaskId("c")
                .setSignal(9)
                .setOutOfMemory(true)
                .build();
        state.apply(Entry.newBuilder().setExit(exit).build());
        for (JournalState read : new JournalState[] {state, state.copy()}) {
            Launch launch = read.tasks().get(KEY).launch();
            assertThat(launch.getTaskInfo().toStringUtf8()).isEqualTo("largest");
            assertThat(launch.getExit()).isEqualTo(exit);
        }
    }

    @Test
    void entriesAboutForgottenContainersArePassedOver() {
        JournalState state = new JournalState();
        state.apply(Entry.newBuilder()
                .setExit(Exit.newBuilder().setFrameworkId("local-root").setTaskId("c"))
                .build());
        state.apply(Entry.newBuilder()
                .setResized(Resized.newBuilder().setFrameworkId("local-root").setTaskId("c"))
                .build());
        assertThat(state.tasks()).isEmpty();
    }
}
