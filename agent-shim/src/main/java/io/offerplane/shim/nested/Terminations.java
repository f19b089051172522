package io.offerplane.shim.nested;

import io.offerplane.shim.container.ContainerExit;
import io.offerplane.shim.container.WaitStatus;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskResourceLimitation;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.Protos.Value;
import org.apache.mesos.v1.agent.Protos.Response.WaitContainer;

/** Words the ends of containers as Mesos' containerizer does: a status, and state, reason and limitation where a limit ended it. */
final class Terminations {

    private static final double BYTES_PER_MEGABYTE = 1 << 20;

    private Terminations() {}

    static WaitContainer of(ContainerExit exit) {
        WaitContainer.Builder end = of(exit.status()).toBuilder();
        exit.outOfMemory().ifPresent(memory -> end.setState(TaskState.TASK_FAILED)
                .setReason(TaskStatus.Reason.REASON_CONTAINER_LIMITATION_MEMORY)
                .setMessage("Memory limit exceeded: Maximum Used: " + memory.peakBytes() + "B\n\nMEMORY STATISTICS: \n"
                        + memory.statistics() + "\n")
                .setLimitation(TaskResourceLimitation.newBuilder()
                        .addResources(Resource.newBuilder()
                                .setName("mem")
                                .setType(Value.Type.SCALAR)
                                .setScalar(
                                        Value.Scalar.newBuilder().setValue(memory.peakBytes() / BYTES_PER_MEGABYTE)))));
        return end.build();
    }

    static WaitContainer of(WaitStatus status) {
        WaitContainer.Builder end = WaitContainer.newBuilder();
        if (!(status instanceof WaitStatus.Unknown)) {
            end.setExitStatus(status.encoded());
        }
        return end.build();
    }
}
