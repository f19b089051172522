package io.offerplane.yarn.gateway.node;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.offerplane.yarn.gateway.link.LinkFiles;
import io.offerplane.yarn.gateway.link.LinkIdentity;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for nodes: TLS 1.3 with certificates of the link's authority on both sides, then a token that names the node. Services behind it
 * find that in {@link NodeIdentity#KEY}; their calls run on virtual threads, and may block.
 *
 * <p>Certificates that are replaced on disk hold from the next handshake on.
 */
public final class NodeServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NodeServer.class);

    /** The name in the certificate that the operator gives to shims. */
    private static final String CALLERS_NAME = "CN=offerplane-shim";

    /** A beat names every container of its node. */
    private static final int MAX_MESSAGE_BYTES = 16 << 20;

    private static final int MAX_CALLS_OF_A_CONNECTION = 8;

    private final Server server;
    private final ExecutorService calls;
    private final ScheduledExecutorService timer;

    private NodeServer(Server server, ExecutorService calls, ScheduledExecutorService timer) {
        this.server = server;
        this.calls = calls;
        this.timer = timer;
    }

    /**
     * Starts to listen.
     *
     * @param address a port of 0 takes any free one
     * @param files the server's own certificate, and whom it believes
     * @param tokens judges callers' tokens
     * @param services what nodes may call
     * @throws IOException when a file can't be read, or the port not be had
     * @throws GeneralSecurityException when a file holds no certificate or key
     */
    public static NodeServer start(
            InetSocketAddress address, LinkFiles files, NodeTokens tokens, List<BindableService> services)
            throws IOException, GeneralSecurityException {
        ExecutorService calls = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("node-call-", 0).factory());
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("node-server-files").daemon().factory());
        try {
            LinkIdentity identity = LinkIdentity.ofServer(files, timer);
            NettyServerBuilder builder = NettyServerBuilder.forAddress(address)
                    .sslContext(GrpcSslContexts.configure(
                                    SslContextBuilder.forServer(identity.keys())
                                            .trustManager(identity.trust())
                                            .clientAuth(ClientAuth.REQUIRE)
                                            .protocols("TLSv1.3"),
                                    SslProvider.JDK)
                            .build())
                    .executor(calls)
                    .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                    .maxInboundMetadataSize(16 * 1024)
                    .handshakeTimeout(10, TimeUnit.SECONDS)
                    .permitKeepAliveTime(5, TimeUnit.SECONDS)
                    .permitKeepAliveWithoutCalls(true)
                    .maxConcurrentCallsPerConnection(MAX_CALLS_OF_A_CONNECTION);
            NodeGate gate = new NodeGate(CALLERS_NAME, tokens);
            services.forEach(service -> builder.addService(ServerInterceptors.intercept(service, gate)));
            Server server = builder.build().start();
            log.info("Nodes are listened for on port {}", server.getPort());
            return new NodeServer(server, calls, timer);
        } catch (IOException | GeneralSecurityException | RuntimeException failed) {
            calls.shutdownNow();
            timer.shutdownNow();
            throw failed;
        }
    }

    /** The port that is listened on. */
    public int port() {
        return server.getPort();
    }

    @Override
    public void close() {
        server.shutdown();
        try {
            if (!server.awaitTermination(1, TimeUnit.SECONDS)) {
                server.shutdownNow();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            server.shutdownNow();
        }
        calls.shutdown();
        timer.shutdownNow();
    }
}
