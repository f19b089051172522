package io.offerplane.yarn.gateway.process;

import static io.offerplane.yarn.gateway.Eventually.eventually;
import static io.offerplane.yarn.gateway.UnmanagedMaster.anywhere;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.offerplane.protocol.link.v1.NodeCall;
import io.offerplane.protocol.link.v1.NodeLinkGrpc;
import io.offerplane.yarn.gateway.FakeNode;
import io.offerplane.yarn.gateway.HeadOnLoopback;
import io.offerplane.yarn.gateway.MountedSecrets;
import io.offerplane.yarn.gateway.UnmanagedMaster;
import io.offerplane.yarn.gateway.node.NodeIdentity;
import io.offerplane.yarn.gateway.node.NodeTokens;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.metrics2.lib.DefaultMetricsSystem;
import org.apache.hadoop.util.ExitUtil;
import org.apache.hadoop.yarn.api.records.Container;
import org.apache.hadoop.yarn.api.records.NodeId;
import org.apache.hadoop.yarn.api.records.NodeReport;
import org.apache.hadoop.yarn.api.records.NodeState;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.api.records.YarnApplicationState;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.ApplicationMasterNotRegisteredException;
import org.apache.hadoop.yarn.server.api.protocolrecords.RegisterNodeManagerRequest;
import org.apache.hadoop.yarn.server.api.protocolrecords.impl.pb.RegisterNodeManagerRequestPBImpl;
import org.apache.hadoop.yarn.server.resourcemanager.scheduler.QueueMetrics;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The head as its process wires it, linked by TLS to a leader with the real engine; nodes and masters are the test's. */
@Timeout(120)
class HeadProcessTest {
    private static final String HOST = "127.0.0.1";

    @TempDir
    private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<String, String> environment = new HashMap<>();
    private MountedSecrets secrets;
    private LeaderOnTls leader;
    private HeadProcess process;
    private YarnClient client;

    @BeforeEach
    void prepare() throws Exception {
        secrets = MountedSecrets.in(folder);
        leader = new LeaderOnTls(1, secrets, 0);
        leader.engine().queue("eng", 1);
        leader.engine().agent(HOST, 8, 4096);
        environment.putAll(Map.of(
                "OFFERPLANE_SET_AUTHENTICATION",
                "Simple",
                "OFFERPLANE_SET_HOST",
                HOST,
                "OFFERPLANE_SET_LINK_DIRECTORY",
                secrets.ofHead().toString(),
                "OFFERPLANE_SET_TOKEN_FILE",
                Files.writeString(folder.resolve("token"), LeaderOnTls.TOKEN).toString(),
                "OFFERPLANE_SET_STATE_DIRECTORY",
                folder.resolve("state").toString(),
                "OFFERPLANE_SET_HADOOP_DIRECTORY",
                folder.resolve("hadoop").toString(),
                "OFFERPLANE_SET_NODES_PORT",
                "0",
                "OFFERPLANE_SET_ADMIN_PORT",
                "0"));
        setting("LINK_ADDRESS", HOST + ":" + leader.port());
        // The same after a restart, as in a cluster.
        for (String port : List.of("CLIENT_PORT", "SCHEDULER_PORT", "WEB_PORT", "PROBE_PORT")) {
            setting(port, Integer.toString(HeadOnLoopback.freePort()));
        }
    }

    private void setting(String name, String value) {
        environment.put("OFFERPLANE_SET_" + name, value);
    }

    @AfterEach
    void stop() {
        stopHead();
        leader.close();
    }

    private void startHead() throws Exception {
        process = newHead();
        client = YarnClient.createYarnClient();
        client.init(clients());
        client.start();
    }

    /** What clients and masters are told, as the chart's ConfigMap tells them. */
    private Configuration clients() {
        Configuration clients = new YarnConfiguration(process.head().getConfig());
        clients.setInt(YarnConfiguration.RESOURCEMANAGER_CONNECT_RETRY_INTERVAL_MS, 100);
        return clients;
    }

