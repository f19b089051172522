package io.offerplane.yarn.gateway.link;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The way to whoever leads: one channel to the leader's Service, by TLS with the head's certificate and token. It finds the next leader by
 * connecting anew, at once and then every second. Callable from any thread.
 */
public final class LeaderChannel implements Supplier<Channel>, AutoCloseable {
    /** The name in the leader's certificate, whatever the Service is called. */
    private static final String LEADER_NAME = "offerplane-link";

    /** The least that gRPC's client allows; the leader's end allows half of it. */
    private static final long KEEPALIVE_SECONDS = 10;

    /** A leader whose node lost its power says no goodbye: this long after a keepalive it is given up. */
    private static final long KEEPALIVE_TIMEOUT_SECONDS = 5;

    /** A dead leader's address may swallow what is sent to it, while the Service has another by now. */
    private static final int CONNECT_MILLIS = 2_000;

    /** Far above what the leader sends. */
    private static final int MAX_MESSAGE_BYTES = 16 << 20;

    private final ScheduledExecutorService timer;
    private final ManagedChannel channel;
    private final Channel authorised;

    private LeaderChannel(ScheduledExecutorService timer, ManagedChannel channel, TokenCredentials token) {
        this.timer = timer;
        this.channel = channel;
        this.authorised = ClientInterceptors.intercept(channel, new WithToken(token));
        // gRPC's own wait between tries grows to two minutes, and nobody else calls this leader as often.
        var _ = timer.scheduleWithFixedDelay(channel::resetConnectBackoff, 1, 1, TimeUnit.SECONDS);
    }

    /**
     * Opens the way; nothing is connected before the first call.
     *
     * @throws IOException when the files can't be read
     * @throws GeneralSecurityException when they hold no certificate or key
     */
    public static LeaderChannel to(String host, int port, LinkFiles files)
            throws IOException, GeneralSecurityException {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("leader-channel").daemon().factory());
        try {
            LinkIdentity identity = LinkIdentity.ofCaller(files, timer);
            ManagedChannel channel = NettyChannelBuilder.forAddress(host, port)
                    .sslContext(GrpcSslContexts.configure(
                                    SslContextBuilder.forClient()
                                            .trustManager(identity.trust())
                                            .keyManager(identity.keys())
                                            .protocols("TLSv1.3"),
                                    SslProvider.JDK)
                            .build())
                    .overrideAuthority(LEADER_NAME)
                    .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                    .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                    .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
                    .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                    .disableRetry()
                    .build();
            return new LeaderChannel(timer, channel, new TokenCredentials(files.token()));
        } catch (IOException | GeneralSecurityException | RuntimeException failed) {
            timer.shutdownNow();
            throw failed;
        }
    }

    @Override
    public Channel get() {
        return authorised;
    }

    @Override
    public void close() {
        timer.shutdownNow();
        channel.shutdownNow();
    }

    private record WithToken(TokenCredentials token) implements ClientInterceptor {
        @Override
        public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
            return next.newCall(method, options.withCallCredentials(token));
        }
    }
}
