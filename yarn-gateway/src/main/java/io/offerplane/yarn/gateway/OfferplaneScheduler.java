package io.offerplane.yarn.gateway;

import io.offerplane.yarn.gateway.allocation.Allocator;
import io.offerplane.yarn.gateway.allocation.Ask;
import io.offerplane.yarn.gateway.allocation.Grant;
import io.offerplane.yarn.gateway.allocation.Grants;
import io.offerplane.yarn.gateway.allocation.NodeOnOffer;
import io.offerplane.yarn.gateway.allocation.QueueOnOffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.yarn.api.records.ApplicationAttemptId;
import org.apache.hadoop.yarn.api.records.ContainerId;
import org.apache.hadoop.yarn.api.records.ContainerStatus;
import org.apache.hadoop.yarn.api.records.NodeId;
import org.apache.hadoop.yarn.api.records.QueueACL;
import org.apache.hadoop.yarn.api.records.QueueInfo;
import org.apache.hadoop.yarn.api.records.QueueUserACLInfo;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.api.records.ResourceRequest;
import org.apache.hadoop.yarn.api.records.SchedulingRequest;
import org.apache.hadoop.yarn.proto.YarnServiceProtos.SchedulerResourceTypes;
import org.apache.hadoop.yarn.server.api.protocolrecords.NMContainerStatus;
import org.apache.hadoop.yarn.server.resourcemanager.RMContext;
import org.apache.hadoop.yarn.server.resourcemanager.recovery.RMStateStore.RMState;
import org.apache.hadoop.yarn.server.resourcemanager.rmcontainer.RMContainer;
import org.apache.hadoop.yarn.server.resourcemanager.rmcontainer.RMContainerEventType;
import org.apache.hadoop.yarn.server.resourcemanager.rmnode.RMNode;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.AbstractYarnScheduler;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.Allocation;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.ContainerUpdates;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.QueueMetrics;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.SchedulerUtils;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.event.AppAddedSchedulerEvent;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.event.AppAttemptAddedSchedulerEvent;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.event.AppAttemptRemovedSchedulerEvent;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.event.AppRemovedSchedulerEvent;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.event.ContainerExpiredSchedulerEvent;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.event.NodeAddedSchedulerEvent;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.event.NodeRemovedSchedulerEvent;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.event.NodeResourceUpdateSchedulerEvent;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.event.NodeUpdateSchedulerEvent;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.event.ReleaseContainerEvent;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.event.SchedulerEvent;
import org.apache.hadoop.yarn.util.resource.DominantResourceCalculator;
import org.apache.hadoop.yarn.util.resource.ResourceCalculator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ResourceManager's scheduler that decides nothing: it keeps the books which Hadoop's state machines expect, tells the
 * {@link Allocator} what applications ask for, and makes its grants containers. Nodes' heartbeats carry news of containers, never a
 * chance to allocate.
 *
 * <p>It extends {@link AbstractYarnScheduler} because Hadoop's ApplicationMasterService casts to it.
 */
public final class OfferplaneScheduler extends AbstractYarnScheduler<HeadAttempt, HeadNode> implements Grants {
    private static final Logger log = LoggerFactory.getLogger(OfferplaneScheduler.class);

    private final Allocator allocator;
    private final Function<NodeId, String> agents;
    private final ResourceCalculator calculator = new DominantResourceCalculator();
    private volatile @Nullable HeadQueues queues;
    private @Nullable Applications lifecycle;

    /**
     * A scheduler that has this allocator decide.
     *
     * @param agents the hostname of the agent on a node
     */
    public OfferplaneScheduler(Allocator allocator, Function<NodeId, String> agents) {
        super(OfferplaneScheduler.class.getName());
        this.allocator = allocator;
        this.agents = agents;
    }

    @Override
    public void serviceInit(Configuration conf) throws Exception {
        applications = new ConcurrentHashMap<>();
        minimumAllocation = super.getMinimumAllocation();
        initMaximumResourceCapability(super.getMaximumAllocation());
        allocator.begin(this);
        lifecycle = new Applications(applications, firstQueues(conf), allocator, rmContext);
        super.serviceInit(conf);
    }

