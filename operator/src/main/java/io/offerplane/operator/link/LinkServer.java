package io.offerplane.operator.link;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for shims: TLS with certificates of our own authority on both sides, then a token that names the node. Certificates can
 * be replaced while streams are open; new handshakes use the new ones.
 */
public final class LinkServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LinkServer.class);

    /** The node that the caller of the current call has proven to be on. */
    static final Context.Key<String> NODE = Context.key("offerplane-node");

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final String BEARER = "Bearer ";

    private final Server server;
    private final ExecutorService executor;
    private final AdvancedTlsX509KeyManager keys;
    private final AdvancedTlsX509TrustManager trust;

    private LinkServer(
            Server server,
            ExecutorService executor,
            AdvancedTlsX509KeyManager keys,
            AdvancedTlsX509TrustManager trust) {
        this.server = server;
        this.executor = executor;
        this.keys = keys;
        this.trust = trust;
    }

    /** @throws UncheckedIOException when the port can't be had or the identity can't be used */
    public static LinkServer start(
            LinkSettings settings, TlsIdentity identity, ShimIdentity shims, AgentSessions sessions) {
        ExecutorService executor = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("link-", 0).factory());
        try {
            AdvancedTlsX509KeyManager keys = new AdvancedTlsX509KeyManager();
            AdvancedTlsX509TrustManager trust = AdvancedTlsX509TrustManager.newBuilder()
                    .setVerification(AdvancedTlsX509TrustManager.Verification.CERTIFICATE_ONLY_VERIFICATION)
                    .build();
            keys.updateIdentityCredentials(identity.chain(), identity.key());
            trust.updateTrustCredentials(identity.authorities());
            SslContextBuilder tls = GrpcSslContexts.configure(
                    SslContextBuilder.forServer(keys)
                            .trustManager(trust)
                            .clientAuth(ClientAuth.REQUIRE)
                            .protocols("TLSv1.3"),
                    SslProvider.JDK);
            Server server = NettyServerBuilder.forPort(settings.port())
                    .sslContext(tls.build())
                    .executor(executor)
                    .maxInboundMessageSize(settings.maxMessageBytes())
                    .maxInboundMetadataSize(16 * 1024)
                    .handshakeTimeout(10, TimeUnit.SECONDS)
                    .permitKeepAliveTime(5, TimeUnit.SECONDS)
                    .permitKeepAliveWithoutCalls(true)
                    .maxConcurrentCallsPerConnection(4)
                    .addService(ServerInterceptors.intercept(sessions.service(), new Gatekeeper(shims)))
                    .build()
                    .start();
            LOG.atInfo().addKeyValue("port", server.getPort()).log("The link listens for agents");
            return new LinkServer(server, executor, keys, trust);
        } catch (IOException failed) {
            executor.close();
            throw new UncheckedIOException("link.port: " + settings.port() + " can't be listened on", failed);
        } catch (GeneralSecurityException unusable) {
            executor.close();
            throw new IllegalStateException("the link's certificates can't be used", unusable);
        }
    }

    /** From the next handshake on. */
    public void replaceIdentity(TlsIdentity identity) {
        try {
            keys.updateIdentityCredentials(identity.chain(), identity.key());
            trust.updateTrustCredentials(identity.authorities());
        } catch (IOException | GeneralSecurityException unusable) {
            throw new IllegalStateException("the link's new certificates can't be used", unusable);
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
        executor.shutdown();
    }

    /** Lets a call in once its token has been reviewed, with the node that it proves in the call's context. */
    private record Gatekeeper(ShimIdentity shims) implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            String authorization = headers.get(AUTHORIZATION);
            if (authorization == null || !authorization.startsWith(BEARER)) {
                return refuse(
                        call,
                        Status.UNAUTHENTICATED.withDescription(
                                "no token (expected: metadata authorization: Bearer <projected service account token>)"));
            }
            try {
                String node = shims.nodeOf(authorization.substring(BEARER.length()));
                return Contexts.interceptCall(Context.current().withValue(NODE, node), call, headers, next);
            } catch (ShimIdentity.NotAShim refused) {
                LOG.atWarn().addKeyValue("why", refused.getMessage()).log("A caller of the link is sent away");
                return refuse(
                        call,
                        (refused.isTransitory() ? Status.UNAVAILABLE : Status.UNAUTHENTICATED)
                                .withDescription(refused.getMessage()));
            }
        }

        private static <Q, A> ServerCall.Listener<Q> refuse(ServerCall<Q, A> call, Status status) {
            call.close(status, new Metadata());
            return new ServerCall.Listener<>() {};
        }
    }
}
