package io.offerplane.engine;

import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.view.EngineView.RoleView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The queue tree as a picture: every role that somebody is in or that has a weight of its own, in order of paths. */
final class RoleViews {
    private final Cluster cluster;
    private final Map<RolePath, RoleView> views = new TreeMap<>();

    RoleViews(Cluster cluster) {
        this.cluster = cluster;
    }

    List<RoleView> build() {
        cluster.roles.weights().keySet().forEach(this::addEmpty);
        cluster.quotas.all().keySet().forEach(this::addEmpty);
        cluster.quotas.allReserved().keySet().forEach(this::addEmpty);
        visitChildren(cluster.roles.root(), 1.0);
        return List.copyOf(views.values());
    }

    /** A role that nobody need be in. */
    private void addEmpty(RolePath role) {
        views.put(
                role,
                new RoleView(
                        role,
                        cluster.roles.weightOf(role),
                        cluster.quotas.of(role),
                        cluster.quotas.consumed(role),
                        cluster.quotas.reserved(role),
                        Resources.EMPTY,
                        Resources.EMPTY,
                        0,
                        0,
                        List.of()));
    }

    /** @return what the children hold and are offered, in that order */
    private Resources[] visitChildren(RoleNode node, double fairShare) {
        double weights = node.leaf.frameworks.size() > 0 ? node.leaf.weight() : 0;
        for (RoleNode child : node.children.values()) {
            weights += child.competing > 0 ? child.weight() : 0;
        }
        Resources allocated = Resources.EMPTY;
        Resources offered = Resources.EMPTY;
        for (RoleNode child : node.children.values()) {
            double childShare = child.competing > 0 ? fairShare * child.weight() / weights : 0;
            Resources[] sums = visit(child, childShare);
            allocated = allocated.plus(sums[0]);
            offered = offered.plus(sums[1]);
        }
        return new Resources[] {allocated, offered};
    }

    private Resources[] visit(RoleNode node, double fairShare) {
        Resources[] sums = visitChildren(node, fairShare);
        List<FrameworkId> members = new ArrayList<>();
        for (Subscription subscription : node.leaf.members.values()) {
            sums[0] = sums[0].plus(allocated(subscription));
            for (OutstandingOffer offer : subscription.framework.offers) {
                if (offer.subscription == subscription) {
                    sums[1] = sums[1].plus(offer.offer.resources());
                }
            }
            if (subscription.wanted) {
                members.add(subscription.framework.id);
            }
        }
        views.put(
                node.role,
                new RoleView(
                        node.role,
                        node.weight(),
                        cluster.quotas.of(node.role),
                        cluster.quotas.consumed(node.role).minus(sums[1].unreserved()),
                        cluster.quotas.reserved(node.role),
                        sums[0],
                        sums[1],
                        node.dominantShare(cluster.roles.totals),
                        fairShare,
                        List.copyOf(members)));
        return sums;
    }

    /** What the tasks of a framework in a role hold, with their executors. */
    static Resources allocated(Subscription subscription) {
        Resources sum = Resources.EMPTY;
        Set<Executor> executors = new HashSet<>();
        for (Task task : subscription.framework.tasks.values()) {
            if (task.charged == subscription && task.holdsResources) {
                sum = sum.plus(task.spec.resources());
                Executor executor = task.executor;
                if (executor != null && executor.charged == subscription && executors.add(executor)) {
                    sum = sum.plus(executor.spec.resources());
                }
            }
        }
        return sum;
    }
}
