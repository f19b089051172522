package io.offerplane.yarn.gateway.node;

import static io.offerplane.yarn.gateway.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.offerplane.protocol.link.v1.NodeAnswer;
import io.offerplane.protocol.link.v1.NodeCall;
import io.offerplane.protocol.link.v1.NodeLinkGrpc;
import io.offerplane.yarn.gateway.BooksAllocator;
import io.offerplane.yarn.gateway.HeadOnLoopback;
import java.util.List;
import org.apache.hadoop.yarn.api.records.NodeId;
import org.apache.hadoop.yarn.api.records.NodeState;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.proto.YarnServerCommonProtos.NodeActionProto;
import org.apache.hadoop.yarn.proto.YarnServerCommonServiceProtos.NodeHeartbeatResponseProto;
import org.apache.hadoop.yarn.proto.YarnServerCommonServiceProtos.RegisterNodeManagerResponseProto;
import org.apache.hadoop.yarn.server.api.protocolrecords.NodeHeartbeatRequest;
import org.apache.hadoop.yarn.server.api.protocolrecords.RegisterNodeManagerRequest;
import org.apache.hadoop.yarn.server.api.protocolrecords.UnRegisterNodeManagerRequest;
import org.apache.hadoop.yarn.server.api.protocolrecords.impl.pb.NodeHeartbeatRequestPBImpl;
import org.apache.hadoop.yarn.server.api.protocolrecords.impl.pb.RegisterNodeManagerRequestPBImpl;
import org.apache.hadoop.yarn.server.api.protocolrecords.impl.pb.UnRegisterNodeManagerRequestPBImpl;
import org.apache.hadoop.yarn.server.api.records.NodeHealthStatus;
import org.apache.hadoop.yarn.server.api.records.NodeStatus;
import org.apache.hadoop.yarn.server.resourcemanager.rmnode.RMNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The real head behind the node link; nodes are the test's, word by word. */
class NodeTrackerTest {
    private static final NodeId PLACE = NodeId.newInstance("127.0.0.1", 8041);

    private BooksAllocator books;
    private HeadOnLoopback head;
    private NodeLinkOnLoopback link;

    @BeforeEach
    void start() throws Exception {
        books = new BooksAllocator();
        head = new HeadOnLoopback(books);
        link = new NodeLinkOnLoopback(head.head().nodeLink());
    }

    @AfterEach
    void stop() {
        link.close();
        head.close();
        books.close();
    }

    private static NodeCall call(byte[] request, String agent) {
        return NodeCall.newBuilder()
                .setRequest(ByteString.copyFrom(request))
                .setAgentHostname(agent)
                .build();
    }

    private static NodeAnswer register(Channel channel, NodeId place, String agent) {
        var request = (RegisterNodeManagerRequestPBImpl) RegisterNodeManagerRequest.newInstance(
                place, 0, Resource.newInstance(4096, 8), "3.5.0", List.of(), List.of(), null);
        return NodeLinkGrpc.newBlockingStub(channel)
                .register(call(request.getProto().toByteArray(), agent));
    }

    private static NodeAnswer beat(Channel channel, NodeId place) {
        NodeStatus status = NodeStatus.newInstance(
                place, 0, List.of(), List.of(), NodeHealthStatus.newInstance(true, "", 0), null, null, List.of());
        var request = (NodeHeartbeatRequestPBImpl) NodeHeartbeatRequest.newInstance(status, null, null, null);
        return NodeLinkGrpc.newBlockingStub(channel)
                .beat(call(request.getProto().toByteArray(), ""));
    }

    private static NodeAnswer leave(Channel channel, NodeId place) {
        var request = (UnRegisterNodeManagerRequestPBImpl) UnRegisterNodeManagerRequest.newInstance(place);
        return NodeLinkGrpc.newBlockingStub(channel)
                .leave(call(request.getProto().toByteArray(), ""));
    }

    private static void assertRefused(Runnable call, Status.Code code, String why) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(code))
                .hasMessageContaining(why);
    }

    @Test
    void aNodeRegistersBeatsAndLeavesAsItself() throws Exception {
        Channel one = link.channel("one");
        var registered = RegisterNodeManagerResponseProto.parseFrom(
                register(one, PLACE, "one").getResponse().toByteArray());
        assertThat(registered.getNodeAction()).isEqualTo(NodeActionProto.NORMAL);
        assertThat(registered.getContainerTokenMasterKey().getBytes().size()).isPositive();
        var answer = NodeHeartbeatResponseProto.parseFrom(
                beat(one, PLACE).getResponse().toByteArray());
        assertThat(answer.getNodeAction()).isEqualTo(NodeActionProto.NORMAL);
        assertThat(answer.getResponseId()).isEqualTo(1);
        leave(one, PLACE);
        eventually(() -> head.head().getRMContext().getInactiveRMNodes().get(PLACE), left -> assertThat(left)
                .isNotNull()
                .extracting(RMNode::getState)
                .isEqualTo(NodeState.SHUTDOWN));
    }

    @Test
    void theAllocatorIsToldOfTheAgentOnTheNode() throws Exception {
        register(link.channel("one"), PLACE, "one");
        eventually(books::nodes, nodes -> assertThat(nodes).singleElement().satisfies(node -> {
            assertThat(node.host()).isEqualTo("127.0.0.1");
            assertThat(node.agent()).isEqualTo("one");
        }));
    }

    @Test
    void nobodySpeaksForAnothersPlace() {
        register(link.channel("one"), PLACE, "one");
        Channel two = link.channel("two");
        String why = "node two can't speak for 127.0.0.1:8041, which is node one's";
        assertRefused(() -> register(two, PLACE, "two"), Status.Code.PERMISSION_DENIED, why);
        assertRefused(() -> beat(two, PLACE), Status.Code.PERMISSION_DENIED, why);
        assertRefused(() -> leave(two, PLACE), Status.Code.PERMISSION_DENIED, why);
        assertRefused(
                () -> register(two, NodeId.newInstance("127.0.0.2", 8041), "one"),
                Status.Code.PERMISSION_DENIED,
                "can't be \"one\"");
        assertThat(head.head().getRMContext().getRMNodes()).containsOnlyKeys(PLACE);
    }

    @Test
    void aNodeThatTheHeadDoesNotKnowIsToRegister() throws Exception {
        var answer = NodeHeartbeatResponseProto.parseFrom(
                beat(link.channel("one"), PLACE).getResponse().toByteArray());
        assertThat(answer.getNodeAction()).isEqualTo(NodeActionProto.RESYNC);
    }

    @Test
    void whoseNodeIsNotKnownIsNotHeard() {
        assertRefused(() -> register(link.channel(), PLACE, "one"), Status.Code.UNAUTHENTICATED, "which node calls");
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        Channel one = link.channel("one");
        assertRefused(
                () -> NodeLinkGrpc.newBlockingStub(one).beat(call(new byte[] {1, 2, 3}, "")),
                Status.Code.INVALID_ARGUMENT,
                "none of Hadoop's");
        assertRefused(
                () -> NodeLinkGrpc.newBlockingStub(one).register(call(new byte[0], "one")),
                Status.Code.INVALID_ARGUMENT,
                "the node's id is missing");
        assertRefused(
                () -> register(one, NodeId.newInstance("h".repeat(254), 8041), "one"),
                Status.Code.INVALID_ARGUMENT,
                "a host of 1 to 253 characters");
    }
}
