package io.offerplane.shim.task;

import io.offerplane.shim.isolator.DiskQuota;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskResourceLimitation;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.Protos.Value;

/** Words the end of a task whose sandbox held more than it may. Source: Mesos 1.11 isolator disk/du. */
public final class DiskLimitation {

    private static final double BYTES_PER_MEGABYTE = 1 << 20;

    private DiskLimitation() {}

    /** @param status of the agent, with a terminal state */
    public static TaskStatus of(TaskStatus.Builder status, DiskQuota.Exceeded exceeded) {
        return status.setReason(TaskStatus.Reason.REASON_CONTAINER_LIMITATION_DISK)
                .setMessage("Disk usage (" + TaskStatuses.bytes(exceeded.usedBytes()) + ") exceeds quota ("
                        + TaskStatuses.bytes(exceeded.quotaBytes()) + ")")
                .setLimitation(TaskResourceLimitation.newBuilder()
                        .addResources(Resource.newBuilder()
                                .setName("disk")
                                .setType(Value.Type.SCALAR)
                                .setScalar(Value.Scalar.newBuilder()
                                        .setValue(exceeded.quotaBytes() / BYTES_PER_MEGABYTE))))
                .build();
    }
}
