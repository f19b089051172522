package io.offerplane.yarn.gateway;

import io.offerplane.yarn.gateway.allocation.Allocator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.util.ExitUtil;
import org.apache.hadoop.yarn.server.resourcemanager.ResourceManager;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.ResourceScheduler;
import org.apache.hadoop.yarn.util.resource.ResourceUtils;

/**
 * Hadoop's ResourceManager with Offerplane's scheduler in place of its own. Life cycle as any of Hadoop's services: {@code init} with a
 * configuration, {@code start}, {@code stop}. One at a time in a process: Hadoop keeps metrics, login and the cluster's
 * timestamp in static fields.
 */
public final class YarnHead extends ResourceManager {
    private final Allocator allocator;

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
        super.serviceInit(conf);
    }

    @Override
    protected ResourceScheduler createScheduler() {
        return new OfferplaneScheduler(allocator);
    }
}
