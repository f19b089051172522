package io.offerplane.shim;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.ClientAuth;
import io.offerplane.protocol.link.v1.AcknowledgeUpdate;
import io.offerplane.protocol.link.v1.AgentLinkGrpc;
import io.offerplane.protocol.link.v1.Claim;
import io.offerplane.protocol.link.v1.ExecutorExited;
import io.offerplane.protocol.link.v1.ExecutorMessage;
import io.offerplane.protocol.link.v1.FromAgent;
import io.offerplane.protocol.link.v1.HeldTask;
import io.offerplane.protocol.link.v1.KillTask;
import io.offerplane.protocol.link.v1.LaunchTask;
import io.offerplane.protocol.link.v1.LaunchTaskGroup;
import io.offerplane.protocol.link.v1.NodeReport;
import io.offerplane.protocol.link.v1.Register;
import io.offerplane.protocol.link.v1.Registered;
import io.offerplane.protocol.link.v1.ToAgent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.mesos.v1.Protos.FrameworkInfo;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;

/** A leader that does what a test says, over the real link: gRPC, mutual TLS. */
final class FakeLeader implements AutoCloseable {

    static final String FRAMEWORK = "b0c2d3e4-0000";
    static final String AGENT = "5f4d6c1e-S0";

    /** Long, for machines that are busy with other things; nothing waits longer than it takes. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Server server;
    private final List<Register> registrations = new ArrayList<>();
    private final List<String> tokens = new CopyOnWriteArrayList<>();
    private final List<NodeReport> reports = new CopyOnWriteArrayList<>();
    private final List<TaskStatus> updates = new CopyOnWriteArrayList<>();
    private final List<ExecutorMessage> messages = new CopyOnWriteArrayList<>();
    private final List<ExecutorExited> exits = new CopyOnWriteArrayList<>();
    private final Claim claim;
    private final Map<String, LaunchTask> launches = new LinkedHashMap<>();
    private final List<LaunchTaskGroup> groups = new ArrayList<>();
    private StreamObserver<ToAgent> stream;
    private volatile boolean acknowledging = true;
    private volatile Consumer<TaskStatus> listener = status -> {};
    private volatile long term = 1;
    private final AtomicInteger pongs = new AtomicInteger();

    FakeLeader(LinkCertificates certificates, Claim claim) throws IOException {
        this(certificates, claim, 0);
    }

    FakeLeader(LinkCertificates certificates, Claim claim, int port) throws IOException {
        this.claim = claim;
        this.server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .sslContext(GrpcSslContexts.forServer(
                                certificates.leader().toFile(),
                                certificates.leaderKey().toFile())
                        .trustManager(certificates.authority().toFile())
                        .clientAuth(ClientAuth.REQUIRE)
                        .build())
                .permitKeepAliveTime(1, java.util.concurrent.TimeUnit.SECONDS)
                .intercept(new Tokens())
                .addService(new Service())
                .build()
                .start();
    }

    int port() {
        return server.getPort();
    }

    void term(long number) {
        term = number;
    }

    /** Tells of each update the moment it comes, on the link's thread. */
    void listen(Consumer<TaskStatus> listener) {
        this.listener = listener;
    }

    void acknowledging(boolean on) {
        acknowledging = on;
    }

    /** The registrations that have been answered: whatever the leader is told to say next comes behind the answer. */
    synchronized List<Register> registrations() {
        return List.copyOf(registrations);
    }

    List<String> tokens() {
        return tokens;
    }

    List<NodeReport> reports() {
        return reports;
    }

    int pongs() {
        return pongs.get();
    }

    /** What executors said to their scheduler. */
    List<ExecutorMessage> messages() {
        return messages;
    }

    /** Executors that ended. */
    List<ExecutorExited> exits() {
        return exits;
    }

    /** All updates, repeated ones included. */
    List<TaskStatus> updates() {
        return updates;
    }

    /** Updates of a task, repeated ones left out. */
    List<TaskStatus> updates(String task) {
        List<TaskStatus> distinct = new ArrayList<>();
        for (TaskStatus status : updates) {
            if (status.getTaskId().getValue().equals(task)
                    && distinct.stream().noneMatch(s -> s.getUuid().equals(status.getUuid()))) {
                distinct.add(status);
            }
        }
        return distinct;
    }

    List<TaskState> states(String task) {
        return updates(task).stream().map(TaskStatus::getState).toList();
    }

    /**
     * A node takes nothing before this answer, so no other thread may see the stream, or the registration, without it. What was launched
     * on an earlier stream and never reached the node is launched again, as the engine does when a registration lacks it.
     */
    private synchronized void register(Register registration, StreamObserver<ToAgent> to) {
        stream = to;
        registrations.add(registration);
        send(ToAgent.newBuilder()
                .setRegistered(Registered.newBuilder()
                        .setAgentId(AGENT)
                        .setClaim(claim)
                        .setPingIntervalSeconds(15)));
        Set<String> known = new HashSet<>();
        for (HeldTask held : registration.getTasksList()) {
            known.add(id(held.getTaskInfo()));
        }
        updates.forEach(status -> known.add(status.getTaskId().getValue()));
        launches.forEach((task, launch) -> {
            if (!known.contains(task)) {
                send(ToAgent.newBuilder().setLaunchTask(launch));
            }
        });
        for (LaunchTaskGroup group : groups) {
            if (group.getTaskInfosList().stream().map(FakeLeader::id).noneMatch(known::contains)) {
                send(ToAgent.newBuilder().setLaunchTaskGroup(group));
            }
        }
    }

