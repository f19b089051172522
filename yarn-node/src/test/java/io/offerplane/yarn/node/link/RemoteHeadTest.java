package io.offerplane.yarn.node.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.ClientAuth;
import io.offerplane.yarn.gateway.node.KnownNodes;
import io.offerplane.yarn.gateway.node.NodeTracker;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hadoop.yarn.api.records.NodeId;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.exceptions.YarnException;
import org.apache.hadoop.yarn.server.api.ResourceTracker;
import org.apache.hadoop.yarn.server.api.protocolrecords.NodeHeartbeatRequest;
import org.apache.hadoop.yarn.server.api.protocolrecords.NodeHeartbeatResponse;
import org.apache.hadoop.yarn.server.api.protocolrecords.RegisterNodeManagerRequest;
import org.apache.hadoop.yarn.server.api.protocolrecords.RegisterNodeManagerResponse;
import org.apache.hadoop.yarn.server.api.protocolrecords.UnRegisterNodeManagerRequest;
import org.apache.hadoop.yarn.server.api.protocolrecords.UnRegisterNodeManagerResponse;
import org.apache.hadoop.yarn.server.api.records.NodeAction;
import org.apache.hadoop.yarn.util.Records;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over real TLS, to a tracker that does as the test says; the token is the node's name. */
class RemoteHeadTest {
    private static final NodeId PLACE = NodeId.newInstance("127.0.0.1", 8041);

    @TempDir
    Path folder;

    private final ScriptedTracker tracker = new ScriptedTracker();
    private TestCertificates certificates;
    private Server server;
    private TlsConnection connection;
    private RemoteHead head;

    @BeforeEach
    void start() throws Exception {
        certificates = TestCertificates.create(folder.resolve("tls"));
        certificates.issue("offerplane-yarn-head");
        certificates.issue("offerplane-shim");
        Files.writeString(folder.resolve("token"), "one\n");
        server = serve(0);
        connect();
    }

    private Server serve(int port) throws IOException {
        return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .sslContext(GrpcSslContexts.forServer(
                                certificates.certificate("offerplane-yarn-head").toFile(),
                                certificates.key("offerplane-yarn-head").toFile())
                        .trustManager(certificates.authority().toFile())
                        .clientAuth(ClientAuth.REQUIRE)
                        .build())
                .addService(new NodeTracker(tracker, new KnownNodes(Duration.ofMinutes(10)), InstantSource.system()))
                .intercept(new TokenIsTheNode())
                .build()
                .start();
    }

    private void connect() {
        connection = new TlsConnection(new NodeLinkSettings(
                "127.0.0.1",
                server.getPort(),
                certificates.authority(),
                certificates.certificate("offerplane-shim"),
                certificates.key("offerplane-shim"),
                folder.resolve("token")));
        head = new RemoteHead(connection, "one");
    }

    @AfterEach
    void stop() {
        connection.close();
        server.shutdownNow();
    }

    private RegisterNodeManagerResponse register() throws Exception {
        return head.registerNodeManager(RegisterNodeManagerRequest.newInstance(
                PLACE, 0, Resource.newInstance(4096, 8), "3.5.0", List.of(), List.of(), null));
    }

    @Test
    void aRegistrationAndItsAnswerComeThroughUnchanged() throws Exception {
        assertThat(register().getRMIdentifier()).isEqualTo(17);
        RegisterNodeManagerRequest heard = tracker.registration.get();
        assertThat(heard).isNotNull();
        assertThat(heard.getNodeId()).isEqualTo(PLACE);
        assertThat(heard.getResource()).isEqualTo(Resource.newInstance(4096, 8));
    }

    @Test
    void whatTheHeadThrowsIsThrownHereAsTheSameClass() {
        tracker.fault = new YarnException("no room");
        assertThatThrownBy(this::register)
                .isExactlyInstanceOf(YarnException.class)
                .hasMessage("no room");
        tracker.fault = new FileNotFoundException("no file");
        assertThatThrownBy(this::register)
                .isExactlyInstanceOf(FileNotFoundException.class)
                .hasMessage("no file");
        tracker.fault = new OwnException();
        assertThatThrownBy(this::register)
                .isExactlyInstanceOf(IOException.class)
                .hasMessageContaining("OwnException: of the head's own");
    }

    @Test
    void aRefusalSaysWhy() throws Exception {
        register();
        Files.writeString(folder.resolve("token"), "two");
        assertThatThrownBy(() -> new RemoteHead(connection, "two")
                        .unRegisterNodeManager(UnRegisterNodeManagerRequest.newInstance(PLACE)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("node two can't speak for 127.0.0.1:8041, which is node one's");
    }

    @Test
    void aHeadThatWasAwayIsReachedAgainWithTheFilesAsTheyAreThen() throws Exception {
        register();
        int port = server.getPort();
        server.shutdownNow().awaitTermination();
        assertThatThrownBy(this::register).isInstanceOf(IOException.class).hasMessageContaining("can't be reached");
        certificates = TestCertificates.create(folder.resolve("tls"));
        certificates.issue("offerplane-yarn-head");
        certificates.issue("offerplane-shim");
        server = serve(port);
        assertThat(register().getNodeAction()).isEqualTo(NodeAction.NORMAL);
    }

    @Test
    void anotherServerIsNotBelieved() throws Exception {
        server.shutdownNow().awaitTermination();
        certificates.issue("offerplane-link");
        Files.move(
                certificates.certificate("offerplane-link"),
                certificates.certificate("offerplane-yarn-head"),
                StandardCopyOption.REPLACE_EXISTING);
        Files.move(
                certificates.key("offerplane-link"),
                certificates.key("offerplane-yarn-head"),
                StandardCopyOption.REPLACE_EXISTING);
        server = serve(0);
        connection.close();
        connect();
        assertThatThrownBy(this::register).isInstanceOf(IOException.class).hasMessageContaining("offerplane-yarn-head");
        assertThat(tracker.registration.get()).isNull();
    }

    /** Not a class that a node makes by its name. */
    private static final class OwnException extends IOException {
        private static final long serialVersionUID = 1;

        OwnException() {
            super("of the head's own");
        }
    }

    private static final class ScriptedTracker implements ResourceTracker {
        private final AtomicReference<@Nullable RegisterNodeManagerRequest> registration = new AtomicReference<>();
        private volatile @Nullable Exception fault;

        @Override
        public RegisterNodeManagerResponse registerNodeManager(RegisterNodeManagerRequest request)
                throws YarnException, IOException {
            registration.set(request);
            switch (fault) {
                case null -> {}
                case YarnException e -> throw e;
                case IOException e -> throw e;
                case Exception e -> throw new IllegalStateException(e);
            }
            RegisterNodeManagerResponse response = Records.newRecord(RegisterNodeManagerResponse.class);
            response.setNodeAction(NodeAction.NORMAL);
            response.setRMIdentifier(17);
            return response;
        }

        @Override
        public NodeHeartbeatResponse nodeHeartbeat(NodeHeartbeatRequest request) {
            return Records.newRecord(NodeHeartbeatResponse.class);
        }

        @Override
        public UnRegisterNodeManagerResponse unRegisterNodeManager(UnRegisterNodeManagerRequest request) {
            return Records.newRecord(UnRegisterNodeManagerResponse.class);
        }
    }
}
