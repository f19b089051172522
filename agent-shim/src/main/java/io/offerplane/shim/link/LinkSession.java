package io.offerplane.shim.link;

import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.offerplane.protocol.link.v1.AgentLinkGrpc;
import io.offerplane.protocol.link.v1.FromAgent;
import io.offerplane.protocol.link.v1.Pong;
import io.offerplane.protocol.link.v1.StatusUpdate;
import io.offerplane.protocol.link.v1.ToAgent;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one registered stream to the leader. When it ends, however it ends, a new one is tried after a wait that doubles from 0.1 s to
 * 2 s, with jitter, so that a thousand shims don't come back in the same instant.
 */
public final class LinkSession implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LinkSession.class);
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    /** The name in the leader's certificate, whatever the Service is called. */
    private static final String LEADER_NAME = "offerplane-link";

    private static final long FIRST_WAIT_MILLIS = 100;
    private static final long LONGEST_WAIT_MILLIS = 2_000;

    /** Where trying again as it is can't succeed, it is tried seldom: an operator may change its mind. */
    private static final long REFUSED_WAIT_MILLIS = 60_000;

    /** As many silent ping intervals mean that the leader is gone. */
    private static final int SILENT_INTERVALS = 5;

    /** Until the leader has named its interval. */
    private static final Duration REGISTRATION_PATIENCE = Duration.ofSeconds(60);

    /** A LaunchTask holds two descriptions, each bounded at the leader's wire. */
    private static final int MAX_MESSAGE_BYTES = 8 << 20;

    private static final long KEEPALIVE_SECONDS = 30;

    private final LinkSettings settings;
    private final LeaderMessages messages;
    private final ScheduledExecutorService timers;
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ExecutorService callbacks = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicReference<@Nullable Stream> current = new AtomicReference<>();
    private volatile @Nullable Future<?> attempt;
    private volatile boolean closed;
    private volatile long wait = FIRST_WAIT_MILLIS;

    /**
     * @param timers for waits and silences; shared
     */
    public LinkSession(LinkSettings settings, LeaderMessages messages, ScheduledExecutorService timers) {
        this.settings = settings;
        this.messages = messages;
        this.timers = timers;
    }

    /** Starts connecting; returns at once. */
    public void start() {
        callbacks.execute(this::connect);
    }

    /** True between the leader's word that it has taken the node in and the stream's end. */
    public boolean isRegistered() {
        Stream stream = current.get();
        return stream != null && stream.registered;
    }

    /** Sends an update, or drops it while no stream is registered: it is repeated then. Never blocks. */
    public void send(StatusUpdate update) {
        Stream stream = current.get();
        if (stream != null && stream.registered) {
            stream.send(FromAgent.newBuilder().setStatusUpdate(update).build());
        }
    }

    private void connect() {
        if (closed) {
            return;
        }
        Stream stream;
        try {
            stream = new Stream(channel(), token());
        } catch (IOException | IllegalArgumentException e) {
            log.warn("Cannot connect to the leader: {}", e.getMessage());
            again(LONGEST_WAIT_MILLIS);
            return;
        }
        current.set(stream);
        stream.open();
    }

    private void again(long atMost) {
        if (closed) {
            return;
        }
        long millis = ThreadLocalRandom.current().nextLong(Math.max(2, atMost / 2), Math.max(3, atMost));
        attempt = timers.schedule(() -> callbacks.execute(this::connect), millis, TimeUnit.MILLISECONDS);
    }

    private String token() throws IOException {
        return Files.readString(settings.token()).strip();
    }

    private ManagedChannel channel() throws IOException {
        return NettyChannelBuilder.forAddress(settings.host(), settings.port())
                .sslContext(GrpcSslContexts.forClient()
                        .trustManager(settings.certificateAuthority().toFile())
                        .keyManager(
                                settings.certificate().toFile(), settings.key().toFile())
                        .build())
                .overrideAuthority(LEADER_NAME)
                .eventLoopGroup(loop)
                .channelType(NioSocketChannel.class)
                // Few and small messages: arenas would cost more memory than they save time.
                .withOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
                .executor(callbacks)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .keepAliveTime(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEPALIVE_SECONDS, TimeUnit.SECONDS)
                .disableRetry()
                .build();
    }

    /** One attempt: a channel of its own, so that certificates and address are read anew. */
    private final class Stream implements StreamObserver<ToAgent> {
        private final ManagedChannel channel;
        private final String token;
        private @Nullable StreamObserver<FromAgent> out;
        private volatile boolean registered;
        private volatile boolean over;
        private volatile long silenceNanos = REGISTRATION_PATIENCE.toNanos();
        private volatile long heardNanos = System.nanoTime();
        private volatile long nextWait = -1;
        private @Nullable Future<?> watchdog;
        private @Nullable Future<?> reports;

        Stream(ManagedChannel channel, String token) {
            this.channel = channel;
            this.token = token;
        }

        void open() {
            Metadata headers = new Metadata();
            headers.put(AUTHORIZATION, "Bearer " + token);
            synchronized (this) {
                out = AgentLinkGrpc.newStub(ClientInterceptors.intercept(
                                channel, MetadataUtils.newAttachHeadersInterceptor(headers)))
                        .connect(this);
            }
            watchdog = timers.scheduleWithFixedDelay(this::watch, 1, 1, TimeUnit.SECONDS);
            send(FromAgent.newBuilder().setRegister(messages.registration()).build());
        }

        synchronized void send(FromAgent message) {
            if (!over && out != null) {
                try {
                    out.onNext(message);
                } catch (IllegalStateException ended) {
                    log.debug("The stream has ended under a message", ended);
                }
            }
        }

        private void watch() {
            if (System.nanoTime() - heardNanos > silenceNanos) {
                log.warn("The leader has been silent for {} s", TimeUnit.NANOSECONDS.toSeconds(silenceNanos));
                callbacks.execute(() -> end("silence"));
            }
        }

        @Override
        public void onNext(ToAgent message) {
            heardNanos = System.nanoTime();
            long highest = messages.highestTerm();
            if (message.getTerm() < highest) {
                log.warn("Refusing a message of term {}: term {} has been seen", message.getTerm(), highest);
                end("an older term");
                return;
            }
            if (message.getTerm() > highest) {
                messages.sawTerm(message.getTerm());
            }
            switch (message.getMessageCase()) {
                case PING ->
                    send(FromAgent.newBuilder()
                            .setPong(Pong.getDefaultInstance())
                            .build());
                case REFUSED -> {
                    var refused = message.getRefused();
                    log.error("The leader refuses this node: {}", refused.getMessage());
                    nextWait = refused.getPermanent() ? REFUSED_WAIT_MILLIS : LONGEST_WAIT_MILLIS;
                    end("refused");
                }
                case REGISTERED -> {
                    var answer = message.getRegistered();
                    if (answer.getPingIntervalSeconds() > 0) {
                        silenceNanos =
                                TimeUnit.SECONDS.toNanos((long) SILENT_INTERVALS * answer.getPingIntervalSeconds());
                    }
                    wait = FIRST_WAIT_MILLIS;
                    log.info("Registered as {} with the leader of term {}", answer.getAgentId(), message.getTerm());
                    registered = true;
                    messages.registered(answer);
                    reports = timers.scheduleWithFixedDelay(
                            () -> callbacks.execute(this::report),
                            0,
                            settings.reportInterval().toMillis(),
                            TimeUnit.MILLISECONDS);
                }
                default -> {
                    if (registered) {
                        messages.received(message);
                    } else {
                        log.warn("The leader sends {} before it has registered this node", message.getMessageCase());
                    }
                }
            }
        }

        private void report() {
            if (!over) {
                send(FromAgent.newBuilder().setNodeReport(messages.report()).build());
            }
        }

        @Override
        public void onError(Throwable error) {
            if (!over) {
                Throwable cause = error.getCause();
                log.warn(
                        "The link has failed: {}{}",
                        error.getMessage(),
                        cause == null ? "" : " (" + cause.getMessage() + ")");
            }
            end("failed");
        }

        @Override
        public void onCompleted() {
            end("the leader ended it");
        }

        private void end(String why) {
            synchronized (this) {
                if (over) {
                    return;
                }
                over = true;
                registered = false;
            }
            log.debug("The stream is over: {}", why);
            if (watchdog != null) {
                watchdog.cancel(false);
            }
            if (reports != null) {
                reports.cancel(false);
            }
            channel.shutdownNow();
            if (current.compareAndSet(this, null)) {
                long after = wait;
                wait = Math.min(LONGEST_WAIT_MILLIS, after * 2);
                again(nextWait >= 0 ? nextWait : after);
            }
        }
    }

    /** Ends the stream and tries no more. */
    @Override
    public void close() {
        closed = true;
        Stream stream = current.get();
        if (stream != null) {
            stream.end("the shim stops");
        }
        Future<?> next = attempt;
        if (next != null) {
            next.cancel(false);
        }
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        callbacks.shutdown();
    }
}
