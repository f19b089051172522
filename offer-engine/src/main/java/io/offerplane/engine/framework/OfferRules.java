package io.offerplane.engine.framework;

import io.offerplane.engine.Payload;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.RolePath;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which offers a framework wants at all, by role: Mesos {@code OfferFilters} and {@code OfferConstraints}.
 *
 * @param minimums in place of the cluster's least: an offer must hold at least one of them, and without any, something
 * @param constraints an agent must meet all of at least one group; a role without an entry takes any
 * @param message the serialised {@code mesos.v1.scheduler.OfferConstraints}, for those who ask
 */
public record OfferRules(
        Map<RolePath, List<ResourceQuantities>> minimums,
        Map<RolePath, List<List<AttributeConstraint>>> constraints,
        Payload message) {
    public static final OfferRules NONE = new OfferRules(Map.of(), Map.of(), Payload.EMPTY);

    public OfferRules {
        minimums = new LinkedHashMap<>(minimums);
        constraints = new LinkedHashMap<>(constraints);
    }

    public Optional<List<ResourceQuantities>> minimum(RolePath role) {
        // Asked for every offer, and hardly anybody has one.
        return minimums.isEmpty() ? Optional.empty() : Optional.ofNullable(minimums.get(role));
    }

    public boolean hasMinimum(RolePath role) {
        return minimums.containsKey(role);
    }

    public boolean allow(RolePath role, AgentSpec agent) {
        List<List<AttributeConstraint>> groups = constraints.isEmpty() ? null : constraints.get(role);
        if (groups == null) {
            return true;
        }
        for (List<AttributeConstraint> group : groups) {
            if (group.stream().allMatch(constraint -> constraint.holds(agent))) {
                return true;
            }
        }
        return false;
    }
}
