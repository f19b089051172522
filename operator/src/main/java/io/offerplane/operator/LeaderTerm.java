package io.offerplane.operator;

import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineConfig;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.OfferEngine;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.mesos.SubscriptionPolicy;
import io.offerplane.operator.controllers.Controllers;
import io.offerplane.operator.controllers.ReconcileObserver;
import io.offerplane.operator.link.AgentSessions;
import io.offerplane.operator.link.CallerIdentity;
import io.offerplane.operator.link.LinkCertificates;
import io.offerplane.operator.link.LinkServer;
import io.offerplane.operator.link.LinkSettings;
import io.offerplane.operator.link.ProtobufMessages;
import io.offerplane.operator.link.TlsIdentity;
import io.offerplane.operator.runtime.EffectDispatcher;
import io.offerplane.operator.runtime.EngineLoop;
import io.offerplane.operator.runtime.OfferEngineCore;
import io.offerplane.operator.runtime.TermGate;
import io.offerplane.operator.yarn.HeadSessions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that lives from gaining the lead to losing it. Starts in the order of {@link #start}'s body; {@link #stop} is the same
 * order backwards, and {@link #abandon} the same again with nothing let out any more.
 *
 * <p>Nothing of a term outlives it: what the next one must know is in Kubernetes' objects and on the nodes' disks.
 */
final class LeaderTerm {
    private static final Logger LOG = LoggerFactory.getLogger(LeaderTerm.class);
    private static final Duration CERTIFICATE_CHECK = Duration.ofMinutes(10);

    /** Mesos' defaults: no offer with less than this of both. */
    private static final List<ResourceQuantities> MIN_ALLOCATABLE = List.of(
            Resources.scalar("cpus", 0.01).scalars(),
            Resources.scalar("mem", 32).scalars());

    private final EffectDispatcher dispatcher;
    private final EngineLoop loop;
    private final AgentSessions sessions;
    private final LinkServer link;
    private final Controllers controllers;
    private final Deque<Runnable> undo;

    /** What a term needs of the process around it; the tests bring their own. */
    record Surroundings(
            InstantSource clock,
            LongSupplier connectionNumbers,
            Gateway gateway,
            LinkCertificates certificates,
            CallerIdentity shims,
            CallerIdentity head,
            ControllersFactory controllers,
            Mark mark,
            Consumer<Effect> observer,
            EngineLoop.Observer loopObserver,
            ReconcileObserver reconciliations,
            LongConsumer onLaterTerm,
            Consumer<Throwable> onEngineBroken) {}

    /** The Mesos side, which outlives terms. */
    interface Gateway {
        TermGate gate();

        void deliver(Effect.ToFramework effect);

        /** Subscriptions are judged by this from now on. */
        void admitBy(SubscriptionPolicy policy);

        void observe(Effect.Notice notice);

        /** Ends all streams; the frameworks look for the next leader. */
        void endStreams();
    }

    /** Makes the controllers of a term. Blocks until their caches are filled. */
    @FunctionalInterface
    interface ControllersFactory {
        Controllers start(EngineGate engine, String termId, ReconcileObserver reconciliations);
    }

    /** Shows Services who leads. Blocks. */
    interface Mark {
        void put();

        void remove();
    }

    private LeaderTerm(
            EffectDispatcher dispatcher,
            EngineLoop loop,
            AgentSessions sessions,
            LinkServer link,
            Controllers controllers,
            Deque<Runnable> undo) {
        this.dispatcher = dispatcher;
        this.loop = loop;
        this.sessions = sessions;
        this.link = link;
        this.controllers = controllers;
        this.undo = undo;
    }

    /** Starts a term; when anything fails, what had started is stopped again and the failure is thrown. Blocks. */
    static LeaderTerm start(long number, String termId, OperatorConfig config, Surroundings around) {
        Deque<Runnable> undo = new ArrayDeque<>();
        try {
            TlsIdentity identity = around.certificates().ensure(around.clock().instant());

            EffectDispatcher dispatcher = new EffectDispatcher();
            EngineLoop loop = new EngineLoop(
                    new OfferEngineCore(new OfferEngine(engineConfig(termId, number, config.engine()))),
                    dispatcher,
                    around.clock(),
                    new EngineLoop.Settings(
                            config.engine().queueCapacity(),
                            config.engine().maxBatch(),
                            config.engine().allocationInterval(),
                            config.engine().coalescing()),
                    around.loopObserver(),
                    around.onEngineBroken());

            Controllers controllers = around.controllers().start(loop, termId, around.reconciliations());
            undo.push(controllers::close);
            loop.recover(controllers.recovery());

            dispatcher.watch(controllers.notices());
            dispatcher.watch(around.gateway()::observe);
            dispatcher.routeOwnFramework(controllers::deliver);
            dispatcher.routeOtherFrameworks(around.gateway()::deliver);
            dispatcher.observe(around.observer());

            LinkSettings settings = linkSettings(config.link());
            Optional<HeadSessions> head = head(config, loop, around, number, dispatcher);
            AgentSessions sessions = new AgentSessions(
                    head.map(HeadSessions::agents).orElse(loop),
                    controllers.directory(),
                    new ProtobufMessages(around.clock()),
                    settings,
                    around.connectionNumbers(),
                    number,
                    around.onLaterTerm());
            dispatcher.routeAgents(effect -> {
                if (head.isEmpty() || !head.get().takes(effect)) {
                    sessions.deliver(effect);
                }
            });
            dispatcher.watch(sessions::observe);

            // Pushed so that, backwards, what waits is applied and sent first, then the streams end, then the port
            // closes: an end
            // in another order would look to the engine like agents that vanish.
            LinkServer link = LinkServer.start(settings, identity, served(around, sessions, head));
            undo.push(link::close);
            undo.push(sessions::close);
            head.ifPresent(sessionsOfHead -> undo.push(sessionsOfHead::close));
            loop.start();
            undo.push(loop::close);
            controllers.open();
            undo.push(renewCertificates(around, link, identity)::shutdownNow);

            around.gateway().admitBy(controllers.subscriptions());
            around.gateway().gate().open(loop);
            undo.push(() -> {
                around.gateway().gate().shut();
                around.gateway().endStreams();
            });
            around.mark().put();
            undo.push(() -> removeMark(around.mark()));
            return new LeaderTerm(dispatcher, loop, sessions, link, controllers, undo);
        } catch (RuntimeException failed) {
            unwind(undo);
            throw failed;
        }
    }

    EngineLoop loop() {
        return loop;
    }

    AgentSessions sessions() {
        return sessions;
    }

    Controllers controllers() {
        return controllers;
    }

    int linkPort() {
        return link.port();
    }

    /**
     * The orderly end: no more from frameworks, then none from agents; what waits is applied and its effects leave; then the
     * controllers end. Tasks stay, and no failover timer starts: to the frameworks it is a master that fails over.
     */
    void stop() {
        unwind(undo);
    }

    /** The end of a leader that may not lead any more: as {@link #stop}, but from now on nothing leaves this process. */
    void abandon() {
        dispatcher.fence();
        loop.abandon();
        stop();
    }

    /** The leader's end of YARN's link, where there is YARN. */
    private static Optional<HeadSessions> head(
            OperatorConfig config, EngineLoop loop, Surroundings around, long number, EffectDispatcher dispatcher) {
        if (!config.yarn().enabled()) {
            return Optional.empty();
        }
        HeadSessions head = new HeadSessions(
                loop, config.yarn().head(config.link().outboundQueue()), around.connectionNumbers(), number);
        dispatcher.routeOwnFramework(head::takes);
        dispatcher.watch(head::observe);
        return Optional.of(head);
    }

    private static List<LinkServer.Served> served(
            Surroundings around, AgentSessions sessions, Optional<HeadSessions> head) {
        LinkServer.Served toShims =
                new LinkServer.Served(sessions.service(), LinkCertificates.SHIM_NAME, around.shims());
        return head.map(sessionsOfHead -> List.of(
                        toShims,
                        new LinkServer.Served(sessionsOfHead.service(), LinkCertificates.HEAD_NAME, around.head())))
                .orElse(List.of(toShims));
    }

    private static void unwind(Deque<Runnable> undo) {
        while (!undo.isEmpty()) {
            try {
                undo.pop().run();
            } catch (RuntimeException failed) {
                LOG.atError().setCause(failed).log("A part of the term did not end well");
            }
        }
    }

    private static void removeMark(Mark mark) {
        try {
            mark.remove();
        } catch (RuntimeException failed) {
            LOG.atWarn()
                    .addKeyValue("why", failed.getMessage())
                    .log("The leader's label could not be removed; the next leader removes it");
        }
    }

    private static ScheduledExecutorService renewCertificates(Surroundings around, LinkServer link, TlsIdentity first) {
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("certificates").daemon().factory());
        TlsIdentity[] shown = {first};
        var _ = timer.scheduleWithFixedDelay(
                () -> {
                    try {
                        TlsIdentity now =
                                around.certificates().ensure(around.clock().instant());
                        if (!Arrays.equals(now.chain(), shown[0].chain())
                                || !Arrays.equals(now.authorities(), shown[0].authorities())) {
                            link.replaceIdentity(now);
                            shown[0] = now;
                        }
                    } catch (RuntimeException failed) {
                        LOG.atWarn()
                                .setCause(failed)
                                .log(
                                        "The link's certificates could not be looked after; they are looked at again later");
                    }
                },
                CERTIFICATE_CHECK.toSeconds(),
                CERTIFICATE_CHECK.toSeconds(),
                TimeUnit.SECONDS);
        return timer;
    }

    private static EngineConfig engineConfig(String termId, long number, OperatorConfig.Engine engine) {
        return new EngineConfig(
                termId,
                engine.allocationInterval(),
                engine.offerTimeout(),
                engine.agentReregisterTimeout(),
                MIN_ALLOCATABLE,
                engine.region(),
                engine.filterGpuAgents(),
                engine.completedTasksPerFramework(),
                engine.completedFrameworks(),
                engine.askRules(),
                engine.setAside(),
                number,
                engine.fairSharingExcluded());
    }

    private static LinkSettings linkSettings(OperatorConfig.Link link) {
        return new LinkSettings(
                link.port(),
                link.pingInterval(),
                link.maxMissedPings(),
                Math.toIntExact(link.maxMessageBytes()),
                link.outboundQueue(),
                Duration.ofMinutes(1));
    }
}
