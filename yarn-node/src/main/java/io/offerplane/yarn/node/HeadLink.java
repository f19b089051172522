package io.offerplane.yarn.node;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.hadoop.yarn.api.records.ContainerExitStatus;
import org.apache.hadoop.yarn.api.records.ContainerId;
import org.apache.hadoop.yarn.api.records.ContainerStatus;
import org.apache.hadoop.yarn.api.records.NodeId;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.apache.hadoop.yarn.exceptions.YarnRuntimeException;
import org.apache.hadoop.yarn.server.api.ResourceTracker;
import org.apache.hadoop.yarn.server.api.protocolrecords.NMContainerStatus;
import org.apache.hadoop.yarn.server.api.protocolrecords.NodeHeartbeatRequest;
import org.apache.hadoop.yarn.server.api.protocolrecords.NodeHeartbeatResponse;
import org.apache.hadoop.yarn.server.api.protocolrecords.RegisterNodeManagerRequest;
import org.apache.hadoop.yarn.server.api.protocolrecords.RegisterNodeManagerResponse;
import org.apache.hadoop.yarn.server.api.protocolrecords.UnRegisterNodeManagerRequest;
import org.apache.hadoop.yarn.server.api.records.NodeAction;
import org.apache.hadoop.yarn.server.api.records.NodeHealthStatus;
import org.apache.hadoop.yarn.server.api.records.NodeStatus;
import org.apache.hadoop.yarn.util.YarnVersionInfo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's word to the head: registration, and heartbeats that tell of containers. A beat comes at the interval that the head wants,
 * and at once when a container began or ended.
 */
final class HeadLink implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HeadLink.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final ResourceTracker head;
    private final NodeId node;
    private final Resource total;
    private final StartAuthority authority;
    private final Containers containers;
    private final Wake wake;
    private final Thread thread;
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private volatile boolean closed;
    private volatile boolean answered = true;
    // Only on the thread, and before it starts.
    private int responseId;
    private long interval = RETRY.toMillis();

    HeadLink(
            ResourceTracker head,
            NodeId node,
            Resource total,
            StartAuthority authority,
            Containers containers,
            Wake wake) {
        this.head = head;
        this.node = node;
        this.total = total;
        this.authority = authority;
        this.containers = containers;
        this.wake = wake;
        this.thread = Thread.ofPlatform().name("heartbeats").daemon().unstarted(this::beatOn);
    }

    /** Registers, waiting for a head that is away, and goes on with heartbeats. */
    void start() throws YarnException, InterruptedException {
        while (true) {
            try {
                register();
                break;
            } catch (IOException e) {
                unanswered(e);
                Thread.sleep(RETRY);
            }
        }
        thread.start();
    }

    /** Completes when the head has sent this node away, or it has been closed. */
    CompletableFuture<Void> over() {
        return over;
    }

    /** Whether the last word to the head was answered. */
    boolean answered() {
        return answered;
    }

    // Said once, not with each try.
    private void unanswered(Exception e) {
        if (answered) {
            log.warn("the head does not answer, the node goes on trying: {}", e.toString());
        } else {
            log.debug("the head still does not answer", e);
        }
        answered = false;
    }

    private void register() throws YarnException, IOException {
        List<NMContainerStatus> statuses = new ArrayList<>();
        containers.all().forEach(run -> statuses.add(run.reported()));
        RegisterNodeManagerResponse response = head.registerNodeManager(RegisterNodeManagerRequest.newInstance(
                node, 0, total, YarnVersionInfo.getVersion(), statuses, List.copyOf(containers.applications()), null));
        if (response.getNodeAction() == NodeAction.SHUTDOWN) {
            throw new YarnRuntimeException("the head refuses this node: " + response.getDiagnosticsMessage());
        }
        authority.registered(
                response.getContainerTokenMasterKey(), response.getNMTokenMasterKey(), response.getRMIdentifier());
        responseId = 0;
        answered = true;
        log.info("registered with the head as {}", node);
    }

    private void beatOn() {
        while (!closed) {
            try {
                beat();
                wake.await(interval);
            } catch (InterruptedException e) {
                return;
            } catch (YarnException | IOException | RuntimeException e) {
                if (closed) {
                    return;
                }
                unanswered(e);
                try {
                    Thread.sleep(RETRY);
                } catch (InterruptedException interrupted) {
                    return;
                }
            }
        }
    }

    private void beat() throws YarnException, IOException {
        List<ContainerStatus> statuses = new ArrayList<>();
        containers.all().forEach(run -> statuses.add(run.status(node.getHost())));
        NodeStatus status = NodeStatus.newInstance(
                node,
                responseId,
                statuses,
                List.of(),
                NodeHealthStatus.newInstance(true, "", System.currentTimeMillis()),
                null,
                null,
                List.of());
        NodeHeartbeatResponse response = head.nodeHeartbeat(
                NodeHeartbeatRequest.newInstance(status, authority.containerKey(), authority.callerKey(), null));
        answered = true;
        switch (response.getNodeAction()) {
            case NORMAL -> obey(response);
            case RESYNC -> {
                log.info("the head does not know this node (any more): {}", response.getDiagnosticsMessage());
                register();
            }
            case SHUTDOWN -> {
                log.error("the head sends this node away: {}", response.getDiagnosticsMessage());
                closed = true;
                containers.stopAll();
                over.complete(null);
            }
        }
    }

    private void obey(NodeHeartbeatResponse response) {
        responseId = response.getResponseId();
        authority.keys(response.getContainerTokenMasterKey(), response.getNMTokenMasterKey());
        if (response.getNextHeartBeatInterval() > 0) {
            interval = response.getNextHeartBeatInterval();
        }
        containers.acknowledged(response.getContainersToBeRemovedFromNM());
        for (ContainerId id : response.getContainersToCleanup()) {
            ContainerRun run = containers.find(id);
            if (run != null) {
                run.stop(ContainerExitStatus.KILLED_BY_RESOURCEMANAGER, "Container killed by the ResourceManager.");
            }
        }
        response.getContainersToSignalList().forEach(order -> {
            ContainerRun run = containers.find(order.getContainerId());
            if (run != null) {
                run.signal(ContainerProtocol.signal(order.getCommand()));
            }
        });
        response.getApplicationsToCleanup().forEach(application -> {
            if (containers.applicationEnded(application)) {
                authority.applicationEnded(application);
            }
        });
    }

    /** Says no more. The head takes the node for silent, until it is heard of again or given up. */
    void stop() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(RETRY);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Says goodbye. */
    @Override
    public void close() {
        stop();
        try {
            head.unRegisterNodeManager(UnRegisterNodeManagerRequest.newInstance(node));
        } catch (YarnException | IOException | RuntimeException e) {
            log.info("the head could not be told of this node's leave: {}", e.toString());
        }
        over.complete(null);
    }
}
