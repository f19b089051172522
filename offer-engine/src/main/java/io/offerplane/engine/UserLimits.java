package io.offerplane.engine;

import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.QueuePolicy;
import io.offerplane.engine.role.RolePath;
import java.util.Map;
import java.util.TreeMap;

/**
 * What limits within a role let users and masters of applications have. What a role has is what it is guaranteed, else its limit, else all
 * there is; and what it holds where that is more. YARN's {@code UsersManager} and {@code AppAMResourceLimit}.
 */
final class UserLimits {
    private final Cluster cluster;

    UserLimits(Cluster cluster) {
        this.cluster = cluster;
    }

    /**
     * What of it the subscription's user may have. Who asks gets all or nothing, and what passes the limit first is still given, as in YARN: else a limit less than one container would give none at
     * all. Offers are cut to the limit, as they may be whole agents.
     */
    Resources grant(Subscription subscription, Resources within) {
        QueuePolicy policy = cluster.policies.of(subscription.role);
        UserAccount user = subscription.user;
        if (!policy.limitsUsers() || user == null) {
            return within;
        }
        ResourceQuantities scalars = within.unreserved();
        boolean isAsking = subscription.framework.application != null;
        Map<String, Quantity> allowed = new TreeMap<>();
        boolean chopped = false;
        for (int i = 0; i < scalars.size(); i++) {
            String name = scalars.name(i);
            long held = cluster.roles.totals.amount(name, user::held);
            long room = Math.max(0, limit(subscription.role, policy, user, name) - held);
            if (room == 0 && isAsking) {
                return within.on(terms -> terms.isReserved());
            }
            long most = Math.min(scalars.milliAt(i), room);
            chopped |= most < scalars.milliAt(i);
            allowed.put(name, Quantity.ofMilli(most));
        }
        return chopped && !isAsking ? Headroom.chop(within, ResourceQuantities.of(allowed)) : within;
    }

    private long limit(RolePath role, QueuePolicy policy, UserAccount user, String name) {
        long capacity = capacity(role, name);
        long has = Math.max(capacity, cluster.quotas.consumed(role).milli(name));
        int active = Math.max(1, cluster.roles.activeUsers(role, user));
        long share = Math.max(Math.ceilDiv(has, active), has / 100 * policy.minimumUserLimitPercent());
        return policy.userLimitPercent()
                .map(percent -> Math.min(share, Math.ceilDiv(capacity, 100L) * percent))
                .orElse(share);
    }

    private long capacity(RolePath role, String name) {
        long guaranteed = cluster.quotas.of(role).guarantees().milli(name);
        return guaranteed > 0 ? guaranteed : most(role, name);
    }

    private long most(RolePath role, String name) {
        return cluster.quotas
                .of(role)
                .limitMilli(name)
                .orElseGet(() -> cluster.roles.totals.all().milli(name));
    }

    /** Whether one more master of that size may run in the role. */
    boolean allowsMaster(RolePath role, ResourceQuantities size) {
        QueuePolicy policy = cluster.policies.of(role);
        ResourceQuantities masters = cluster.roles.masters(role);
        if (policy.masterPercent().isEmpty() || masters.isEmpty()) {
            return true;
        }
        int percent = policy.masterPercent().get();
        for (int i = 0; i < size.size(); i++) {
            String name = size.name(i);
            if (masters.milli(name) + size.milliAt(i) > most(role, name) / 100 * percent) {
                return false;
            }
        }
        return true;
    }
}
