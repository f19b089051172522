package io.offerplane.yarn.node;

import io.offerplane.yarn.gateway.BooksAllocator;
import io.offerplane.yarn.gateway.HeadOnLoopback;
import io.offerplane.yarn.node.launch.ProcessLauncher;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.mapred.ShuffleHandler;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.api.ResourceTracker;
import org.apache.hadoop.yarn.server.api.ServerRMProxy;

/** A head with the books allocator, and nodes that reach it over its tracker port. */
final class NodesOnLoopback implements AutoCloseable {
    private final BooksAllocator books = new BooksAllocator();
    private final HeadOnLoopback head;
    private final List<YarnNode> nodes = new ArrayList<>();
    private final Path home;

    NodesOnLoopback(Path home, int count, long memoryMib) throws Exception {
        this.home = home;
        Configuration settings = new Configuration(false);
        // Reports of what happened at once, and retries that don't take half a minute.
        settings.set(YarnConfiguration.RM_NM_HEARTBEAT_INTERVAL_MS, "500");
        head = new HeadOnLoopback(books, settings);
        for (int i = 0; i < count; i++) {
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
        NodeDirectories directories =
                new NodeDirectories(List.of(local(number)), List.of(home.resolve("logs" + number)));
        Path java = HadoopClients.javaHome();
        NodeSettings settings = new NodeSettings(
                "127.0.0.1",
                0,
                memoryMib,
                8,
                directories,
                java,
                Map.of("JAVA_HOME", java.toString(), "PATH", "/usr/local/bin:/usr/bin:/bin", "LANG", "C.UTF-8"),
                Duration.ofMillis(250));
        ResourceTracker tracker = ServerRMProxy.createRMProxy(conf, ResourceTracker.class);
        return new YarnNode(settings, conf, tracker, new ProcessLauncher());
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
        head.close();
        books.close();
    }
}
