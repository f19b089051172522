package io.offerplane.engine;

import io.offerplane.engine.role.ReclaimPolicy;
import io.offerplane.engine.role.RolePath;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What roles allow to be taken from them, and what is being taken at the moment. */
final class ReclaimPolicies {
    private final Map<RolePath, ReclaimPolicy> policies = new TreeMap<>();

    /** Tasks that were told, or are being ended; oldest first. */
    private final Set<Task> marked = new LinkedHashSet<>();

    void set(RolePath role, Optional<ReclaimPolicy> policy) {
        policy.ifPresentOrElse(given -> policies.put(role, given), () -> policies.remove(role));
    }

    /** Those that were set, in order of paths. */
    Map<RolePath, ReclaimPolicy> all() {
        return Collections.unmodifiableMap(policies);
    }

    /** The role's own, or that of the nearest role above it that has one. */
    ReclaimPolicy of(RolePath role) {
        ReclaimPolicy own = policies.get(role);
        if (own != null) {
            return own;
        }
        return role.isNested() ? of(role.parent()) : ReclaimPolicy.NONE;
    }

    Collection<Task> marked() {
        return Collections.unmodifiableCollection(marked);
    }

    void mark(Task task, Reclaim reclaim) {
        task.reclaim = reclaim;
        marked.add(task);
    }

    void forget(Task task) {
        task.reclaim = null;
        marked.remove(task);
    }
}
