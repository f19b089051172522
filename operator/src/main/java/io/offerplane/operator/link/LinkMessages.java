package io.offerplane.operator.link;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.offerplane.engine.Command;
import io.offerplane.engine.Effect;
import io.offerplane.engine.Payload;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.task.ExecutorId;
import io.offerplane.engine.task.TaskState;
import io.offerplane.mesos.translate.OfferTranslator;
import io.offerplane.mesos.translate.ResourceTranslator;
import io.offerplane.operator.agent.AgentDirectory.AgentRecord;
import io.offerplane.operator.agent.AgentDirectory.GrantedClaim;
import io.offerplane.protocol.link.v1.AcknowledgeUpdate;
import io.offerplane.protocol.link.v1.Claim;
import io.offerplane.protocol.link.v1.ExecutorExited;
import io.offerplane.protocol.link.v1.ExecutorMessage;
import io.offerplane.protocol.link.v1.HeldFramework;
import io.offerplane.protocol.link.v1.HeldTask;
import io.offerplane.protocol.link.v1.KeepVolumes;
import io.offerplane.protocol.link.v1.KillTask;
import io.offerplane.protocol.link.v1.LaunchTask;
import io.offerplane.protocol.link.v1.LaunchTaskGroup;
import io.offerplane.protocol.link.v1.NodeReport;
import io.offerplane.protocol.link.v1.PersistentVolume;
import io.offerplane.protocol.link.v1.ReclaimRevocable;
import io.offerplane.protocol.link.v1.Refused;
import io.offerplane.protocol.link.v1.Register;
import io.offerplane.protocol.link.v1.ReportTaskUnknown;
import io.offerplane.protocol.link.v1.RevocableTask;
import io.offerplane.protocol.link.v1.ShutdownExecutor;
import io.offerplane.protocol.link.v1.ShutdownFramework;
import io.offerplane.protocol.link.v1.StatusUpdate;
import io.offerplane.protocol.link.v1.ToAgent;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.mesos.v1.Protos;

/** The link's messages as commands, and effects as the link's messages. Pure; what can't be read is an {@link IllegalArgumentException}. */
final class LinkMessages {
    /** What can be given to two at once, as long as one of them doesn't use it. */
    private static final List<String> LENDABLE = List.of("cpus", "mem");

    private static final int MOST_OVERSUBSCRIBED = 16;

    private LinkMessages() {}

