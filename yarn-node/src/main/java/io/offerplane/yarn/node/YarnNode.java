package io.offerplane.yarn.node;

import io.offerplane.yarn.node.launch.ContainerLauncher;
import io.offerplane.yarn.node.localize.Localizer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CommonConfigurationKeysPublic;
import org.apache.hadoop.ipc.Server;
import org.apache.hadoop.yarn.api.ContainerManagementProtocol;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.NodeId;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.apache.hadoop.yarn.ipc.YarnRPC;
import org.apache.hadoop.yarn.server.api.ResourceTracker;

/** A light NodeManager, wired up. It takes up the containers of an earlier process, where the launcher still knows them. */
public final class YarnNode implements AutoCloseable {
    private static final int THREADS = 10;
    private static final long TIDYING_MINUTES = 10;

    private final NodeId id;
    private final AuxServices services;
    private final Containers containers;
    private final Server server;
    private final HeadLink link;
    private final ScheduledExecutorService tidying = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("tidy-logs").daemon().factory());

    /**
     * A node that is known to the head when this returns; a head that is away is waited for.
     *
     * @param settings the node's own
     * @param conf Hadoop's: the head's addresses, auxiliary services, file systems
     * @param head the head, as a proxy or in this process
     * @param launcher who starts the containers' processes
     * @throws YarnException when the head refuses the node
     */
    public YarnNode(NodeSettings settings, Configuration conf, ResourceTracker head, ContainerLauncher launcher)
            throws IOException, YarnException, InterruptedException {
        Configuration own = new YarnConfiguration(conf);
        own.set(
                YarnConfiguration.NM_LOCAL_DIRS,
                settings.directories().local().stream().map(Path::toString).collect(Collectors.joining(",")));
        NodeState state = new NodeState(settings.directories().state());
        List<NodeState.Application> earlier = state.load();
        settings.directories()
                .begin(earlier.stream().map(NodeState.Application::id).collect(Collectors.toSet()));
        Wake wake = new Wake();
        StartAuthority authority = new StartAuthority(own);
        services = new AuxServices(own);
        ContainerStarts starts = new ContainerStarts(
                settings, authority.callers()::getNodeId, new Localizer(own, settings.folders()), launcher, services);
        containers = new Containers(starts, state, services, wake::up);
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
        for (NodeState.Application application : earlier) {
            containers.takeUp(application, launcher, settings.killDelay());
        }
        server.start();
        link.start();
        LogRetention retention = new LogRetention(
                settings.directories().logs(),
                settings.keepLogs(),
                () -> containers.applications().stream()
                        .map(ApplicationId::toString)
                        .collect(Collectors.toSet()),
                InstantSource.system());
        var _ = tidying.scheduleWithFixedDelay(retention::sweep, 0, TIDYING_MINUTES, TimeUnit.MINUTES);
    }

    /** Host and port of the container protocol. */
    public NodeId id() {
        return id;
    }

    /** Completes when the head has sent this node away, or it has been closed. */
    public CompletableFuture<Void> over() {
        return link.over();
    }

    /** Why containers can't be given to it now, or empty. */
    public Optional<String> fault() {
        return link.answered() ? Optional.empty() : Optional.of("the head does not answer");
    }

    /** Stops, and leaves containers to the next process of this node. The head takes it for silent meanwhile. */
    public void handOver() {
        link.stop();
        stopServing();
    }

    /** Ends all containers, then leaves. */
    @Override
    public void close() {
        containers.stopAll();
        link.close();
        stopServing();
    }

    private void stopServing() {
        tidying.shutdownNow();
        server.stop();
        services.close();
    }
}
