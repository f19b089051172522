package io.offerplane.yarn.gateway;

import io.offerplane.yarn.gateway.allocation.Amount;
import io.offerplane.yarn.gateway.allocation.Ask;
import io.offerplane.yarn.gateway.allocation.AskKey;
import io.offerplane.yarn.gateway.allocation.Grant;
import io.offerplane.yarn.gateway.allocation.Wish;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.yarn.api.records.ApplicationAttemptId;
import org.apache.hadoop.yarn.api.records.Container;
import org.apache.hadoop.yarn.api.records.ContainerId;
import org.apache.hadoop.yarn.api.records.ContainerStatus;
import org.apache.hadoop.yarn.api.records.ExecutionType;
import org.apache.hadoop.yarn.api.records.Priority;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.api.records.ResourceRequest;
import org.apache.hadoop.yarn.api.records.UpdateContainerError;
import org.apache.hadoop.yarn.api.records.UpdateContainerRequest;
import org.apache.hadoop.yarn.server.resourcemanager.RMContext;
import org.apache.hadoop.yarn.server.resourcemanager.rmcontainer.RMContainer;
import org.apache.hadoop.yarn.server.resourcemanager.rmcontainer.RMContainerEvent;
import org.apache.hadoop.yarn.server.resourcemanager.rmcontainer.RMContainerEventType;
import org.apache.hadoop.yarn.server.resourcemanager.rmcontainer.RMContainerFinishedEvent;
import org.apache.hadoop.yarn.server.resourcemanager.rmcontainer.RMContainerImpl;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.NodeType;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.SchedulerApplicationAttempt;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.SchedulerNode;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.placement.AppPlacementAllocator;
import org.apache.hadoop.yarn.server.scheduler.SchedulerRequestKey;
import org.apache.hadoop.yarn.server.utils.BuilderUtils;
import org.jspecify.annotations.Nullable;

/**
 * An attempt on the ResourceManager's books: what it still asks for and what runs. All methods of this class take the attempt's write
 * lock, which Hadoop's own methods of it take, too: a grant must not come between an ask and the pull that answers it, or the
 * master's own container is lost in an answer that nobody reads.
 */
final class HeadAttempt extends SchedulerApplicationAttempt {
    private final HeadQueue headQueue;
    private final Map<SchedulerRequestKey, Long> grantsSeen = new HashMap<>();

    HeadAttempt(ApplicationAttemptId id, String user, HeadQueue queue, RMContext context, boolean recovering) {
        super(id, user, queue, queue.getAbstractUsersManager(), context);
        this.headQueue = queue;
        setAttemptRecovering(recovering);
    }

    String queuePath() {
        return headQueue.path();
    }

    /** What is wanted under the keys of these requests, as of now. Call with the write lock held. */
    List<Ask> wanted(List<ResourceRequest> changed) {
        Set<SchedulerRequestKey> keys = new LinkedHashSet<>();
        for (ResourceRequest request : changed) {
            keys.add(SchedulerRequestKey.create(request));
        }
        boolean master = isWaitingForAMContainer();
        List<Ask> asks = new ArrayList<>();
        for (SchedulerRequestKey key : keys) {
            asks.add(wanted(key, master));
        }
        return asks;
    }

    private Ask wanted(SchedulerRequestKey key, boolean master) {
        AppPlacementAllocator<SchedulerNode> placement = getAppPlacementAllocator(key);
        Map<String, ResourceRequest> requests = placement == null ? Map.of() : placement.getResourceRequests();
        ResourceRequest anywhere = requests.get(ResourceRequest.ANY);
        AskKey askKey = new AskKey(key.getPriority().getPriority(), key.getAllocationRequestId());
        long seen = grantsSeen.getOrDefault(key, 0L);
        if (anywhere == null || anywhere.getNumContainers() <= 0) {
            return new Ask(getId(), askKey, new Amount(0, 0), List.of(), "", seen, master);
        }
        List<Wish> wishes = requests.values().stream()
                .filter(request -> request.getNumContainers() > 0)
                .map(request ->
                        new Wish(request.getResourceName(), request.getNumContainers(), request.getRelaxLocality()))
                .sorted(Comparator.comparing(Wish::place))
                .toList();
        String label = anywhere.getNodeLabelExpression();
        return new Ask(
                getId(),
                askKey,
                HeadResources.amount(anywhere.getCapability()),
                wishes,
                label == null ? "" : label,
                seen,
                master);
    }

