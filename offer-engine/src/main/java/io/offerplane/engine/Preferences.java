package io.offerplane.engine;

import io.offerplane.engine.role.RolePath;
import java.util.LinkedHashSet;
import java.util.List;

/** Whether a framework wants offers at the moment: {@code SUPPRESS} and {@code REVIVE}. */
final class Preferences {
    private final Cluster cluster;
    private final BackOff backOff;

    private final InverseOffers inverse;

    Preferences(Cluster cluster, InverseOffers inverse) {
        this.inverse = inverse;
        this.cluster = cluster;
        backOff = new BackOff(cluster);
    }

    /** Mesos {@code SUPPRESS}. One role that isn't the framework's spoils the call, silently as there. */
    void suppress(Framework framework, List<RolePath> roles) {
        for (Subscription subscription : chosen(framework, roles)) {
            subscription.suppressed = true;
            cluster.roles.update(subscription);
        }
        cluster.outbox.changed(framework);
    }

    /** Mesos {@code REVIVE}. */
    void revive(Framework framework, List<RolePath> roles) {
        List<Subscription> chosen = chosen(framework, roles);
        for (Subscription subscription : chosen) {
            subscription.suppressed = false;
            backOff.forget(subscription);
            cluster.filters.clear(subscription);
            cluster.roles.update(subscription);
        }
        if (!chosen.isEmpty()) {
            inverse.clear(framework);
            cluster.agenda.visitAllAtOnce();
            cluster.outbox.changed(framework);
        }
    }

    private static List<Subscription> chosen(Framework framework, List<RolePath> roles) {
        List<Subscription> wanted = framework.subscriptions.values().stream()
                .filter(subscription -> subscription.wanted)
                .toList();
        if (roles.isEmpty()) {
            return wanted;
        }
        List<Subscription> chosen = wanted.stream()
                .filter(subscription -> roles.contains(subscription.role))
                .toList();
        return chosen.size() == new LinkedHashSet<>(roles).size() ? chosen : List.of();
    }
}
