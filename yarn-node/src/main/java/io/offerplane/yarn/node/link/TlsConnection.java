package io.offerplane.yarn.node.link;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Mutual TLS, and the pod's token with each call. A connection that broke is made anew from the files and the address as they are then. */
public final class TlsConnection implements HeadConnection, AutoCloseable {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    /** The name in the head's certificate, whatever its Service is called. */
    private static final String HEAD_NAME = "offerplane-yarn-head";

    private static final int MAX_ANSWER_BYTES = 16 << 20;
    private static final int CONNECT_MILLIS = 2_000;

    private final NodeLinkSettings settings;
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private @Nullable ManagedChannel open;

    public TlsConnection(NodeLinkSettings settings) {
        this.settings = settings;
    }

    @Override
    public synchronized Channel channel() throws IOException {
        Metadata headers = new Metadata();
        headers.put(
                AUTHORIZATION, "Bearer " + Files.readString(settings.token()).strip());
        ManagedChannel channel = open;
        if (channel == null) {
            channel = connect();
            open = channel;
        }
        return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    private ManagedChannel connect() throws IOException {
        try {
            return NettyChannelBuilder.forAddress(settings.host(), settings.port())
                    .sslContext(GrpcSslContexts.forClient()
                            .trustManager(settings.certificateAuthority().toFile())
                            .keyManager(
                                    settings.certificate().toFile(),
                                    settings.key().toFile())
                            .build())
                    .overrideAuthority(HEAD_NAME)
                    .eventLoopGroup(loop)
                    .channelType(NioSocketChannel.class)
                    .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                    .maxInboundMessageSize(MAX_ANSWER_BYTES)
                    .disableRetry()
                    .build();
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    settings.certificate() + ", " + settings.key() + " or " + settings.certificateAuthority()
                            + " is no PEM file of what it should be: " + e.getMessage(),
                    e);
        }
    }

    @Override
    public synchronized void broken() {
        if (open != null) {
            open.shutdownNow();
            open = null;
        }
    }

    @Override
    public void close() {
        broken();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
