package io.offerplane.engine;

import io.offerplane.engine.fairness.Client;
import io.offerplane.engine.fairness.ClusterTotals;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.QueuePolicy;
import io.offerplane.engine.role.RolePath;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The queue tree: who is charged for what, and in which order those who compete may choose.
 *
 * <p>What is offered counts as held, as in Mesos' sorters. A charge goes to the framework in its role, to the role, and to every role
 * above it.
 */
final class RoleTree {
    final ClusterTotals totals;

    private final QueuePolicies policies;
    private final RoleNode root;
    private final Map<RolePath, RoleNode> nodes = new TreeMap<>();
    private final Map<RolePath, Double> weights = new HashMap<>();

    /** What all hold together, in thousandths. */
    private long[] held = new long[0];

    private int waiting;
    /** @param unshared names of scalars that no share is made of */
    RoleTree(Set<String> unshared, QueuePolicies policies) {
        this.policies = policies;
        totals = new ClusterTotals(unshared);
        root = new RoleNode(new RolePath(""), null, totals);
    }

    /** In order of their paths. */
    Collection<RoleNode> nodes() {
        return nodes.values();
    }

    RoleNode root() {
        return root;
    }

    /** The weights that were set, of roles with or without members. */
    Map<RolePath, Double> weights() {
        return Collections.unmodifiableMap(weights);
    }

    double weightOf(RolePath role) {
        return weights.getOrDefault(role, 1.0);
    }

    /** The dominant share of the role over its weight; 0 of one that nobody is in. */
    double shareByWeight(RolePath role) {
        RoleNode node = nodes.get(role);
        return node == null ? 0 : node.dominantShare(totals) / node.weight();
    }

    /** The same, if the role held so much less. */
    double shareByWeight(RolePath role, ResourceQuantities without) {
        RoleNode node = nodes.get(role);
        return node == null ? 0 : node.dominantShareWithout(totals.vector(without), totals) / node.weight();
    }

    /** Frameworks of the role choose in that order from here on. */
    void orderBy(RolePath role, QueuePolicy.Ordering ordering) {
        RoleNode node = nodes.get(role);
        if (node != null) {
            node.leaf.ordering = ordering;
        }
    }

    /** A priority in the role has changed. */
    void rankAnew(RolePath role) {
        RoleNode node = nodes.get(role);
        if (node != null) {
            node.leaf.rankAnew();
        }
    }

    /** How many users want something in the role, the given one among them. */
    int activeUsers(RolePath role, UserAccount one) {
        RoleNode node = nodes.get(role);
        if (node == null) {
            return 1;
        }
        int active = 0;
        for (UserAccount user : node.leaf.users.values()) {
            active += user == one || user.competing > 0 ? 1 : 0;
        }
        return active;
    }

    /** What masters of applications hold in the role itself. */
    ResourceQuantities masters(RolePath role) {
        RoleNode node = nodes.get(role);
        return node == null ? ResourceQuantities.EMPTY : node.leaf.masters;
    }

    /** A task has begun to hold what it holds. */
    void begins(Task task) {
        if (task.spec.standing().applicationMaster()) {
            RoleNode.Leaf leaf = nodeOf(task.charged).leaf;
            leaf.masters = leaf.masters.plus(task.spec.resources().scalars());
        }
    }

    /** It holds it no longer. Its charge goes after this. */
    void ends(Task task) {
        if (task.spec.standing().applicationMaster()) {
            RoleNode.Leaf leaf = nodeOf(task.charged).leaf;
            leaf.masters = leaf.masters.minus(task.spec.resources().scalars());
        }
    }

    /** Whether frameworks are in the role or below. */
    boolean isUsed(RolePath role) {
        return nodes.containsKey(role);
    }

    void setWeight(RolePath role, double weight) {
        weights.put(role, weight);
        applyWeight(role);
    }

    void clearWeight(RolePath role) {
        weights.remove(role);
        applyWeight(role);
    }

    private void applyWeight(RolePath role) {
        RoleNode node = nodes.get(role);
        if (node != null && node.parent != null) {
            node.parent.competitors.reweigh(node, weightOf(role));
        }
    }

    /** Brings the tree in line with whether the subscription is to compete. */
    void update(Subscription subscription) {
        RoleNode node = nodeOf(subscription);
        node.leaf.members.put(subscription.path(), subscription);
        if (subscription.competing == subscription.shouldCompete()) {
            return;
        }
        subscription.competing = !subscription.competing;
        subscription.endsWaiting();
        if (subscription.competing) {
            node.leaf.frameworks.add(subscription);
            if (node.leaf.frameworks.size() == 1) {
                node.competitors.add(node.leaf);
            }
        } else {
            node.leaf.frameworks.remove(subscription);
            if (node.leaf.frameworks.size() == 0) {
                node.competitors.remove(node.leaf);
            }
        }
        int change = subscription.competing ? 1 : -1;
        node.leaf.rankAnew();
        userOf(subscription).competing += change;
        count(node, change);
        waiting += subscription.framework.application == null ? 0 : change;
    }

    /** How many compete that ask for containers. */
    int waiting() {
        return waiting;
    }

    /** What nobody holds of what there is. */
    ResourceQuantities unused() {
        return totals.all().minusToZero(totals.quantities(held));
    }

    private static void count(RoleNode from, int change) {
        for (RoleNode node = from; node.parent != null; node = node.parent) {
            node.competing += change;
            if (change > 0 && node.competing == change) {
                node.parent.competitors.add(node);
            } else if (node.competing == 0) {
                node.parent.competitors.remove(node);
            }
        }
    }

