package io.offerplane.operator.link;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.offerplane.protocol.link.v1.AgentLinkGrpc;
import io.offerplane.protocol.link.v1.FromAgent;
import io.offerplane.protocol.link.v1.Pong;
import io.offerplane.protocol.link.v1.Register;
import io.offerplane.protocol.link.v1.ToAgent;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * A shim for a leader that rehearses: connects as a real one does, registers its node and takes what it is told, but runs nothing.
 */
public final class RehearsedShim implements AutoCloseable {
    private final ManagedChannel channel;
    private final CountDownLatch launched = new CountDownLatch(1);
    private final StreamObserver<FromAgent> stream;

    private RehearsedShim(ManagedChannel channel, String token) {
        this.channel = channel;
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        stream = AgentLinkGrpc.newStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .connect(new StreamObserver<>() {
                    @Override
                    public void onNext(ToAgent message) {
                        if (message.hasPing()) {
                            send(FromAgent.newBuilder().setPong(Pong.getDefaultInstance()));
                        } else if (message.hasLaunchTask()) {
                            launched.countDown();
                        }
                    }

                    @Override
                    public void onError(Throwable ended) {
                        // The rehearsal is over, or was refused: it goes on without its shim either way.
                    }

                    @Override
                    public void onCompleted() {}
                });
    }

    /**
     * @param port of the link on this machine
     * @param secrets where the link's certificates are
     */
    public static RehearsedShim connect(int port, SecretStore secrets, String token)
            throws IOException, GeneralSecurityException {
        Map<String, byte[]> secret = secrets.read(LinkCertificates.SHIM_SECRET).orElseThrow();
        return new RehearsedShim(
                NettyChannelBuilder.forAddress("127.0.0.1", port)
                        .overrideAuthority(LinkCertificates.SERVER_NAME)
                        .sslContext(GrpcSslContexts.forClient()
                                .trustManager(Pem.readCertificates(required(secret, "ca.crt")))
                                .keyManager(
                                        Pem.readKey(required(secret, "tls.key")),
                                        Pem.readCertificates(required(secret, "tls.crt")))
                                .build())
                        .build(),
                token);
    }

    private static byte[] required(Map<String, byte[]> secret, String key) {
        byte[] value = secret.get(key);
        if (value == null) {
            throw new IllegalStateException("the link's Secret has no " + key);
        }
        return value;
    }

    public void register(String node) {
        send(FromAgent.newBuilder()
                .setRegister(Register.newBuilder()
                        .setNodeName(node)
                        .setHostname(node)
                        .setIp("127.0.0.1")
                        .setPort(5051)
                        .setVersion("rehearsal")));
    }

    /** Released when it was told to launch a task. */
    public CountDownLatch launched() {
        return launched;
    }

    private synchronized void send(FromAgent.Builder message) {
        stream.onNext(message.build());
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