    /** What changes meanwhile waits until they are there. */
    private synchronized HeadQueues firstQueues(Configuration conf) {
        HeadQueues tree = new HeadQueues(allocator.queues(), conf);
        queues = tree;
        return tree;
    }

    /** Both count: a master that knows gives reducers back which have no room beside maps. */
    @Override
    public EnumSet<SchedulerResourceTypes> getSchedulingResourceTypes() {
        return EnumSet.of(SchedulerResourceTypes.MEMORY, SchedulerResourceTypes.CPU);
    }

    @Override
    public synchronized void queues(List<QueueOnOffer> now) {
        queues().become(now);
    }

    @Override
    public void setRMContext(RMContext context) {
        rmContext = context;
    }

    /** Nothing to do: containers come back with the nodes that run them. */
    @Override
    public void recover(RMState state) {}

    @Override
    public Allocation allocate(
            ApplicationAttemptId id,
            List<ResourceRequest> ask,
            @Nullable List<SchedulingRequest> schedulingRequests,
            List<ContainerId> release,
            @Nullable List<String> blacklistAdditions,
            @Nullable List<String> blacklistRemovals,
            ContainerUpdates updates) {
        HeadAttempt attempt = getApplicationAttempt(id);
        if (attempt == null || !attempt.getApplicationAttemptId().equals(id)) {
            log.info("{} asks, but is not or no longer known", id);
            return EMPTY_ALLOCATION;
        }
        refuse(attempt, updates);
        normalizeResourceRequests(ask);
        releaseContainers(release, attempt);
        attempt.getWriteLock().lock();
        try {
            if (attempt.isStopped()) {
                return EMPTY_ALLOCATION;
            }
            attempt.updateResourceRequests(ask);
            attempt.updateBlacklist(blacklistAdditions, blacklistRemovals);
            attempt.setApplicationHeadroomForMetrics(HeadResources.resource(allocator.headroom(attempt.getId())));
            Allocation allocation = new Allocation(
                    attempt.pullNewlyAllocatedContainers(),
                    HeadResources.resource(allocator.headroom(attempt.getId())),
                    Set.of(),
                    Set.of(),
                    List.of(),
                    attempt.pullUpdatedNMTokens(),
                    List.of(),
                    List.of(),
                    List.of(),
                    List.of(),
                    attempt.pullPreviousAttemptContainers(),
                    List.of());
            if (notEmpty(blacklistAdditions) || notEmpty(blacklistRemovals)) {
                allocator.avoid(attempt.getId(), Set.copyOf(attempt.getBlacklistedNodes()));
            }
            for (Ask wanted : attempt.wanted(ask)) {
                allocator.ask(wanted);
            }
            return allocation;
        } finally {
            attempt.getWriteLock().unlock();
        }
    }

    private static boolean notEmpty(@Nullable List<String> list) {
        return list != null && !list.isEmpty();
    }

    private static void refuse(HeadAttempt attempt, ContainerUpdates updates) {
        attempt.refuse(updates.getIncreaseRequests());
        attempt.refuse(updates.getDecreaseRequests());
        attempt.refuse(updates.getPromotionRequests());
        attempt.refuse(updates.getDemotionRequests());
    }

    @Override
    public void granted(Grant grant) {
        HeadAttempt attempt = getApplicationAttempt(ApplicationAttemptId.fromString(grant.attempt()));
        HeadNode node = nodeTracker.getNode(NodeId.fromString(grant.node()));
        if (attempt == null || !attempt.getId().equals(grant.attempt())) {
            allocator.declined(grant.id());
            return;
        }
        attempt.getWriteLock().lock();
        try {
            if (node == null) {
                // The grant is used up, and what was wanted is wanted still.
                allocator.declined(grant.id());
                allocator.ask(attempt.missed(grant));
                return;
            }
            ContainerId container = attempt.accept(grant, node);
            if (container == null) {
                allocator.declined(grant.id());
            } else {
                allocator.accepted(grant.id(), container.toString());
            }
        } finally {
            attempt.getWriteLock().unlock();
        }
    }

