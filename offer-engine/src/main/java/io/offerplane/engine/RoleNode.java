package io.offerplane.engine;

import io.offerplane.engine.fairness.Client;
import io.offerplane.engine.fairness.ClusterTotals;
import io.offerplane.engine.fairness.DrfSorter;
import io.offerplane.engine.fairness.Sorter;
import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.QueuePolicy.Ordering;
import io.offerplane.engine.role.RolePath;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A role in the tree. It competes with its siblings; its children compete below it, and so do, as one more child of weight 1, the
 * frameworks that are subscribed to the role itself.
 */
final class RoleNode extends Client {
    private static final Comparator<Subscription> RANK = Comparator.comparingInt(
                    (Subscription subscription) -> -subscription.framework.priority())
            .thenComparing(subscription -> subscription.framework.registered)
            .thenComparing(Client::path);

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

        /** In which order they choose. */
        Ordering ordering = Ordering.FAIR;

        /** What users hold here, by name. */
        final Map<String, UserAccount> users = new HashMap<>();

        /** What masters of applications hold here. */
        ResourceQuantities masters = ResourceQuantities.EMPTY;

        /** Those who compete, of higher priority first, then by age; null when that may have changed. */
        private @Nullable List<Subscription> ranked;

        /** Whether or not they compete. */
        final Map<String, Subscription> members = new LinkedHashMap<>();

        Leaf(String path, ClusterTotals totals) {
            super(path);
            frameworks = new DrfSorter<>(totals);
        }

        /** Who competes, or a priority, has changed. */
        void rankAnew() {
            ranked = null;
        }

        private List<Subscription> ranked() {
            List<Subscription> known = ranked;
            if (known == null) {
                known = new ArrayList<>();
                for (int i = 0; i < frameworks.size(); i++) {
                    known.add(frameworks.get(i));
                }
                known.sort(RANK);
                ranked = known;
            }
            return known;
        }

        /** The first in the role's order for whom {@code suits} holds. */
        @Nullable
        Subscription first(Predicate<Subscription> suits) {
            frameworks.sort();
            return switch (ordering) {
                case FAIR -> firstFair(suits);
                case FIFO -> firstRanked(suits);
                case PRIORITY -> firstByPriority(suits);
            };
        }

        /**
         * Has memory bring what a charge and an offer to each of the first so many will need: one step further for all of them at a time, as each step can be
         * asked for only when the one before is there. Says a number that has no meaning.
         */
        long readAhead(int most) {
            frameworks.sort();
            int count = Math.min(most, frameworks.size());
            long read = 0;
            for (int i = 0; i < count; i++) {
                Subscription subscription = frameworks.get(i);
                read += subscription.inVain + (subscription.weight() > 0 ? 1 : 0);
            }
            for (int i = 0; i < count; i++) {
                Framework framework = frameworks.get(i).framework;
                read += framework.offersSent + (framework.batch == null ? 1 : 0);
            }
            for (int i = 0; i < count; i++) {
                Subscription subscription = frameworks.get(i);
                List<Offer> batch = subscription.framework.batch;
                read += (subscription.holdsNothing() ? 1 : 0)
                        + (batch == null ? 0 : batch.size())
                        + subscription.framework.offers.size();
            }
            for (int i = 0; i < count; i++) {
                read += frameworks.get(i).framework.offers.readAhead();
            }
            return read;
        }

        private @Nullable Subscription firstFair(Predicate<Subscription> suits) {
            for (int i = 0; i < frameworks.size(); i++) {
                Subscription subscription = frameworks.get(i);
                if (suits.test(subscription)) {
                    return subscription;
                }
            }
            return null;
        }

        private @Nullable Subscription firstRanked(Predicate<Subscription> suits) {
            for (Subscription subscription : ranked()) {
                if (suits.test(subscription)) {
                    return subscription;
                }
            }
            return null;
        }

        /** One priority after another, each in fair order. */
        private @Nullable Subscription firstByPriority(Predicate<Subscription> suits) {
            List<Subscription> all = ranked();
            for (int i = 0; i < all.size(); ) {
                int priority = all.get(i).framework.priority();
                Subscription found = firstFair(
                        subscription -> subscription.framework.priority() == priority && suits.test(subscription));
                if (found != null) {
                    return found;
                }
                while (i < all.size() && all.get(i).framework.priority() == priority) {
                    i++;
                }
            }
            return null;
        }
    }
}
