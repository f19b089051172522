package io.offerplane.shim.executor;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.offerplane.protocol.libprocess.LibprocessMessage;
import io.offerplane.protocol.libprocess.MalformedUpidException;
import io.offerplane.protocol.libprocess.Upid;
import io.offerplane.protocol.libprocess.v0.ExecutorRegisteredMessage;
import io.offerplane.protocol.libprocess.v0.ExecutorReregisteredMessage;
import io.offerplane.protocol.libprocess.v0.FrameworkToExecutorMessage;
import io.offerplane.protocol.libprocess.v0.KillTaskMessage;
import io.offerplane.protocol.libprocess.v0.ReconnectExecutorMessage;
import io.offerplane.protocol.libprocess.v0.ReregisterExecutorMessage;
import io.offerplane.protocol.libprocess.v0.RunTaskMessage;
import io.offerplane.protocol.libprocess.v0.ShutdownExecutorMessage;
import io.offerplane.protocol.libprocess.v0.StatusUpdate;
import io.offerplane.protocol.libprocess.v0.StatusUpdateAcknowledgementMessage;
import io.offerplane.shim.journal.v1.ExecutorLaunch;
import io.offerplane.shim.task.NodeIdentity;
import java.util.Optional;
import org.apache.mesos.v1.Protos.AgentID;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.Protos.TaskInfo;
import org.apache.mesos.v1.Protos.TaskStatus;
import org.apache.mesos.v1.executor.Protos.Call;
import org.apache.mesos.v1.executor.Protos.Event;

/**
 * The v1 executor API's calls and events in the words of a v0 driver. Mesos' core types are the same on the wire in both, so that
 * they are handed on as they are. Immutable.
 *
 * <p>Source: Mesos 1.11 messages/messages.proto.
 */
final class DriverMessages {

    /** Name of the agent's process, which drivers learn from MESOS_SLAVE_PID. */
    static final String AGENT_PROCESS = "slave(1)";

    private static final String PACKAGE = "mesos.internal.";

    private final Upid agent;
    private final ByteString agentId;

    /** @throws IllegalStateException when the node has no IPv4 address, which v0 needs */
    DriverMessages(NodeIdentity node) {
        try {
            this.agent = Upid.parse(AGENT_PROCESS + "@" + node.ip() + ":" + node.httpPort());
        } catch (MalformedUpidException e) {
            throw new IllegalStateException("executors with a v0 driver need a node with an IPv4 address", e);
        }
        this.agentId = AgentID.newBuilder().setValue(node.agentId()).build().toByteString();
    }

    /** This agent as it calls itself. */
    Upid agent() {
        return agent;
    }

    LibprocessMessage reconnect() {
        return message(ReconnectExecutorMessage.newBuilder().setSlaveId(agentId).build());
    }

    LibprocessMessage shutdown() {
        return message(ShutdownExecutorMessage.getDefaultInstance());
    }

    /**
     * An event as the driver takes it; empty for one that v0 doesn't have.
     *
     * @param again whether the driver has been registered before, which it is told in other words
     */
    Optional<LibprocessMessage> event(Event event, ExecutorLaunch executor, boolean again) {
        ByteString frameworkId = frameworkId(executor.getFrameworkId());
        return switch (event.getType()) {
            case SUBSCRIBED -> Optional.of(again ? reregistered(event) : registered(event, frameworkId));
            case LAUNCH ->
                Optional.of(message(RunTaskMessage.newBuilder()
                        .setFrameworkId(frameworkId)
                        .setFramework(executor.getFrameworkInfo())
                        .setPid(Upid.NOBODY)
                        .setTask(event.getLaunch().getTask().toByteString())
                        .build()));
            case KILL ->
                Optional.of(message(KillTaskMessage.newBuilder()
                        .setFrameworkId(frameworkId)
                        .setTaskId(event.getKill().getTaskId().toByteString())
                        .setKillPolicy(event.getKill().getKillPolicy().toByteString())
                        .build()));
            case ACKNOWLEDGED ->
                Optional.of(message(StatusUpdateAcknowledgementMessage.newBuilder()
                        .setSlaveId(agentId)
                        .setFrameworkId(frameworkId)
                        .setTaskId(event.getAcknowledged().getTaskId().toByteString())
                        .setUuid(event.getAcknowledged().getUuid())
                        .build()));
            case MESSAGE ->
                Optional.of(message(FrameworkToExecutorMessage.newBuilder()
                        .setSlaveId(agentId)
                        .setFrameworkId(frameworkId)
                        .setExecutorId(ExecutorID.newBuilder()
                                .setValue(executor.getExecutorId())
                                .build()
                                .toByteString())
                        .setData(event.getMessage().getData())
                        .build()));
            case SHUTDOWN -> Optional.of(shutdown());
            case UNKNOWN, ERROR, LAUNCH_GROUP, HEARTBEAT -> Optional.empty();
        };
    }

    private LibprocessMessage registered(Event event, ByteString frameworkId) {
        Event.Subscribed subscribed = event.getSubscribed();
        return message(ExecutorRegisteredMessage.newBuilder()
                .setExecutorInfo(subscribed.getExecutorInfo().toByteString())
                .setFrameworkId(frameworkId)
                .setFrameworkInfo(subscribed.getFrameworkInfo().toByteString())
                .setSlaveId(agentId)
                .setSlaveInfo(subscribed.getAgentInfo().toByteString())
                .build());
    }

    private LibprocessMessage reregistered(Event event) {
        return message(ExecutorReregisteredMessage.newBuilder()
                .setSlaveId(agentId)
                .setSlaveInfo(event.getSubscribed().getAgentInfo().toByteString())
                .build());
    }

    private static LibprocessMessage message(MessageLite message) {
        return new LibprocessMessage(PACKAGE + message.getClass().getSimpleName(), message.toByteString());
    }

    private static ByteString frameworkId(String value) {
        return FrameworkID.newBuilder().setValue(value).build().toByteString();
    }

    /** What a driver that comes back still holds, as the v1 API would have it. */
    static Call.Subscribe subscription(ReregisterExecutorMessage message) throws InvalidProtocolBufferException {
        Call.Subscribe.Builder subscribe = Call.Subscribe.newBuilder();
        for (ByteString task : message.getTasksList()) {
            subscribe.addUnacknowledgedTasks(TaskInfo.parseFrom(task));
        }
        for (StatusUpdate update : message.getUpdatesList()) {
            subscribe.addUnacknowledgedUpdates(update(update));
        }
        return subscribe.build();
    }

    /** An update as the v1 API would have it: what older drivers say beside the status only is in it. */
    static Call.Update update(StatusUpdate update) throws InvalidProtocolBufferException {
        TaskStatus.Builder status = TaskStatus.parseFrom(update.getStatus()).toBuilder();
        if (update.hasUuid() && !status.hasUuid()) {
            status.setUuid(update.getUuid());
        }
        if (update.hasTimestamp() && !status.hasTimestamp()) {
            status.setTimestamp(update.getTimestamp());
        }
        return Call.Update.newBuilder()
                .setStatus(status.setSource(TaskStatus.Source.SOURCE_EXECUTOR))
                .build();
    }
}
