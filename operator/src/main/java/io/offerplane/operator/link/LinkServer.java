package io.offerplane.operator.link;

import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
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
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for shims, and for YARN's head where there is one: TLS with certificates of our own authority on both sides, then a token that
 * names the caller's account and node. Each service has one kind of caller, which must show that kind's certificate and token both: a
 * shim can't pass for the head, nor the head for a shim. Certificates can be replaced while streams are open; new handshakes use the
 * new ones.
 */
public final class LinkServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LinkServer.class);

    /** The node that the caller of the current call has proven to be on. */
    static final Context.Key<String> NODE = Context.key("offerplane-node");

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final String BEARER = "Bearer ";

    /**
     * A service with those who may call it.
     *
     * @param certificateName common name of the callers' certificate, such as {@link LinkCertificates#SHIM_NAME}
     * @param identity judges the callers' tokens
     */
    public record Served(BindableService service, String certificateName, CallerIdentity identity) {}

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
    public static LinkServer start(LinkSettings settings, TlsIdentity identity, List<Served> services) {
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
            NettyServerBuilder builder = NettyServerBuilder.forPort(settings.port())
                    .sslContext(tls.build())
                    .executor(executor)
                    .maxInboundMessageSize(settings.maxMessageBytes())
                    .maxInboundMetadataSize(16 * 1024)
                    .handshakeTimeout(10, TimeUnit.SECONDS)
                    .permitKeepAliveTime(5, TimeUnit.SECONDS)
                    .permitKeepAliveWithoutCalls(true)
                    .maxConcurrentCallsPerConnection(4);
            for (Served served : services) {
                builder.addService(ServerInterceptors.intercept(
                        served.service(),
                        new Gatekeeper(new X500Principal("CN=" + served.certificateName()), served.identity())));
            }
            Server server = builder.build().start();
            LOG.atInfo().addKeyValue("port", server.getPort()).log("The link listens");
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

    /** Lets a call in once certificate and token are of the right kind, with the node that the token proves in the call's context. */
    private record Gatekeeper(X500Principal subject, CallerIdentity identity) implements ServerInterceptor {
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
                requireCertificate(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
                String node = identity.nodeOf(authorization.substring(BEARER.length()));
                return Contexts.interceptCall(Context.current().withValue(NODE, node), call, headers, next);
            } catch (CallerIdentity.Refused refused) {
                LOG.atWarn()
                        .addKeyValue("service", call.getMethodDescriptor().getServiceName())
                        .addKeyValue("why", refused.getMessage())
                        .log("A caller of the link is sent away");
                return refuse(
                        call,
                        (refused.isTransitory() ? Status.UNAVAILABLE : Status.UNAUTHENTICATED)
                                .withDescription(refused.getMessage()));
            }
        }

        private void requireCertificate(@Nullable SSLSession session) throws CallerIdentity.Refused {
            try {
                Certificate[] chain = session == null ? new Certificate[0] : session.getPeerCertificates();
                if (chain.length > 0
                        && chain[0] instanceof X509Certificate shown
                        && shown.getSubjectX500Principal().equals(subject)) {
                    return;
                }
                throw new CallerIdentity.Refused(
                        "the certificate is of " + subjectOf(chain) + " (expected: " + subject.getName() + ")", false);
            } catch (SSLPeerUnverifiedException none) {
                throw new CallerIdentity.Refused("no certificate (expected: one of " + subject.getName() + ")", false);
            }
        }

        private static String subjectOf(Certificate[] chain) {
            return chain.length > 0 && chain[0] instanceof X509Certificate shown
                    ? shown.getSubjectX500Principal().getName()
                    : "nobody";
        }

        private static <Q, A> ServerCall.Listener<Q> refuse(ServerCall<Q, A> call, Status status) {
            call.close(status, new Metadata());
            return new ServerCall.Listener<>() {};
        }
    }
}
