package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.offerplane.protocol.container.LocalContainersClient;
import io.offerplane.protocol.container.RefusedException;
import io.offerplane.protocol.container.v1.Container;
import io.offerplane.protocol.container.v1.Measurement;
import io.offerplane.protocol.container.v1.Output;
import io.offerplane.protocol.container.v1.ReadOutput;
import io.offerplane.protocol.container.v1.Refusal;
import io.offerplane.protocol.container.v1.SendSignal;
import io.offerplane.protocol.container.v1.Size;
import io.offerplane.protocol.container.v1.Start;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.Volume;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Programs of the node have the shim run containers, through its socket. */
class LocalContainersTest {

    private static final int PATIENCE_MILLIS = 60_000;
    private static final Duration PATIENCE = Duration.ofMillis(PATIENCE_MILLIS);

    private TestNode node;
    private LocalContainersClient client;

    @BeforeEach
    void startNode() throws Exception {
        node = TestNode.create();
        Files.createDirectories(shared());
        node.set("LOCAL_SOCKET", socket().toString())
                .set("LOCAL_FOLDERS", shared().toString())
                .set("LOCAL_HOMES", "61080=" + node.folder().resolve("home"))
                .startShim();
        FakeLeader.await("the claim", () -> !node.agent().claim().getPodUid().isEmpty());
        client = new LocalContainersClient(socket());
    }

    @AfterEach
    void stopNode() throws IOException {
        if (node != null) {
            node.close();
        }
    }

    private Path socket() {
        return node.folder().resolve("local.sock");
    }

    private Path shared() {
        return node.folder().resolve("shared");
    }

    @Test
    void aHomeIsMadeAndGivenToItsUser() throws IOException {
        Path home = node.folder().resolve("home");
        assertThat(Files.getAttribute(home, "unix:uid")).isEqualTo(61_080);
        assertThat(Files.getAttribute(home, "unix:gid")).isEqualTo(61_080);
    }

    private static Start.Builder shell(String name, String command) {
        return Start.newBuilder()
                .setName(name)
                .setCommand(CommandInfo.newBuilder()
                        .setShell(true)
                        .setValue(command)
                        .setUser("mesos")
                        .build()
                        .toByteString())
                .setSize(Size.newBuilder().setCpus(0.25).setMemoryBytes(64L << 20))
                .setPatienceMillis(PATIENCE_MILLIS);
    }

    private Container finish(String name, String command) throws Exception {
        client.start(shell(name, command).build());
        Container ended = client.await(name, PATIENCE);
        assertThat(ended.getState()).isEqualTo(Container.State.ENDED);
        return ended;
    }

    private String output(String name) throws Exception {
        return client.readOutput(name, ReadOutput.Stream.STDOUT, 0, Duration.ZERO)
                .getData()
                .toStringUtf8();
    }

    private String error(String name) {
        try {
            return client.readOutput(name, ReadOutput.Stream.STDERR, 0, Duration.ZERO)
                    .getData()
                    .toStringUtf8();
        } catch (IOException | RefusedException e) {
            return e.toString();
        }
    }

    private static void assertRefused(Refusal.Cause cause, String words, ThrowingCall call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(RefusedException.class, refused -> assertThat(refused.refusalCause())
                        .isEqualTo(cause))
                .hasMessageContaining(words);
    }

    private interface ThrowingCall {
        void run() throws Exception;
    }

    @Test
    void exitsAreToldExactly() throws Exception {
        assertThat(finish("seven", "exit 7").getEnd().getExitStatus()).isEqualTo(7);
        // As a shell would say of a death by SIGTERM, which this isn't.
        Container returned = finish("returned", "exit 143");
        assertThat(returned.getEnd().getExitStatus()).isEqualTo(143);
        assertThat(returned.getEnd().hasSignal()).isFalse();
        Container died = finish("died", "kill -TERM $$; sleep 60");
        assertThat(died.getEnd().getSignal()).isEqualTo(15);
        assertThat(died.getEnd().getStopped()).isFalse();
    }

    @Test
    void aContainerRunsAsTheUserThatItsCommandNamesBelowTheClaim() throws Exception {
        Container running = client.start(shell("who", "id; sleep 600").build());
        assertThat(running.getState()).isEqualTo(Container.State.RUNNING);
        assertThat(running.getCgroup()).startsWith(node.podGroup());
        assertThat(node.containerGroups()).contains(running.getContainerId());
        assertThat(client.readOutput("who", ReadOutput.Stream.STDOUT, 0, PATIENCE)
                        .getData()
                        .toStringUtf8())
                .contains("uid=1234(mesos)");
    }

