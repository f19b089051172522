package io.offerplane.engine.ask;

import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.agent.Attribute;
import io.offerplane.engine.agent.FaultDomain;
import java.time.Duration;
import java.util.Objects;

/**
 * How asks are served.
 *
 * @param hostDelay how long an ask waits for its hosts before its racks will do; YARN's {@code node-locality-delay}, in time, as nothing
 *     here goes by heartbeats
 * @param rackDelay how long, in all, before any place will do
 * @param rackAttribute the attribute of an agent that names its rack; without it the zone stands for the rack
 */
public record AskRules(Duration hostDelay, Duration rackDelay, String rackAttribute) {
    public static final AskRules DEFAULT = new AskRules(Duration.ofMillis(500), Duration.ofSeconds(1), "rack");

    private static final String NO_RACK = "/default-rack";

    public AskRules {
        Objects.requireNonNull(rackAttribute, "rackAttribute");
        if (hostDelay.isNegative() || rackDelay.compareTo(hostDelay) < 0) {
            throw new IllegalArgumentException("delays: " + hostDelay + " for racks and " + rackDelay
                    + " for any place (expected: zero or more, the latter not below the former)");
        }
    }

    /** Where an agent without rack and zone stands, YARN's default rack. */
    public String rackOf(AgentSpec agent) {
        for (Attribute attribute : agent.attributes()) {
            if (attribute.name().equals(rackAttribute) && attribute.value() instanceof Attribute.Value.Text text) {
                return text.text();
            }
        }
        return agent.faultDomain().map(FaultDomain::zone).orElse(NO_RACK);
    }
}
