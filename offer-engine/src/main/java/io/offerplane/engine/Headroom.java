package io.offerplane.engine;

import io.offerplane.engine.resource.Amounts;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import io.offerplane.engine.role.RolePath;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How much of what is free may be offered to whom, as quotas stand in the course of one cycle. What unmet guarantees need in all must
 * stay free, somewhere in the cluster; and no limit may be passed by what is offered.
 *
 * <p>What is reserved, and what isn't a scalar, is offered whatever the quota: the former counts towards it already.
 */
final class Headroom {
    private final QuotaBook quotas;
    private final List<RolePath> nestedRoles;

    /** What the guarantees below each top-level role still lack. */
    private final Map<RolePath, ResourceQuantities> needs = new HashMap<>();

    private ResourceQuantities required = ResourceQuantities.EMPTY;
    private ResourceQuantities free = ResourceQuantities.EMPTY;

    Headroom(Cluster cluster) {
        quotas = cluster.quotas;
        nestedRoles = quotas.all().keySet().stream().filter(RolePath::isNested).toList();
        for (RolePath role : quotas.all().keySet()) {
            refresh(role.top());
        }
        if (hasNeeds()) {
            for (Agent agent : cluster.agents.values()) {
                if (agent.isOfferable()) {
                    free = free.plus(agent.ledger.available().unreserved());
                }
            }
        }
    }

    /** Whether some guarantee is unmet. */
    boolean hasNeeds() {
        return !required.isEmpty();
    }

    /** Whether something offered to the role would help to meet a guarantee. */
    boolean lacks(RolePath role) {
        ResourceQuantities need = needs.get(role.top());
        if (need == null) {
            return false;
        }
        for (int i = 0; i < need.size(); i++) {
            if (lacking(role, need.name(i)) > 0) {
                return true;
            }
        }
        return false;
    }

    /** An offer was made. */
    void took(Subscription subscription, Resources offered) {
        free = free.minusToZero(offered.unreserved());
        refresh(subscription.role.top());
    }

    private void refresh(RolePath top) {
        ResourceQuantities before = needs.getOrDefault(top, ResourceQuantities.EMPTY);
        ResourceQuantities now = need(top);
        if (now.isEmpty()) {
            needs.remove(top);
        } else {
            needs.put(top, now);
        }
        required = required.minus(before).plus(now);
    }

    /** What a role's own guarantee lacks, or those below it together where that is more. */
    private ResourceQuantities need(RolePath role) {
        ResourceQuantities own = quotas.unmet(role);
        return own.plus(needBelow(role).minusToZero(own));
    }

    private ResourceQuantities needBelow(RolePath role) {
        ResourceQuantities below = ResourceQuantities.EMPTY;
        for (RolePath nested : nestedRoles) {
            if (nested.parent().equals(role)) {
                below = below.plus(need(nested));
            }
        }
        return below;
    }

    /**
     * What of it quotas let the framework have in this role.
     *
     * @param within what is in the framework's reach
     * @param guaranteed whether only what helps to meet a guarantee counts: the first stage of a cycle; nothing when nothing does
     */
    Resources grant(Subscription subscription, Resources within, boolean guaranteed) {
        ResourceQuantities scalars = within.unreserved();
        Map<String, Quantity> allowed = new TreeMap<>();
        boolean chopped = false;
        for (int i = 0; i < scalars.size(); i++) {
            String name = scalars.name(i);
            long lacking = lacking(subscription.role, name);
            long spare = Math.max(0, free.milli(name) - required.milli(name));
            long most = Math.min(scalars.milliAt(i), quotas.room(subscription.role, name));
            if (guaranteed && isGuaranteed(subscription.role, name)) {
                most = Math.min(most, lacking);
            } else if (required.milli(name) > 0) {
                most = Math.min(most, lacking + spare);
            }
            chopped |= most < scalars.milliAt(i);
            allowed.put(name, Quantity.ofMilli(most));
        }
        Resources granted = chopped ? chop(within, ResourceQuantities.of(allowed)) : within;
        return guaranteed && !helps(subscription.role, granted.unreserved()) ? Resources.EMPTY : granted;
    }

    private boolean helps(RolePath role, ResourceQuantities granted) {
        for (int i = 0; i < granted.size(); i++) {
            if (lacking(role, granted.name(i)) > 0) {
                return true;
            }
        }
        return false;
    }

    /** Whole disks first, as far as they go, and of the rest what is still allowed. What is reserved, or no scalar, stays. */
    static Resources chop(Resources within, ResourceQuantities allowed) {
        ResourceQuantities left = allowed;
        Resources kept = within.on(terms -> terms.isReserved() || terms.revocable());
        for (Map.Entry<Terms, Amounts> entry : within.bound().entrySet()) {
            Terms terms = entry.getKey();
            if (!terms.isReserved() && !terms.revocable()) {
                ResourceQuantities whole = entry.getValue().scalars();
                if (left.contains(whole)) {
                    left = left.minus(whole);
                    kept = kept.plus(Resources.of(terms, entry.getValue()));
                }
            }
        }
        Amounts rest = within.free();
        ResourceQuantities cut = rest.scalars().minusToZero(rest.scalars().minusToZero(left));
        return new Resources(cut, rest.ranges(), rest.sets()).plus(kept);
    }

    /** Whether a limit leaves less than all of it. */
    boolean limits(RolePath role, Resources within) {
        ResourceQuantities scalars = within.unreserved();
        for (int i = 0; i < scalars.size(); i++) {
            if (quotas.room(role, scalars.name(i)) < scalars.milliAt(i)) {
                return true;
            }
        }
        return false;
    }

    /**
     * How much of what the role and those above it lack is for a framework in the role itself to meet, in thousandths: what roles beside
     * or below it are guaranteed is theirs.
     */
    private long lacking(RolePath role, String name) {
        if (!needs.containsKey(role.top())) {
            return 0;
        }
        long unmet = quotas.unmet(role).milli(name);
        long own = Math.max(0, unmet == 0 ? 0 : unmet - needBelow(role).milli(name));
        return role.isNested() ? own + lacking(role.parent(), name) : own;
    }

    private boolean isGuaranteed(RolePath role, String name) {
        return quotas.of(role).guarantees().milli(name) > 0 || (role.isNested() && isGuaranteed(role.parent(), name));
    }
}