    private HeadProcess newHead() throws Exception {
        ExitUtil.disableSystemExit();
        // Of a head before it in the same process.
        DefaultMetricsSystem.setMiniClusterMode(true);
        QueueMetrics.clearQueueMetrics();
        return HeadProcess.start(HeadConfig.of(environment), token -> {
            if (!token.equals("of node-a")) {
                throw new NodeTokens.Refused("the token isn't valid", false);
            }
            return new NodeIdentity("node-a");
        });
    }

    private void stopHead() {
        if (process != null) {
            client.stop();
            process.close();
            process = null;
        }
    }

    private record Answer(int status, String why) {}

    private Answer probe(String which) throws Exception {
        try {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + environment.get("OFFERPLANE_SET_PROBE_PORT")
                                    + "/healthz/" + which))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return new Answer(answer.statusCode(), answer.body());
        } catch (ConnectException notYet) {
            return new Answer(0, "nobody listens");
        }
    }

    @Test
    void headThatWaitsForALeaderIsAliveAndNotReady() throws Exception {
        int port = leader.port();
        leader.close();
        CompletableFuture<HeadProcess> starting = CompletableFuture.supplyAsync(() -> {
            try {
                return newHead();
            } catch (Exception failed) {
                throw new AssertionError(failed);
            }
        });
        eventually(() -> probe("live").status(), status -> assertThat(status).isEqualTo(200));
        assertThat(probe("ready").status()).isEqualTo(503);
        assertThat(probe("ready").why()).contains("still starting", "looking for one");

        leader = new LeaderOnTls(2, secrets, port);

        try (HeadProcess started = starting.get(60, TimeUnit.SECONDS)) {
            assertThat(started.head().getServiceState()).hasToString("STARTED");
            eventually(() -> probe("ready"), answer -> assertThat(answer)
                    .isEqualTo(new Answer(200, "the ResourceManager is STARTED; linked to the leader\n")));
        }
    }

    @Test
    void containersComeFromTheLeaderAlsoFromTheNextOneAtTheSameAddress() throws Exception {
        startHead();
        FakeNode node = new FakeNode(process.head(), HOST, 43_001, 4096, 8);
        try (UnmanagedMaster master = new UnmanagedMaster(clients(), client, "root.eng")) {
            master.register();
            master.allocate(List.of(anywhere(1, 512, 2)), List.of());
            master.fetch(2).forEach(container -> node.running(container.getId()));
            node.beat();
            int port = leader.port();
            leader.close();
            leader = new LeaderOnTls(2, secrets, port);
            leader.engine().queue("eng", 1);
            leader.engine().agent(HOST, 8, 4096);
            eventually(() -> leader.engine().allocatedCpus(), held -> assertThat(held)
                    .isEqualTo(2));
            master.allocate(List.of(anywhere(1, 512, 1)), List.of());
            assertThat(master.fetch(1)).hasSize(1);
        }
    }

    @Test
    void applicationsAndTheirContainersOutliveARestart() throws Exception {
        startHead();
        FakeNode before = new FakeNode(process.head(), HOST, 43_001, 4096, 8);
        UnmanagedMaster master = new UnmanagedMaster(clients(), client, "root.eng");
        master.register();
        master.allocate(List.of(anywhere(1, 512, 3)), List.of());
        List<Container> containers = master.fetch(3);
        containers.forEach(container -> before.running(container.getId()));
        before.beat();

        stopHead();
        startHead();
        FakeNode after = FakeNode.back(process.head(), before.id(), 4096, 8, containers);
        eventually(() -> client.getApplicationReport(master.attempt().getApplicationId()), report -> assertThat(
                        report.getYarnApplicationState())
                .isIn(YarnApplicationState.ACCEPTED, YarnApplicationState.RUNNING));
        eventually(
                () -> {
                    try {
                        master.allocate(0, List.of(), List.of(), null);
                        return "known";
                    } catch (ApplicationMasterNotRegisteredException resync) {
                        return "to register";
                    }
                },
                answer -> assertThat(answer).isEqualTo("to register"));
        master.register();

        master.allocate(0, List.of(anywhere(1, 512, 1)), List.of(), null);
        assertThat(master.fetch(1)).hasSize(1);
        assertThat(leader.engine().allocatedCpus())
                .as("three from before, each counted once, and one")
                .isEqualTo(4);
        after.completed(containers.getFirst().getId(), 0);
        after.beat();
        assertThat(master.awaitEnd(containers.getFirst().getId()).getExitStatus())
                .isZero();
        eventually(
                () -> leader.engine().allocatedCpus(), held -> assertThat(held).isEqualTo(3));
        master.close();
        eventually(
                () -> client.getApplicationReport(master.attempt().getApplicationId()),
                report -> assertThat(report.getYarnApplicationState()).isEqualTo(YarnApplicationState.FINISHED));
    }

    @Test
    void nodesComeInByCertificateAndTokenAndForThemselvesOnly() throws Exception {
        startHead();
        ManagedChannel channel = NettyChannelBuilder.forAddress(HOST, process.nodePort())
                .overrideAuthority("offerplane-yarn-head")
                .sslContext(GrpcSslContexts.forClient()
                        .trustManager(secrets.ofShim().resolve("ca.crt").toFile())
                        .keyManager(
                                secrets.ofShim().resolve("tls.crt").toFile(),
                                secrets.ofShim().resolve("tls.key").toFile())
                        .build())
                .build();
        try {
            Metadata headers = new Metadata();
            headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer of node-a");
            NodeLinkGrpc.NodeLinkBlockingStub node = NodeLinkGrpc.newBlockingStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
            assertThat(node.register(registration("node-a")).hasResponse()).isTrue();
            eventually(() -> client.getNodeReports(NodeState.RUNNING), nodes -> assertThat(nodes)
                    .extracting(NodeReport::getNodeId)
                    .containsExactly(NodeId.newInstance("node-a", 8041)));
            assertThatThrownBy(() -> node.register(registration("node-b")))
                    .isInstanceOfSatisfying(StatusRuntimeException.class, refused -> assertThat(
                                    refused.getStatus().getCode())
                            .isEqualTo(Status.Code.PERMISSION_DENIED));
        } finally {
            channel.shutdownNow();
        }
    }

    private static NodeCall registration(String agent) {
        var request = (RegisterNodeManagerRequestPBImpl) RegisterNodeManagerRequest.newInstance(
                NodeId.newInstance("node-a", 8041),
                0,
                Resource.newInstance(4096, 8),
                "3.5.0",
                List.of(),
                List.of(),
                null);
        return NodeCall.newBuilder()
                .setRequest(ByteString.copyFrom(request.getProto().toByteArray()))
                .setAgentHostname(agent)
                .build();
    }

    @Test
    void portsOfNodesAndAdministratorsAreThisMachinesOnly() throws Exception {
        InetAddress outside = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                .findFirst()
                .orElse(null);
        assumeTrue(outside != null, "this machine has the loopback interface only");
        int admin = HeadOnLoopback.freePort();
        setting("ADMIN_PORT", Integer.toString(admin));
        startHead();

        assertThat(isOpen(outside, Integer.parseInt(environment.get("OFFERPLANE_SET_CLIENT_PORT"))))
                .isTrue();
        assertThat(isOpen(InetAddress.getLoopbackAddress(), admin)).isTrue();
        assertThat(isOpen(outside, admin)).isFalse();
        assertThat(process.head().getResourceTrackerService().getConfig().get(YarnConfiguration.RM_BIND_HOST))
                .isEqualTo("127.0.0.1");
    }

    private static boolean isOpen(InetAddress address, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), 2000);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }
}
