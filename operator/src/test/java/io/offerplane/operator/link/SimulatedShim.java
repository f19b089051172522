package io.offerplane.operator.link;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.offerplane.protocol.link.v1.AgentLinkGrpc;
import io.offerplane.protocol.link.v1.FromAgent;
import io.offerplane.protocol.link.v1.Pong;
import io.offerplane.protocol.link.v1.Register;
import io.offerplane.protocol.link.v1.ToAgent;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A node's shim as the link sees it: connects by TLS and token, keeps what it is told, answers pings while it is well. */
public final class SimulatedShim implements AutoCloseable {
    private final ManagedChannel channel;
    private final StreamObserver<FromAgent> stream;
    public final List<ToAgent> received = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Status> ended = new CompletableFuture<>();
    public volatile boolean answersPings = true;
    /** What the shim does about an order, such as reporting a task as running. */
    public volatile BiConsumer<SimulatedShim, ToAgent> reaction = (shim, message) -> {};

    private SimulatedShim(ManagedChannel channel, @Nullable String token) {
        this.channel = channel;
        AgentLinkGrpc.AgentLinkStub stub = AgentLinkGrpc.newStub(channel);
        if (token != null) {
            stub = LinkChannels.withToken(stub, token);
        }
        this.stream = stub.connect(new StreamObserver<>() {
            @Override
            public void onNext(ToAgent message) {
                received.add(message);
                if (message.hasPing() && answersPings) {
                    send(FromAgent.newBuilder().setPong(Pong.getDefaultInstance()));
                }
                reaction.accept(SimulatedShim.this, message);
            }

            @Override
            public void onError(Throwable failed) {
                ended.complete(Status.fromThrowable(failed));
            }

            @Override
            public void onCompleted() {
                ended.complete(Status.OK);
            }
        });
    }

    /** Connects with the certificate of the shims' Secret. */
    public static SimulatedShim connect(int port, InMemorySecrets secrets, @Nullable String token) throws Exception {
        return connectAs(LinkCertificates.SHIM_SECRET, port, secrets, token);
    }

    /** Connects with the certificate of that Secret, whoever's it is. */
    public static SimulatedShim connectAs(String secret, int port, InMemorySecrets secrets, @Nullable String token)
            throws Exception {
        return new SimulatedShim(LinkChannels.as(secret, port, secrets), token);
    }

    /** Connects without a certificate of its own. */
    static SimulatedShim connectBare(int port, InMemorySecrets secrets, String token) throws Exception {
        return new SimulatedShim(LinkChannels.asNobody(port, secrets), token);
    }

    public synchronized void send(FromAgent.Builder message) {
        stream.onNext(message.build());
    }

    public void register(String node, String agentId) {
        send(FromAgent.newBuilder().setRegister(registration(node, agentId)));
    }

    public static Register.Builder registration(String node, String agentId) {
        return Register.newBuilder()
                .setNodeName(node)
                .setAgentId(agentId)
                .setHostname(node)
                .setIp("10.0.0.1")
                .setPort(5051)
                .setVersion("1.1");
    }

    /** The first message that fits, waiting for it at most 30 s. */
    public ToAgent await(Predicate<ToAgent> fits) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (System.nanoTime() < deadline) {
            for (ToAgent message : received) {
                if (fits.test(message)) {
                    return message;
                }
            }
            Thread.sleep(5);
        }
        throw new AssertionError("no such message within 30 s; came: " + received);
    }

    public Status awaitEnd() throws Exception {
        return ended.get(30, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
