package io.offerplane.yarn.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.yarn.api.records.ApplicationAttemptId;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ContainerId;
import org.apache.hadoop.yarn.api.records.Priority;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.security.ContainerTokenIdentifier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeStateTest {
    private static final ApplicationId APPLICATION = ApplicationId.newInstance(17, 1);

    @TempDir
    Path folder;

    private NodeState state;

    @BeforeEach
    void open() throws IOException {
        state = new NodeState(folder);
    }

    private static ContainerTokenIdentifier token(int number) {
        return new ContainerTokenIdentifier(
                ContainerId.newContainerId(ApplicationAttemptId.newInstance(APPLICATION, 1), number),
                "10.0.0.7:8041",
                "ada",
                Resource.newInstance(512, 2),
                99,
                3,
                17,
                Priority.newInstance(5),
                42);
    }

    private static ContainerId id(int number) {
        return token(number).getContainerID();
    }

    @Test
    void anEmptyNodeHoldsNothing() throws IOException {
        assertThat(state.load()).isEmpty();
    }

    @Test
    void containersAreKnownAgainWithTheirTokensEndsAndWhatServicesWereTold() throws IOException {
        state.accepted(token(1), Map.of("mapreduce_shuffle", ByteBuffer.wrap(new byte[] {1, 2, 3})));
        state.accepted(token(2), Map.of());
        state.ended(id(2), new NodeState.End(143, "Container killed by the ApplicationMaster."));
        assertThat(new NodeState(folder).load()).singleElement().satisfies(application -> {
            assertThat(application.id()).isEqualTo(APPLICATION);
            assertThat(application.user()).isEqualTo("ada");
            assertThat(application.serviceData())
                    .containsExactly(Map.entry("mapreduce_shuffle", ByteBuffer.wrap(new byte[] {1, 2, 3})));
            assertThat(application.containers())
                    .containsExactly(
                            new NodeState.Held(token(1), Optional.empty()),
                            new NodeState.Held(
                                    token(2),
                                    Optional.of(new NodeState.End(143, "Container killed by the ApplicationMaster."))));
            assertThat(application.containers().getFirst().token().getResource())
                    .isEqualTo(Resource.newInstance(512, 2));
        });
    }

    @Test
    void whatTheHeadHasAcknowledgedIsForgottenButTheApplicationStaysUntilItEnds() throws IOException {
        state.accepted(token(1), Map.of());
        state.ended(id(1), new NodeState.End(0, ""));
        state.acknowledged(id(1));
        assertThat(new NodeState(folder).load())
                .singleElement()
                .satisfies(application -> assertThat(application.containers()).isEmpty());
        state.applicationEnded(APPLICATION);
        assertThat(new NodeState(folder).load()).isEmpty();
        state.ended(id(1), new NodeState.End(0, ""));
        assertThat(new NodeState(folder).load()).as("an end that comes late").isEmpty();
    }

    @Test
    void whatAnInterruptedWriteLeftIsNotRead() throws IOException {
        state.accepted(token(1), Map.of());
        Files.writeString(folder.resolve(APPLICATION.toString()).resolve(id(2) + ".token12345.new"), "half");
        assertThat(new NodeState(folder).load())
                .singleElement()
                .satisfies(application -> assertThat(application.containers()).hasSize(1));
    }

    @Test
    void anApplicationThatCannotBeReadHidesNoOther() throws IOException {
        state.accepted(token(1), Map.of());
        Files.createDirectories(folder.resolve("application_17_0002"));
        Files.createDirectories(folder.resolve("lost+found"));
        assertThat(new NodeState(folder).load()).hasSize(1);
    }
}
