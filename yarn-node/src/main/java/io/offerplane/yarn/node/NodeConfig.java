package io.offerplane.yarn.node;

import io.offerplane.protocol.settings.Variables;
import io.offerplane.yarn.node.launch.ContainerRoot;
import io.offerplane.yarn.node.link.NodeLinkSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The process' settings, from environment variables that the operator's DaemonSet sets. Those that the shim has, too, have the same names.
 *
 * @param link how to reach the head
 * @param address by which masters, reducers and the head reach this node
 * @param agentHostname the hostname of the agent on this node
 * @param port of the container protocol
 * @param healthPort of the kubelet's probes
 * @param hadoopConfiguration folder with core-site.xml, yarn-site.xml and so on
 * @param folder of the node for everything of YARN's; the same path inside and outside
 * @param folders of the node that are open to applications
 * @param image folder of this image with what containers have
 * @param socket of the shim
 * @param memoryMib what containers may use together; 0 for what the machine has
 * @param vcores what containers may use together; 0 for what the machine has
 * @param millicoresPerVcore how much of a core one vcore is, in thousandths
 * @param killDelay from asking a container to end to ending it
 * @param keepLogs how long an application's logs stay on the node after its last container
 */
record NodeConfig(
        NodeLinkSettings link,
        String address,
        String agentHostname,
        int port,
        int healthPort,
        Path hadoopConfiguration,
        Path folder,
        List<Path> folders,
        Path image,
        Path socket,
        long memoryMib,
        int vcores,
        int millicoresPerVcore,
        Duration killDelay,
        Duration keepLogs) {
    /** What {@code --help} prints. */
    static final String HELP = """
            Offerplane's node side of YARN. Settings are environment variables:

              OFFERPLANE_HEAD_ADDRESS           host:port of the head's link for nodes
              OFFERPLANE_LINK_CA, _LINK_CERT, _LINK_KEY
                                                PEM files, default /etc/offerplane/link/{ca.crt,tls.crt,tls.key}
              OFFERPLANE_TOKEN_FILE             default /var/run/secrets/offerplane/token
              OFFERPLANE_NODE_IP                address by which masters and reducers reach this node
              OFFERPLANE_HOSTNAME               hostname of the agent on this node
              OFFERPLANE_LOCAL_SOCKET           the shim's, default /run/offerplane/containers.sock
              OFFERPLANE_YARN_PORT              of the container protocol, default 8041
              OFFERPLANE_YARN_HEALTH_PORT       of /healthz/live and /healthz/ready, default 8042
              OFFERPLANE_YARN_CONF_DIR          core-site.xml, yarn-site.xml and so on, default /etc/hadoop
              OFFERPLANE_YARN_DIR               for everything of YARN's, default /var/lib/offerplane-yarn; the same path on
                                                the node and here, as the shim mounts from it
              OFFERPLANE_YARN_FOLDERS           folders of the node, ':' between, that are open to applications, such as those of a
                                                file system that all nodes share; default none
              OFFERPLANE_YARN_IMAGE_DIR         java, hadoop and id of what containers have, default /opt/offerplane/containers
              OFFERPLANE_YARN_MEMORY_MIB        for all containers; default 0: what the machine has
              OFFERPLANE_YARN_VCORES            for all containers; default 0: what the machine has
              OFFERPLANE_YARN_MILLICORES_PER_VCORE  how much of a core one vcore is, default 1000
              OFFERPLANE_YARN_KILL_DELAY_MILLIS from SIGTERM to SIGKILL, default 250
              OFFERPLANE_YARN_LOG_KEEP_SECONDS  logs of ended applications, default 10800
              OFFERPLANE_LOG_LEVEL              of this program's own log, default info
            """;

    /**
     * Reads the settings.
     *
     * @throws IllegalArgumentException naming the variable that is missing or wrong, and what it should hold
     */
    static NodeConfig of(Map<String, String> environment) {
        Variables variables = new Variables(environment, "OFFERPLANE_");
        return new NodeConfig(
                link(variables),
                variables.required("NODE_IP", "the node's address (fieldRef status.hostIP)"),
                variables.required("HOSTNAME", "the agent's hostname, as the shim's variable of this name"),
                variables.number("YARN_PORT", 8041, 1, 65_535),
                variables.number("YARN_HEALTH_PORT", 8042, 1, 65_535),
                variables.path("YARN_CONF_DIR", "/etc/hadoop"),
                variables.path("YARN_DIR", "/var/lib/offerplane-yarn"),
                variables.folders("YARN_FOLDERS"),
                variables.path("YARN_IMAGE_DIR", "/opt/offerplane/containers"),
                variables.path("LOCAL_SOCKET", "/run/offerplane/containers.sock"),
                variables.number("YARN_MEMORY_MIB", 0L, 0, 1L << 30),
                variables.number("YARN_VCORES", 0, 0, 1_000_000),
                variables.number("YARN_MILLICORES_PER_VCORE", 1_000, 10, 1_000_000),
                Duration.ofMillis(variables.number("YARN_KILL_DELAY_MILLIS", 250L, 0, 600_000)),
                Duration.ofSeconds(variables.number("YARN_LOG_KEEP_SECONDS", 10_800L, 0, 1L << 31)));
    }

    private static NodeLinkSettings link(Variables variables) {
        Variables.Address address = variables.address("HEAD_ADDRESS", "the head's link for nodes");
        String folder = "/etc/offerplane/link/";
        return new NodeLinkSettings(
                address.host(),
                address.port(),
                variables.path("LINK_CA", folder + "ca.crt"),
                variables.path("LINK_CERT", folder + "tls.crt"),
                variables.path("LINK_KEY", folder + "tls.key"),
                variables.path("TOKEN_FILE", "/var/run/secrets/offerplane/token"));
    }

    /** The node that these settings make, of this machine. */
    NodeSettings node(Machine machine) {
        return new NodeSettings(
                address,
                port,
                memoryMib == 0 ? machine.memoryMib() : memoryMib,
                vcores == 0 ? Math.max(1, (int) (machine.processors() * 1_000L / millicoresPerVcore)) : vcores,
                new NodeDirectories(List.of(folder.resolve("local")), List.of(folder.resolve("logs")), state()),
                folders,
                image.resolve("java"),
                containerVariables(),
                killDelay,
                keepLogs);
    }

    /** For what the next process must know. */
    Path state() {
        return folder.resolve("state");
    }

    /** Those of yarn.nodemanager.env-whitelist, as they are in containers. */
    private static Map<String, String> containerVariables() {
        String hadoop = ContainerRoot.HADOOP.toString();
        return Map.of(
                "JAVA_HOME", ContainerRoot.JAVA.toString(),
                "HADOOP_COMMON_HOME", hadoop,
                "HADOOP_HDFS_HOME", hadoop,
                "HADOOP_YARN_HOME", hadoop,
                "HADOOP_MAPRED_HOME", hadoop,
                "HADOOP_HOME", hadoop,
                "HADOOP_CONF_DIR", ContainerRoot.CONFIGURATION.toString(),
                "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "LANG", "C.UTF-8");
    }
}
