package io.offerplane.operator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.offerplane.engine.Command;
import io.offerplane.engine.Effect;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.resource.Resources;
import io.offerplane.mesos.GatewayConfig;
import io.offerplane.mesos.Leadership;
import io.offerplane.mesos.MesosGateway;
import io.offerplane.mesos.SubscriptionPolicy;
import io.offerplane.operator.agent.AgentDirectory;
import io.offerplane.operator.controllers.Controllers;
import io.offerplane.operator.controllers.ReconcileObserver;
import io.offerplane.operator.link.CallerIdentity;
import io.offerplane.operator.link.LinkCertificates;
import io.offerplane.operator.link.RehearsedShim;
import io.offerplane.operator.link.SecretStore;
import io.offerplane.operator.pool.AgentPoolReconciler;
import io.offerplane.operator.runtime.EngineLoop;
import io.offerplane.operator.runtime.MonotonicClock;
import io.offerplane.operator.runtime.TermGate;
import io.offerplane.operator.smoke.SchedulerConnection;
import java.io.IOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A term that touches nothing: no objects, Secrets in memory, ports of the loopback. In it one agent registers, and one client takes
 * an offer and launches a task on it, over real HTTP, TLS and gRPC. Run once by a process that stands by, so that it has loaded,
 * when it is elected, all that lies between a client's call and a shim's order; on a busy node that takes longer than all the rest
 * of a failover.
 */
final class Rehearsal {
    private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);
    private static final String NODE = "rehearsal";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Rehearsal() {}

    /**
     * Blocks for seconds. A failure is logged, and no reason to stop: it may be the rehearsal's own.
     *
     * @return whether the task came as far as to the shim
     */
    static boolean run(OperatorConfig config) {
        long began = System.nanoTime();
        InstantSource clock = new MonotonicClock(InstantSource.system());
        AtomicLong numbers = new AtomicLong();
        TermGate gate = new TermGate(clock);
        SecretsInMemory secrets = new SecretsInMemory();
        // Only this process knows it.
        String token = UUID.randomUUID().toString();
        try (MesosGateway mesos = MesosGateway.start(
                GatewayConfig.of("127.0.0.1", 0, "127.0.0.1", numbers::incrementAndGet), gate, new OwnLead(clock))) {
            LeaderTerm term = LeaderTerm.start(
                    0,
                    NODE,
                    config.forRehearsal(),
                    new LeaderTerm.Surroundings(
                            clock,
                            numbers::incrementAndGet,
                            new Frameworks(gate, mesos),
                            new LinkCertificates(secrets, NODE, Duration.ofHours(1), false),
                            shown -> identify(shown, token),
                            Rehearsal::noHead,
                            (engine, termId, reconciliations) -> new OneNode(),
                            new NoMark(),
                            effect -> {},
                            EngineLoop.Observer.NONE,
                            ReconcileObserver.NONE,
                            laterTerm -> {},
                            broken -> LOG.atError().setCause(broken).log("The engine broke at the rehearsal")));
            try {
                boolean launched = launch(term.linkPort(), mesos.port(), secrets, token);
                LOG.atInfo()
                        .addKeyValue(
                                "millis",
                                Duration.ofNanos(System.nanoTime() - began).toMillis())
                        .addKeyValue("launched", launched)
                        .log("A term was rehearsed");
                return launched;
            } finally {
                term.stop();
            }
        } catch (IOException | GeneralSecurityException | RuntimeException failed) {
            LOG.atWarn().setCause(failed).log("The rehearsal of a term failed; a real one may too");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    private static String identify(String shown, String token) throws CallerIdentity.Refused {
        if (!shown.equals(token)) {
            throw new CallerIdentity.Refused("this leader rehearses", true);
        }
        return NODE;
    }

    private static String noHead(String shown) throws CallerIdentity.Refused {
        throw new CallerIdentity.Refused("this leader rehearses, without YARN", true);
    }

    /** Whether the shim was told to launch the client's task. */
    private static boolean launch(int linkPort, int mesosPort, SecretStore secrets, String token)
            throws IOException, GeneralSecurityException, InterruptedException {
        ObjectNode info = JsonNodeFactory.instance.objectNode();
        info.put("user", "root").put("name", NODE).putArray("roles").add("*");
        info.putArray("capabilities").addObject().put("type", "MULTI_ROLE");
        try (RehearsedShim shim = RehearsedShim.connect(linkPort, secrets, token)) {
            shim.register(NODE);
            try (SchedulerConnection client = SchedulerConnection.subscribe(
                    URI.create("http://127.0.0.1:" + mesosPort), info, Optional.empty())) {
                Optional<JsonNode> event = client.nextEvent(PATIENCE);
                if (event.isEmpty() || !event.get().path("type").asText().equals("OFFERS")) {
                    return false;
                }
                client.call(accept(event.get().path("offers").path("offers").path(0)));
                return shim.launched().await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            }
        }
    }

    private static ObjectNode accept(JsonNode offer) {
        ObjectNode call = JsonNodeFactory.instance.objectNode().put("type", "ACCEPT");
        ObjectNode accept = call.putObject("accept");
        accept.putArray("offer_ids").add(offer.path("id"));
        ObjectNode task = accept.putArray("operations")
                .addObject()
                .put("type", "LAUNCH")
                .putObject("launch")
                .putArray("task_infos")
                .addObject();
        task.put("name", NODE).putObject("task_id").put("value", NODE);
        task.set("agent_id", offer.path("agent_id"));
        task.putObject("command").put("value", "true");
        // All that is offered.
        task.set("resources", offer.path("resources"));
        return call;
    }

    private record Frameworks(TermGate gate, MesosGateway mesos) implements LeaderTerm.Gateway {
        @Override
        public void deliver(Effect.ToFramework effect) {
            mesos.deliver(effect);
        }

        @Override
        public void admitBy(SubscriptionPolicy policy) {
            // Its only client may do everything.
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

    private record OwnLead(InstantSource clock) implements Leadership {
        @Override
        public Optional<Address> leader() {
            return Optional.empty();
        }

        @Override
        public boolean isLeader() {
            return true;
        }

        @Override
        public boolean recovered() {
            return true;
        }

        @Override
        public Term term() {
            return new Term(NODE, clock.instant());
        }
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

    private static final class OneNode implements Controllers {
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
                    return Optional.of(new AgentRecord(
                            new AgentId(NODE),
                            new AgentSpec(NODE, "127.0.0.1", 5051, NODE, NODE, List.of(), Optional.empty(), "1"),
                            Resources.scalar("cpus", 1).plus(Resources.scalar("mem", 128)),
                            new GrantedClaim(NODE, NODE, NODE, 1000, 128L << 20),
                            false));
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
