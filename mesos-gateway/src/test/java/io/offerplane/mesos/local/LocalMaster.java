package io.offerplane.mesos.local;

import io.offerplane.engine.Effect;
import io.offerplane.engine.EngineConfig;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.agent.Attribute;
import io.offerplane.engine.resource.ItemSet;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.Ranges;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.mesos.GatewayConfig;
import io.offerplane.mesos.Leadership;
import io.offerplane.mesos.MesosGateway;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** Engine, gateway and agents in one process, on loopback. */
public final class LocalMaster implements AutoCloseable {
    private final LocalLoop loop;
    private final MesosGateway gateway;
    private final List<LocalAgent> agents = new ArrayList<>();

    /**
     * Starts a master with agents.
     *
     * @param port 0 for any free one
     * @param resources of each agent, as Mesos writes them: {@code cpus:4;mem:4096;ports:[31000-32000]}
     * @param allocationInterval of the engine
     */
    public static LocalMaster start(int port, int agentCount, String resources, Duration allocationInterval) {
        return start(port, agentCount, resources, Map.of(), allocationInterval, UnaryOperator.identity());
    }

    /** As above, with another configuration of the gateway. */
    public static LocalMaster start(
            int port,
            int agentCount,
            String resources,
            Map<String, String> attributes,
            Duration allocationInterval,
            UnaryOperator<GatewayConfig> configured) {
        return new LocalMaster(port, agentCount, resources(resources), attributes, allocationInterval, configured);
    }

    private LocalMaster(
            int port,
            int agentCount,
            Resources resources,
            Map<String, String> attributes,
            Duration allocationInterval,
            UnaryOperator<GatewayConfig> configured) {
        String term = UUID.randomUUID().toString();
        AtomicLong connections = new AtomicLong();
        EngineConfig config = new EngineConfig(
                term,
                allocationInterval,
                Optional.empty(),
                Duration.ofMinutes(10),
                List.of(
                        ResourceQuantities.of(Map.of("cpus", Quantity.ofMilli(10))),
                        ResourceQuantities.of(Map.of("mem", Quantity.of(32)))),
                Optional.empty(),
                true,
                1000,
                50,
                term.hashCode());
        Map<AgentId, LocalAgent> byId = new HashMap<>();
        GatewayReference reference = new GatewayReference();
        loop = new LocalLoop(config, 10_000, effect -> {
            switch (effect) {
                case Effect.ToAgent toAgent -> {
                    LocalAgent agent = byId.get(toAgent.agentId());
                    if (agent != null) {
                        agent.perform(toAgent);
                    }
                }
                case Effect.ToFramework toFramework -> reference.gateway().deliver(toFramework);
                case Effect.Notice notice -> reference.gateway().observe(notice);
            }
        });
        gateway = MesosGateway.start(
                configured.apply(GatewayConfig.of("127.0.0.1", port, "127.0.0.1", connections::incrementAndGet)),
                loop,
                new AlwaysLeader(new Leadership.Term(term, Instant.now()), reference));
        reference.set(gateway);
        for (int i = 0; i < agentCount; i++) {
            AgentId id = new AgentId(term + "-S" + i);
            AgentSpec spec = new AgentSpec(
                    "127.0.0.1",
                    "127.0.0.1",
                    Math.min(65535, gateway.port() + 1 + i),
                    "local-" + i,
                    "local",
                    attributes.entrySet().stream()
                            .map(attribute -> Attribute.text(attribute.getKey(), attribute.getValue()))
                            .toList(),
                    Optional.empty(),
                    "0.1.0");
            LocalAgent agent = new LocalAgent(id, spec, resources, LocalAgent.newSandboxes("S" + i), loop);
            byId.put(id, agent);
            agents.add(agent);
        }
        loop.start();
        agents.forEach(agent -> agent.register(connections.incrementAndGet()));
    }

    public int port() {
        return gateway.port();
    }

    public MesosGateway gateway() {
        return gateway;
    }

    public LocalLoop loop() {
        return loop;
    }

    @Override
    public void close() {
        agents.forEach(LocalAgent::close);
        gateway.close();
        loop.close();
    }

    /** The gateway needs the loop to be made, and the loop hands it effects. */
    private static final class GatewayReference {
        private volatile Optional<MesosGateway> gateway = Optional.empty();

        void set(MesosGateway made) {
            gateway = Optional.of(made);
        }

        MesosGateway gateway() {
            return gateway.orElseThrow();
        }
    }

    private record AlwaysLeader(Term term, GatewayReference reference) implements Leadership {
        @Override
        public Optional<Address> leader() {
            return Optional.of(new Address("127.0.0.1", reference.gateway().port()));
        }

        @Override
        public boolean isLeader() {
            return true;
        }

        @Override
        public boolean recovered() {
            return true;
        }
    }

    /** Reads Mesos' text form of resources. */
    static Resources resources(String text) {
        Resources all = Resources.EMPTY;
        for (String part : text.split(";")) {
            String[] pair = part.trim().split(":", 2);
            if (pair.length != 2) {
                throw new IllegalArgumentException("resources: '" + part + "' (expected: name:value)");
            }
            String name = pair[0].trim();
            String value = pair[1].trim();
            if (value.startsWith("[")) {
                List<Ranges.Range> ranges = new ArrayList<>();
                for (String range : value.substring(1, value.length() - 1).split(",")) {
                    String[] ends = range.trim().split("-");
                    ranges.add(new Ranges.Range(Long.parseLong(ends[0]), Long.parseLong(ends[1])));
                }
                all = all.plus(Resources.ranges(name, new Ranges(ranges)));
            } else if (value.startsWith("{")) {
                all = all.plus(Resources.set(
                        name, ItemSet.of(value.substring(1, value.length() - 1).split("\\s*,\\s*"))));
            } else {
                all = all.plus(Resources.scalar(name, Double.parseDouble(value)));
            }
        }
        return all;
    }

    /** Texts by name, as Mesos writes them: {@code rack:a;zone:b}. */
    private static Map<String, String> attributes(String text) {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (String part : text.split(";")) {
            String[] pair = part.split(":", 2);
            if (pair.length == 2) {
                attributes.put(pair[0].trim(), pair[1].trim());
            }
        }
        return attributes;
    }

    /** {@code [--port P] [--agents N] [--resources TEXT] [--attributes TEXT] [--allocation-interval SECONDS]}; runs until it is stopped. */
    public static void main(String[] arguments) throws InterruptedException {
        Map<String, String> options = new HashMap<>(Map.of(
                "--port", "5050",
                "--agents", "2",
                "--resources", "cpus:8;mem:16384;disk:20000;ports:[31000-32000]",
                "--attributes", "rack:a",
                "--allocation-interval", "1"));
        for (int i = 0; i < arguments.length; i += 2) {
            if (i + 1 == arguments.length || options.put(arguments[i], arguments[i + 1]) == null) {
                System.err.println("local-master: " + arguments[i] + " (expected: one of " + options.keySet()
                        + ", each with a value)");
                System.exit(2);
            }
        }
        LocalMaster master = start(
                Integer.parseInt(options.getOrDefault("--port", "")),
                Integer.parseInt(options.getOrDefault("--agents", "")),
                options.getOrDefault("--resources", ""),
                attributes(options.getOrDefault("--attributes", "")),
                Duration.ofMillis(
                        (long) (1000 * Double.parseDouble(options.getOrDefault("--allocation-interval", "")))),
                UnaryOperator.identity());
        System.out.println("ready: master at http://127.0.0.1:" + master.port());
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            master.close();
            stopped.countDown();
        }));
        stopped.await();
    }
}
