package io.offerplane.mesos;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineGate;
import io.offerplane.mesos.access.Gatekeeper;
import io.offerplane.mesos.http.ConnectionHandler;
import io.offerplane.mesos.http.Router;
import io.offerplane.mesos.master.MasterEndpoints;
import io.offerplane.mesos.scheduler.SchedulerEndpoint;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The HTTP server that frameworks and tools take for a Mesos master. Runs on every replica: those that don't lead redirect.
 *
 * <p>Effects for frameworks come in through {@link #deliver}, on the engine's thread.
 */
public final class MesosGateway implements FrameworkStreams, AutoCloseable {
    /** Requests for big answers that may wait for a thread; further ones are answered 503. */
    private static final int RENDER_QUEUE = 256;

    private final EventLoopGroup loops;
    private final ExecutorService renderers;
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final GatewayMetrics metrics = new GatewayMetrics();
    private final SchedulerEndpoint scheduler;
    private final int port;

    private MesosGateway(
            GatewayConfig config, EngineGate gate, Leadership leadership, SubscriptionPolicy subscriptions) {
        Instant started = gate.now();
        Gatekeeper gatekeeper = new Gatekeeper(config.credentials(), leadership);
        renderers = new ThreadPoolExecutor(
                config.renderers(),
                config.renderers(),
                30,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(RENDER_QUEUE),
                new DefaultThreadFactory("mesos-render", true));
        loops = new MultiThreadIoEventLoopGroup(
                config.eventLoops(), new DefaultThreadFactory("mesos-http", true), NioIoHandler.newFactory());
        Identity identity = new Identity(config, leadership, started);
        scheduler = new SchedulerEndpoint(
                gate,
                gatekeeper,
                subscriptions,
                () -> identity.get().toProto(),
                new SchedulerEndpoint.StreamSettings(
                        config.streamBufferBytes(), config.heartbeatInterval(), config.connectionNumbers()),
                counter());
        MasterEndpoints master =
                new MasterEndpoints(config, gate, leadership, gatekeeper, identity::get, metrics, renderers);
        Map<String, Router.Endpoint> endpoints = new LinkedHashMap<>(master.endpoints());
        endpoints.put("/master/api/v1/scheduler", scheduler);
        Consumer<ChannelPipeline> pipeline = ConnectionHandler.pipeline(
                new Router(endpoints, Set.copyOf(master.exactPaths())), config.limits(), metrics.http());
        Channel listening = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(256 * 1024, 1024 * 1024))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channels.add(channel);
                        pipeline.accept(channel.pipeline());
                    }
                })
                .bind(config.bindAddress(), config.port())
                .syncUninterruptibly()
                .channel();
        channels.add(listening);
        port = ((InetSocketAddress) listening.localAddress()).getPort();
        identity.listening(port);
    }

    /** Listens from here on, and takes every subscription. Throws when the port can't be had. */
    public static MesosGateway start(GatewayConfig config, EngineGate gate, Leadership leadership) {
        return start(config, gate, leadership, SubscriptionPolicy.EVERYTHING);
    }

    /** Listens from here on. Throws when the port can't be had. */
    public static MesosGateway start(
            GatewayConfig config, EngineGate gate, Leadership leadership, SubscriptionPolicy subscriptions) {
        return new MesosGateway(config, gate, leadership, subscriptions);
    }

    /** The port that is listened on. */
    public int port() {
        return port;
    }

    public GatewayMetrics metrics() {
        return metrics;
    }

    @Override
    public void deliver(Effect.ToFramework effect) {
        scheduler.deliver(effect);
    }

    /** Takes the engine's news for counters; any thread, doesn't block. */
    public void observe(Effect.Notice notice) {
        metrics.observe(notice);
    }

    /** Ends every framework's stream, so that clients look for the leader: to be called when this replica stops leading. */
    public void endStreams() {
        scheduler.endStreams();
    }

    /** Stops listening, then closes what is open. */
    @Override
    public void close() {
        scheduler.endStreams();
        channels.close().awaitUninterruptibly(2, TimeUnit.SECONDS);
        renderers.shutdownNow();
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
    }

    private SchedulerEndpoint.Counter counter() {
        return new SchedulerEndpoint.Counter() {
            @Override
            public void called(String type) {
                metrics.called(type);
            }

            @Override
            public void sent(String type) {
                metrics.sent(type);
            }

            @Override
            public void refused() {
                metrics.refusedCalls().increment();
            }

            @Override
            public void busy() {
                metrics.busy().increment();
            }
        };
    }

    /** Who this replica is: its port is known once it listens, its id with each term. */
    private static final class Identity {
        private final GatewayConfig config;
        private final Leadership leadership;
        private final Instant started;
        private volatile int port;

        Identity(GatewayConfig config, Leadership leadership, Instant started) {
            this.config = config;
            this.leadership = leadership;
            this.started = started;
            this.port = config.port();
        }

        void listening(int listened) {
            port = listened;
        }

        MasterIdentity get() {
            Leadership.Term term = leadership.term();
            return new MasterIdentity(
                    term.id(),
                    config.advertisedHostname(),
                    config.advertisedIp(),
                    config.advertisedPort() == 0 ? port : config.advertisedPort(),
                    started,
                    term.elected());
        }
    }
}
