package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.offerplane.protocol.link.v1.AgentLinkGrpc;
import io.offerplane.protocol.link.v1.Claim;
import io.offerplane.protocol.link.v1.KillTask;
import io.offerplane.protocol.link.v1.NodeReport;
import io.offerplane.protocol.link.v1.Register;
import io.offerplane.protocol.link.v1.Registered;
import io.offerplane.protocol.link.v1.ToAgent;
import io.offerplane.shim.link.LeaderMessages;
import io.offerplane.shim.link.LinkSession;
import io.offerplane.shim.link.LinkSettings;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The link against a leader over real sockets and TLS; no containers. */
class LinkSessionTest {

    @TempDir
    private Path folder;

    private final ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(1);
    private final Node node = new Node();
    private LinkCertificates certificates;
    private FakeLeader leader;
    private LinkSession session;

    /** A node that remembers what it was told. */
    private static final class Node implements LeaderMessages {
        private volatile long highest;

        /** What messages wait for while they are handled. */
        private volatile CountDownLatch busy = new CountDownLatch(0);

        private final List<Registered> registered = new CopyOnWriteArrayList<>();
        private final List<ToAgent> received = new CopyOnWriteArrayList<>();

        @Override
        public Register registration() {
            return Register.newBuilder()
                    .setNodeName("node-1")
                    .setHighestTerm(highest)
                    .build();
        }

        @Override
        public NodeReport report() {
            return NodeReport.newBuilder().setCgroupVersion("v1").build();
        }

        @Override
        public long highestTerm() {
            return highest;
        }

        @Override
        public void sawTerm(long term) {
            highest = term;
        }

        @Override
        public void registered(Registered message) {
            registered.add(message);
        }

