package io.offerplane.yarn.gateway;

import io.offerplane.yarn.gateway.allocation.Allocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonConfigurationKeysPublic;
import org.apache.hadoop.metrics2.lib.DefaultMetricsSystem;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.util.ExitUtil;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.QueueMetrics;

/** A head on free ports of the loopback interface, in simple mode, for as long as a test needs it. */
public final class HeadOnLoopback implements AutoCloseable {
    private final YarnHead head;

    public HeadOnLoopback(Allocator allocator) {
        this(allocator, new Configuration(false));
    }

    /** A head with these settings beside its own. */
    public HeadOnLoopback(Allocator allocator, Configuration settings) {
        // A fault ends the test, not the process with all its results.
        ExitUtil.disableSystemExit();
        // Of a head before it in the same process.
        DefaultMetricsSystem.setMiniClusterMode(true);
        QueueMetrics.clearQueueMetrics();
        YarnConfiguration conf = new YarnConfiguration();
        conf.set(YarnConfiguration.RM_ADDRESS, "127.0.0.1:0");
        conf.set(YarnConfiguration.RM_SCHEDULER_ADDRESS, "127.0.0.1:0");
        conf.set(YarnConfiguration.RM_RESOURCE_TRACKER_ADDRESS, "127.0.0.1:0");
        conf.set(YarnConfiguration.RM_ADMIN_ADDRESS, "127.0.0.1:0");
        conf.set(YarnConfiguration.RM_WEBAPP_ADDRESS, "127.0.0.1:" + freePort());
        conf.setInt(YarnConfiguration.RM_SCHEDULER_MINIMUM_ALLOCATION_MB, 128);
        conf.set(
                CommonConfigurationKeysPublic.HADOOP_SECURITY_GROUP_MAPPING,
                "org.apache.hadoop.security.NullGroupsMapping");
        settings.forEach(entry -> conf.set(entry.getKey(), entry.getValue()));
        UserGroupInformation.setConfiguration(conf);
        head = new YarnHead(allocator);
        head.init(conf);
        head.start();
    }

    public YarnHead head() {
        return head;
    }

    /** The configuration with the ports that were taken. */
    public Configuration configuration() {
        return head.getConfig();
    }

    @Override
    public void close() {
        head.stop();
    }

    /** A port that is free now. Hadoop's web application has to be told one: it doesn't say which it took. */
    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
