package io.offerplane.yarn.node;

import io.offerplane.yarn.node.launch.ContainerLauncher;
import io.offerplane.yarn.node.localize.Localizer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonConfigurationKeysPublic;
import org.apache.hadoop.ipc.Server;
import org.apache.hadoop.yarn.api.ContainerManagementProtocol;
import org.apache.hadoop.yarn.api.records.NodeId;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.apache.hadoop.yarn.ipc.YarnRPC;
import org.apache.hadoop.yarn.server.api.ResourceTracker;

/** A light NodeManager, wired up. It begins with empty directories: containers of an earlier process are not taken up again. */
public final class YarnNode implements AutoCloseable {
    private static final int THREADS = 10;

    private final NodeId id;
    private final AuxServices services;
    private final Containers containers;
    private final Server server;
    private final HeadLink link;

    /**
     * A node that is known to the head when this returns.
     *
     * @param settings the node's own
     * @param conf Hadoop's: the head's addresses, auxiliary services, file systems
     * @param head the head, as a proxy or in this process
     * @param launcher who starts the containers' processes
     * @throws YarnException when the head refuses the node
     */
    public YarnNode(NodeSettings settings, Configuration conf, ResourceTracker head, ContainerLauncher launcher)
            throws IOException, YarnException {
        Configuration own = new YarnConfiguration(conf);
        own.set(
                YarnConfiguration.NM_LOCAL_DIRS,
                settings.directories().local().stream().map(Path::toString).collect(Collectors.joining(",")));
        for (Path directory : settings.directories().local()) {
            NodeDirectories.delete(directory.resolve("usercache"));
            NodeDirectories.delete(directory.resolve("filecache"));
            Files.createDirectories(directory);
        }
        for (Path directory : settings.directories().logs()) {
            Files.createDirectories(directory);
        }
        Wake wake = new Wake();
        StartAuthority authority = new StartAuthority(own);
        services = new AuxServices(own);
        ContainerStarts starts =
                new ContainerStarts(settings, authority.callers()::getNodeId, new Localizer(own), launcher, services);
        containers = new Containers(starts, services, wake::up);
        // By tokens alone, whatever else the cluster uses.
        Configuration tokensOnly = new Configuration(own);
        tokensOnly.set(CommonConfigurationKeysPublic.HADOOP_SECURITY_AUTHENTICATION, "TOKEN");
        server = YarnRPC.create(own)
                .getServer(
                        ContainerManagementProtocol.class,
                        new ContainerProtocol(authority, containers, services, settings.host(), settings.killDelay()),
                        new InetSocketAddress(settings.host(), settings.port()),
                        tokensOnly,
                        authority.callers(),
                        THREADS);
        id = NodeId.newInstance(settings.host(), server.getListenerAddress().getPort());
        authority.node(id);
        link = new HeadLink(
                head, id, Resource.newInstance(settings.memoryMib(), settings.vcores()), authority, containers, wake);
        server.start();
        link.start();
    }

    /** Host and port of the container protocol. */
    public NodeId id() {
        return id;
    }

    /** Ends all containers, then leaves. */
    @Override
    public void close() {
        containers.stopAll();
        link.close();
        server.stop();
        services.close();
    }
}
