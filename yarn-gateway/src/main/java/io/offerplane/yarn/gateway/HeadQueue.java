package io.offerplane.yarn.gateway;

import io.offerplane.yarn.gateway.allocation.QueueOnOffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.yarn.api.records.Priority;
import org.apache.hadoop.yarn.api.records.QueueACL;
import org.apache.hadoop.yarn.api.records.QueueInfo;
import org.apache.hadoop.yarn.api.records.QueueState;
import org.apache.hadoop.yarn.api.records.QueueStatistics;
import org.apache.hadoop.yarn.api.records.QueueUserACLInfo;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.server.resourcemanager.rmcontainer.RMContainer;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.AbstractUsersManager;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.ActiveUsersManager;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.Queue;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.QueueMetrics;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.SchedulerApplicationAttempt;
import org.jspecify.annotations.Nullable;

/** One queue as the ResourceManager and its clients see it. What it may use is decided elsewhere. */
final class HeadQueue implements Queue {
    private volatile QueueOnOffer queue;
    private final String shortName;
    private final QueueMetrics metrics;
    private final AbstractUsersManager users;
    private volatile List<HeadQueue> children = List.of();

    HeadQueue(QueueOnOffer queue, @Nullable HeadQueue parent, Configuration conf) {
        this.queue = queue;
        this.shortName = queue.path().substring(queue.path().lastIndexOf('.') + 1);
        // Without metrics by user: those are kept for ever.
        this.metrics = QueueMetrics.forQueue(queue.path(), parent, false, conf);
        this.users = new ActiveUsersManager(metrics);
    }

    /** The same queue, as it is now. */
    void become(QueueOnOffer now, List<HeadQueue> nowBelow) {
        queue = now;
        children = List.copyOf(nowBelow);
    }

    String path() {
        return queue.path();
    }

    boolean isLeaf() {
        return children.isEmpty();
    }

    @Override
    public String getQueueName() {
        return shortName;
    }

    @Override
    public QueueMetrics getMetrics() {
        return metrics;
    }

    // Null members of a QueueInfo fail in its conversion to protobuf, far from here.
    @Override
    public QueueInfo getQueueInfo(boolean includeChildQueues, boolean recursive) {
        List<QueueInfo> infos = new ArrayList<>();
        if (includeChildQueues) {
            for (HeadQueue child : children) {
                infos.add(child.getQueueInfo(recursive, recursive));
            }
        }
        return QueueInfo.newInstance(
                shortName,
                queue.path(),
                (float) queue.capacity(),
                (float) queue.maximumCapacity(),
                usedOfCapacity(),
                infos,
                List.of(),
                QueueState.RUNNING,
                Set.of(),
                "",
                statistics(),
                true,
                (float) queue.weight(),
                Integer.MAX_VALUE,
                Map.of(),
                true);
    }

    // YARN's current capacity: what is used of what the queue is promised, by memory.
    private float usedOfCapacity() {
        double promised = (metrics.getAllocatedMB() + metrics.getAvailableMB()) * queue.capacity();
        return promised <= 0 ? 0 : (float) (metrics.getAllocatedMB() / promised);
    }

    private QueueStatistics statistics() {
        QueueStatistics statistics = QueueStatistics.newInstance(
                metrics.getAppsSubmitted(),
                metrics.getAppsRunning(),
                metrics.getAppsPending(),
                metrics.getAppsCompleted(),
                metrics.getAppsKilled(),
                metrics.getAppsFailed(),
                metrics.getActiveUsers(),
                metrics.getAvailableMB(),
                metrics.getAllocatedMB(),
                metrics.getPendingMB(),
                metrics.getReservedMB(),
                metrics.getAvailableVirtualCores(),
                metrics.getAllocatedVirtualCores(),
                metrics.getPendingVirtualCores(),
                metrics.getReservedVirtualCores());
        statistics.setPendingContainers(metrics.getPendingContainers());
        statistics.setAllocatedContainers(metrics.getAllocatedContainers());
        statistics.setReservedContainers(metrics.getReservedContainers());
        return statistics;
    }

    @Override
    public List<QueueUserACLInfo> getQueueUserAclInfo(@Nullable UserGroupInformation user) {
        List<QueueUserACLInfo> infos = new ArrayList<>();
        infos.add(QueueUserACLInfo.newInstance(shortName, Arrays.asList(QueueACL.values())));
        for (HeadQueue child : children) {
            infos.addAll(child.getQueueUserAclInfo(user));
        }
        return infos;
    }

    @Override
    public boolean hasAccess(QueueACL acl, UserGroupInformation user) {
        return true;
    }

    @Override
    public AbstractUsersManager getAbstractUsersManager() {
        return users;
    }

    @Override
    public void recoverContainer(Resource clusterResource, SchedulerApplicationAttempt attempt, RMContainer container) {
        metrics.allocateResources(
                container.getNodeLabelExpression(), attempt.getUser(), 1, container.getAllocatedResource(), false);
    }

    @Override
    public Set<String> getAccessibleNodeLabels() {
        return Set.of();
    }

    @Override
    public @Nullable String getDefaultNodeLabelExpression() {
        return null;
    }

    // The head's own metrics count what is pending; the allocator knows it anyway.
    @Override
    public void incPendingResource(String nodeLabel, Resource resource) {}

    @Override
    public void decPendingResource(String nodeLabel, Resource resource) {}

    @Override
    public Priority getDefaultApplicationPriority() {
        return Priority.newInstance(0);
    }

    // Nothing is reserved here: agents are set aside by the allocator.
    @Override
    public void incReservedResource(String partition, Resource resource) {}

    @Override
    public void decReservedResource(String partition, Resource resource) {}
}
