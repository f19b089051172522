package io.offerplane.shim.task;

import com.google.protobuf.ByteString;
import io.offerplane.shim.check.CheckResults;
import io.offerplane.shim.container.ContainerExit;
import io.offerplane.shim.container.WaitStatus;
import io.offerplane.shim.journal.v1.KillCause;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.ContainerID;
import org.apache.mesos.v1.Protos.ContainerStatus;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.NetworkInfo;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskResourceLimitation;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.Protos.Value;
import org.jspecify.annotations.Nullable;

/**
 * Words a task's updates as Mesos' command executor and agent do. Source: Mesos 1.11 launcher/executor.cpp (states, reasons
 * and messages of a command task), slave.cpp (what the agent adds) and the cgroups memory isolator (the limitation).
 */
public final class TaskStatuses {

    private static final double BYTES_PER_MEGABYTE = 1 << 20;

    private TaskStatuses() {}

    /** What every update of a task on this node carries, with a new uuid. */
    private static TaskStatus.Builder common(
            String agentId, String taskId, TaskState state, double now, @Nullable ContainerStatus container) {
        UUID uuid = UUID.randomUUID();
        byte[] bytes = ByteBuffer.allocate(16)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array();
        TaskStatus.Builder status = TaskStatus.newBuilder()
                .setTaskId(TaskID.newBuilder().setValue(taskId))
                .setState(state)
                .setAgentId(AgentID.newBuilder().setValue(agentId))
                .setTimestamp(now)
                .setUuid(ByteString.copyFrom(bytes));
        if (container != null) {
            status.setContainerStatus(container);
        }
        return status;
    }

    /** Where the task runs: the node's network, as long as there is no other. */
    public static ContainerStatus container(String containerId, String ip) {
        return ContainerStatus.newBuilder()
                .setContainerId(ContainerID.newBuilder().setValue(containerId))
                .addNetworkInfos(NetworkInfo.newBuilder()
                        .addIpAddresses(NetworkInfo.IPAddress.newBuilder()
                                .setProtocol(NetworkInfo.Protocol.IPv4)
                                .setIpAddress(ip)))
                .build();
    }

    /**
     * The same of a container within another.
     *
     * @param parentId of the other; empty for none
     */
    static ContainerStatus container(String containerId, String parentId, String ip) {
        ContainerStatus status = container(containerId, ip);
        if (parentId.isEmpty()) {
            return status;
        }
        ContainerStatus.Builder nested = status.toBuilder();
        nested.getContainerIdBuilder().setParent(ContainerID.newBuilder().setValue(parentId));
        return nested.build();
    }

    /** An update that Mesos' command executor makes. */
    static TaskStatus.Builder byExecutor(
            String agentId, TaskInfo task, TaskState state, double now, ContainerStatus container) {
        TaskStatus.Builder status = common(agentId, task.getTaskId().getValue(), state, now, container)
                .setExecutorId(ExecutorID.newBuilder().setValue(task.getTaskId().getValue()))
                .setSource(TaskStatus.Source.SOURCE_EXECUTOR);
        if (task.hasCheck()) {
            // Every status of a checked task carries one, empty before the first result.
            status.setCheckStatus(CheckResults.none(task.getCheck().getType()));
        }
        return status;
    }

    /** An update that Mesos' agent makes about a task of its own. */
    public static TaskStatus.Builder byAgent(
            String agentId, String taskId, TaskState state, double now, @Nullable ContainerStatus container) {
        return common(agentId, taskId, state, now, container)
                .setExecutorId(ExecutorID.newBuilder().setValue(taskId))
                .setSource(TaskStatus.Source.SOURCE_AGENT);
    }

