package io.offerplane.engine.framework;

import io.offerplane.engine.Payload;
import io.offerplane.engine.ask.ApplicationSpec;
import io.offerplane.engine.role.RolePath;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What a framework says of itself: the part of Mesos {@code FrameworkInfo} that decisions depend on, and the whole as it came.
 *
 * @param user whom tasks run as unless they say otherwise; may be empty; can't be changed by a re-subscription
 * @param roles in the framework's order, each once; empty means no offers. One role for those without MULTI_ROLE
 * @param failoverTimeout how long tasks outlive a lost connection; zero ends them at once
 * @param offerRules which offers it wants at all
 * @param application what makes it one that asks for containers; it gets no offers then
 * @param info the serialised {@code mesos.v1.FrameworkInfo}, for agents and state endpoints
 */
public record FrameworkSpec(
        String name,
        String user,
        List<RolePath> roles,
        Duration failoverTimeout,
        boolean checkpoint,
        Optional<String> principal,
        Set<FrameworkCapability> capabilities,
        Payload info,
        OfferRules offerRules,
        Optional<ApplicationSpec> application) {
    /** One that takes any offer. */
    public FrameworkSpec(
            String name,
            String user,
            List<RolePath> roles,
            Duration failoverTimeout,
            boolean checkpoint,
            Optional<String> principal,
            Set<FrameworkCapability> capabilities,
            Payload info) {
        this(
                name,
                user,
                roles,
                failoverTimeout,
                checkpoint,
                principal,
                capabilities,
                info,
                OfferRules.NONE,
                Optional.empty());
    }

    public FrameworkSpec {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(user, "user");
        roles = List.copyOf(roles);
        Objects.requireNonNull(failoverTimeout, "failoverTimeout");
        Objects.requireNonNull(principal, "principal");
        capabilities =
                capabilities.isEmpty() ? EnumSet.noneOf(FrameworkCapability.class) : EnumSet.copyOf(capabilities);
        Objects.requireNonNull(info, "info");
        Objects.requireNonNull(offerRules, "offerRules");
        Objects.requireNonNull(application, "application");
        if (failoverTimeout.isNegative()) {
            throw new IllegalArgumentException("failoverTimeout: " + failoverTimeout + " (expected: zero or more)");
        }
    }

    /** The same with other rules for its offers. */
    public FrameworkSpec with(OfferRules rules) {
        return new FrameworkSpec(
                name, user, roles, failoverTimeout, checkpoint, principal, capabilities, info, rules, application);
    }

    /** The same as one that asks for containers. */
    public FrameworkSpec with(ApplicationSpec asking) {
        return new FrameworkSpec(
                name,
                user,
                roles,
                failoverTimeout,
                checkpoint,
                principal,
                capabilities,
                info,
                offerRules,
                Optional.of(asking));
    }

    public boolean has(FrameworkCapability capability) {
        return capabilities.contains(capability);
    }
}
