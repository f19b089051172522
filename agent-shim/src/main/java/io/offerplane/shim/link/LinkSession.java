package io.offerplane.shim.link;

import io.grpc.ClientInterceptors;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
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
import io.offerplane.protocol.link.v1.Register;
import io.offerplane.protocol.link.v1.StatusUpdate;
import io.offerplane.protocol.link.v1.ToAgent;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one registered stream to the leader. When it ends, however it ends, a new one is tried after a {@link RetryWait}.
 *
 * <p>Pings are answered at once, on threads of the link's own. All else goes to {@link LeaderMessages} in its order, from one thread, and may
 * take its time there: a slow disk or a hundred launches must not make the node look dead. Virtual threads wouldn't do, as
 * they share few carriers with tasks that block on files.
 */
public final class LinkSession implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LinkSession.class);
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    /** The name in the leader's certificate, whatever the Service is called. */
    private static final String LEADER_NAME = "offerplane-link";

    /** Where trying again as it is can't succeed, it is tried seldom: an operator may change its mind. */
    private static final long REFUSED_WAIT_MILLIS = 60_000;

    /** As many silent ping intervals mean that the leader is gone. */
    private static final int SILENT_INTERVALS = 5;

    /** Until the leader has named its interval. */
    private static final Duration REGISTRATION_PATIENCE = Duration.ofSeconds(60);

    /** A LaunchTask holds two descriptions, each bounded at the leader's wire. */
    private static final int MAX_MESSAGE_BYTES = 8 << 20;

    /** The least that gRPC's client allows; the leader's end allows half of it. */
    private static final long KEEPALIVE_SECONDS = 10;

    /** A leader whose node lost its power says no goodbye: this long after a keepalive it is given up. */
    private static final long KEEPALIVE_TIMEOUT_SECONDS = 5;

    /** A dead leader's address may swallow what is sent to it, while the Service has another by now. */
    private static final int CONNECT_MILLIS = 2_000;

    /** Messages that may wait to be handled; beyond that the leader's wait at its end, pings among them. */
    private static final int WINDOW = 4096;

    private final LinkSettings settings;
    private final LeaderMessages messages;
    private final ScheduledExecutorService timers;
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final ExecutorService callbacks = Executors.newCachedThreadPool(
            Thread.ofPlatform().name("link-", 0).daemon().factory());
    private final RetryWait wait =
            new RetryWait(bound -> ThreadLocalRandom.current().nextLong(bound));

    private final HandshakePatience handshakes = new HandshakePatience();

    /** Held while a message is handled, so that a registration tells what came of all that an earlier stream brought. */
    private final ReentrantLock handling = new ReentrantLock();

    private final AtomicReference<@Nullable Stream> current = new AtomicReference<>();
    private volatile @Nullable Future<?> attempt;
    private volatile boolean closed;

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
        send(FromAgent.newBuilder().setStatusUpdate(update).build());
    }

    /** Sends a message if there is a registered stream; nobody repeats it otherwise. Never blocks. */
    public void send(FromAgent message) {
        Stream stream = current.get();
        if (stream != null && stream.registered) {
            stream.send(message);
        }
    }

    /** Sends a node report now, beside those of every interval, if there is a registered stream. Never blocks. */
    public void reportNow() {
        Stream stream = current.get();
        if (stream != null && stream.registered) {
            callbacks.execute(stream::report);
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
            again(wait.drawn(RetryWait.LONGEST_MILLIS));
            return;
        }
        current.set(stream);
        stream.open();
    }

    private void again(long millis) {
        if (closed) {
            return;
        }
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
                .keepAliveTimeout(KEEPALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .disableRetry()
                .build();
    }

    /** One attempt: a channel of its own, so that certificates and address are read anew. */
    private final class Stream implements ClientResponseObserver<FromAgent, ToAgent> {
        private final ManagedChannel channel;
        private final String token;
        private final LinkedBlockingQueue<ToAgent> inbox = new LinkedBlockingQueue<>();
        private final long openedNanos = System.nanoTime();
        private final Duration handshake = handshakes.current();
        private @Nullable StreamObserver<FromAgent> out;
        private @Nullable ClientCallStreamObserver<FromAgent> flow;
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
            Register registration;
            handling.lock();
            try {
                registration = messages.registration();
            } finally {
                handling.unlock();
            }
            send(FromAgent.newBuilder().setRegister(registration).build());
            callbacks.execute(this::handleInbox);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<FromAgent> call) {
            call.disableAutoRequestWithInitial(WINDOW);
            flow = call;
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
            if (System.nanoTime() - openedNanos > handshake.toNanos()
                    && channel.getState(false) != ConnectivityState.READY) {
                log.warn(
                        "{}:{} has taken no connection as far as a handshake within {} s",
                        settings.host(),
                        settings.port(),
                        handshake.toSeconds());
                callbacks.execute(() -> {
                    handshakes.ranOut(handshake);
                    end("no handshake");
                });
            } else if (System.nanoTime() - heardNanos > silenceNanos) {
                log.warn("The leader has been silent for {} s", TimeUnit.NANOSECONDS.toSeconds(silenceNanos));
                callbacks.execute(() -> end("silence"));
            }
        }

        @Override
        public void onNext(ToAgent message) {
            heardNanos = System.nanoTime();
            if (message.getMessageCase() == ToAgent.MessageCase.PING && message.getTerm() >= messages.highestTerm()) {
                send(FromAgent.newBuilder().setPong(Pong.getDefaultInstance()).build());
            }
            inbox.add(message);
        }

        private void handleInbox() {
            try {
                while (!over) {
                    ToAgent message = inbox.take();
                    handling.lock();
                    try {
                        if (!over) {
                            handle(message);
                        }
                    } finally {
                        handling.unlock();
                    }
                    synchronized (this) {
                        if (!over && flow != null) {
                            flow.request(1);
                        }
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                log.error("A message of the leader's can't be handled", e);
                end("a message that can't be handled");
            }
        }

        private void handle(ToAgent message) {
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
                // Answered when it came; or it is what wakes this thread up at the end.
                case PING, MESSAGE_NOT_SET -> {}
                case REFUSED -> {
                    var refused = message.getRefused();
                    log.error("The leader refuses this node: {}", refused.getMessage());
                    nextWait = wait.drawn(refused.getPermanent() ? REFUSED_WAIT_MILLIS : RetryWait.LONGEST_MILLIS);
                    end("refused");
                }
                case REGISTERED -> {
                    var answer = message.getRegistered();
                    if (answer.getPingIntervalSeconds() > 0) {
                        silenceNanos =
                                TimeUnit.SECONDS.toNanos((long) SILENT_INTERVALS * answer.getPingIntervalSeconds());
                    }
                    wait.reset();
                    handshakes.reset();
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
            inbox.add(ToAgent.getDefaultInstance());
            if (current.compareAndSet(this, null)) {
                again(nextWait >= 0 ? nextWait : wait.next());
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
