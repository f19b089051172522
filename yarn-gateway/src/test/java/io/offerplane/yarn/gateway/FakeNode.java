package io.offerplane.yarn.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.Container;
import org.apache.hadoop.yarn.api.records.ContainerId;
import org.apache.hadoop.yarn.api.records.ContainerState;
import org.apache.hadoop.yarn.api.records.ContainerStatus;
import org.apache.hadoop.yarn.api.records.NodeId;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.server.api.protocolrecords.NMContainerStatus;
import org.apache.hadoop.yarn.server.api.protocolrecords.NodeHeartbeatRequest;
import org.apache.hadoop.yarn.server.api.protocolrecords.NodeHeartbeatResponse;
import org.apache.hadoop.yarn.server.api.protocolrecords.RegisterNodeManagerRequest;
import org.apache.hadoop.yarn.server.api.protocolrecords.RegisterNodeManagerResponse;
import org.apache.hadoop.yarn.server.api.protocolrecords.UnRegisterNodeManagerRequest;
import org.apache.hadoop.yarn.server.api.records.MasterKey;
import org.apache.hadoop.yarn.server.api.records.NodeAction;
import org.apache.hadoop.yarn.server.api.records.NodeHealthStatus;
import org.apache.hadoop.yarn.server.api.records.NodeStatus;
import org.apache.hadoop.yarn.server.resourcemanager.ResourceTrackerService;

/** A node that runs nothing: a test says what its heartbeats tell. */
public final class FakeNode {
    private final ResourceTrackerService tracker;
    private final NodeId id;
    private final Map<ContainerId, ContainerStatus> statuses = new TreeMap<>();
    private final MasterKey containerKey;
    private final MasterKey nodeKey;
    private int responseId;

    FakeNode(YarnHead head, int port, long memory, int vcores) throws Exception {
        this(head, "127.0.0.1", port, memory, vcores);
    }

    public FakeNode(YarnHead head, String host, int port, long memory, int vcores) throws Exception {
        this(head, NodeId.newInstance(host, port), memory, vcores, List.of());
    }

    /** The node, as it comes to a head that has started anew: these containers run on it. */
    public static FakeNode back(YarnHead head, NodeId id, long memory, int vcores, List<Container> containers)
            throws Exception {
        FakeNode node = new FakeNode(head, id, memory, vcores, containers);
        containers.forEach(container -> node.running(container.getId()));
        return node;
    }

    private FakeNode(YarnHead head, NodeId id, long memory, int vcores, List<Container> containers) throws Exception {
        tracker = head.getResourceTrackerService();
        this.id = id;
        List<NMContainerStatus> reports = containers.stream()
                .map(container -> NMContainerStatus.newInstance(
                        container.getId(),
                        0,
                        ContainerState.RUNNING,
                        container.getResource(),
                        "",
                        -1000,
                        container.getPriority(),
                        0))
                .toList();
        List<ApplicationId> applications = containers.stream()
                .map(container -> container.getId().getApplicationAttemptId().getApplicationId())
                .distinct()
                .toList();
        RegisterNodeManagerResponse response = tracker.registerNodeManager(RegisterNodeManagerRequest.newInstance(
                id, id.getPort() + 1, Resource.newInstance(memory, vcores), "3.5.0", reports, applications, null));
        if (response.getNodeAction() != NodeAction.NORMAL) {
            throw new IllegalStateException("the head refuses the node: " + response.getDiagnosticsMessage());
        }
        containerKey = response.getContainerTokenMasterKey();
        nodeKey = response.getNMTokenMasterKey();
    }

    public NodeId id() {
        return id;
    }

    public void running(ContainerId container) {
        statuses.put(container, ContainerStatus.newInstance(container, ContainerState.RUNNING, "", -1000));
    }

    public void completed(ContainerId container, int exitStatus) {
        statuses.put(container, ContainerStatus.newInstance(container, ContainerState.COMPLETE, "", exitStatus));
    }

    /** Tells all it knows; returns what it is to do. */
    public NodeHeartbeatResponse beat() throws Exception {
        NodeStatus status = NodeStatus.newInstance(
                id,
                responseId,
                new ArrayList<>(statuses.values()),
                List.of(),
                NodeHealthStatus.newInstance(true, "", System.currentTimeMillis()),
                null,
                null,
                List.of());
        NodeHeartbeatResponse response =
                tracker.nodeHeartbeat(NodeHeartbeatRequest.newInstance(status, containerKey, nodeKey, null));
        responseId = response.getResponseId();
        response.getContainersToBeRemovedFromNM().forEach(statuses::remove);
        return response;
    }

    void leave() throws Exception {
        tracker.unRegisterNodeManager(UnRegisterNodeManagerRequest.newInstance(id));
    }
}