        @Override
        public void received(ToAgent message) {
            received.add(message);
            try {
                busy.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @BeforeEach
    void start() throws Exception {
        certificates = LinkCertificates.create(folder.resolve("tls"));
        leader = new FakeLeader(certificates, Claim.getDefaultInstance());
        leader.term(5);
        Files.writeString(folder.resolve("token"), "first\n");
        session = new LinkSession(
                new LinkSettings(
                        "127.0.0.1",
                        leader.port(),
                        certificates.authority(),
                        certificates.shim(),
                        certificates.shimKey(),
                        folder.resolve("token"),
                        Duration.ofMillis(50)),
                node,
                timers);
        session.start();
        FakeLeader.await("a registration", session::isRegistered);
    }

    @AfterEach
    void stop() {
        session.close();
        leader.close();
        timers.shutdownNow();
    }

    private static ToAgent.Builder kill(String task) {
        return ToAgent.newBuilder().setKillTask(KillTask.newBuilder().setTaskId(task));
    }

    @Test
    void aRegisteredNodeAnswersPingsAndReports() {
        assertThat(leader.tokens()).containsExactly("Bearer first");
        leader.ping();
        FakeLeader.await("a pong", () -> leader.pongs() == 1);
        FakeLeader.await("reports", () -> leader.reports().size() >= 3);
        assertThat(node.highest).isEqualTo(5);
    }

    @Test
    void pingsAreAnsweredWhileTheNodeIsBusyWithWhatCameBefore() {
        node.busy = new CountDownLatch(1);
        for (int i = 0; i < 100; i++) {
            leader.send(kill("t" + i));
        }
        FakeLeader.await("the first message", () -> node.received.size() == 1);
        leader.ping();
        leader.ping();
        FakeLeader.await("two pongs", () -> leader.pongs() == 2);
        assertThat(node.received).hasSize(1);
        node.busy.countDown();
        FakeLeader.await("the rest, in its order", () -> node.received.size() == 100);
        assertThat(node.received.getLast().getKillTask().getTaskId()).isEqualTo("t99");
    }

    @Test
    void pingsAreAnsweredWhileTasksKeepAllCarriersOfVirtualThreadsBusy() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        List<Thread> tasks = new ArrayList<>();
        AtomicInteger spinning = new AtomicInteger();
        int carriers = Runtime.getRuntime().availableProcessors();
        for (int i = 0; i < carriers; i++) {
            tasks.add(Thread.ofVirtual().start(() -> {
                spinning.incrementAndGet();
                while (!stop.get()) {
                    Thread.onSpinWait();
                }
            }));
        }
        try {
            FakeLeader.await("busy carriers", () -> spinning.get() == carriers);
            leader.ping();
            FakeLeader.await("a pong", () -> leader.pongs() == 1);
        } finally {
            stop.set(true);
            for (Thread task : tasks) {
                task.join();
            }
        }
    }

    /** A process that hangs, or a node that forwards to one: the kernel accepts, and nobody reads. */
    @Test
    void aLeaderThatTakesConnectionsAndSaysNothingIsLeftForAnother() throws Exception {
        int port = leader.port();
        leader.close();
        FakeLeader.await("the end", () -> !session.isRegistered());
        try (ServerSocket silent = new ServerSocket(port, 50, InetAddress.getLoopbackAddress())) {
            silent.accept();
            // The first was left, or the second would not have come.
            silent.accept().close();
        }
        leader = new FakeLeader(certificates, Claim.getDefaultInstance(), port);
        leader.term(8);
        FakeLeader.await("the next term", () -> node.highest == 8 && session.isRegistered());
    }

    @Test
    void aCutStreamIsMadeAgainWithTheTokenOfThatMoment() throws Exception {
        Files.writeString(folder.resolve("token"), "second\n");
        leader.cut();
        FakeLeader.await("a second registration", () -> node.registered.size() == 2);
        assertThat(leader.tokens()).containsExactly("Bearer first", "Bearer second");
    }

    /** Other tests wait for a registration, then launch: what a leader says before its answer would be lost. */
    @Test
    void theFakeLeaderTellsOfARegistrationWhenItHasAnswered() {
        // Whoever holds the leader's monitor holds up all that it says.
        FakeLeader held = leader;
        synchronized (held) {
            held.cut();
            FakeLeader.await("an answer that waits for its turn", LinkSessionTest::isAwaitedByAnotherThread);
            assertThat(held.registrations()).hasSize(1);
        }
        FakeLeader.await("the second registration", () -> held.registrations().size() == 2);
    }

    /** The end of a stream, a slow handshake's for one, takes along what was just said on it. */
    @Test
    void theFakeLeaderLaunchesAgainWhatTheNextRegistrationLacks() {
        leader.launch(TestNode.shell("t1", "true").build(), TestNode.framework());
        FakeLeader.await("the launch", () -> node.received.size() == 1);
        leader.cut();
        FakeLeader.await("the launch again", () -> node.received.size() == 2);
        assertThat(node.received.getLast().getLaunchTask())
                .isEqualTo(node.received.getFirst().getLaunchTask());
    }

    /** True when some thread can't go on before this one leaves a monitor. */
    private static boolean isAwaitedByAnotherThread() {
        long self = Thread.currentThread().threadId();
        return Stream.of(ManagementFactory.getThreadMXBean().dumpAllThreads(false, false))
                .anyMatch(thread -> thread.getThreadState() == Thread.State.BLOCKED && thread.getLockOwnerId() == self);
    }

    @Test
    void anOlderTermIsRefused() {
        leader.send(kill("t1"));
        FakeLeader.await("the first message", () -> node.received.size() == 1);
        leader.term(6);
        leader.send(kill("t2"));
        FakeLeader.await("the second message", () -> node.received.size() == 2);
        assertThat(node.highest).isEqualTo(6);
        leader.term(5);
        leader.send(kill("t3"));
        // The stream ends; the leader of the older term is refused again at its registration.
        FakeLeader.await("another attempt", () -> leader.registrations().size() >= 2);
        assertThat(leader.registrations().getLast().getHighestTerm()).isEqualTo(6);
        leader.term(7);
        FakeLeader.await("a newer leader", () -> node.highest == 7);
        assertThat(node.received).extracting(m -> m.getKillTask().getTaskId()).containsExactly("t1", "t2");
    }

    @Test
    void aLeaderThatFellSilentIsLeft() {
        // Pings every second are announced and never come: five silent seconds.
        leader.send(ToAgent.newBuilder().setRegistered(Registered.newBuilder().setPingIntervalSeconds(1)));
        int before = leader.registrations().size();
        FakeLeader.await("another attempt", () -> leader.registrations().size() > before);
    }

    @Test
    void aLeaderThatIsGoneIsTriedUntilItIsBack() throws Exception {
        int port = leader.port();
        leader.close();
        FakeLeader.await("the end", () -> !session.isRegistered());
        leader = new FakeLeader(certificates, Claim.getDefaultInstance(), port);
        leader.term(8);
        FakeLeader.await("the next term", () -> node.highest == 8 && session.isRegistered());
    }

    @Test
    void aClientWithoutOurCertificateIsNotServed() throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", leader.port())
                .sslContext(GrpcSslContexts.forClient()
                        .trustManager(certificates.authority().toFile())
                        .build())
                .overrideAuthority("offerplane-link")
                .build();
        CompletableFuture<ToAgent> answer = new CompletableFuture<>();
        AgentLinkGrpc.newStub(channel).connect(new StreamObserver<>() {
            @Override
            public void onNext(ToAgent message) {
                answer.complete(message);
            }

            @Override
            public void onError(Throwable error) {
                answer.completeExceptionally(error);
            }

            @Override
            public void onCompleted() {
                answer.completeExceptionally(new IllegalStateException("completed"));
            }
        });
        assertThatThrownBy(answer::get)
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(StatusRuntimeException.class);
        channel.shutdownNow();
    }
}