    @Test
    void aStartMayBeRepeatedAndStartsOnce() throws Exception {
        Start start = shell("once", "echo begun; sleep 600").build();
        String first = client.start(start).getContainerId();
        assertThat(client.start(start).getContainerId()).isEqualTo(first);
        assertThat(node.containerGroups()).hasSize(1);
        assertRefused(
                Refusal.Cause.CONFLICT,
                "another container of the name 'once'",
                () -> client.start(shell("once", "sleep 1").build()));
    }

    @Test
    void anEndedContainerIsKnownUntilItIsRemovedAndThenItsNameIsFree() throws Exception {
        finish("again", "exit 1");
        assertRefused(Refusal.Cause.NOT_NOW, "isn't running", () -> client.signal("again", SendSignal.Signal.TERM));
        assertThat(client.list()).extracting(Container::getName).containsExactly("again");
        client.remove("again");
        client.remove("again");
        assertThat(client.list()).isEmpty();
        assertRefused(Refusal.Cause.NOT_FOUND, "no container 'again'", () -> client.await("again", PATIENCE));
        assertThat(finish("again", "exit 2").getEnd().getExitStatus()).isEqualTo(2);
    }

    @Test
    void aRunningContainerIsNotRemoved() throws Exception {
        client.start(shell("busy", "sleep 600").build());
        assertRefused(Refusal.Cause.NOT_NOW, "hasn't ended", () -> client.remove("busy"));
    }

    @Test
    void aStopAsksFirstAndHasItsWayAfterTheGrace() throws Exception {
        client.start(shell("willing", "trap 'exit 3' TERM; echo ready; while :; do sleep 0.1; done")
                .build());
        client.readOutput("willing", ReadOutput.Stream.STDOUT, 0, PATIENCE);
        client.stop("willing", PATIENCE);
        Container willing = client.await("willing", PATIENCE);
        assertThat(willing.getEnd().getExitStatus()).isEqualTo(3);
        assertThat(willing.getEnd().getStopped()).isTrue();

        client.start(shell("stubborn", "trap '' TERM; echo ready; while :; do sleep 0.1; done")
                .build());
        client.readOutput("stubborn", ReadOutput.Stream.STDOUT, 0, PATIENCE);
        client.stop("stubborn", Duration.ofMillis(100));
        assertThat(client.await("stubborn", PATIENCE).getEnd().getSignal()).isEqualTo(9);
    }

    @Test
    void aSignalReachesTheProcessesAndNothingFollows() throws Exception {
        client.start(shell("dump", "trap 'echo dumped' QUIT; echo ready; while :; do sleep 0.1; done")
                .build());
        int ready = client.readOutput("dump", ReadOutput.Stream.STDOUT, 0, PATIENCE)
                .getData()
                .size();
        client.signal("dump", SendSignal.Signal.QUIT);
        assertThat(client.readOutput("dump", ReadOutput.Stream.STDOUT, ready, PATIENCE)
                        .getData()
                        .toStringUtf8())
                .isEqualTo("dumped\n");
        assertThat(client.await("dump", Duration.ZERO).getState()).isEqualTo(Container.State.RUNNING);
    }

    @Test
    void anotherSizeReachesTheKernelAndIsKnownAfterARestart() throws Exception {
        client.start(shell("grown", "sleep 600").build());
        Size more = Size.newBuilder()
                .setCpus(0.5)
                .setMemoryBytes(128L << 20)
                .setCpuCeiling(1)
                .build();
        assertThat(client.resize("grown", more).getSize()).isEqualTo(more);
        Measurement measured = client.measure(List.of()).getFirst();
        assertThat(measured.getMemoryLimitBytes()).isEqualTo(128L << 20);
        assertThat(measured.getProcesses()).isPositive();
        node.stopShim();
        node.startShim();
        assertThat(client.list().getFirst().getSize()).isEqualTo(more);
        assertRefused(
                Refusal.Cause.INVALID,
                "the claim's",
                () -> client.resize(
                        "grown",
                        Size.newBuilder().setCpus(400).setMemoryBytes(1).build()));
    }

