package io.offerplane.yarn.node;

import io.grpc.Channel;
import io.offerplane.yarn.gateway.BooksAllocator;
import io.offerplane.yarn.gateway.HeadOnLoopback;
import io.offerplane.yarn.gateway.node.NodeLinkOnLoopback;
import io.offerplane.yarn.node.link.HeadConnection;
import io.offerplane.yarn.node.link.RemoteHead;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.mapred.ShuffleHandler;
import org.apache.hadoop.yarn.conf.YarnConfiguration;

/** A head with the books allocator, and nodes that reach it over the node link. */
final class NodesOnLoopback implements AutoCloseable {
    private final BooksAllocator books = new BooksAllocator();
    private final HeadOnLoopback head;
    private final NodeLinkOnLoopback link;
    private final List<YarnNode> nodes = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>();
    private final KnowingLauncher launcher = new KnowingLauncher();
    private final Path home;

    NodesOnLoopback(Path home, int count, long memoryMib) throws Exception {
        this.home = home;
        Configuration settings = new Configuration(false);
        // Reports of what happened at once, and retries that don't take half a minute.
        settings.set(YarnConfiguration.RM_NM_HEARTBEAT_INTERVAL_MS, "500");
        head = new HeadOnLoopback(books, settings);
        link = new NodeLinkOnLoopback(head.head().nodeLink());
        for (int i = 0; i < count; i++) {
            ports.add(HeadOnLoopback.freePort());
            nodes.add(node(i, memoryMib));
        }
    }

    private YarnNode node(int number, long memoryMib) throws Exception {
        Configuration conf = new YarnConfiguration(head.configuration());
        conf.set(YarnConfiguration.NM_AUX_SERVICES, "mapreduce_shuffle");
        conf.set(
                String.format(YarnConfiguration.NM_AUX_SERVICE_FMT, "mapreduce_shuffle"),
                ShuffleHandler.class.getName());
        conf.setInt(ShuffleHandler.SHUFFLE_PORT_CONFIG_KEY, 0);
        NodeDirectories directories = new NodeDirectories(
                List.of(local(number)), List.of(home.resolve("logs" + number)), home.resolve("state" + number));
        Path java = HadoopClients.javaHome();
        NodeSettings settings = new NodeSettings(
                "127.0.0.1",
                ports.get(number),
                memoryMib,
                8,
                directories,
                List.of(Path.of("/")),
                java,
                Map.of("JAVA_HOME", java.toString(), "PATH", "/usr/local/bin:/usr/bin:/bin", "LANG", "C.UTF-8"),
                Duration.ofMillis(250),
                Duration.ofHours(3));
        String name = "node" + number;
        return new YarnNode(settings, conf, new RemoteHead(connection(name), name), launcher);
    }

    private HeadConnection connection(String name) {
        return new HeadConnection() {
            @Override
            public Channel channel() {
                return link.channel(name);
            }

            @Override
            public void broken() {}
        };
    }

    /** Stops a node's process as at an update, and starts the next one. */
    void replace(int number, long memoryMib) throws Exception {
        nodes.get(number).handOver();
        nodes.set(number, node(number, memoryMib));
    }

    Path local(int number) {
        return home.resolve("local" + number);
    }

    Path logs(int number) {
        return home.resolve("logs" + number);
    }

    BooksAllocator books() {
        return books;
    }

    List<YarnNode> nodes() {
        return nodes;
    }

    Configuration configuration() {
        return head.configuration();
    }

    HeadOnLoopback head() {
        return head;
    }

    @Override
    public void close() {
        nodes.forEach(YarnNode::close);
        link.close();
        head.close();
        books.close();
    }
}
