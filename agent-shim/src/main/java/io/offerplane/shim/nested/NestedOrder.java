package io.offerplane.shim.nested;

import io.offerplane.shim.container.ContainerName;
import java.util.List;
import java.util.Map;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.Value;

/**
 * What a client wants to have started.
 *
 * @param name with a parent
 * @param command to be run
 * @param container what it asks for; of type MESOS
 * @param resources its own limits, where it doesn't share its parent's
 * @param limits beyond the resources
 * @param anyUser whether it may run as another user than its parent; else only where the parent is root's
 */
public record NestedOrder(
        ContainerName name,
        CommandInfo command,
        ContainerInfo container,
        List<Resource> resources,
        Map<String, Value.Scalar> limits,
        boolean anyUser) {
    public NestedOrder {
        resources = List.copyOf(resources);
        limits = Map.copyOf(limits);
    }

    ContainerName parent() {
        return name.parent().orElseThrow(() -> new IllegalArgumentException(name + " has no parent"));
    }

    /** Mesos' {@code share_cgroups}, which is true unless it is said otherwise. */
    boolean sharesLimits() {
        return !container.getLinuxInfo().hasShareCgroups()
                || container.getLinuxInfo().getShareCgroups();
    }
}
