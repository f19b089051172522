package io.offerplane.yarn.gateway;

import io.offerplane.yarn.gateway.allocation.Allocator;
import org.apache.hadoop.yarn.api.records.Container;
import org.apache.hadoop.yarn.server.resourcemanager.rmcontainer.RMContainer;
import org.apache.hadoop.yarn.server.resourcemanager.rmnode.RMNode;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.SchedulerApplicationAttempt;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.SchedulerNode;
import org.apache.hadoop.yarn.server.scheduler.SchedulerRequestKey;

/** A node on the ResourceManager's books. It tells the allocator when what a container held is really free. */
final class HeadNode extends SchedulerNode {
    private final Allocator allocator;

    HeadNode(RMNode node, Allocator allocator) {
        super(node, false);
        this.allocator = allocator;
    }

    /**
     * A container that was launched stays on the books until the node says that it is gone, even if its application released it: this
     * is the moment at which Hadoop gives its resources back.
     */
    @Override
    protected synchronized void updateResourceForReleasedContainer(Container container) {
        super.updateResourceForReleasedContainer(container);
        allocator.ended(container.getId().toString());
    }

    // The allocator sets nodes aside itself, so that the two reservations of Hadoop's own schedulers have no meaning
    // here.
    @Override
    public void reserveResource(SchedulerApplicationAttempt attempt, SchedulerRequestKey key, RMContainer container) {
        throw new UnsupportedOperationException("nodes are set aside by the allocator, not by " + attempt.getId());
    }

    @Override
    public void unreserveResource(SchedulerApplicationAttempt attempt) {
        throw new UnsupportedOperationException("nodes are set aside by the allocator, not by " + attempt.getId());
    }
}