    void charge(Subscription subscription, Resources resources) {
        long[] amounts = totals.vector(resources.scalars());
        long[] free = resources.isFree() ? amounts : totals.vector(resources.unreserved());
        RoleNode node = nodeOf(subscription);
        hold(amounts, 1);
        node.leaf.frameworks.charge(subscription, amounts);
        userOf(subscription).move(amounts, 1);
        node.competitors.charge(node.leaf, amounts);
        for (; node.parent != null; node = node.parent) {
            node.parent.competitors.charge(node, amounts);
            node.use(free, 1);
        }
    }

    void release(Subscription subscription, Resources resources) {
        long[] amounts = totals.vector(resources.scalars());
        long[] free = resources.isFree() ? amounts : totals.vector(resources.unreserved());
        RoleNode node = nodeOf(subscription);
        hold(amounts, -1);
        node.leaf.frameworks.release(subscription, amounts);
        userOf(subscription).move(amounts, -1);
        node.competitors.release(node.leaf, amounts);
        for (; node.parent != null; node = node.parent) {
            node.parent.competitors.release(node, amounts);
            node.use(free, -1);
        }
    }

    private void hold(long[] amounts, int sign) {
        if (held.length < amounts.length) {
            held = Arrays.copyOf(held, amounts.length);
        }
        for (int i = 0; i < amounts.length; i++) {
            held[i] += sign * amounts[i];
        }
    }

    /** What the role and those below it hold of free resources. */
    ResourceQuantities used(RolePath role) {
        RoleNode node = nodes.get(role);
        return node == null ? ResourceQuantities.EMPTY : totals.quantities(node.used());
    }

    /** Terms changed under what the subscription holds: it counts towards its roles' quotas by more or less than before. */
    void reuse(Subscription subscription, ResourceQuantities more, ResourceQuantities less) {
        long[] in = totals.vector(more);
        long[] out = totals.vector(less);
        for (RoleNode node = nodeOf(subscription); node.parent != null; node = node.parent) {
            node.use(in, 1);
            node.use(out, -1);
        }
    }

    /** Forgets a subscription that neither competes nor holds anything, and roles that nobody is left in. */
    void remove(Subscription subscription) {
        RoleNode node = nodeOf(subscription);
        node.leaf.members.remove(subscription.path());
        subscription.node = null;
        UserAccount user = subscription.user;
        subscription.user = null;
        if (node.leaf.members.values().stream().noneMatch(member -> member.user == user)) {
            node.leaf.users.remove(subscription.framework.spec.user());
        }
        while (node.parent != null && node.children.isEmpty() && node.leaf.members.isEmpty()) {
            node.parent.children.remove(node.path());
            nodes.remove(node.role);
            node = node.parent;
        }
    }

    /** The first in fair order for whom {@code suits} holds; nobody is asked twice. */
    @Nullable
    Subscription first(Predicate<Subscription> suits) {
        return first(root, suits);
    }

    /** Reads what a charge to each of the first so many will need, all at once. Says a number that has no meaning. */
    long readAhead(int count) {
        RoleNode node = root;
        while (node.competitors.size() > 0) {
            node.competitors.sort();
            if (node.competitors.get(0) instanceof RoleNode child) {
                node = child;
            } else {
                return node.leaf.readAhead(count);
            }
        }
        return 0;
    }

    private static @Nullable Subscription first(RoleNode node, Predicate<Subscription> suits) {
        node.competitors.sort();
        for (int i = 0; i < node.competitors.size(); i++) {
            Client competitor = node.competitors.get(i);
            Subscription found = competitor instanceof RoleNode child
                    ? first(child, suits)
                    : ((RoleNode.Leaf) competitor).first(suits);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** A role of a snapshot. Those above it are there by then, as they come first in the order of paths. */
    void restore(EngineSnapshot.RoleState state, Collection<Subscription> members) {
        RoleNode node = nodeFor(state.role());
        node.resume(state.account(), totals);
        node.leaf.resume(state.own(), totals);
        node.use(totals.vector(state.used()), 1);
        for (Subscription member : members) {
            node.leaf.members.put(member.path(), member);
        }
    }

    /** A subscription of a snapshot, when all accounts stand. */
    void restore(Subscription subscription, boolean competing) {
        nodeOf(subscription);
        long[] amounts = totals.vector(subscription.account(totals).held());
        hold(amounts, 1);
        userOf(subscription).move(amounts, 1);
        if (competing) {
            update(subscription);
        }
    }

    private RoleNode nodeOf(Subscription subscription) {
        RoleNode known = subscription.node;
        if (known == null) {
            known = nodeFor(subscription.role);
            subscription.node = known;
            subscription.user =
                    known.leaf.users.computeIfAbsent(subscription.framework.spec.user(), name -> new UserAccount());
        }
        return known;
    }

    /** Its user's account in its role; there as long as it stands in the tree. */
    private static UserAccount userOf(Subscription subscription) {
        return Objects.requireNonNull(subscription.user, "user");
    }

    private RoleNode nodeFor(RolePath role) {
        RoleNode known = nodes.get(role);
        return known != null ? known : grow(role);
    }

    private RoleNode grow(RolePath role) {
        int slash = role.value().lastIndexOf('/');
        RoleNode parent = slash < 0 ? root : nodeFor(new RolePath(role.value().substring(0, slash)));
        RoleNode node = new RoleNode(role, parent, totals);
        parent.children.put(node.path(), node);
        nodes.put(role, node);
        applyWeight(role);
        node.leaf.ordering = policies.of(role).ordering();
        return node;
    }
}
