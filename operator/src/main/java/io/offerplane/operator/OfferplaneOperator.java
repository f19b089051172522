package io.offerplane.operator;

import io.offerplane.engine.Effect;
import io.offerplane.mesos.Leadership;
import io.offerplane.mesos.MesosGateway;
import io.offerplane.mesos.SubscriptionPolicy;
import io.offerplane.operator.link.CallerIdentity;
import io.offerplane.operator.link.LinkCertificates;
import io.offerplane.operator.link.SecretStore;
import io.offerplane.operator.runtime.LeaderElection;
import io.offerplane.operator.runtime.LeaseStore;
import io.offerplane.operator.runtime.MonotonicClock;
import io.offerplane.operator.runtime.TermGate;
import io.offerplane.operator.telemetry.OperatorMetrics;
import io.offerplane.operator.telemetry.Probe;
import io.offerplane.operator.telemetry.TelemetryServer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running operator. Metrics and probes come first, then Mesos' port as a follower that redirects, then the election; a
 * {@link LeaderTerm} begins and ends with each lead. {@link #close} is the same backwards: the lead is given up, with its term, before
 * the ports close.
 */
public final class OfferplaneOperator implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OfferplaneOperator.class);

    private static final Duration REHEARSAL_WAIT = Duration.ofSeconds(1);

    private final OperatorConfig config;
    private final Surroundings around;
    private final InstantSource clock = new MonotonicClock(InstantSource.system());
    private final TermGate gate = new TermGate(clock);
    private final OperatorMetrics metrics;
    private final TelemetryServer telemetry;
    private final MesosGateway mesos;
    private final LeaderElection election;
    private final ExecutorService terms = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("term-", 1).factory());

    private final ReentrantLock termLock = new ReentrantLock();
    // Guarded by termLock.
    private @Nullable LeaderTerm term;
    private @Nullable Future<?> starting;
    private boolean lost;

    /** Of the present term, else of the last: nobody is asked while there is none. */
    private volatile SubscriptionPolicy subscriptions = SubscriptionPolicy.EVERYTHING;

    private volatile Leadership.Term known =
            new Leadership.Term(UUID.randomUUID().toString(), Instant.EPOCH);
    private volatile boolean started;
    private volatile boolean closing;

    /**
     * What the operator needs of the world outside of the process; tests bring their own.
     *
     * @param warmUp loads what the first use of that world loads; run once on a standby
     */
    record Surroundings(
            LeaseStore lease,
            SecretStore secrets,
            CallerIdentity shims,
            CallerIdentity head,
            LeaderTerm.ControllersFactory controllers,
            LeaderTerm.Mark mark,
            PrincipalSecrets principals,
            AtomicLong connectionNumbers,
            Runnable warmUp,
            Runnable onEngineBroken) {}

    private OfferplaneOperator(OperatorConfig config, Surroundings around) {
        this.config = config;
        this.around = around;
        this.metrics = new OperatorMetrics(gate, config.telemetry().maxFrameworks());
        this.telemetry = TelemetryServer.start(
                config.telemetry().port(),
                metrics::scrape,
                List.of(
                        new Probe("startup", this::startupFault),
                        new Probe("ready", this::readyFault),
                        new Probe("live", this::liveFault)));
        this.mesos = MesosSide.start(
                config,
                gate,
                new KnownLeadership(),
                around.principals(),
                application -> subscriptions.judge(application),
                around.connectionNumbers()::incrementAndGet);
        metrics.bindGateway(mesos.metrics());
        this.election = new LeaderElection(
                around.lease(),
                config.pod().name() + "_" + UUID.randomUUID(),
                config.pod().ip() + ":" + mesos.port(),
                new LeaderElection.Timing(
                        config.election().leaseDuration(),
                        config.election().renewDeadline(),
                        config.election().retryInterval()),
                System::nanoTime,
                new Terms());
        metrics.bindElection(election::isLeading, election::isStoreReachable);
    }

    /** Starts everything; returns when this process takes part in the election. */
    static OfferplaneOperator start(OperatorConfig config, Surroundings around) {
        OfferplaneOperator operator = new OfferplaneOperator(config, around);
        operator.election.start();
        Thread.ofPlatform().name("rehearsal").daemon().start(operator::rehearseWhileStandingBy);
        operator.started = true;
        if (config.mesos().authenticationMode() != OperatorConfig.AuthenticationMode.Required) {
            LOG.atWarn()
                    .addKeyValue("mode", config.mesos().authenticationMode())
                    .log("Mesos clients need no credentials: whoever reaches the port can run tasks on this cluster."
                            + " Set mesos.authentication.mode to Required to change that");
        }
        LOG.atInfo().addKeyValue("pod", config.pod().name()).log("The operator has started");
        return operator;
    }

    /** Where Mesos clients connect. */
    int mesosPort() {
        return mesos.port();
    }

    int telemetryPort() {
        return telemetry.port();
    }

    /** Where shims connect, while this process leads and its term has begun. */
    Optional<Integer> linkPort() {
        return currentTerm().map(LeaderTerm::linkPort);
    }

    boolean isLeading() {
        return gate.isOpen();
    }

    /** Gives up the lead, if this process has it, then closes the ports. Blocks until all has ended, seconds at most. */
    @Override
    public void close() {
        closing = true;
        election.close();
        terms.shutdown();
        mesos.close();
        telemetry.close();
        LOG.atInfo().log("The operator has stopped");
    }

    /** Whoever leads at once has no time for it; whoever waits has, and is the faster when it is elected. */
    private void rehearseWhileStandingBy() {
        try {
            while (!closing && !election.isLeading()) {
                if (election.leaderAddress().isPresent()) {
                    around.warmUp().run();
                    var _ = Rehearsal.run(config);
                    return;
                }
                Thread.sleep(REHEARSAL_WAIT);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<LeaderTerm> currentTerm() {
        termLock.lock();
        try {
            return Optional.ofNullable(term);
        } finally {
            termLock.unlock();
        }
    }

    private Optional<String> startupFault() {
        return started ? Optional.empty() : Optional.of("the operator is still starting");
    }

    private Optional<String> readyFault() {
        if (gate.isOpen()) {
            // A blip of the API server is none: an informer that can still list and watch again is one that follows.
            return currentTerm()
                    .filter(term -> !term.controllers().isFollowingTheCluster())
                    .map(term -> "this process leads, but has given up following the cluster's objects");
        }
        if (!election.isLeading() && election.leaderAddress().isPresent()) {
            return Optional.empty();
        }
        return Optional.of(
                election.isLeading() ? "this process leads and still takes over" : "no leader is known to redirect to");
    }

    private Optional<String> liveFault() {
        Duration limit = config.telemetry().stallLimit();
        Optional<LeaderTerm> present = currentTerm();
        if (present.isPresent()) {
            Duration since = Duration.between(present.get().loop().lastPass(), clock.instant());
            if (since.compareTo(limit) > 0) {
                return Optional.of("the engine has not looked at its queue for " + since.toSeconds() + " s");
            }
        }
        Duration silent = election.sinceLastRound();
        if (silent.compareTo(limit) > 0) {
            return Optional.of("the election has stood still for " + silent.toSeconds() + " s");
        }
        return Optional.empty();
    }

    /** Begins and ends terms as the election goes. */
    private final class Terms implements LeaderElection.Listener {
        @Override
        public void onElected(long number) {
            termLock.lock();
            try {
                lost = false;
                starting = terms.submit(() -> begin(number));
            } finally {
                termLock.unlock();
            }
        }

        @Override
        public void onDeposed(long number) {
            // What may leave is stopped at once; what was starting is left to end by itself.
            LeaderTerm present;
            Future<?> pending;
            termLock.lock();
            try {
                lost = true;
                present = term;
                term = null;
                pending = starting;
            } finally {
                termLock.unlock();
            }
            gate.shut();
            if (present != null) {
                end(present);
                LOG.atInfo().addKeyValue("term", number).log("The term has ended");
            }
            awaitEnd(pending);
            metrics.termEnded();
        }

        private void end(LeaderTerm present) {
            if (closing) {
                present.stop();
            } else {
                present.abandon();
            }
        }

        private void begin(long number) {
            String id = UUID.randomUUID().toString();
            known = new Leadership.Term(id, clock.instant());
            long began = System.nanoTime();
            LeaderTerm begun;
            try {
                begun = LeaderTerm.start(number, id, config, surroundings());
            } catch (RuntimeException failed) {
                LOG.atError()
                        .setCause(failed)
                        .addKeyValue("term", number)
                        .log("The term could not begin; the lead is given back");
                election.cede(number + 1);
                return;
            }
            LOG.atInfo().addKeyValue("term", number).addKeyValue("id", id).log("The term has begun");
            termLock.lock();
            try {
                if (!lost) {
                    term = begun;
                    metrics.termBegun(
                            number,
                            begun.loop()::queued,
                            begun.loop()::refusals,
                            begun.sessions()::linked,
                            begun.controllers()::drifts,
                            Duration.ofNanos(System.nanoTime() - began));
                    return;
                }
            } finally {
                termLock.unlock();
            }
            begun.abandon();
        }

        private void awaitEnd(@Nullable Future<?> pending) {
            if (pending == null) {
                return;
            }
            try {
                pending.get();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException failed) {
                LOG.atError().setCause(failed.getCause()).log("The term ended badly");
            }
        }

        private LeaderTerm.Surroundings surroundings() {
            return new LeaderTerm.Surroundings(
                    clock,
                    around.connectionNumbers()::incrementAndGet,
                    new GatewayOfTerm(),
                    new LinkCertificates(
                            around.secrets(),
                            config.pod().namespace(),
                            config.link().certificateLifetime(),
                            config.yarn().enabled()),
                    around.shims(),
                    around.head(),
                    around.controllers(),
                    around.mark(),
                    metrics::observe,
                    metrics::applied,
                    metrics::reconciled,
                    seen -> election.cede(seen + 1),
                    broken -> around.onEngineBroken().run());
        }
    }

    private final class GatewayOfTerm implements LeaderTerm.Gateway {
        @Override
        public TermGate gate() {
            return gate;
        }

        @Override
        public void deliver(Effect.ToFramework effect) {
            mesos.deliver(effect);
        }

        @Override
        public void admitBy(SubscriptionPolicy policy) {
            subscriptions = policy;
        }

        @Override
        public void observe(Effect.Notice notice) {
            mesos.observe(notice);
        }

        @Override
        public void endStreams() {
            mesos.endStreams();
        }
    }

    private final class KnownLeadership implements Leadership {
        @Override
        public Optional<Address> leader() {
            return election.leaderAddress().map(address -> {
                int colon = address.lastIndexOf(':');
                return new Address(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
            });
        }

        @Override
        public boolean isLeader() {
            return election.isLeading();
        }

        @Override
        public boolean recovered() {
            return gate.isOpen();
        }

        @Override
        public Term term() {
            return known;
        }
    }
}