    @Override
    public void lost(String container, String why) {
        ContainerId id = ContainerId.fromString(container);
        RMContainer known = getRMContainer(id);
        if (known != null) {
            log.info("{} is to end: {}", id, why);
            completedContainer(
                    known, SchedulerUtils.createPreemptedContainerStatus(id, why), RMContainerEventType.KILL);
        }
    }

    @Override
    public void removed(String application, String why) {
        applications().kill(application, why);
    }

    @Override
    public void handle(SchedulerEvent event) {
        switch (event.getType()) {
            case NODE_ADDED -> addNode((NodeAddedSchedulerEvent) event);
            case NODE_REMOVED -> removeNode(((NodeRemovedSchedulerEvent) event).getRemovedRMNode());
            case NODE_UPDATE -> nodeUpdate(((NodeUpdateSchedulerEvent) event).getRMNode());
            case NODE_RESOURCE_UPDATE -> {
                NodeResourceUpdateSchedulerEvent update = (NodeResourceUpdateSchedulerEvent) event;
                updateNodeResource(update.getRMNode(), update.getResourceOption());
                allocator.nodeJoined(onOffer(update.getRMNode()));
            }
            case APP_ADDED -> applications().added((AppAddedSchedulerEvent) event);
            case APP_REMOVED -> applications().removed((AppRemovedSchedulerEvent) event);
            case APP_ATTEMPT_ADDED -> applications().attemptAdded((AppAttemptAddedSchedulerEvent) event);
            case APP_ATTEMPT_REMOVED -> removeAttempt((AppAttemptRemovedSchedulerEvent) event);
            case CONTAINER_EXPIRED -> {
                ContainerId id = ((ContainerExpiredSchedulerEvent) event).getContainerId();
                completedContainer(
                        getRMContainer(id),
                        SchedulerUtils.createAbnormalContainerStatus(id, SchedulerUtils.EXPIRED_CONTAINER),
                        RMContainerEventType.EXPIRE);
            }
            case RELEASE_CONTAINER -> {
                RMContainer container = ((ReleaseContainerEvent) event).getContainer();
                completedContainer(
                        container,
                        SchedulerUtils.createAbnormalContainerStatus(
                                container.getContainerId(), SchedulerUtils.RELEASED_CONTAINER),
                        RMContainerEventType.RELEASED);
            }
            // Labels, attributes, stock preemption, reservations and queues made at run time are not used here.
            case NODE_LABELS_UPDATE,
                    NODE_ATTRIBUTES_UPDATE,
                    MARK_CONTAINER_FOR_PREEMPTION,
                    MARK_CONTAINER_FOR_KILLABLE,
                    MARK_CONTAINER_FOR_NONKILLABLE,
                    KILL_RESERVED_CONTAINER,
                    MANAGE_QUEUE,
                    AUTO_QUEUE_DELETION -> log.debug("{} has no meaning here", event);
        }
    }

    private void addNode(NodeAddedSchedulerEvent event) {
        RMNode rmNode = event.getAddedRMNode();
        nodeTracker.addNode(new HeadNode(rmNode, allocator));
        allocator.nodeJoined(onOffer(rmNode));
        showAvailable();
        List<NMContainerStatus> reports = event.getContainerReports();
        recoverContainersOnNode(reports, rmNode);
        for (NMContainerStatus report : reports == null ? List.<NMContainerStatus>of() : reports) {
            RMContainer recovered = getRMContainer(report.getContainerId());
            if (recovered != null && !recovered.completed()) {
                allocator.recovered(
                        report.getContainerId().toString(),
                        recovered.getApplicationAttemptId().toString(),
                        rmNode.getNodeID().toString(),
                        HeadResources.amount(recovered.getAllocatedResource()));
            }
        }
    }

    private NodeOnOffer onOffer(RMNode node) {
        return new NodeOnOffer(
                node.getNodeID().toString(),
                node.getHostName(),
                agents.apply(node.getNodeID()),
                node.getRackName(),
                HeadResources.amount(node.getTotalCapability()));
    }

