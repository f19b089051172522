package io.offerplane.shim.isolator;

import io.offerplane.shim.container.CapabilitySets;
import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ContainerUser;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.mesos.v1.Protos.CapabilityInfo;
import org.apache.mesos.v1.Protos.LinuxInfo;

/**
 * Reads sets of capabilities. Source: Mesos 1.11 isolator linux/capabilities. Without a bounding set, the effective one bounds; without
 * an effective set, root has of the usual ones what the bounding set leaves, and others have none.
 */
final class Capabilities {

    private Capabilities() {}

    /**
     * Reads them.
     *
     * @param further allowed beside the usual ones
     * @return absent when nothing is asked for; an empty set is a wish too: for none
     * @throws ContainerLaunchException naming those that aren't allowed, or that contradict each other
     */
    @SuppressWarnings("deprecation")
    static Optional<CapabilitySets> read(LinuxInfo linux, Set<String> further, ContainerUser user)
            throws ContainerLaunchException {
        if (linux.hasCapabilityInfo() && linux.hasEffectiveCapabilities()) {
            throw new ContainerLaunchException("Failed to set capabilities: only one of capability_info, which is"
                    + " deprecated, and effective_capabilities can be set");
        }
        boolean effectiveAsked = linux.hasCapabilityInfo() || linux.hasEffectiveCapabilities();
        if (!effectiveAsked && !linux.hasBoundingCapabilities()) {
            return Optional.empty();
        }
        Set<String> asked =
                names(linux.hasCapabilityInfo() ? linux.getCapabilityInfo() : linux.getEffectiveCapabilities());
        Set<String> bounding = linux.hasBoundingCapabilities() ? names(linux.getBoundingCapabilities()) : asked;
        Set<String> effective = asked;
        if (!effectiveAsked) {
            effective = new TreeSet<>(CapabilitySets.usualOf(user));
            effective.retainAll(bounding);
        }
        Set<String> all = new TreeSet<>(bounding);
        all.addAll(effective);
        all.removeIf(c -> CapabilitySets.USUAL.contains(c) || further.contains(c));
        if (!all.isEmpty()) {
            throw new ContainerLaunchException(
                    "Failed to set capabilities: " + String.join(", ", all)
                            + " not allowed on this node; containers.capabilities of the AgentPool names those that are beside the usual ones");
        }
        Set<String> beyond = new TreeSet<>(effective);
        beyond.removeAll(bounding);
        if (!beyond.isEmpty()) {
            throw new ContainerLaunchException(
                    "Failed to set capabilities: effective " + String.join(", ", beyond) + " not in the bounding set");
        }
        return Optional.of(new CapabilitySets(List.copyOf(bounding), List.copyOf(effective)));
    }

    private static Set<String> names(CapabilityInfo info) {
        Set<String> names = new TreeSet<>();
        info.getCapabilitiesList().forEach(capability -> names.add("CAP_" + capability.name()));
        return names;
    }
}
