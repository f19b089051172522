package io.offerplane.engine.offer;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.maintenance.Unavailability;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.RolePath;
import java.time.Instant;
import java.util.Optional;

/**
 * Resources of one agent held for one role of one framework until it answers; Mesos {@code Offer}.
 *
 * @param unavailability when the agent is to be away, if that is known
 * @param madeAt when the offer left the engine
 */
public record Offer(
        OfferId id,
        FrameworkId frameworkId,
        RolePath role,
        AgentId agentId,
        AgentSpec agent,
        Resources resources,
        Optional<Unavailability> unavailability,
        Instant madeAt) {

    /** Of an agent that isn't to be away. */
    public Offer(
            OfferId id,
            FrameworkId frameworkId,
            RolePath role,
            AgentId agentId,
            AgentSpec agent,
            Resources resources,
            Instant madeAt) {
        this(id, frameworkId, role, agentId, agent, resources, Optional.empty(), madeAt);
    }
}
