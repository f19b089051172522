package io.offerplane.operator.agent;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.maintenance.Unavailability;
import io.offerplane.engine.resource.Resources;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Who is the agent on a node, and what may be offered there, as the Kubernetes objects say.
 *
 * <p>Answers come from informer caches: no method blocks, all may be called from any thread.
 */
public interface AgentDirectory {
    /** The node's agent; empty while it has no id or no granted claim yet, or when no pool selects the node. */
    Optional<AgentRecord> byNode(String node);

    /**
     * Calls {@code listener} with a node's name after its agent's spec, claim or drain changed, also when it appeared or went.
     * Several changes may come as one call. The listener runs on a thread of the controllers and must not block.
     */
    void onChange(Consumer<String> listener);

    /**
     * An agent that may be registered.
     *
     * @param id given once and kept in the Agent object, so that it outlives leaders
     * @param spec what frameworks see of the agent
     * @param granted the most that may be offered: the smaller of what Kubernetes granted the claim and what the claim is to
     *     shrink to, in Mesos' units, with the pool's disk and ports
     * @param claim the pod in whose cgroup tasks run
     * @param unavailability since when the node is cordoned: frameworks are asked to leave it
     * @param drained whether the node is cordoned or the Agent object asks for a drain: no new offers
     */
    record AgentRecord(
            AgentId id,
            AgentSpec spec,
            Resources granted,
            GrantedClaim claim,
            boolean drained,
            Optional<Unavailability> unavailability) {
        /** Of a node that isn't cordoned. */
        public AgentRecord(AgentId id, AgentSpec spec, Resources granted, GrantedClaim claim, boolean drained) {
            this(id, spec, granted, claim, drained, Optional.empty());
        }

        public AgentRecord {
            Objects.requireNonNull(unavailability, "unavailability");
            Objects.requireNonNull(id, "id");
            Objects.requireNonNull(spec, "spec");
            Objects.requireNonNull(granted, "granted");
            Objects.requireNonNull(claim, "claim");
        }
    }

    /**
     * The claim pod as Kubernetes admitted it.
     *
     * @param cpuMilli granted, in thousandths of a core
     * @param memoryBytes granted, in bytes
     */
    record GrantedClaim(String namespace, String podName, String podUid, long cpuMilli, long memoryBytes) {
        public GrantedClaim {
            Objects.requireNonNull(namespace, "namespace");
            Objects.requireNonNull(podName, "podName");
            Objects.requireNonNull(podUid, "podUid");
        }
    }
}
