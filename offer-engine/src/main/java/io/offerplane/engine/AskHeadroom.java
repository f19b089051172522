package io.offerplane.engine;

import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.RolePath;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an application could still get: what is free in the whole cluster, cut to what the limits above its queue leave. What others hold,
 * Mesos frameworks among them, is not in it. MapReduce decides by it when to start reducers.
 */
final class AskHeadroom {
    private final Cluster cluster;

    AskHeadroom(Cluster cluster) {
        this.cluster = cluster;
    }

    ResourceQuantities of(Framework framework) {
        if (framework.spec.roles().isEmpty()) {
            return ResourceQuantities.EMPTY;
        }
        ResourceQuantities free = cluster.roles.unused();
        RolePath queue = framework.spec.roles().getFirst();
        if (cluster.quotas.isEmpty()) {
            return free;
        }
        Map<String, Quantity> cut = new TreeMap<>();
        free.forEach(
                (name, milli) -> cut.put(name, Quantity.ofMilli(Math.min(milli, cluster.quotas.room(queue, name)))));
        return ResourceQuantities.of(cut);
    }
}