    @Test
    void whatItWritesIsReadAsItComesAndNotThroughLinks() throws Exception {
        client.start(shell(
                        "talk",
                        "echo one; while [ ! -e go ]; do sleep 0.05; done; echo two; rm stderr; ln -s /etc/passwd stderr")
                .build());
        Output one = client.readOutput("talk", ReadOutput.Stream.STDOUT, 0, PATIENCE);
        assertThat(one.getData().toStringUtf8()).isEqualTo("one\n");
        CompletableFuture<Output> two = CompletableFuture.supplyAsync(() -> {
            try {
                return client.readOutput("talk", ReadOutput.Stream.STDOUT, 4, PATIENCE);
            } catch (IOException | RefusedException e) {
                throw new IllegalStateException(e);
            }
        });
        Files.createFile(Path.of(client.list().getFirst().getDirectory()).resolve("go"));
        assertThat(two.join().getData().toStringUtf8()).isEqualTo("two\n");
        client.await("talk", PATIENCE);
        assertThat(client.readOutput("talk", ReadOutput.Stream.STDOUT, 8, PATIENCE)
                        .getComplete())
                .isTrue();
        assertRefused(
                Refusal.Cause.NOT_NOW,
                "no regular file",
                () -> client.readOutput("talk", ReadOutput.Stream.STDERR, 0, Duration.ZERO));
    }

    @Test
    void whatCannotBeStartedSaysWhy() throws Exception {
        Container refused = client.start(shell("away", "true")
                .setContainer(ContainerInfo.newBuilder()
                        .setType(ContainerInfo.Type.MESOS)
                        .addVolumes(Volume.newBuilder()
                                .setMode(Volume.Mode.RW)
                                .setHostPath("/etc")
                                .setContainerPath("/inside"))
                        .build()
                        .toByteString())
                .build());
        assertThat(refused.getState()).isEqualTo(Container.State.ENDED);
        assertThat(refused.getEnd().getNotStarted()).isTrue();
        assertThat(refused.getMessage()).contains("/etc");
    }

    @Test
    void foldersOfTheApiCanBeMountedByItsContainersAndNotByTasks() throws Exception {
        Files.writeString(shared().resolve("file"), "shared\n");
        Volume volume = Volume.newBuilder()
                .setMode(Volume.Mode.RO)
                .setHostPath(shared().toString())
                .setContainerPath(shared().toString())
                .build();
        ContainerInfo container = ContainerInfo.newBuilder()
                .setType(ContainerInfo.Type.MESOS)
                .addVolumes(volume)
                .build();
        client.start(shell("reader", "cat " + shared().resolve("file"))
                .setContainer(container.toByteString())
                .build());
        client.await("reader", PATIENCE);
        assertThat(output("reader")).isEqualTo("shared\n");
        assertThat(node.finish(TestNode.shell("task", "true").setContainer(container), TaskState.TASK_FAILED)
                        .getMessage())
                .contains("not allowed");
    }

    @Test
    void foldersAndFilesOfTheNodeStandAtPlacesOfTheContainersRoot() throws Exception {
        Files.createDirectories(shared().resolve("java/bin"));
        Files.writeString(shared().resolve("java/bin/java"), "program\n");
        Files.writeString(shared().resolve("passwd"), "yarn:x:61080:61080:yarn:/:/bin/sh\n");
        ContainerInfo.Builder container = ContainerInfo.newBuilder().setType(ContainerInfo.Type.MESOS);
        for (String[] mount : new String[][] {{"java", "/opt/java"}, {"passwd", "/etc/passwd"}}) {
            container.addVolumes(Volume.newBuilder()
                    .setMode(Volume.Mode.RO)
                    .setHostPath(shared().resolve(mount[0]).toString())
                    .setContainerPath(mount[1]));
        }
        Start.Builder start = shell("rooted", "cat /opt/java/bin/java /etc/passwd; id -u");
        start.setCommand(CommandInfo.parseFrom(start.getCommand()).toBuilder()
                        .setUser("61080")
                        .build()
                        .toByteString())
                .setContainer(container.build().toByteString());
        client.start(start.build());
        Container ended = client.await("rooted", PATIENCE);
        assertThat(ended.getEnd().getExitStatus())
                .as(() -> ended.getMessage() + error("rooted"))
                .isZero();
        assertThat(output("rooted")).isEqualTo("program\nyarn:x:61080:61080:yarn:/:/bin/sh\n61080\n");
    }

