package io.offerplane.yarn.node.link;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.offerplane.protocol.link.v1.NodeAnswer;
import io.offerplane.protocol.link.v1.NodeCall;
import io.offerplane.protocol.link.v1.NodeFault;
import io.offerplane.protocol.link.v1.NodeLinkGrpc;
import io.offerplane.protocol.link.v1.NodeLinkGrpc.NodeLinkBlockingStub;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.apache.hadoop.yarn.proto.YarnServerCommonServiceProtos.NodeHeartbeatResponseProto;
import org.apache.hadoop.yarn.proto.YarnServerCommonServiceProtos.RegisterNodeManagerResponseProto;
import org.apache.hadoop.yarn.proto.YarnServerCommonServiceProtos.UnRegisterNodeManagerResponseProto;
import org.apache.hadoop.yarn.server.api.ResourceTracker;
import org.apache.hadoop.yarn.server.api.protocolrecords.NodeHeartbeatRequest;
import org.apache.hadoop.yarn.server.api.protocolrecords.NodeHeartbeatResponse;
import org.apache.hadoop.yarn.server.api.protocolrecords.RegisterNodeManagerRequest;
import org.apache.hadoop.yarn.server.api.protocolrecords.RegisterNodeManagerResponse;
import org.apache.hadoop.yarn.server.api.protocolrecords.UnRegisterNodeManagerRequest;
import org.apache.hadoop.yarn.server.api.protocolrecords.UnRegisterNodeManagerResponse;
import org.apache.hadoop.yarn.server.api.protocolrecords.impl.pb.NodeHeartbeatRequestPBImpl;
import org.apache.hadoop.yarn.server.api.protocolrecords.impl.pb.NodeHeartbeatResponsePBImpl;
import org.apache.hadoop.yarn.server.api.protocolrecords.impl.pb.RegisterNodeManagerRequestPBImpl;
import org.apache.hadoop.yarn.server.api.protocolrecords.impl.pb.RegisterNodeManagerResponsePBImpl;
import org.apache.hadoop.yarn.server.api.protocolrecords.impl.pb.UnRegisterNodeManagerRequestPBImpl;
import org.apache.hadoop.yarn.server.api.protocolrecords.impl.pb.UnRegisterNodeManagerResponsePBImpl;
import org.jspecify.annotations.Nullable;

/**
 * The head's ResourceTracker at the other end of the node link. What the head throws is thrown here, as the same class of Hadoop's where that can be; a head
 * that can't be reached, or refuses to hear this node, is an {@link IOException}.
 */
public final class RemoteHead implements ResourceTracker {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final HeadConnection connection;
    private final String agentHostname;

    /** @param agentHostname by which the engine knows the agent of this node */
    public RemoteHead(HeadConnection connection, String agentHostname) {
        this.connection = connection;
        this.agentHostname = agentHostname;
    }

    private interface Call {
        NodeAnswer on(NodeLinkBlockingStub head);
    }

    @Override
    public RegisterNodeManagerResponse registerNodeManager(RegisterNodeManagerRequest request)
            throws YarnException, IOException {
        NodeCall call = NodeCall.newBuilder()
                .setRequest(ByteString.copyFrom(
                        ((RegisterNodeManagerRequestPBImpl) request).getProto().toByteArray()))
                .setAgentHostname(agentHostname)
                .build();
        return new RegisterNodeManagerResponsePBImpl(
                RegisterNodeManagerResponseProto.parseFrom(answered(head -> head.register(call))));
    }

    @Override
    public NodeHeartbeatResponse nodeHeartbeat(NodeHeartbeatRequest request) throws YarnException, IOException {
        NodeCall call = NodeCall.newBuilder()
                .setRequest(ByteString.copyFrom(
                        ((NodeHeartbeatRequestPBImpl) request).getProto().toByteArray()))
                .build();
        return new NodeHeartbeatResponsePBImpl(NodeHeartbeatResponseProto.parseFrom(answered(head -> head.beat(call))));
    }

    @Override
    public UnRegisterNodeManagerResponse unRegisterNodeManager(UnRegisterNodeManagerRequest request)
            throws YarnException, IOException {
        NodeCall call = NodeCall.newBuilder()
                .setRequest(ByteString.copyFrom(((UnRegisterNodeManagerRequestPBImpl) request)
                        .getProto()
                        .toByteArray()))
                .build();
        return new UnRegisterNodeManagerResponsePBImpl(
                UnRegisterNodeManagerResponseProto.parseFrom(answered(head -> head.leave(call))));
    }

    private byte[] answered(Call call) throws YarnException, IOException {
        NodeAnswer answer;
        try {
            answer = call.on(NodeLinkGrpc.newBlockingStub(connection.channel())
                    .withDeadlineAfter(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (StatusRuntimeException e) {
            throw unanswered(e);
        }
        return switch (answer.getAnswerCase()) {
            case RESPONSE -> answer.getResponse().toByteArray();
            case FAULT -> throw thrown(answer.getFault());
            case ANSWER_NOT_SET -> throw new IOException("the head answers in a way that this release does not know");
        };
    }

    private IOException unanswered(StatusRuntimeException e) {
        Status status = e.getStatus();
        if (Thread.currentThread().isInterrupted()) {
            return new InterruptedIOException("stopped while the head was asked");
        }
        return switch (status.getCode()) {
            case PERMISSION_DENIED, UNAUTHENTICATED ->
                new IOException("the head refuses this node: " + status.getDescription(), e);
            case INVALID_ARGUMENT, INTERNAL, UNIMPLEMENTED ->
                new IOException("the head can't answer: " + status.getDescription(), e);
            default -> {
                connection.broken();
                Throwable cause = status.getCause();
                yield new IOException(
                        "the head can't be reached: " + status.getCode()
                                + (status.getDescription() == null ? "" : ": " + status.getDescription())
                                + (cause == null ? "" : " (" + cause.getMessage() + ")"),
                        e);
            }
        };
    }

    /** Only classes of Hadoop's and Java's own input and output are made by name, as Hadoop's RPC does. */
    private static IOException thrown(NodeFault fault) throws YarnException {
        String name = fault.getClassName();
        if (name.startsWith("org.apache.hadoop.") || name.startsWith("java.io.")) {
            try {
                Class<?> type = Class.forName(name, false, RemoteHead.class.getClassLoader());
                if (YarnException.class.isAssignableFrom(type)) {
                    throw made(type.asSubclass(YarnException.class), fault.getMessage());
                }
                if (IOException.class.isAssignableFrom(type)) {
                    return made(type.asSubclass(IOException.class), fault.getMessage());
                }
            } catch (ReflectiveOperationException another) {
                return unknown(fault, another);
            }
        }
        return unknown(fault, null);
    }

    private static <E extends Exception> E made(Class<E> type, String message)
            throws NoSuchMethodException, InstantiationException, IllegalAccessException, InvocationTargetException {
        return type.getConstructor(String.class).newInstance(message);
    }

    private static IOException unknown(NodeFault fault, @Nullable Throwable why) {
        return new IOException(fault.getClassName() + ": " + fault.getMessage(), why);
    }
}
