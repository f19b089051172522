package io.offerplane.engine;

import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.offer.Operation.Change;
import io.offerplane.engine.resource.Amounts;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import io.offerplane.engine.resource.Volume;
import io.offerplane.engine.role.RolePath;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an operation on resources amounts to on an agent: what it takes, and what comes of it. The amounts of both are the same.
 *
 * @param consumed as they are on the agent
 * @param converted as they are to be
 */
record ResourceChange(Resources consumed, Resources converted) {

    /** For a change without {@link #fault}. */
    static ResourceChange of(Change change) {
        Resources resources = change.resources();
        return switch (change.kind()) {
            case RESERVE ->
                new ResourceChange(
                        change.other().isEmpty() ? resources.onOther(Terms::unreserved) : change.other(), resources);
            case UNRESERVE -> new ResourceChange(resources, resources.onOther(Terms::unreserved));
            case CREATE -> new ResourceChange(resources.onOther(Terms::withoutVolume), resources);
            case DESTROY -> new ResourceChange(resources, resources.onOther(Terms::withoutVolume));
            case GROW_VOLUME -> {
                Resources grown = resized(resources, disk(change.other()));
                yield new ResourceChange(resources.plus(change.other()), grown);
            }
            case SHRINK_VOLUME -> {
                Resources shrunk = resized(resources, -disk(change.other()));
                yield new ResourceChange(resources, shrunk.plus(change.other()));
            }
        };
    }

    /** Whether there are fewer volumes after it. */
    boolean endsVolumes() {
        return hasVolumes(consumed) && !hasVolumes(converted);
    }

    private static boolean hasVolumes(Resources resources) {
        return !resources.on(terms -> terms.volume().isPresent()).isEmpty();
    }

    private static Resources resized(Resources volumes, long byMilli) {
        Map.Entry<Terms, Amounts> entry = volumes.bound().firstEntry();
        Terms terms = entry.getKey();
        Volume volume = terms.volume().orElseThrow();
        return Resources.diskOn(terms.of(volume.resized(volume.sizeMilli() + byMilli), terms.shared()));
    }

    private static long disk(Resources resources) {
        return resources.scalars().milli("disk");
    }

    /**
     * What is wrong with a change, in the order and words of Mesos ({@code master/validation.cpp}), or empty.
     *
     * @param by the framework in the role of the offer; null for an operator, who may change what is whose ever
     */
    static Optional<String> fault(Change change, Agent agent, @Nullable Subscription by) {
        if (change.fault().isPresent()) {
            return change.fault();
        }
        if (change.resources().isEmpty()) {
            return Optional.of("Invalid resources: The resources have multiple resource providers: ");
        }
        RolePath allocatedTo = by == null ? null : by.role;
        for (Terms terms : termsOf(change.resources())) {
            String text = ResourceText.of(change.resources().on(terms::equals), allocatedTo);
            Optional<String> fault =
                    switch (change.kind()) {
                        case RESERVE -> reserveFault(terms, text, by);
                        case UNRESERVE -> unreserveFault(terms, text);
                        case CREATE -> createFault(terms, text, agent, by);
                        case DESTROY ->
                            volumeFault(
                                    terms, ResourceText.of(change.resources().on(terms::equals), null));
                        case GROW_VOLUME, SHRINK_VOLUME ->
                            volumeFault(terms, text).or(() -> sizeFault(change, terms));
                    };
            if (fault.isPresent()) {
                return fault;
            }
        }
        return switch (change.kind()) {
            case RESERVE -> quantityFault(change);
            case CREATE -> duplicateFault(change.resources());
            case DESTROY -> destroyFault(change.resources(), agent);
            case UNRESERVE, GROW_VOLUME, SHRINK_VOLUME -> Optional.empty();
        };
    }

    private static Set<Terms> termsOf(Resources resources) {
        Set<Terms> terms = new java.util.LinkedHashSet<>();
        resources.forEach((each, amounts) -> terms.add(each));
        return terms;
    }

    private static Optional<String> reserveFault(Terms terms, String text, @Nullable Subscription by) {
        if (!terms.isDynamic()) {
            return Optional.of("Resource " + text + " is not dynamically reserved");
        }
        if (by != null) {
            RolePath role = terms.role().orElseThrow();
            if (!role.equals(by.role)) {
                return Optional.of("A reserve operation was attempted for a resource with role '" + role
                        + "', but the resource was allocated to role '" + by.role + "'");
            }
            Optional<String> principal = by.framework.spec.principal();
            Optional<String> given = terms.reservations().getLast().principal();
            if (principal.isPresent() && given.isEmpty()) {
                return Optional.of("A reserve operation was attempted by principal '" + principal.get()
                        + "', but there is a reserved resource in the request with no principal set");
            }
            if (principal.isPresent() && !principal.equals(given)) {
                return Optional.of("A reserve operation was attempted by authenticated principal '" + principal.get()
                        + "', which does not match a reserved resource in the request with principal '" + given.get()
                        + "'");
            }
        }
        return terms.volume().isPresent()
                ? Optional.of("A persistent volume " + text + " must already be reserved")
                : Optional.empty();
    }

