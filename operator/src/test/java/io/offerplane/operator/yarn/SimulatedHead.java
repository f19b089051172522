package io.offerplane.operator.yarn;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.offerplane.operator.link.InMemorySecrets;
import io.offerplane.operator.link.LinkCertificates;
import io.offerplane.operator.link.LinkChannels;
import io.offerplane.protocol.link.v1.FromHead;
import io.offerplane.protocol.link.v1.HeadLinkGrpc;
import io.offerplane.protocol.link.v1.Hello;
import io.offerplane.protocol.link.v1.Synced;
import io.offerplane.protocol.link.v1.ToHead;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** YARN's head as the link sees it: connects by TLS and token, says what the test has it say, and keeps what it is told. */
public final class SimulatedHead implements AutoCloseable {
    private final ManagedChannel channel;
    private final StreamObserver<FromHead> stream;
    private final LinkedBlockingQueue<ToHead> unread = new LinkedBlockingQueue<>();
    private final List<ToHead> received = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Status> ended = new CompletableFuture<>();

    private SimulatedHead(ManagedChannel channel, String token) {
        this.channel = channel;
        this.stream = LinkChannels.withToken(HeadLinkGrpc.newStub(channel), token)
                .connect(new StreamObserver<>() {
                    @Override
                    public void onNext(ToHead message) {
                        received.add(message);
                        unread.add(message);
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

    /** Connects with the head's own certificate. */
    public static SimulatedHead connect(int port, InMemorySecrets secrets, String token) throws Exception {
        return connectAs(LinkCertificates.HEAD_SECRET, port, secrets, token);
    }

    /** Connects with the certificate of that Secret, whoever's it is. */
    public static SimulatedHead connectAs(String secret, int port, InMemorySecrets secrets, String token)
            throws Exception {
        return new SimulatedHead(LinkChannels.as(secret, port, secrets), token);
    }

    public void send(FromHead.Builder message) {
        stream.onNext(message.build());
    }

    public void hello() {
        send(FromHead.newBuilder().setHello(Hello.newBuilder().setIncarnation("first")));
    }

    public void synced() {
        send(FromHead.newBuilder().setSynced(Synced.getDefaultInstance()));
    }

    /** The next message that fits, waiting for it at most 30 s. */
    public ToHead await(Predicate<ToHead> fits) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (System.nanoTime() < deadline) {
            ToHead message = unread.poll(1, TimeUnit.SECONDS);
            if (message != null && fits.test(message)) {
                return message;
            }
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
