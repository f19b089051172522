package io.offerplane.operator.yarn;

import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.view.EngineView;
import io.offerplane.engine.view.EngineView.RoleView;
import io.offerplane.protocol.link.v1.HeadQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The engine's roles as YARN's queues: {@code root} above them, {@code root.default} always among them. A queue's capacity is its part of
 * its siblings' weights; its maximum is what its limits leave of its parent's, by the resource that binds first.
 */
final class QueueTree {
    private static final String ROOT = "root";

    private final Map<String, RoleView> roles = new TreeMap<>();
    private final SortedSet<String> paths = new TreeSet<>();
    private final ResourceQuantities total;

    private QueueTree(EngineView view) {
        ResourceQuantities sum = ResourceQuantities.EMPTY;
        for (EngineView.AgentView agent : view.agents()) {
            sum = sum.plus(agent.total().nonRevocable().scalars());
        }
        total = sum;
        paths.add("default");
        for (RoleView role : view.roles()) {
            // A dot in a role's name would read as one more level.
            if (!role.role().equals(RolePath.DEFAULT) && role.role().value().indexOf('.') < 0) {
                roles.put(role.role().value(), role);
                String path = role.role().value();
                for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
                    paths.add(path.substring(0, slash));
                }
                paths.add(path);
            }
        }
    }

    /** Parents before children. */
    static List<HeadQueue> of(EngineView view) {
        return new QueueTree(view).queues();
    }

    private List<HeadQueue> queues() {
        SortedMap<String, Double> weights = new TreeMap<>();
        for (String path : paths) {
            weights.merge(parent(path), weight(path), Double::sum);
        }
        List<HeadQueue> queues = new ArrayList<>();
        queues.add(queue(ROOT, 1, 1, 1));
        for (String path : paths) {
            double capacity = weight(path) / weights.getOrDefault(parent(path), 1.0);
            double most = Math.min(1, limit(path) / limit(parent(path)));
            queues.add(queue(ROOT + "." + path.replace('/', '.'), capacity, most, weight(path)));
        }
        return queues;
    }

    private static HeadQueue queue(String path, double capacity, double most, double weight) {
        return HeadQueue.newBuilder()
                .setPath(path)
                .setCapacity(capacity)
                .setMaximumCapacity(most)
                .setWeight(weight)
                .build();
    }

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    private double weight(String path) {
        RoleView role = roles.get(path);
        return role == null ? 1 : role.weight();
    }

    /** As a fraction of all there is, above zero. */
    private double limit(String path) {
        if (path.isEmpty()) {
            return 1;
        }
        double least = limit(parent(path));
        RoleView role = roles.get(path);
        if (role != null) {
            for (Map.Entry<String, Quantity> most : role.quota().limits().entrySet()) {
                long all = total.milli(most.getKey());
                if (all > 0) {
                    least = Math.min(least, (double) most.getValue().milli() / all);
                }
            }
        }
        return Math.max(least, 1e-9);
    }
}
