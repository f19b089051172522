package io.offerplane.yarn.gateway.process;

import io.offerplane.yarn.gateway.YarnHead;
import io.offerplane.yarn.gateway.link.LeaderChannel;
import io.offerplane.yarn.gateway.link.LinkedAllocator;
import io.offerplane.yarn.gateway.node.NodeServer;
import io.offerplane.yarn.gateway.node.NodeTokens;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.security.SecurityUtil;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.service.Service;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running head. Probes come first, then the way to the leader, then the ResourceManager, which waits for a leader to tell it the
 * queues, then the server for nodes. {@link #close} is the same backwards; applications stay as they are written down.
 */
final class HeadProcess implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HeadProcess.class);

    /** Without a leader there is nothing to do but to wait for one, which the probe says. */
    private static final LinkedAllocator.Settings LINK =
            new LinkedAllocator.Settings(Duration.ofMillis(100), Duration.ofSeconds(1), Duration.ofDays(365));

    private final YarnHead head;
    private final LinkedAllocator allocator;
    private final ProbeServer probes;
    private final Deque<AutoCloseable> undo = new ArrayDeque<>();
    private volatile int nodePort;
    private volatile boolean started;

    private HeadProcess(HeadConfig config, LeaderChannel channel) throws IOException {
        undo.push(channel);
        allocator = new LinkedAllocator(channel, LINK);
        undo.push(allocator);
        head = new YarnHead(allocator);
        probes = ProbeServer.start(
                new InetSocketAddress(config.bindHost(), config.ports().probes()), this::live, this::ready);
        undo.push(probes);
    }

    /**
     * Starts everything. Blocks until a leader has told the queues.
     *
     * @param tokens judges nodes' tokens
     * @throws IOException when a port can't be had or a file not be read
     * @throws GeneralSecurityException when a file holds no certificate or key
     * @throws IllegalArgumentException when Hadoop's files want what a head can't do
     * @throws org.apache.hadoop.service.ServiceStateException when the ResourceManager doesn't start
     */
    static HeadProcess start(HeadConfig config, NodeTokens tokens) throws IOException, GeneralSecurityException {
        Configuration hadoop = HadoopSettings.of(config);
        log.warn(
                "Clients are believed the user name that they say: whoever reaches port {} or {} can act as any user",
                config.ports().client(),
                config.ports().web());
        HeadProcess process =
                new HeadProcess(config, LeaderChannel.to(config.leaderHost(), config.leaderPort(), config.link()));
        try {
            process.run(config, hadoop, tokens);
            return process;
        } catch (IOException | GeneralSecurityException | RuntimeException failed) {
            process.close();
            throw failed;
        }
    }

    private void run(HeadConfig config, Configuration hadoop, NodeTokens tokens)
            throws IOException, GeneralSecurityException {
        UserGroupInformation.setConfiguration(hadoop);
        // Else it goes by files of the class path only.
        SecurityUtil.setConfiguration(hadoop);
        undo.push(head::stop);
        log.info("Waiting for the leader at {}:{}", config.leaderHost(), config.leaderPort());
        head.init(hadoop);
        head.start();
        NodeServer server = NodeServer.start(
                new InetSocketAddress(config.bindHost(), config.ports().nodes()),
                config.link(),
                tokens,
                List.of(head.nodeLink()));
        undo.push(server);
        nodePort = server.port();
        started = true;
        log.info("The head has started; clients reach it as {}", config.host());
    }

    YarnHead head() {
        return head;
    }

    /** Where nodes are listened for. */
    int nodePort() {
        return nodePort;
    }

    int probePort() {
        return probes.port();
    }

    private ProbeServer.Finding live() {
        Service.STATE state = head.getServiceState();
        return new ProbeServer.Finding(state != Service.STATE.STOPPED, "the ResourceManager is " + state);
    }

    /** Without a leader the head still answers, and knows what runs: it is ready then, too. */
    private ProbeServer.Finding ready() {
        String link = allocator.isLinked() ? "linked to the leader" : "not linked to a leader, and looking for one";
        return new ProbeServer.Finding(
                started && head.isInState(Service.STATE.STARTED),
                (started ? "the ResourceManager is " + head.getServiceState() : "still starting") + "; " + link);
    }

    @Override
    public void close() {
        started = false;
        while (!undo.isEmpty()) {
            try {
                undo.pop().close();
            } catch (Exception failed) {
                log.error("A part of the head did not end well", failed);
            }
        }
    }
}