    /** The message for an effect, still without its term. */
    static ToAgent.Builder of(Effect.ToAgent effect) {
        ToAgent.Builder message = ToAgent.newBuilder();
        return switch (effect) {
            case Effect.LaunchTask launch ->
                message.setLaunchTask(LaunchTask.newBuilder()
                        .setFrameworkId(launch.frameworkId().value())
                        .setFrameworkInfo(bytes(launch.framework().info().toByteArray()))
                        .setTaskInfo(bytes(launch.task().info().toByteArray()))
                        .setRole(launch.role().toString()));
            case Effect.LaunchTaskGroup group -> {
                LaunchTaskGroup.Builder order = LaunchTaskGroup.newBuilder()
                        .setFrameworkId(group.frameworkId().value())
                        .setFrameworkInfo(bytes(group.framework().info().toByteArray()))
                        .setRole(group.role().toString());
                group.tasks()
                        .forEach(task -> order.addTaskInfos(bytes(task.info().toByteArray())));
                yield message.setLaunchTaskGroup(order);
            }
            case Effect.KillTask kill -> {
                KillTask.Builder order = KillTask.newBuilder()
                        .setFrameworkId(kill.frameworkId().value())
                        .setTaskId(kill.taskId().value());
                kill.gracePeriod().ifPresent(grace -> order.setGracePeriodNanos(grace.toNanos()));
                yield message.setKillTask(order);
            }
            case Effect.DrainTask drain -> {
                KillTask.Builder order = KillTask.newBuilder()
                        .setFrameworkId(drain.frameworkId().value())
                        .setTaskId(drain.taskId().value())
                        .setDraining(true)
                        .setGone(drain.gone());
                drain.maxGracePeriod().ifPresent(grace -> order.setGracePeriodNanos(grace.toNanos()));
                yield message.setKillTask(order);
            }
            case Effect.KeepVolumes keep -> {
                KeepVolumes.Builder kept = KeepVolumes.newBuilder();
                for (Terms terms : keep.volumes().bound().keySet()) {
                    kept.addVolumes(PersistentVolume.newBuilder()
                            .setRole(terms.role().orElseThrow().value())
                            .setId(terms.volume().orElseThrow().id()));
                }
                yield message.setKeepVolumes(kept);
            }
            case Effect.SendAgentAway away ->
                message.setRefused(
                        Refused.newBuilder().setMessage(away.message()).setPermanent(true));
            case Effect.ShutdownExecutor shutdown ->
                message.setShutdownExecutor(ShutdownExecutor.newBuilder()
                        .setFrameworkId(shutdown.frameworkId().value())
                        .setExecutorId(shutdown.executorId().value()));
            case Effect.MessageExecutor said ->
                message.setExecutorMessage(ExecutorMessage.newBuilder()
                        .setFrameworkId(said.frameworkId().value())
                        .setExecutorId(said.executorId().value())
                        .setData(bytes(said.data().toByteArray())));
            case Effect.ShutdownFramework shutdown ->
                message.setShutdownFramework(ShutdownFramework.newBuilder()
                        .setFrameworkId(shutdown.frameworkId().value()));
            case Effect.AcknowledgeUpdate acknowledge ->
                message.setAcknowledgeUpdate(AcknowledgeUpdate.newBuilder()
                        .setFrameworkId(acknowledge.frameworkId().value())
                        .setTaskId(acknowledge.taskId().value())
                        .setUuid(bytes(acknowledge.uuid())));
            case Effect.ReportTaskUnknown unknown ->
                message.setReportTaskUnknown(ReportTaskUnknown.newBuilder()
                        .setFrameworkId(unknown.frameworkId().value())
                        .setTaskId(unknown.taskId().value())
                        .setState(unknown.state().wireName()));
        };
    }

    static Command.RegisterAgent registration(
            Register said,
            AgentId agent,
            AgentSpec spec,
            Resources total,
            long connection,
            MesosMessages messages,
            Instant at) {
        List<Command.HeldTask> tasks = new ArrayList<>();
        for (HeldTask held : said.getTasksList()) {
            tasks.add(new Command.HeldTask(
                    new FrameworkId(held.getFrameworkId()),
                    messages.task(held.getTaskInfo(), new FrameworkId(held.getFrameworkId())),
                    role(held.getRole()),
                    state(held.getLatestState()),
                    held.hasForwarded()
                            ? Optional.of(sentBy(
                                    agent, messages.status(held.getForwarded().getTaskStatus())))
                            : Optional.empty()));
        }
        List<Command.HeldFramework> frameworks = new ArrayList<>();
        for (HeldFramework held : said.getFrameworksList()) {
            frameworks.add(new Command.HeldFramework(
                    new FrameworkId(held.getFrameworkId()), messages.framework(held.getFrameworkInfo())));
        }
        return new Command.RegisterAgent(agent, spec, total, tasks, frameworks, connection, at);
    }

    static Command.UpdateTask update(StatusUpdate message, AgentId agent, MesosMessages messages, Instant at) {
        return new Command.UpdateTask(
                agent,
                new FrameworkId(message.getFrameworkId()),
                sentBy(agent, messages.status(message.getTaskStatus())),
                state(message.getLatestState()),
                at);
    }

