package io.offerplane.operator;

import io.offerplane.engine.Command;
import io.offerplane.engine.Effect;
import io.offerplane.mesos.SubscriptionPolicy;
import io.offerplane.operator.agent.AgentDirectory;
import io.offerplane.operator.controllers.Controllers;
import io.offerplane.operator.controllers.ReconcileObserver;
import io.offerplane.operator.link.LinkCertificates;
import io.offerplane.operator.link.SecretStore;
import io.offerplane.operator.link.ShimIdentity;
import io.offerplane.operator.pool.AgentPoolReconciler;
import io.offerplane.operator.runtime.EngineLoop;
import io.offerplane.operator.runtime.MonotonicClock;
import io.offerplane.operator.runtime.TermGate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A term that touches nothing: no objects, Secrets in memory, a link on any free port of the loopback's. Run once by a process
 * that stands by, so that it has loaded the engine, the link and its cryptography when it is elected; on a busy node that
 * takes longer than all the rest of a failover.
 */
final class Rehearsal {
    private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);

    private Rehearsal() {}

    static void run(OperatorConfig config) {
        long began = System.nanoTime();
        InstantSource clock = new MonotonicClock(InstantSource.system());
        try {
            LeaderTerm.start(
                            0,
                            "rehearsal",
                            config.onAnyLinkPort(),
                            new LeaderTerm.Surroundings(
                                    clock,
                                    new AtomicLong()::incrementAndGet,
                                    new NoFrameworks(new TermGate(clock)),
                                    new LinkCertificates(new SecretsInMemory(), "rehearsal", Duration.ofHours(1)),
                                    token -> {
                                        throw new ShimIdentity.NotAShim("this leader rehearses", true);
                                    },
                                    (engine, termId, reconciliations) -> new NoObjects(),
                                    new NoMark(),
                                    effect -> {},
                                    EngineLoop.Observer.NONE,
                                    ReconcileObserver.NONE,
                                    laterTerm -> {},
                                    broken -> LOG.atError().setCause(broken).log("The engine broke at the rehearsal")))
                    .stop();
            LOG.atInfo()
                    .addKeyValue(
                            "millis",
                            Duration.ofNanos(System.nanoTime() - began).toMillis())
                    .log("A term was rehearsed");
        } catch (RuntimeException failed) {
            LOG.atWarn().setCause(failed).log("The rehearsal of a term failed; a real one may too");
        }
    }

    private record NoFrameworks(TermGate gate) implements LeaderTerm.Gateway {
        @Override
        public void deliver(Effect.ToFramework effect) {}

        @Override
        public void admitBy(SubscriptionPolicy policy) {}

        @Override
        public void observe(Effect.Notice notice) {}

        @Override
        public void endStreams() {}
    }

    private static final class NoMark implements LeaderTerm.Mark {
        @Override
        public void put() {}

        @Override
        public void remove() {}
    }

    private static final class SecretsInMemory implements SecretStore {
        private final Map<String, Map<String, byte[]>> secrets = new ConcurrentHashMap<>();

        @Override
        public Optional<Map<String, byte[]>> read(String name) {
            return Optional.ofNullable(secrets.get(name));
        }

        @Override
        public void write(String name, Map<String, byte[]> content) {
            secrets.put(name, Map.copyOf(content));
        }
    }

    private static final class NoObjects implements Controllers {
        @Override
        public List<Command> recovery() {
            return List.of();
        }

        @Override
        public void open() {}

        @Override
        public AgentDirectory directory() {
            return new AgentDirectory() {
                @Override
                public Optional<AgentRecord> byNode(String node) {
                    return Optional.empty();
                }

                @Override
                public void onChange(Consumer<String> listener) {}
            };
        }

        @Override
        public Consumer<Effect.Notice> notices() {
            return notice -> {};
        }

        @Override
        public boolean deliver(Effect.ToFramework effect) {
            return false;
        }

        @Override
        public SubscriptionPolicy subscriptions() {
            return SubscriptionPolicy.EVERYTHING;
        }

        @Override
        public List<AgentPoolReconciler.PoolDrift> drifts() {
            return List.of();
        }

        @Override
        public boolean isFollowingTheCluster() {
            return true;
        }

        @Override
        public void close() {}
    }
}
