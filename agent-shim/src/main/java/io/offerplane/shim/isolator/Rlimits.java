package io.offerplane.shim.isolator;

import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ResourceLimit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.mesos.v1.Protos.RLimitInfo;

/** Reads limits of processes. Source: Mesos 1.11 isolator posix/rlimits. */
final class Rlimits {

    private static final String MESOS_PREFIX = "RLMT_";

    private Rlimits() {}

    static List<ResourceLimit> read(RLimitInfo info) throws ContainerLaunchException {
        List<ResourceLimit> limits = new ArrayList<>();
        Set<RLimitInfo.RLimit.Type> seen = new HashSet<>();
        for (RLimitInfo.RLimit limit : info.getRlimitsList()) {
            RLimitInfo.RLimit.Type type = limit.getType();
            if (type == RLimitInfo.RLimit.Type.UNKNOWN || !type.name().startsWith(MESOS_PREFIX)) {
                throw failed(type, "it is not a known type");
            }
            if (!seen.add(type)) {
                throw failed(type, "it is given more than once");
            }
            if (limit.hasSoft() != limit.hasHard()) {
                throw failed(type, "expected both soft and hard limit, or neither for none");
            }
            long soft = limit.hasSoft() ? limit.getSoft() : ResourceLimit.UNLIMITED;
            long hard = limit.hasHard() ? limit.getHard() : ResourceLimit.UNLIMITED;
            if (Long.compareUnsigned(soft, hard) > 0) {
                throw failed(
                        type,
                        "soft limit " + Long.toUnsignedString(soft) + " is above hard limit "
                                + Long.toUnsignedString(hard));
            }
            limits.add(new ResourceLimit("RLIMIT_" + type.name().substring(MESOS_PREFIX.length()), soft, hard));
        }
        return limits;
    }

    private static ContainerLaunchException failed(RLimitInfo.RLimit.Type type, String why) {
        return new ContainerLaunchException("Failed to set " + type + " limit: " + why);
    }
}
