package io.offerplane.engine.maintenance;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.offer.OfferId;

/**
 * Asks a framework for all that it holds on an agent, before the agent goes away; Mesos {@code InverseOffer}, whose resources are always
 * empty.
 *
 * @param id counted with those of offers
 */
public record InverseOffer(
        OfferId id, FrameworkId frameworkId, AgentId agentId, AgentSpec agent, Unavailability unavailability) {}
