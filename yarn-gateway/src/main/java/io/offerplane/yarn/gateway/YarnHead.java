package io.offerplane.yarn.gateway;

import io.grpc.BindableService;
import io.offerplane.yarn.gateway.allocation.Allocator;
import io.offerplane.yarn.gateway.node.KnownNodes;
import io.offerplane.yarn.gateway.node.NodeTracker;
import java.net.InetAddress;
import java.time.Duration;
import java.time.InstantSource;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.resourcemanager.AdminService;
import org.apache.hadoop.yarn.server.resourcemanager.ResourceManager;
import org.apache.hadoop.yarn.server.resourcemanager.ResourceTrackerService;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.ResourceScheduler;
import org.apache.hadoop.yarn.util.resource.ResourceUtils;
import org.jspecify.annotations.Nullable;

/**
 * Hadoop's ResourceManager with Offerplane's scheduler in place of its own. Life cycle as any of Hadoop's services: {@code init} with a
 * configuration, {@code start}, {@code stop}. One at a time in a process: Hadoop keeps metrics, login and the cluster's
 * timestamp in static fields. A fault that Hadoop can't live with ends the process, unless {@code ExitUtil} was told otherwise.
 *
 * <p>Where {@code yarn.resourcemanager.bind-host} is set, it does not hold for the ports of nodes and administrators, which are this
 * machine's only.
 */
public final class YarnHead extends ResourceManager {
    private final Allocator allocator;
    private @Nullable KnownNodes nodes;

    /** A head that has this allocator decide. */
    public YarnHead(Allocator allocator) {
        this.allocator = allocator;
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

    /** Whoever reaches this port in simple mode could register as a node, and be told the keys of all tokens. */
    @Override
    protected ResourceTrackerService createResourceTrackerService() {
        return new ResourceTrackerService(
                rmContext,
                nodesListManager,
                nmLivelinessMonitor,
                rmContext.getContainerTokenSecretManager(),
                rmContext.getNMTokenSecretManager()) {
            @Override
            protected void serviceInit(Configuration conf) throws Exception {
                super.serviceInit(onThisMachineOnly(conf));
            }
        };
    }

    /** Whoever reaches this port in simple mode is an administrator. */
    @Override
    protected AdminService createAdminService() {
        return new AdminService(this) {
            @Override
            public void serviceInit(Configuration conf) throws Exception {
                super.serviceInit(onThisMachineOnly(conf));
            }
        };
    }

    /** The one setting of the address to bind to holds for all ports; without it each has its own. */
    private static Configuration onThisMachineOnly(Configuration conf) {
        if (conf.get(YarnConfiguration.RM_BIND_HOST, "").isEmpty()) {
            return conf;
        }
        Configuration local = new YarnConfiguration(conf);
        local.set(
                YarnConfiguration.RM_BIND_HOST, InetAddress.getLoopbackAddress().getHostAddress());
        return local;
    }
}