    private void removeNode(RMNode rmNode) {
        HeadNode node = nodeTracker.getNode(rmNode.getNodeID());
        if (node == null) {
            return;
        }
        // First, so that nothing is granted on it for what its end leaves wanted.
        allocator.nodeLeft(rmNode.getNodeID().toString());
        for (RMContainer container : node.getCopiedListOfRunningContainers()) {
            completedContainer(
                    container,
                    SchedulerUtils.createAbnormalContainerStatus(
                            container.getContainerId(), SchedulerUtils.LOST_CONTAINER),
                    RMContainerEventType.KILL);
        }
        nodeTracker.removeNode(rmNode.getNodeID());
        showAvailable();
    }

    private void removeAttempt(AppAttemptRemovedSchedulerEvent event) {
        HeadAttempt attempt = getApplicationAttempt(event.getApplicationAttemptID());
        if (attempt == null || !attempt.getApplicationAttemptId().equals(event.getApplicationAttemptID())) {
            return;
        }
        allocator.attemptEnded(attempt.getId());
        for (RMContainer container : new ArrayList<>(attempt.getLiveContainers())) {
            if (Applications.outlives(container, event.getKeepContainersAcrossAppAttempts())) {
                continue;
            }
            completedContainer(
                    container,
                    SchedulerUtils.createAbnormalContainerStatus(
                            container.getContainerId(), SchedulerUtils.COMPLETED_APPLICATION),
                    RMContainerEventType.KILL);
        }
        attempt.stop(event.getFinalAttemptState());
    }

    @Override
    protected void completedContainerInternal(
            RMContainer container, ContainerStatus status, RMContainerEventType event) {
        HeadAttempt attempt = getCurrentAttemptForContainer(container.getContainerId());
        HeadNode node = nodeTracker.getNode(container.getContainer().getNodeId());
        if (attempt == null) {
            log.info("{} ended, and so had its application", container.getContainerId());
            return;
        }
        String partition = node == null ? "" : node.getPartition();
        if (attempt.finish(container, status, event, partition) && node != null) {
            node.releaseContainer(container.getContainerId(), false);
        }
        showAvailable();
    }

    @Override
    public void killContainer(RMContainer container) {
        completedContainer(
                container,
                SchedulerUtils.createKilledContainerStatus(
                        container.getContainerId(), "Killed by the ResourceManager's scheduler"),
                RMContainerEventType.KILL);
    }

    private void showAvailable() {
        QueueMetrics root = getRootQueueMetrics();
        Resource total = getClusterResource();
        root.setAvailableResourcesToQueue(Resource.newInstance(
                Math.max(0, total.getMemorySize() - root.getAllocatedMB()),
                Math.max(0, total.getVirtualCores() - root.getAllocatedVirtualCores())));
    }

    /** An IOException is what Hadoop answers as "no such queue": its client then sees null. */
    @Override
    public QueueInfo getQueueInfo(String name, boolean includeChildQueues, boolean recursive) throws IOException {
        HeadQueue queue = queues().find(name);
        if (queue == null) {
            throw new IOException("Unknown queue: " + name);
        }
        return queue.getQueueInfo(includeChildQueues, recursive);
    }

    @Override
    public List<QueueUserACLInfo> getQueueUserAclInfo() {
        return queues().root().getQueueUserAclInfo(null);
    }

    @Override
    public boolean checkAccess(UserGroupInformation user, QueueACL acl, String queueName) {
        HeadQueue queue = queues().find(queueName);
        return queue != null && queue.hasAccess(acl, user);
    }

    @Override
    public @Nullable List<ApplicationAttemptId> getAppsInQueue(String queueName) {
        HeadQueue queue = queues().find(queueName);
        return queue == null ? null : applications().attemptsUnder(queue);
    }

    @Override
    public ResourceCalculator getResourceCalculator() {
        return calculator;
    }

    @Override
    public int getNumClusterNodes() {
        return nodeTracker.nodeCount();
    }

    @Override
    public QueueMetrics getRootQueueMetrics() {
        return queues().root().getMetrics();
    }

    private HeadQueues queues() {
        HeadQueues tree = queues;
        if (tree == null) {
            throw new IllegalStateException("the scheduler has not been initialised");
        }
        return tree;
    }

    private Applications applications() {
        Applications known = lifecycle;
        if (known == null) {
            throw new IllegalStateException("the scheduler has not been initialised");
        }
        return known;
    }
}
