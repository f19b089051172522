package io.offerplane.operator.link;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.resource.Resources;
import io.offerplane.operator.agent.AgentDirectory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Nodes as the test says they are. */
public final class FakeAgentDirectory implements AgentDirectory {
    private final Map<String, AgentRecord> records = new ConcurrentHashMap<>();
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();

    @Override
    public Optional<AgentRecord> byNode(String node) {
        return Optional.ofNullable(records.get(node));
    }

    @Override
    public void onChange(Consumer<String> listener) {
        listeners.add(listener);
    }

    public void put(String node, AgentRecord record) {
        records.put(node, record);
        listeners.forEach(listener -> listener.accept(node));
    }

    public void remove(String node) {
        records.remove(node);
        listeners.forEach(listener -> listener.accept(node));
    }

    /** An agent of so many cpus and MiB of memory, with a claim to match. */
    public static AgentRecord agent(String id, String node, double cpus, double mem) {
        return new AgentRecord(
                new AgentId(id),
                new AgentSpec(node + ".example", "10.0.0.1", 5051, node, "default", List.of(), Optional.empty(), "1.0"),
                Resources.scalar("cpus", cpus).plus(Resources.scalar("mem", mem)),
                new GrantedClaim(
                        "offerplane",
                        "offerplane-claim-" + node,
                        "uid-" + node,
                        Math.round(cpus * 1000),
                        Math.round(mem) << 20),
                false);
    }
}