    @Test
    void containersOutliveTheShimAndTheirEndsAreToldByTheNextOne() throws Exception {
        client.start(shell("long", "sleep 600").build());
        client.start(shell("short", "while [ ! -e end ]; do sleep 0.05; done; exit 9")
                .build());
        Path end = Path.of(client.await("short", Duration.ZERO).getDirectory()).resolve("end");
        String before = client.await("long", Duration.ZERO).getContainerId();
        node.stopShim();
        Files.createFile(end);
        FakeLeader.await("the end of the container", () -> {
            try {
                return node.leftovers().stream()
                                .filter(l -> l.contains("exits/"))
                                .count()
                        == 1;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        node.startShim();
        assertThat(client.await("short", PATIENCE).getEnd().getExitStatus()).isEqualTo(9);
        assertThat(client.await("long", Duration.ZERO).getState()).isEqualTo(Container.State.RUNNING);
        assertThat(client.await("long", Duration.ZERO).getContainerId()).isEqualTo(before);
        // An exit that was told is known after one more restart, too.
        node.stopShim();
        node.startShim();
        assertThat(client.await("short", PATIENCE).getEnd().getExitStatus()).isEqualTo(9);
    }

    @Test
    void theLeaderHearsNothingOfThem() throws Exception {
        client.start(shell("private", "sleep 600").build());
        finish("ended", "exit 0");
        node.stopShim();
        node.startShim();
        assertThat(node.leader().registrations().getLast().getTasksList()).isEmpty();
        assertThat(node.leader().updates("private")).isEmpty();
        assertThat(node.leader().updates("ended")).isEmpty();
    }

    @Test
    void nothingIsLeftOfThoseThatAreRemoved() throws Exception {
        for (int i = 0; i < 5; i++) {
            finish("c" + i, "echo done");
            client.remove("c" + i);
        }
        FakeLeader.await("a clean node", () -> {
            try {
                return node.leftovers().isEmpty();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void ordersThatMakeNoSenseAreRefusedWithWhatWouldBeRight() {
        assertRefused(
                Refusal.Cause.INVALID,
                "letters, digits",
                () -> client.start(shell("../up", "true").build()));
        assertRefused(
                Refusal.Cause.INVALID,
                "its user is missing",
                () -> client.start(shell("a", "true")
                        .setCommand(CommandInfo.newBuilder()
                                .setValue("true")
                                .build()
                                .toByteString())
                        .build()));
        assertRefused(
                Refusal.Cause.INVALID,
                "expected: a mesos.v1.CommandInfo",
                () -> client.start(shell("a", "true")
                        .setCommand(ByteString.copyFromUtf8("{}"))
                        .build()));
        assertRefused(
                Refusal.Cause.INVALID,
                "cpus: 0.0",
                () -> client.start(
                        shell("a", "true").setSize(Size.getDefaultInstance()).build()));
        assertRefused(
                Refusal.Cause.INVALID,
                "memory_bytes",
                () -> client.start(shell("a", "true")
                        .setSize(Size.newBuilder().setCpus(1).setMemoryBytes(1L << 50))
                        .build()));
        assertRefused(
                Refusal.Cause.INVALID, "expected: HUP", () -> client.signal("a", SendSignal.Signal.SIGNAL_UNSPECIFIED));
    }

    @Test
    void rubbishCostsItsSenderTheConnectionAndNobodyElse() throws Exception {
        client.start(shell("bystander", "sleep 600").build());
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 50; i++) {
            byte[] bytes = new byte[1 + random.nextInt(200)];
            random.nextBytes(bytes);
            try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(UnixDomainSocketAddress.of(socket()));
                channel.write(ByteBuffer.wrap(bytes));
                channel.shutdownOutput();
                ByteBuffer answer = ByteBuffer.allocate(1 << 16);
                while (channel.read(answer) >= 0) {
                    answer.clear();
                }
            } catch (IOException reset) {
                // As good an answer.
            }
        }
        assertThat(client.await("bystander", Duration.ZERO).getState())
                .as("seed %d", seed)
                .isEqualTo(Container.State.RUNNING);
    }

    @Test
    void usersThatAreNotAllowedAreNotHeard() throws Exception {
        node.stopShim();
        node.set("LOCAL_USERS", "somebody,else").startShim();
        // Also when the refusal comes, and the connection ends, before the request is sent.
        for (int i = 0; i < 50; i++) {
            assertRefused(Refusal.Cause.INVALID, "user root may not", () -> client.list());
        }
    }

    @Test
    void withoutASocketNothingOfThemIsLeft() throws Exception {
        client.start(shell("unwanted", "sleep 600").build());
        node.stopShim();
        node.set("LOCAL_SOCKET", "").startShim();
        assertThat(socket()).doesNotExist();
        FakeLeader.await("the end of what nobody knows", () -> {
            try {
                return node.containerGroups().isEmpty();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }
}
