package io.offerplane.engine;

import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.Quota;
import io.offerplane.engine.role.RolePath;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Guarantees and limits of roles, and what counts towards them: all that is reserved for a role or below it, used or not, and what its
 * offers and tasks hold of free resources. Mesos: {@code docs/quota.md}, there for top-level roles only.
 */
final class QuotaBook {
    private final RoleTree roles;
    private final Map<RolePath, Quota> quotas = new TreeMap<>();

    /** By role, with what is reserved below it. */
    private final Map<RolePath, ResourceQuantities> reserved = new HashMap<>();

    QuotaBook(RoleTree roles) {
        this.roles = roles;
    }

    boolean isEmpty() {
        return quotas.isEmpty();
    }

    /** In order of paths. */
    Map<RolePath, Quota> all() {
        return Collections.unmodifiableMap(quotas);
    }

    Quota of(RolePath role) {
        return quotas.getOrDefault(role, Quota.NONE);
    }

    void set(RolePath role, Quota quota) {
        if (quota.isNone()) {
            quotas.remove(role);
        } else {
            quotas.put(role, quota);
        }
    }

    ResourceQuantities reserved(RolePath role) {
        return reserved.getOrDefault(role, ResourceQuantities.EMPTY);
    }

    Map<RolePath, ResourceQuantities> allReserved() {
        return Collections.unmodifiableMap(reserved);
    }

    ResourceQuantities consumed(RolePath role) {
        return reserved(role).plus(roles.used(role));
    }

    /** What limits of the role and those above it leave, in thousandths. */
    long room(RolePath role, String name) {
        OptionalLong limit = of(role).limitMilli(name);
        long room = limit.isPresent()
                ? Math.max(0, limit.getAsLong() - consumed(role).milli(name))
                : Long.MAX_VALUE;
        return role.isNested() ? Math.min(room, room(role.parent(), name)) : room;
    }

    /** What is still to come until the role has what it is guaranteed. */
    ResourceQuantities unmet(RolePath role) {
        Quota quota = of(role);
        return quota.guarantees().isEmpty()
                ? ResourceQuantities.EMPTY
                : quota.guarantees().minusToZero(consumed(role));
    }

    /** These are on an agent now. */
    void count(Resources resources) {
        resources.bound().forEach((terms, amounts) -> {
            if (terms.isReserved()) {
                move(terms.role().orElseThrow(), amounts.scalars(), ResourceQuantities.EMPTY);
            }
        });
    }

    /** These no longer are. */
    void discount(Resources resources) {
        resources.bound().forEach((terms, amounts) -> {
            if (terms.isReserved()) {
                move(terms.role().orElseThrow(), ResourceQuantities.EMPTY, amounts.scalars());
            }
        });
    }

    private void move(RolePath role, ResourceQuantities in, ResourceQuantities out) {
        ResourceQuantities now = reserved(role).plus(in).minus(out);
        if (now.isEmpty()) {
            reserved.remove(role);
        } else {
            reserved.put(role, now);
        }
        if (role.isNested()) {
            move(role.parent(), in, out);
        }
    }
}