    private static String id(ByteString task) {
        try {
            return TaskInfo.parseFrom(task).getTaskId().getValue();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    synchronized void send(ToAgent.Builder message) {
        stream.onNext(message.setTerm(term).build());
    }

    synchronized void launch(TaskInfo task, FrameworkInfo framework) {
        LaunchTask launch = LaunchTask.newBuilder()
                .setFrameworkId(FRAMEWORK)
                .setFrameworkInfo(framework.toByteString())
                .setTaskInfo(task.toByteString())
                .setRole("*")
                .build();
        launches.put(task.getTaskId().getValue(), launch);
        send(ToAgent.newBuilder().setLaunchTask(launch));
    }

    synchronized void launchGroup(FrameworkInfo framework, TaskInfo... tasks) {
        LaunchTaskGroup.Builder group = LaunchTaskGroup.newBuilder()
                .setFrameworkId(FRAMEWORK)
                .setFrameworkInfo(framework.toByteString())
                .setRole("*");
        for (TaskInfo task : tasks) {
            group.addTaskInfos(task.toByteString());
        }
        groups.add(group.build());
        send(ToAgent.newBuilder().setLaunchTaskGroup(group));
    }

    void kill(String task) {
        send(ToAgent.newBuilder()
                .setKillTask(KillTask.newBuilder().setFrameworkId(FRAMEWORK).setTaskId(task)));
    }

    void kill(String task, Duration grace) {
        send(ToAgent.newBuilder()
                .setKillTask(KillTask.newBuilder()
                        .setFrameworkId(FRAMEWORK)
                        .setTaskId(task)
                        .setGracePeriodNanos(grace.toNanos())));
    }

    void acknowledge(TaskStatus status) {
        send(ToAgent.newBuilder()
                .setAcknowledgeUpdate(AcknowledgeUpdate.newBuilder()
                        .setFrameworkId(FRAMEWORK)
                        .setTaskId(status.getTaskId().getValue())
                        .setUuid(status.getUuid())));
    }

    void ping() {
        send(ToAgent.newBuilder().setPing(io.offerplane.protocol.link.v1.Ping.getDefaultInstance()));
    }

    TaskStatus awaitState(String task, TaskState state) {
        await(task + " in " + state + "; its states: ", () -> states(task).contains(state), () -> updates(task)
                .toString());
        return updates(task).stream()
                .filter(s -> s.getState() == state)
                .findFirst()
                .orElseThrow();
    }

    static void await(String what, BooleanSupplier condition) {
        await(what, condition, () -> "");
    }

    static void await(String what, BooleanSupplier condition, Supplier<String> detail) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + PATIENCE.toSeconds() + " s: " + what + " " + detail.get());
            }
            try {
                Thread.sleep(2);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }

    /** Cuts the stream, as a network does. */
    synchronized void cut() {
        stream.onError(io.grpc.Status.UNAVAILABLE.asRuntimeException());
    }

    @Override
    public void close() {
        server.shutdownNow();
        try {
            server.awaitTermination();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Tokens implements ServerInterceptor {
        @Override
        public <A, B> ServerCall.Listener<A> interceptCall(
                ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
            tokens.add(headers.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER)));
            return next.startCall(call, headers);
        }
    }

    private final class Service extends AgentLinkGrpc.AgentLinkImplBase {
        @Override
        public StreamObserver<FromAgent> connect(StreamObserver<ToAgent> to) {
            return new StreamObserver<>() {
                @Override
                public void onNext(FromAgent message) {
                    switch (message.getMessageCase()) {
                        case REGISTER -> register(message.getRegister(), to);
                        case STATUS_UPDATE -> {
                            TaskStatus status;
                            try {
                                status = TaskStatus.parseFrom(
                                        message.getStatusUpdate().getTaskStatus());
                            } catch (InvalidProtocolBufferException e) {
                                throw new IllegalStateException(e);
                            }
                            listener.accept(status);
                            updates.add(status);
                            if (acknowledging) {
                                acknowledge(status);
                            }
                        }
                        case PONG -> pongs.incrementAndGet();
                        case EXECUTOR_MESSAGE -> messages.add(message.getExecutorMessage());
                        case EXECUTOR_EXITED -> exits.add(message.getExecutorExited());
                        case NODE_REPORT -> reports.add(message.getNodeReport());
                        case MESSAGE_NOT_SET -> throw new IllegalStateException("empty message");
                    }
                }

                @Override
                public void onError(Throwable error) {}

                @Override
                public void onCompleted() {}
            };
        }
    }
}