    /** The last update of a task whose container has ended. */
    static TaskStatus ended(
            String agentId, TaskInfo task, ContainerExit exit, KillCause kill, double now, ContainerStatus container) {
        if (exit.outOfMemory().isPresent()) {
            return outOfMemory(agentId, task, exit.outOfMemory().get(), now, container);
        }
        if (exit.status() instanceof WaitStatus.Unknown) {
            return byAgent(agentId, task.getTaskId().getValue(), TaskState.TASK_FAILED, now, container)
                    .setReason(TaskStatus.Reason.REASON_EXECUTOR_TERMINATED)
                    .setMessage("Executor terminated")
                    .build();
        }
        boolean late = kill == KillCause.KILL_CAUSE_MAX_COMPLETION_TIME;
        boolean gone = kill == KillCause.KILL_CAUSE_DRAINING_AND_GONE;
        TaskState state;
        if (late) {
            state = TaskState.TASK_FAILED;
        } else if (gone) {
            state = TaskState.TASK_GONE_BY_OPERATOR;
        } else if (kill != KillCause.KILL_CAUSE_UNSPECIFIED) {
            state = TaskState.TASK_KILLED;
        } else {
            state = exit.status().equals(new WaitStatus.Exited(0)) ? TaskState.TASK_FINISHED : TaskState.TASK_FAILED;
        }
        TaskStatus.Builder status =
                byExecutor(agentId, task, state, now, container).setMessage("Command " + exit.status());
        if (late) {
            status.setReason(TaskStatus.Reason.REASON_MAX_COMPLETION_TIME_REACHED);
        }
        if (kill == KillCause.KILL_CAUSE_UNHEALTHY) {
            status.setHealthy(false);
        }
        if (gone || kill == KillCause.KILL_CAUSE_DRAINING) {
            status.setReason(TaskStatus.Reason.REASON_AGENT_DRAINING);
        }
        return status.build();
    }

    /**
     * The task was ended, as what it had been lent is needed. Source: the agent's QoS corrections in Mesos 1.11.
     *
     * @param status of the agent, TASK_GONE for frameworks that know it, else TASK_LOST
     */
    public static TaskStatus preempted(TaskStatus.Builder status) {
        return status.setReason(TaskStatus.Reason.REASON_CONTAINER_PREEMPTED)
                .setMessage("Container preempted by QoS correction")
                .build();
    }

    /** The kernel killed a process of the task's container for the lack of memory. */
    public static TaskStatus outOfMemory(
            String agentId,
            TaskInfo task,
            ContainerExit.OutOfMemory outOfMemory,
            double now,
            ContainerStatus container) {
        String limit = outOfMemory.limitBytes().isPresent()
                ? bytes(outOfMemory.limitBytes().getAsLong())
                : "unlimited";
        String message = "Memory limit exceeded: Requested: " + limit + " Maximum Used: "
                + bytes(outOfMemory.peakBytes()) + "\n\nMEMORY STATISTICS: \n" + outOfMemory.statistics() + "\n";
        return byAgent(agentId, task.getTaskId().getValue(), TaskState.TASK_FAILED, now, container)
                .setReason(TaskStatus.Reason.REASON_CONTAINER_LIMITATION_MEMORY)
                .setMessage(message)
                .setLimitation(TaskResourceLimitation.newBuilder()
                        .addResources(Resource.newBuilder()
                                .setName("mem")
                                .setType(Value.Type.SCALAR)
                                .setScalar(Value.Scalar.newBuilder()
                                        .setValue(outOfMemory.peakBytes() / BYTES_PER_MEGABYTE))))
                .build();
    }

    /** Mesos' text of an amount: in the largest unit that divides it. */
    static String bytes(long amount) {
        String[] units = {"B", "KB", "MB", "GB", "TB"};
        int unit = 0;
        long value = amount;
        while (value != 0 && value % 1024 == 0 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return value + units[unit];
    }

    public static boolean isTerminal(TaskState state) {
        return switch (state) {
            case TASK_FINISHED,
                    TASK_FAILED,
                    TASK_KILLED,
                    TASK_ERROR,
                    TASK_LOST,
                    TASK_DROPPED,
                    TASK_GONE,
                    TASK_GONE_BY_OPERATOR -> true;
            case TASK_STAGING, TASK_STARTING, TASK_RUNNING, TASK_KILLING, TASK_UNREACHABLE, TASK_UNKNOWN -> false;
        };
    }
}
