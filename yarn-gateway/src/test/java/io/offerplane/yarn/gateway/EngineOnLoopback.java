package io.offerplane.yarn.gateway;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.offerplane.engine.Command;
import io.offerplane.engine.Decision;
import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineConfig;
import io.offerplane.engine.OfferEngine;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.view.EngineView;
import io.offerplane.operator.runtime.EffectDispatcher;
import io.offerplane.operator.runtime.EngineLoop;
import io.offerplane.operator.runtime.OfferEngineCore;
import io.offerplane.operator.yarn.HeadSessions;
import io.offerplane.operator.yarn.HeadSettings;
import io.offerplane.operator.yarn.VcoreSize;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** A leader's engine with its end of the head's link, on a free port of the loopback interface. */
public final class EngineOnLoopback implements AutoCloseable {
    static final Duration FAILOVER = Duration.ofSeconds(3);

    private final EffectDispatcher dispatcher = new EffectDispatcher();
    private final EngineLoop loop;
    private final HeadSessions heads;
    private final Server server;
    private final ManagedChannel channel;
    private final List<Throwable> broken = new CopyOnWriteArrayList<>();

    public EngineOnLoopback(long term) throws IOException {
        this(term, FAILOVER);
    }

    /** @param failover how long applications are kept while no head is linked */
    public EngineOnLoopback(long term, Duration failover) throws IOException {
        loop = new EngineLoop(
                new OfferEngineCore(new OfferEngine(new EngineConfig(
                        "term-" + term,
                        Duration.ofMillis(50),
                        Optional.empty(),
                        Duration.ofMinutes(10),
                        List.of(),
                        Optional.empty(),
                        true,
                        100,
                        10,
                        42))),
                dispatcher,
                InstantSource.system(),
                new EngineLoop.Settings(10_000, 100, Duration.ofMillis(50), Duration.ofMillis(5)),
                EngineLoop.Observer.NONE,
                broken::add);
        heads = new HeadSessions(
                loop,
                new HeadSettings(failover, Duration.ofMinutes(2), Duration.ofMillis(50), 10_000, VcoreSize.CORE),
                new AtomicLong()::incrementAndGet,
                term);
        dispatcher.routeOwnFramework(heads::takes);
        dispatcher.routeAgents(effect -> heads.takes(effect));
        dispatcher.watch(heads::observe);
        loop.start();
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(heads.service())
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .build();
    }

    /** The leader's end of the link, for a server of the test's own. */
    public HeadSessions heads() {
        return heads;
    }

    Channel channel() {
        return channel;
    }

    /** Where effects for frameworks that wait for offers go. */
    void sendOffersTo(Consumer<Effect.ToFramework> receiver) {
        dispatcher.routeOtherFrameworks(receiver);
    }

    Decision.Answer apply(Command command) {
        CompletableFuture<Decision.Answer> answer = new CompletableFuture<>();
        submit(command, answer::complete);
        return answer.join();
    }

    void submit(Command command, Consumer<Decision.Answer> onAnswer) {
        if (!loop.submit(command, onAnswer)) {
            throw new IllegalStateException("the engine is busy");
        }
    }

    public void queue(String role, double weight) {
        apply(new Command.SetRoleWeight(new RolePath(role), weight, loop.now()));
    }

    /** As a shim would: it may have to wait until the head has said what it has there. */
    public void agent(String host, double cpus, double memory) {
        heads.agents()
                .submit(
                        new Command.RegisterAgent(
                                new AgentId(host + "-S"),
                                new AgentSpec(host, host, 5051, host, "pool", List.of(), Optional.empty(), "1"),
                                Resources.scalars(Map.of("cpus", Quantity.of(cpus), "mem", Quantity.of(memory))),
                                List.of(),
                                List.of(),
                                1,
                                loop.now()),
                        answer -> {});
    }

    EngineView view() {
        if (!broken.isEmpty()) {
            throw new IllegalStateException(broken.getFirst());
        }
        return loop.view();
    }

    public double allocatedCpus() {
        return view().agents().stream()
                .mapToDouble(agent -> agent.allocated().scalars().get("cpus").units())
                .sum();
    }

    public double heldCpus(String framework) {
        return view().frameworks().stream()
                .filter(known -> known.id().value().equals(framework))
                .mapToDouble(known -> known.allocated().scalars().get("cpus").units())
                .sum();
    }

    @Override
    public void close() {
        heads.close();
        channel.shutdownNow();
        server.shutdownNow();
        loop.close();
    }
}
