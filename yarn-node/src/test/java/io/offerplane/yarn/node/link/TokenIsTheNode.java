package io.offerplane.yarn.node.link;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.offerplane.yarn.gateway.node.NodeIdentity;

/** A head's server that takes a caller for the node that its token names. */
public final class TokenIsTheNode implements ServerInterceptor {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        String token = String.valueOf(headers.get(AUTHORIZATION)).replace("Bearer ", "");
        return Contexts.interceptCall(
                Context.current().withValue(NodeIdentity.KEY, new NodeIdentity(token)), call, headers, next);
    }
}
