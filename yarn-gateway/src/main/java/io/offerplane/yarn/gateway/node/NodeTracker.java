package io.offerplane.yarn.gateway.node;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import io.offerplane.protocol.link.v1.NodeAnswer;
import io.offerplane.protocol.link.v1.NodeCall;
import io.offerplane.protocol.link.v1.NodeFault;
import io.offerplane.protocol.link.v1.NodeLinkGrpc;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.thirdparty.protobuf.InvalidProtocolBufferException;
import org.apache.hadoop.yarn.api.records.NodeId;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.apache.hadoop.yarn.proto.YarnServerCommonServiceProtos.NodeHeartbeatRequestProto;
import org.apache.hadoop.yarn.proto.YarnServerCommonServiceProtos.RegisterNodeManagerRequestProto;
import org.apache.hadoop.yarn.proto.YarnServerCommonServiceProtos.UnRegisterNodeManagerRequestProto;
import org.apache.hadoop.yarn.server.api.ResourceTracker;
import org.apache.hadoop.yarn.server.api.protocolrecords.impl.pb.NodeHeartbeatRequestPBImpl;
import org.apache.hadoop.yarn.server.api.protocolrecords.impl.pb.NodeHeartbeatResponsePBImpl;
import org.apache.hadoop.yarn.server.api.protocolrecords.impl.pb.RegisterNodeManagerRequestPBImpl;
import org.apache.hadoop.yarn.server.api.protocolrecords.impl.pb.RegisterNodeManagerResponsePBImpl;
import org.apache.hadoop.yarn.server.api.protocolrecords.impl.pb.UnRegisterNodeManagerRequestPBImpl;
import org.apache.hadoop.yarn.server.api.protocolrecords.impl.pb.UnRegisterNodeManagerResponsePBImpl;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The head's end of the node link: Hadoop's ResourceTracker for callers whose node is known ({@link NodeIdentity#KEY}), each for its own place only. Whoever
 * speaks for another's is refused with PERMISSION_DENIED, and what can't be read with INVALID_ARGUMENT; what the head itself throws is an answer.
 */
public final class NodeTracker extends NodeLinkGrpc.NodeLinkImplBase {
    private static final Logger log = LoggerFactory.getLogger(NodeTracker.class);

    private static final int MOST_BYTES = 4 << 20;
    private static final int LONGEST_HOST = 253;
    private static final int HIGHEST_PORT = 65_535;

    private final ResourceTracker head;
    private final KnownNodes nodes;
    private final InstantSource clock;

    /** @param head Hadoop's own, in this process */
    public NodeTracker(ResourceTracker head, KnownNodes nodes, InstantSource clock) {
        this.head = head;
        this.nodes = nodes;
        this.clock = clock;
    }

    /** What Hadoop makes of a request that may be made. */
    private interface Hadoop {
        byte[] answer(NodeIdentity caller) throws StatusException, YarnException, IOException;
    }

    @Override
    public void register(NodeCall call, StreamObserver<NodeAnswer> answers) {
        serve(call, answers, caller -> {
            var request = new RegisterNodeManagerRequestPBImpl(
                    RegisterNodeManagerRequestProto.parseFrom(call.getRequest().toByteArray()));
            NodeId place = place(request.getNodeId());
            permit(nodes.register(caller, place, call.getAgentHostname(), clock.instant()));
            return ((RegisterNodeManagerResponsePBImpl) head.registerNodeManager(request))
                    .getProto()
                    .toByteArray();
        });
    }

    @Override
    public void beat(NodeCall call, StreamObserver<NodeAnswer> answers) {
        serve(call, answers, caller -> {
            var request = new NodeHeartbeatRequestPBImpl(
                    NodeHeartbeatRequestProto.parseFrom(call.getRequest().toByteArray()));
            NodeId place = place(
                    request.getNodeStatus() == null
                            ? null
                            : request.getNodeStatus().getNodeId());
            permit(nodes.speaks(caller, place, clock.instant()));
            return ((NodeHeartbeatResponsePBImpl) head.nodeHeartbeat(request))
                    .getProto()
                    .toByteArray();
        });
    }

    @Override
    public void leave(NodeCall call, StreamObserver<NodeAnswer> answers) {
        serve(call, answers, caller -> {
            var request = new UnRegisterNodeManagerRequestPBImpl(UnRegisterNodeManagerRequestProto.parseFrom(
                    call.getRequest().toByteArray()));
            NodeId place = place(request.getNodeId());
            permit(nodes.speaks(caller, place, clock.instant()));
            byte[] answer = ((UnRegisterNodeManagerResponsePBImpl) head.unRegisterNodeManager(request))
                    .getProto()
                    .toByteArray();
            nodes.left(place);
            return answer;
        });
    }

    private static void serve(NodeCall call, StreamObserver<NodeAnswer> answers, Hadoop hadoop) {
        NodeIdentity caller = NodeIdentity.KEY.get();
        if (caller == null) {
            answers.onError(Status.UNAUTHENTICATED
                    .withDescription("it isn't known which node calls (expected: a token that is bound to a pod)")
                    .asException());
            return;
        }
        NodeAnswer answer;
        try {
            if (call.getRequest().size() > MOST_BYTES) {
                throw invalid(
                        "a request of " + call.getRequest().size() + " bytes (expected: at most " + MOST_BYTES + ")");
            }
            answer = NodeAnswer.newBuilder()
                    .setResponse(ByteString.copyFrom(hadoop.answer(caller)))
                    .build();
        } catch (StatusException refused) {
            log.warn("Node {} is refused: {}", caller.node(), refused.getMessage());
            answers.onError(refused);
            return;
        } catch (InvalidProtocolBufferException e) {
            answers.onError(invalid("a request that is none of Hadoop's: " + e.getMessage()));
            return;
        } catch (YarnException | IOException e) {
            answer = NodeAnswer.newBuilder()
                    .setFault(NodeFault.newBuilder()
                            .setClassName(e.getClass().getName())
                            .setMessage(Objects.requireNonNullElse(e.getMessage(), "")))
                    .build();
        } catch (RuntimeException e) {
            log.error("A request of node {} fails", caller.node(), e);
            answers.onError(Status.INTERNAL
                    .withDescription("the head can't answer: " + e)
                    .asException());
            return;
        }
        answers.onNext(answer);
        answers.onCompleted();
    }

    private static NodeId place(@Nullable NodeId named) throws StatusException {
        if (named == null
                || named.getHost() == null
                || named.getHost().isEmpty()
                || named.getHost().length() > LONGEST_HOST
                || named.getPort() < 1
                || named.getPort() > HIGHEST_PORT) {
            throw invalid("the node's id is missing or makes no sense (expected: a host of 1 to " + LONGEST_HOST
                    + " characters and a port of 1 to " + HIGHEST_PORT + ")");
        }
        return named;
    }

    private static void permit(Optional<String> refusal) throws StatusException {
        if (refusal.isPresent()) {
            throw Status.PERMISSION_DENIED.withDescription(refusal.get()).asException();
        }
    }

    private static StatusException invalid(String what) {
        return Status.INVALID_ARGUMENT.withDescription(what).asException();
    }
}
