package io.offerplane.shim.local;

import com.google.protobuf.InvalidProtocolBufferException;
import io.offerplane.protocol.container.v1.Refusal;
import io.offerplane.protocol.container.v1.Size;
import io.offerplane.protocol.container.v1.Start;
import io.offerplane.protocol.link.v1.Claim;
import java.util.regex.Pattern;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.TaskID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.Value;

/** Makes of a request what Mesos' command task would be, so that both go one way. */
final class ContainerOrder {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,200}");
    private static final double LEAST_CPUS = 0.01;
    private static final double BYTES_PER_MEGABYTE = 1 << 20;
    private static final double MILLIS = 1000;

    private ContainerOrder() {}

    /**
     * The task.
     *
     * @param claim that the node has
     * @throws RefusedRequestException when the request makes no sense
     */
    static TaskInfo task(Start start, String agentId, Claim claim) throws RefusedRequestException {
        String name = start.getName();
        if (!NAME.matcher(name).matches() || name.equals(".") || name.equals("..")) {
            throw invalid("name: '"
                    + (name.length() > 200
                            ? name.substring(0, 200) + "...' of " + name.length() + " characters"
                            : name + "'")
                    + " (expected: 1 to 200 letters, digits, '.', '_' and '-')");
        }
        CommandInfo command = command(start);
        TaskInfo.Builder task = TaskInfo.newBuilder()
                .setName(name)
                .setTaskId(TaskID.newBuilder().setValue(name))
                .setAgentId(AgentID.newBuilder().setValue(agentId))
                .setCommand(command);
        if (!start.getContainer().isEmpty()) {
            task.setContainer(container(start));
        }
        return sized(task.build(), start.getSize(), claim);
    }

    private static CommandInfo command(Start start) throws RefusedRequestException {
        try {
            CommandInfo command = CommandInfo.parseFrom(start.getCommand());
            if (!command.hasUser() || command.getUser().isBlank()) {
                throw invalid("command: its user is missing (expected: who the container runs as)");
            }
            return command;
        } catch (InvalidProtocolBufferException e) {
            throw invalid("command: " + e.getMessage() + " (expected: a mesos.v1.CommandInfo)");
        }
    }

    private static ContainerInfo container(Start start) throws RefusedRequestException {
        try {
            return ContainerInfo.parseFrom(start.getContainer());
        } catch (InvalidProtocolBufferException e) {
            throw invalid("container: " + e.getMessage() + " (expected: a mesos.v1.ContainerInfo)");
        }
    }

    /** The same with another size. */
    static TaskInfo sized(TaskInfo task, Size size, Claim claim) throws RefusedRequestException {
        double most = claim.getCpuMilli() / MILLIS;
        if (!(size.getCpus() >= LEAST_CPUS && size.getCpus() <= most)) {
            throw invalid("cpus: " + size.getCpus() + " (expected: " + LEAST_CPUS + " to the claim's " + most + ")");
        }
        long memory = size.getMemoryBytes();
        if (memory <= 0 || memory > claim.getMemoryBytes()) {
            throw invalid("memory_bytes: " + Long.toUnsignedString(memory) + " (expected: 1 to the claim's "
                    + claim.getMemoryBytes() + ")");
        }
        double ceiling = size.getCpuCeiling();
        if (ceiling != 0 && !(ceiling >= size.getCpus() && ceiling <= most)) {
            throw invalid("cpu_ceiling: " + ceiling + " (expected: 0 for none, or " + size.getCpus()
                    + " to the claim's " + most + ")");
        }
        TaskInfo.Builder sized = task.toBuilder()
                .clearResources()
                .clearLimits()
                .addResources(scalar("cpus", size.getCpus()))
                .addResources(scalar("mem", memory / BYTES_PER_MEGABYTE));
        if (ceiling != 0) {
            sized.putLimits("cpus", Value.Scalar.newBuilder().setValue(ceiling).build());
        }
        return sized.build();
    }

    /** The size that a task was given. */
    static Size size(TaskInfo task) {
        Size.Builder size = Size.newBuilder();
        for (Resource resource : task.getResourcesList()) {
            double value = resource.getScalar().getValue();
            if (resource.getName().equals("cpus")) {
                size.setCpus(value);
            } else if (resource.getName().equals("mem")) {
                size.setMemoryBytes((long) (value * BYTES_PER_MEGABYTE));
            }
        }
        Value.Scalar ceiling = task.getLimitsMap().get("cpus");
        if (ceiling != null) {
            size.setCpuCeiling(ceiling.getValue());
        }
        return size.build();
    }

    /** Whether two orders are for one thing, whatever size it has come to. */
    static boolean isSame(TaskInfo one, TaskInfo other) {
        return one.getCommand().equals(other.getCommand()) && one.getContainer().equals(other.getContainer());
    }

    private static Resource scalar(String name, double value) {
        return Resource.newBuilder()
                .setName(name)
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(value))
                .build();
    }

    private static RefusedRequestException invalid(String message) {
        return new RefusedRequestException(Refusal.Cause.INVALID, message);
    }
}
