package io.offerplane.yarn.gateway.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonConfigurationKeys;
import org.apache.hadoop.fs.CommonConfigurationKeysPublic;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.resourcemanager.recovery.FileSystemRMStateStore;

/**
 * The head's settings in Hadoop's words, in three layers: what an Offerplane head usually wants, then the user's core-site.xml and
 * yarn-site.xml, then what must be so or Offerplane's parts would not find each other.
 */
final class HadoopSettings {
    private static final String STATE_STORE = "state";

    private HadoopSettings() {}

    /** @throws IllegalArgumentException when the user's files want what a head can't do */
    static YarnConfiguration of(HeadConfig config) {
        YarnConfiguration hadoop = new YarnConfiguration();
        hadoop.addResource(layer(usual()));
        for (String file : new String[] {"core-site.xml", "yarn-site.xml"}) {
            Path path = config.hadoopDirectory().resolve(file);
            if (Files.exists(path)) {
                hadoop.addResource(new org.apache.hadoop.fs.Path(path.toUri()));
            }
        }
        requireSimple(hadoop, config);
        forced(config).forEach(hadoop::set);
        return hadoop;
    }

    private static Map<String, String> usual() {
        return Map.of(
                // Hadoop's own mapping runs id for each user, and there is no such program beside the head.
                CommonConfigurationKeysPublic.HADOOP_SECURITY_GROUP_MAPPING,
                "org.apache.hadoop.security.NullGroupsMapping",
                // Tokens name hosts: a head that comes back has another address, and its masters' tokens are to hold.
                CommonConfigurationKeys.HADOOP_SECURITY_TOKEN_SERVICE_USE_IP,
                "false",
                // The web server's folder of log files; the log goes to standard output.
                "hadoop.http.logs.enabled",
                "false",
                // Hadoop's 50 each are for thousands of nodes.
                YarnConfiguration.RM_CLIENT_THREAD_COUNT,
                "20",
                YarnConfiguration.RM_SCHEDULER_CLIENT_THREAD_COUNT,
                "20",
                YarnConfiguration.RM_SCHEDULER_MINIMUM_ALLOCATION_MB,
                "128",
                // Hadoop tells clients the largest node's size, or this where it is less.
                YarnConfiguration.RM_SCHEDULER_MAXIMUM_ALLOCATION_MB,
                Integer.toString(1 << 20),
                YarnConfiguration.RM_SCHEDULER_MAXIMUM_ALLOCATION_VCORES,
                "1024");
    }

    private static Map<String, String> forced(HeadConfig config) {
        HeadConfig.Ports ports = config.ports();
        Map<String, String> forced = new TreeMap<>();
        forced.put(YarnConfiguration.RM_HOSTNAME, config.host());
        forced.put(YarnConfiguration.RM_BIND_HOST, config.bindHost());
        forced.put(YarnConfiguration.RM_ADDRESS, config.host() + ":" + ports.client());
        forced.put(YarnConfiguration.RM_SCHEDULER_ADDRESS, config.host() + ":" + ports.scheduler());
        forced.put(YarnConfiguration.RM_ADMIN_ADDRESS, config.host() + ":" + ports.admin());
        forced.put(YarnConfiguration.RM_WEBAPP_ADDRESS, config.host() + ":" + ports.web());
        // Nobody is to find it: nodes come in through the node server.
        forced.put(YarnConfiguration.RM_RESOURCE_TRACKER_ADDRESS, config.host() + ":0");
        forced.put(YarnConfiguration.RM_RESOURCE_TRACKER_CLIENT_THREAD_COUNT, "1");
        forced.put(YarnConfiguration.RM_ADMIN_CLIENT_THREAD_COUNT, "1");
        forced.put(YarnConfiguration.RECOVERY_ENABLED, "true");
        forced.put(YarnConfiguration.RM_WORK_PRESERVING_RECOVERY_ENABLED, "true");
        forced.put(YarnConfiguration.RM_STORE, FileSystemRMStateStore.class.getName());
        forced.put(
                YarnConfiguration.FS_RM_STATE_STORE_URI,
                config.stateDirectory().resolve(STATE_STORE).toUri().toString());
        forced.put("fs.file.impl", StateFileSystem.class.getName());
        forced.put(YarnConfiguration.RM_HA_ENABLED, "false");
        forced.put(YarnConfiguration.FEDERATION_ENABLED, "false");
        return forced;
    }

    private static void requireSimple(Configuration hadoop, HeadConfig config) {
        String wanted = hadoop.get(CommonConfigurationKeysPublic.HADOOP_SECURITY_AUTHENTICATION, "simple");
        if (!wanted.equalsIgnoreCase(config.authentication().name())) {
            throw new IllegalArgumentException(
                    CommonConfigurationKeysPublic.HADOOP_SECURITY_AUTHENTICATION + ": " + wanted + " in "
                            + config.hadoopDirectory() + " (expected: simple, the only one that the head does)");
        }
    }

    private static Configuration layer(Map<String, String> values) {
        Configuration layer = new Configuration(false);
        values.forEach(layer::set);
        return layer;
    }
}
