package io.offerplane.engine;

import io.offerplane.engine.role.QueuePolicy;
import io.offerplane.engine.role.RolePath;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** How roles share what they have among those in them. */
final class QueuePolicies {
    private final Map<RolePath, QueuePolicy> policies = new TreeMap<>();

    void set(RolePath role, Optional<QueuePolicy> policy) {
        policy.ifPresentOrElse(given -> policies.put(role, given), () -> policies.remove(role));
    }

    /** Those that were set, in order of paths. */
    Map<RolePath, QueuePolicy> all() {
        return Collections.unmodifiableMap(policies);
    }

    boolean isEmpty() {
        return policies.isEmpty();
    }

    QueuePolicy of(RolePath role) {
        return policies.getOrDefault(role, QueuePolicy.NONE);
    }
}
