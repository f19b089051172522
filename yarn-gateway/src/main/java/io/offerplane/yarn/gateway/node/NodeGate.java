package io.offerplane.yarn.gateway.node;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lets a call in whose certificate is of the nodes' kind and whose token names a node, with that node in the call's context. */
final class NodeGate implements ServerInterceptor {
    private static final Logger log = LoggerFactory.getLogger(NodeGate.class);
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final String BEARER = "Bearer ";

    private final X500Principal subject;
    private final NodeTokens tokens;

    /** @param subject of the callers' certificate */
    NodeGate(String subject, NodeTokens tokens) {
        this.subject = new X500Principal(subject);
        this.tokens = tokens;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        try {
            requireCertificate(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
            NodeIdentity node = tokens.nodeOf(token(headers.get(AUTHORIZATION)));
            return Contexts.interceptCall(Context.current().withValue(NodeIdentity.KEY, node), call, headers, next);
        } catch (NodeTokens.Refused refused) {
            log.warn("A caller of the node server is sent away: {}", refused.getMessage());
            call.close(
                    (refused.isTransitory() ? Status.UNAVAILABLE : Status.UNAUTHENTICATED)
                            .withDescription(refused.getMessage()),
                    new Metadata());
            return new ServerCall.Listener<>() {};
        }
    }

    private static String token(@Nullable String authorization) throws NodeTokens.Refused {
        if (authorization == null || !authorization.startsWith(BEARER)) {
            throw new NodeTokens.Refused(
                    "no token (expected: metadata authorization: Bearer <projected service account token>)", false);
        }
        return authorization.substring(BEARER.length());
    }

    private void requireCertificate(@Nullable SSLSession session) throws NodeTokens.Refused {
        String shown = "nobody";
        try {
            Certificate[] chain = session == null ? new Certificate[0] : session.getPeerCertificates();
            if (chain.length > 0 && chain[0] instanceof X509Certificate own) {
                if (own.getSubjectX500Principal().equals(subject)) {
                    return;
                }
                shown = own.getSubjectX500Principal().getName();
            }
        } catch (SSLPeerUnverifiedException none) {
            log.debug("A caller without a certificate", none);
        }
        throw new NodeTokens.Refused(
                "the certificate is of " + shown + " (expected: " + subject.getName() + ")", false);
    }
}