    /**
     * What a node has to lend, as it said last.
     *
     * @param granted of the agent: nobody can lend more than there is
     */
    static Command.SetOversubscribed oversubscribed(NodeReport message, AgentId agent, Resources granted, Instant at) {
        if (message.getOversubscribedCount() > MOST_OVERSUBSCRIBED) {
            throw new IllegalArgumentException("oversubscribed: " + message.getOversubscribedCount()
                    + " resources (expected: at most " + MOST_OVERSUBSCRIBED + ")");
        }
        List<Protos.Resource> resources = new ArrayList<>();
        for (ByteString bytes : message.getOversubscribedList()) {
            Protos.Resource resource;
            try {
                resource = Protos.Resource.parseFrom(bytes);
            } catch (InvalidProtocolBufferException broken) {
                throw new IllegalArgumentException("no mesos.v1.Resource: " + broken.getMessage(), broken);
            }
            if (!resource.hasRevocable() || !LENDABLE.contains(resource.getName())) {
                throw new IllegalArgumentException("oversubscribed: "
                        + (resource.hasRevocable() ? resource.getName() : resource.getName() + " that isn't revocable")
                        + " (expected: revocable cpus and mem only)");
            }
            resources.add(resource);
        }
        ResourceTranslator.Parsed parsed = ResourceTranslator.fromProto(resources);
        parsed.fault().ifPresent(fault -> {
            throw new IllegalArgumentException(fault);
        });
        for (String name : LENDABLE) {
            double lent = parsed.resources().scalars().get(name).units();
            double had = granted.scalars().get(name).units();
            if (lent > had) {
                throw new IllegalArgumentException(
                        "oversubscribed: " + lent + " " + name + " (expected: at most the granted " + had + ")");
            }
        }
        return new Command.SetOversubscribed(agent, parsed.resources(), at);
    }

    /** Tasks that hold more than there is to be lent, for the node to end. */
    static ToAgent.Builder reclaim(Effect.RevocableTasksExceed exceed) {
        ReclaimRevocable.Builder reclaim = ReclaimRevocable.newBuilder();
        exceed.tasks()
                .forEach(task -> reclaim.addTasks(RevocableTask.newBuilder()
                        .setFrameworkId(task.frameworkId().value())
                        .setTaskId(task.taskId().value())));
        return ToAgent.newBuilder().setReclaimRevocable(reclaim);
    }

    static Command.MessageFramework message(ExecutorMessage message, AgentId agent, Instant at) {
        return new Command.MessageFramework(
                agent,
                new FrameworkId(message.getFrameworkId()),
                new ExecutorId(message.getExecutorId()),
                Payload.copyOf(message.getData().toByteArray()),
                at);
    }

    static Command.ExecutorExited exited(ExecutorExited message, AgentId agent, Instant at) {
        return new Command.ExecutorExited(
                agent,
                new FrameworkId(message.getFrameworkId()),
                new ExecutorId(message.getExecutorId()),
                message.getWaitStatus(),
                at);
    }

    /** The claim, and what is offered on it. */
    static Claim claim(AgentRecord agent) {
        GrantedClaim granted = agent.claim();
        Claim.Builder claim = Claim.newBuilder()
                .setNamespace(granted.namespace())
                .setPodName(granted.podName())
                .setPodUid(granted.podUid())
                .setCpuMilli(granted.cpuMilli())
                .setMemoryBytes(granted.memoryBytes());
        ResourceTranslator.toProto(agent.granted(), Optional.empty(), false)
                .forEach(resource -> claim.addResources(resource.toByteString()));
        agent.spec()
                .attributes()
                .forEach(attribute ->
                        claim.addAttributes(OfferTranslator.attribute(attribute).toByteString()));
        return claim.build();
    }

    /** An agent speaks for itself only, whatever its message says. */
    private static io.offerplane.engine.task.StatusUpdate sentBy(
            AgentId agent, io.offerplane.engine.task.StatusUpdate update) {
        return new io.offerplane.engine.task.StatusUpdate(
                update.taskId(),
                update.state(),
                Optional.of(agent),
                update.executorId(),
                update.source(),
                update.reason(),
                update.message(),
                update.uuid(),
                update.timestamp(),
                update.unreachableTime(),
                update.details());
    }

    private static RolePath role(String name) {
        RolePath.fault(name).ifPresent(fault -> {
            throw new IllegalArgumentException(fault);
        });
        return new RolePath(name);
    }

    private static TaskState state(String wireName) {
        for (TaskState state : TaskState.values()) {
            if (state.wireName().equals(wireName)) {
                return state;
            }
        }
        throw new IllegalArgumentException("task state: " + wireName + " (expected: such as TASK_RUNNING)");
    }

    private static ByteString bytes(byte[] bytes) {
        return ByteString.copyFrom(bytes);
    }

    private static ByteString bytes(UUID uuid) {
        return ByteString.copyFrom(ByteBuffer.allocate(16)
                .putLong(uuid.getMostSignificantBits())
                .putLong(uuid.getLeastSignificantBits())
                .array());
    }
}
