package io.offerplane.engine;

import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.framework.OfferRules;
import io.offerplane.engine.offer.Rejection.Reason;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rules that keep an agent from a framework; the one place that cycles and explanations both ask. */
final class Eligibility {
    private final EngineConfig config;
    private final FilterTable filters;
    private boolean ownMinimums;

    Eligibility(EngineConfig config, FilterTable filters) {
        this.config = config;
        this.filters = filters;
    }

    /** Some framework has a least of its own, perhaps below the cluster's: from here on every agent that has something is looked at. */
    void heed(FrameworkSpec spec) {
        ownMinimums |= !spec.offerRules().minimums().isEmpty();
    }

    boolean hasOwnMinimums() {
        return ownMinimums;
    }

    void restore(boolean hasOwnMinimums) {
        ownMinimums = hasOwnMinimums;
    }

    /** What of it may be offered to the framework in this role at all. */
    static Resources within(Resources available, Subscription subscription) {
        if (available.isFree()) {
            return available;
        }
        Framework framework = subscription.framework;
        return available.on(terms -> terms.reaches(subscription.role)
                && (!terms.isRefined() || framework.has(FrameworkCapability.RESERVATION_REFINEMENT))
                && (!terms.shared() || framework.has(FrameworkCapability.SHARED_RESOURCES))
                && (!terms.revocable() || framework.has(FrameworkCapability.REVOCABLE_RESOURCES)));
    }

    /** What keeps the agent from everybody, or null. */
    @Nullable
    Reason forAll(Agent agent, Resources available) {
        if (!agent.isOfferable()) {
            return Reason.AGENT_INACTIVE;
        }
        boolean worth = ownMinimums ? !available.isEmpty() : isWorthOffering(available, config.minAllocatable());
        return worth ? null : Reason.BELOW_MINIMUM;
    }

    private static boolean isWorthOffering(Resources available, List<ResourceQuantities> minimums) {
        if (available.isEmpty()) {
            return false;
        }
        if (minimums.isEmpty()) {
            return true;
        }
        for (ResourceQuantities minimum : minimums) {
            if (available.scalars().contains(minimum)) {
                return true;
            }
        }
        return false;
    }

    /**
     * What keeps an agent that could be offered from this framework in this role, or null.
     *
     * @param available what is {@link #within} its reach
     */
    @Nullable
    Reason forOne(Subscription subscription, Agent agent, Resources available, Instant now) {
        Framework framework = subscription.framework;
        OfferRules rules = framework.offerRules();
        List<ResourceQuantities> own = rules.minimum(subscription.role).orElse(null);
        if (!isWorthOffering(available, own == null ? config.minAllocatable() : own)) {
            return own == null ? Reason.RESERVED_FOR_OTHERS : Reason.BELOW_MINIMUM;
        }
        if (config.filterGpuAgents() && agent.ledger.hasGpus() && !framework.has(FrameworkCapability.GPU_RESOURCES)) {
            return Reason.GPU_UNAWARE;
        }
        if (isRemote(agent) && !framework.has(FrameworkCapability.REGION_AWARE)) {
            return Reason.REGION_UNAWARE;
        }
        if (!rules.allow(subscription.role, agent.spec)) {
            return Reason.OFFER_CONSTRAINTS;
        }
        return filters.block(subscription, agent, available, now) ? Reason.FILTERED : null;
    }

    private boolean isRemote(Agent agent) {
        return config.region().isPresent()
                && agent.spec.faultDomain().isPresent()
                && !config.region().get().equals(agent.spec.faultDomain().get().region());
    }
}