    private static Optional<String> unreserveFault(Terms terms, String text) {
        if (!terms.isDynamic()) {
            return Optional.of("Resource " + text + " is not dynamically reserved");
        }
        return terms.volume().isPresent()
                ? Optional.of("A dynamically reserved persistent volume " + text
                        + " cannot be unreserved directly. Please destroy the persistent volume first then unreserve"
                        + " the resource")
                : Optional.empty();
    }

    private static Optional<String> createFault(Terms terms, String text, Agent agent, @Nullable Subscription by) {
        Optional<String> none = volumeFault(terms, text);
        if (none.isPresent()) {
            return none;
        }
        if (!terms.isReserved()) {
            return Optional.of("Invalid resources: Invalid DiskInfo: Persistent volumes cannot be created from"
                    + " unreserved resources");
        }
        Volume volume = terms.volume().orElseThrow();
        // Also those that the grant has no room for at the moment: they come back when it grows.
        Set<Terms> known = new HashSet<>(agent.ledger.total().bound().keySet());
        known.addAll(agent.dynamic.bound().keySet());
        for (Terms there : known) {
            if (there.role().equals(terms.role())
                    && there.volume()
                            .filter(other -> other.id().equals(volume.id()))
                            .isPresent()) {
                return Optional.of("Persistence ID '" + volume.id() + "' is not unique");
            }
        }
        if (by == null) {
            return Optional.empty();
        }
        Optional<String> principal = by.framework.spec.principal();
        if (principal.isPresent() && volume.principal().isEmpty()) {
            return Optional.of("Create volume operation attempted by principal '" + principal.get()
                    + "', but there is a volume in the operation with no principal set in 'disk.persistence'");
        }
        if (principal.isPresent() && !principal.equals(volume.principal())) {
            return Optional.of("Create volume operation attempted by authenticated principal '" + principal.get()
                    + "', which does not match a volume in the operation with principal '"
                    + volume.principal().get() + "' set in 'disk.persistence'");
        }
        return terms.shared() && !by.framework.has(FrameworkCapability.SHARED_RESOURCES)
                ? Optional.of("Create volume operation for '" + text + "' has been attempted by framework '"
                        + by.framework.id + "' with no SHARED_RESOURCES capability")
                : Optional.empty();
    }

    private static Optional<String> volumeFault(Terms terms, String text) {
        return terms.volume().isPresent()
                ? Optional.empty()
                : Optional.of("Not a persistent volume: Resource " + text + " does not have DiskInfo");
    }

    private static Optional<String> sizeFault(Change change, Terms terms) {
        boolean grows = change.kind() == Change.Kind.GROW_VOLUME;
        if (terms.shared()) {
            return Optional.of((grows ? "Growing" : "Shrinking") + " a shared persistent volume is not supported");
        }
        if (grows) {
            Resources addition = change.other();
            return addition.equals(Resources.diskOn(terms.withoutVolume(), disk(addition)))
                    ? Optional.empty()
                    : Optional.of("Incompatible resources in the 'GrowVolume.volume' and 'GrowVolume.addition' fields");
        }
        if (terms.mount().isPresent()) {
            return Optional.of("Shrinking a volume on a MOUNT disk is not supported");
        }
        if (disk(change.other()) <= 0) {
            return Optional.of("Value of 'ShrinkVolume.subtract' must be greater than zero");
        }
        return disk(change.other()) >= terms.volume().orElseThrow().sizeMilli()
                ? Optional.of("Value of 'ShrinkVolume.subtract' must be smaller than the size of 'ShrinkVolume.volume'")
                : Optional.empty();
    }

    private static Optional<String> quantityFault(Change change) {
        Amounts from = change.other().all();
        Amounts to = change.resources().all();
        return change.other().isEmpty() || from.equals(to)
                ? Optional.empty()
                : Optional.of("Source and target resources should refer to identical resource quantities: " + from
                        + " vs. " + to);
    }

    private static Optional<String> duplicateFault(Resources volumes) {
        Set<String> seen = new HashSet<>();
        for (Terms terms : volumes.bound().keySet()) {
            String id = terms.volume().orElseThrow().id();
            if (!seen.add(terms.role() + id)) {
                return Optional.of("Persistence ID '" + id + "' is not unique");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> destroyFault(Resources volumes, Agent agent) {
        if (!agent.ledger.total().contains(volumes)) {
            return Optional.of("Persistent volumes not found");
        }
        for (Terms terms : volumes.bound().keySet()) {
            if (!agent.ledger.allocated().under(terms).isEmpty()) {
                return Optional.of("Persistent volumes in use");
            }
        }
        return Optional.empty();
    }
}
