package io.offerplane.yarn.gateway.node;

import io.grpc.BindableService;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Serves a node link on a free port of the loopback interface, and believes each caller which node it is. */
public final class NodeLinkOnLoopback implements AutoCloseable {
    private static final Metadata.Key<String> NODE = Metadata.Key.of("node", Metadata.ASCII_STRING_MARSHALLER);

    private final Server server;
    private final ManagedChannel channel;

    public NodeLinkOnLoopback(BindableService service) throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(service)
                .intercept(BELIEVING)
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .build();
    }

    /** Takes a caller for the node that it says it is in its header. */
    public static final ServerInterceptor BELIEVING = new ServerInterceptor() {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            @Nullable String node = headers.get(NODE);
            return node == null
                    ? next.startCall(call, headers)
                    : Contexts.interceptCall(
                            Context.current().withValue(NodeIdentity.KEY, new NodeIdentity(node)), call, headers, next);
        }
    };

    /** The way in for a caller whose node isn't known. */
    public Channel channel() {
        return channel;
    }

    /** The way in for a node of this name. */
    public Channel channel(String node) {
        Metadata headers = new Metadata();
        headers.put(NODE, node);
        return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.shutdownNow();
    }
}
