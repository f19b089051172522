package io.offerplane.engine;

import io.offerplane.engine.fairness.Client;
import io.offerplane.engine.role.RolePath;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A framework in one role: what competes for offers and what is charged for tasks. It outlives the framework's wish for the role
 * for as long as tasks are charged to it.
 */
final class Subscription extends Client {
    final Framework framework;
    final RolePath role;

    /** Agents on which it has filters. */
    final Set<Agent> filteredOn = new LinkedHashSet<>();

    /** Where it stands in the tree as long as it is in there; kept by {@link RoleTree}. */
    @Nullable
    RoleNode node;

    boolean wanted;
    boolean suppressed;

    /** Whether it stands in the sorter; kept by {@link RoleTree}. */
    boolean competing;

    Subscription(Framework framework, RolePath role) {
        super(framework.id.value());
        this.framework = framework;
        this.role = role;
    }

    boolean shouldCompete() {
        return wanted
                && !suppressed
                && framework.connected
                && (framework.application == null || framework.application.hasDemand());
    }
}