    /** A grant that no container can be made of. What is wanted under its key, now that it has been answered. */
    Ask missed(Grant grant) {
        SchedulerRequestKey key = key(grant);
        grantsSeen.merge(key, 1L, Long::sum);
        return wanted(key, isWaitingForAMContainer());
    }

    private static SchedulerRequestKey key(Grant grant) {
        return new SchedulerRequestKey(
                Priority.newInstance(grant.key().priority()), grant.key().allocationRequestId(), null);
    }

    @Override
    public String getId() {
        return getApplicationAttemptId().toString();
    }

    /**
     * Makes a grant a container that the application gets with its next call.
     *
     * @return null when the attempt is over or wants nothing more under the grant's key
     */
    @Nullable
    ContainerId accept(Grant grant, HeadNode node) {
        writeLock.lock();
        try {
            SchedulerRequestKey key = key(grant);
            grantsSeen.merge(key, 1L, Long::sum);
            AppPlacementAllocator<SchedulerNode> placement = getAppPlacementAllocator(key);
            if (isStopped || placement == null || placement.getOutstandingAsksCount(ResourceRequest.ANY) <= 0) {
                return null;
            }
            Resource each = HeadResources.resource(grant.each());
            ContainerId id = ContainerId.newContainerId(getApplicationAttemptId(), getNewContainerId());
            // The token is made when the application fetches the container.
            Container container = BuilderUtils.newContainer(
                    id,
                    node.getNodeID(),
                    node.getHttpAddress(),
                    each,
                    key.getPriority(),
                    null,
                    ExecutionType.GUARANTEED,
                    key.getAllocationRequestId());
            RMContainerImpl rmContainer = new RMContainerImpl(
                    container,
                    key,
                    getApplicationAttemptId(),
                    node.getNodeID(),
                    getUser(),
                    rmContext,
                    node.getPartition());
            rmContainer.setQueueName(headQueue.path());
            addToNewlyAllocatedContainers(node, rmContainer);
            addRMContainer(id, rmContainer);
            NodeType locality = locality(placement, node);
            rmContainer.setContainerRequest(appSchedulingInfo.allocate(locality, node, key, rmContainer));
            attemptResourceUsage.incUsed(node.getPartition(), each);
            rmContainer.handle(new RMContainerEvent(id, RMContainerEventType.START));
            node.allocateContainer(rmContainer);
            return id;
        } finally {
            writeLock.unlock();
        }
    }

    // Which of the requests a grant on this node is taken off.
    private static NodeType locality(AppPlacementAllocator<SchedulerNode> placement, SchedulerNode node) {
        if (placement.getOutstandingAsksCount(node.getNodeName()) > 0) {
            return NodeType.NODE_LOCAL;
        }
        if (placement.getOutstandingAsksCount(node.getRackName()) > 0) {
            return NodeType.RACK_LOCAL;
        }
        return NodeType.OFF_SWITCH;
    }

    /** A container is over. Returns whether it was known; it is told only once. */
    boolean finish(RMContainer container, ContainerStatus status, RMContainerEventType event, String partition) {
        writeLock.lock();
        try {
            ContainerId id = container.getContainerId();
            if (!liveContainers.containsKey(id)) {
                return false;
            }
            removeRMContainer(id);
            newlyAllocatedContainers.remove(container);
            container.handle(new RMContainerFinishedEvent(id, status, event));
            Resource each = container.getContainer().getResource();
            headQueue.getMetrics().releaseResources(partition, getUser(), 1, each);
            attemptResourceUsage.decUsed(partition, each);
            return true;
        } finally {
            writeLock.unlock();
        }
    }

    /** Answers each request for another size or kind of a running container with an error, which clients know how to take. */
    void refuse(List<UpdateContainerRequest> updates) {
        for (UpdateContainerRequest update : updates) {
            addToUpdateContainerErrors(UpdateContainerError.newInstance("CONTAINER_UPDATES_NOT_SUPPORTED", update));
        }
    }
}
