package io.offerplane.yarn.gateway.node;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.yarn.api.records.NodeId;
import org.jspecify.annotations.Nullable;

/**
 * Which Kubernetes node has which place in YARN, and which agent stands on it. A place, host and port, is who took it first's until that leaves or has been
 * silent for as long as the head waits for a node. Thread-safe.
 */
public final class KnownNodes {
    private record Known(String kubernetesNode, String agent, Instant heard) {}

    /** One is enough, but that an address or port changes while the place before is still on the head's books. */
    private static final int MOST_PLACES = 4;

    private final Duration lapse;
    private final Map<NodeId, Known> nodes = new HashMap<>();

    /** @param lapse after this silence a place may be another node's */
    public KnownNodes(Duration lapse) {
        this.lapse = lapse;
    }

    /**
     * A node wants to register at a place.
     *
     * @param agent hostname of the agent on it: the Kubernetes node's name, or its address where the pool has hostnames be addresses
     * @return why it may not, or empty
     */
    synchronized Optional<String> register(NodeIdentity caller, NodeId place, String agent, Instant now) {
        if (!agent.equals(caller.node()) && !agent.equals(place.getHost())) {
            return Optional.of("the agent of node " + caller.node() + " can't be \"" + agent + "\" (expected: "
                    + caller.node() + " or " + place.getHost() + ")");
        }
        Optional<String> refusal = refusal(caller, place, now);
        if (refusal.isPresent()) {
            return refusal;
        }
        nodes.values().removeIf(known -> isSilent(known, now));
        long held = nodes.entrySet().stream()
                .filter(known -> known.getValue().kubernetesNode().equals(caller.node())
                        && !known.getKey().equals(place))
                .count();
        if (held >= MOST_PLACES) {
            return Optional.of("node " + caller.node() + " has " + held + " places already (expected: at most "
                    + MOST_PLACES + "; one is free again " + lapse.toSeconds() + " s after its last word)");
        }
        nodes.put(place, new Known(caller.node(), agent, now));
        return Optional.empty();
    }

    private boolean isSilent(Known known, Instant now) {
        return known.heard().plus(lapse).isBefore(now);
    }

    /**
     * A node speaks for a place. One that nobody has taken is open to all: the head doesn't know it either, and says so.
     *
     * @return why it may not, or empty
     */
    synchronized Optional<String> speaks(NodeIdentity caller, NodeId place, Instant now) {
        Optional<String> refusal = refusal(caller, place, now);
        if (refusal.isEmpty()) {
            nodes.computeIfPresent(place, (key, known) -> new Known(caller.node(), known.agent(), now));
        }
        return refusal;
    }

    private Optional<String> refusal(NodeIdentity caller, NodeId place, Instant now) {
        Known known = nodes.get(place);
        if (known == null || known.kubernetesNode().equals(caller.node()) || isSilent(known, now)) {
            return Optional.empty();
        }
        return Optional.of("node " + caller.node() + " can't speak for " + place + ", which is node "
                + known.kubernetesNode() + "'s");
    }

    synchronized void left(NodeId place) {
        nodes.remove(place);
    }

    /** The hostname of the agent at a place, which is the place's own host where nothing else was said. */
    public synchronized String agentOn(NodeId place) {
        @Nullable Known known = nodes.get(place);
        return known == null ? place.getHost() : known.agent();
    }
}
