package io.offerplane.yarn.gateway;

import io.grpc.BindableService;
import io.offerplane.yarn.gateway.allocation.Allocator;
import io.offerplane.yarn.gateway.node.KnownNodes;
import io.offerplane.yarn.gateway.node.NodeTracker;
import java.time.Duration;
import java.time.InstantSource;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.util.ExitUtil;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.resourcemanager.ResourceManager;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.ResourceScheduler;
import org.apache.hadoop.yarn.util.resource.ResourceUtils;
import org.jspecify.annotations.Nullable;

/**
 * Hadoop's ResourceManager with Offerplane's scheduler in place of its own. Life cycle as any of Hadoop's services: {@code init} with a
 * configuration, {@code start}, {@code stop}. One at a time in a process: Hadoop keeps metrics, login and the cluster's
 * timestamp in static fields.
 */
public final class YarnHead extends ResourceManager {
    private final Allocator allocator;
    private @Nullable KnownNodes nodes;

    /** A head that has this allocator decide. */
    public YarnHead(Allocator allocator) {
        this.allocator = allocator;
        // A fault of the state store's ends the service, not the process around it, which may have more to do.
        ExitUtil.disableSystemExit();
    }

    @Override
    protected void serviceInit(Configuration conf) throws Exception {
        // Hadoop reads least and largest sizes into a static field, from the class path if nobody tells it of another
        // configuration.
        ResourceUtils.resetResourceTypes(conf);
        nodes = new KnownNodes(Duration.ofMillis(conf.getLong(
                YarnConfiguration.RM_NM_EXPIRY_INTERVAL_MS, YarnConfiguration.DEFAULT_RM_NM_EXPIRY_INTERVAL_MS)));
        super.serviceInit(conf);
    }

    @Override
    protected ResourceScheduler createScheduler() {
        return new OfferplaneScheduler(allocator, nodes()::agentOn);
    }

    /**
     * How nodes come in, for a server that says who calls ({@link io.offerplane.yarn.gateway.node.NodeIdentity}). To be called after {@code init}, and
     * served after {@code start}.
     */
    public BindableService nodeLink() {
        return new NodeTracker(getResourceTrackerService(), nodes(), InstantSource.system());
    }

    private KnownNodes nodes() {
        KnownNodes known = nodes;
        if (known == null) {
            throw new IllegalStateException("the head has not been initialised");
        }
        return known;
    }
}
