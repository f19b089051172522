package io.offerplane.engine;

import io.offerplane.engine.fairness.Client;
import io.offerplane.engine.fairness.ClusterTotals;
import io.offerplane.engine.fairness.DrfSorter;
import io.offerplane.engine.fairness.Sorter;
import io.offerplane.engine.role.RolePath;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A role in the tree. It competes with its siblings; its children compete below it, and so do, as one more child of weight 1, the
 * frameworks that are subscribed to the role itself.
 */
final class RoleNode extends Client {
    final RolePath role;
    final @Nullable RoleNode parent;
    final Map<String, RoleNode> children = new LinkedHashMap<>();

    /** Children with somebody who competes, and perhaps {@link #leaf}. */
    final Sorter<Client> competitors;

    final Leaf leaf;

    /** How many subscriptions compete in this role and below. */
    int competing;

    private long[] used = new long[0];

    RoleNode(RolePath role, @Nullable RoleNode parent, ClusterTotals totals) {
        super(role.value());
        this.role = role;
        this.parent = parent;
        this.competitors = new DrfSorter<>(totals);
        this.leaf = new Leaf(role.value() + "/.", totals);
    }

    /** What the role and those below it hold of free resources, in thousandths, by the numbers of {@link ClusterTotals}. */
    long[] used() {
        return used;
    }

    /** Adds amounts to that, or takes them off, by sign. */
    void use(long[] amounts, int sign) {
        if (used.length < amounts.length) {
            used = Arrays.copyOf(used, amounts.length);
        }
        for (int i = 0; i < amounts.length; i++) {
            used[i] += sign * amounts[i];
        }
    }

    /** The frameworks of the role itself. */
    static final class Leaf extends Client {
        final Sorter<Subscription> frameworks;

        /** Whether or not they compete. */
        final Map<String, Subscription> members = new LinkedHashMap<>();

        Leaf(String path, ClusterTotals totals) {
            super(path);
            frameworks = new DrfSorter<>(totals);
        }
    }
}
