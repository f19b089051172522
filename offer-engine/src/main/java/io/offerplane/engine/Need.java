package io.offerplane.engine;

import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a framework in a role would take of an agent, as far as it has said.
 *
 * @param ask the most urgent one of an application; null for those who wait for offers
 * @param alternatives any of which would do; none for a framework that takes offers of any size
 */
record Need(@Nullable PendingAsk ask, List<ResourceQuantities> alternatives) {
    static Need of(Subscription subscription) {
        Application application = subscription.framework.application;
        if (application != null) {
            PendingAsk ask = application.asks.firstEntry().getValue();
            return new Need(ask, List.of(ask.ask.size()));
        }
        return new Need(
                null,
                subscription
                        .framework
                        .spec
                        .offerRules()
                        .minimum(subscription.role)
                        .orElse(List.of()));
    }

    boolean isAny() {
        return alternatives.isEmpty();
    }

    /** The amounts that count of what is in the framework's reach: containers are made of what is free. */
    ResourceQuantities countable(Resources within) {
        return ask == null ? within.scalars() : within.free().scalars();
    }

    boolean isMetBy(ResourceQuantities amounts) {
        return alternatives.stream().anyMatch(amounts::contains);
    }

    /** The alternative that the amounts are nearest to. */
    ResourceQuantities nearestTo(ResourceQuantities amounts) {
        ResourceQuantities nearest = ResourceQuantities.EMPTY;
        double most = -1;
        for (ResourceQuantities alternative : alternatives) {
            double nearness = nearness(amounts, alternative);
            if (nearness > most) {
                nearest = alternative;
                most = nearness;
            }
        }
        return nearest;
    }

    /** How much of what is needed there is: whole numbers for the scarcest of it, what is behind the point for all of it. */
    double nearness(ResourceQuantities amounts) {
        double most = 0;
        for (int i = 0; i < alternatives.size(); i++) {
            most = Math.max(most, nearness(amounts, alternatives.get(i)));
        }
        return most;
    }

    private static double nearness(ResourceQuantities amounts, ResourceQuantities wanted) {
        double scarcest = 1;
        double sum = 0;
        for (int i = 0; i < wanted.size(); i++) {
            double part = Math.min(1, (double) amounts.milli(wanted.name(i)) / wanted.milliAt(i));
            scarcest = Math.min(scarcest, part);
            sum += part;
        }
        return wanted.isEmpty() ? 0 : Math.floor(scarcest * 1e6) + sum / (wanted.size() + 1);
    }
}
