package io.offerplane.yarn.node;

import static io.offerplane.yarn.gateway.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.ClientAuth;
import io.offerplane.yarn.gateway.BooksAllocator;
import io.offerplane.yarn.gateway.HeadOnLoopback;
import io.offerplane.yarn.node.launch.ScriptedShim;
import io.offerplane.yarn.node.link.TestCertificates;
import io.offerplane.yarn.node.link.TokenIsTheNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.yarn.api.records.NodeId;
import org.apache.hadoop.yarn.api.records.NodeState;
import org.apache.hadoop.yarn.api.records.Resource;
import org.apache.hadoop.yarn.server.resourcemanager.rmnode.RMNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process itself, in a JVM of its own, with a real head and a scripted shim. */
class NodeProcessTest {
    @TempDir
    Path home;

    private final int port = HeadOnLoopback.freePort();
    private final int healthPort = HeadOnLoopback.freePort();
    private final NodeId place = NodeId.newInstance("127.0.0.1", port);
    private BooksAllocator books;
    private HeadOnLoopback head;
    private Server link;
    private ScriptedShim shim;
    private Process process;

    @BeforeEach
    void start() throws Exception {
        books = new BooksAllocator();
        head = new HeadOnLoopback(books);
        TestCertificates certificates = TestCertificates.create(home.resolve("tls"));
        certificates.issue("offerplane-yarn-head");
        certificates.issue("offerplane-shim");
        link = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sslContext(GrpcSslContexts.forServer(
                                certificates.certificate("offerplane-yarn-head").toFile(),
                                certificates.key("offerplane-yarn-head").toFile())
                        .trustManager(certificates.authority().toFile())
                        .clientAuth(ClientAuth.REQUIRE)
                        .build())
                .addService(head.head().nodeLink())
                .intercept(new TokenIsTheNode())
                .build()
                .start();
        Files.writeString(home.resolve("token"), "seven");
        Files.createDirectories(home.resolve("image/java"));
        Files.writeString(home.resolve("image/java/release"), "JAVA_VERSION=\"17.0.1\"\n");
        Files.createDirectories(home.resolve("image/hadoop"));
        Files.writeString(home.resolve("image/id"), "one");
        Files.createDirectories(home.resolve("conf"));
        Files.writeString(home.resolve("conf/yarn-site.xml"), """
                <configuration><property><name>yarn.nodemanager.aux-services</name><value></value></property></configuration>
                """);
        shim = new ScriptedShim(home.resolve("shim.sock"));
        shim.holds("container_1_0001_01_000001");
        process = process(certificates);
    }

    private Process process(TestCertificates certificates) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("out").toFile());
        builder.environment()
                .putAll(Map.ofEntries(
                        Map.entry("OFFERPLANE_HEAD_ADDRESS", "127.0.0.1:" + link.getPort()),
                        Map.entry("OFFERPLANE_LINK_CA", certificates.authority().toString()),
                        Map.entry(
                                "OFFERPLANE_LINK_CERT",
                                certificates.certificate("offerplane-shim").toString()),
                        Map.entry(
                                "OFFERPLANE_LINK_KEY",
                                certificates.key("offerplane-shim").toString()),
                        Map.entry("OFFERPLANE_TOKEN_FILE", home.resolve("token").toString()),
                        Map.entry("OFFERPLANE_NODE_IP", "127.0.0.1"),
                        Map.entry("OFFERPLANE_HOSTNAME", "seven"),
                        Map.entry("OFFERPLANE_YARN_PORT", Integer.toString(port)),
                        Map.entry("OFFERPLANE_YARN_HEALTH_PORT", Integer.toString(healthPort)),
                        Map.entry(
                                "OFFERPLANE_YARN_CONF_DIR", home.resolve("conf").toString()),
                        Map.entry("OFFERPLANE_YARN_DIR", home.resolve("yarn").toString()),
                        Map.entry(
                                "OFFERPLANE_YARN_IMAGE_DIR",
                                home.resolve("image").toString()),
                        Map.entry(
                                "OFFERPLANE_LOCAL_SOCKET",
                                home.resolve("shim.sock").toString()),
                        Map.entry("OFFERPLANE_YARN_MEMORY_MIB", "4096"),
                        Map.entry("OFFERPLANE_YARN_VCORES", "3")));
        return builder.start();
    }

    @AfterEach
    void stop() throws Exception {
        process.destroyForcibly().waitFor();
        shim.close();
        link.shutdownNow();
        head.close();
        books.close();
    }

    private String health(String probe) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + healthPort + "/healthz/" + probe))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() + " " + answer.body().strip();
        } catch (IOException notYet) {
            return notYet.toString() + Files.readString(home.resolve("out"));
        }
    }

    @Test
    void itJoinsAsItsAgentAndGoesWithoutAGoodbyeWhenItIsAskedTo() throws Exception {
        eventually(() -> health("ready"), said -> assertThat(said).isEqualTo("503 the shim is waited for"));
        Files.createDirectory(home.resolve("yarn"));
        eventually(() -> health("ready"), said -> assertThat(said).isEqualTo("200 ok"));
        assertThat(health("live")).isEqualTo("200 ok");
        RMNode node = head.head().getRMContext().getRMNodes().get(place);
        assertThat(node.getTotalCapability()).isEqualTo(Resource.newInstance(4096, 3));
        eventually(
                books::nodes, nodes -> assertThat(nodes).singleElement().satisfies(joined -> assertThat(joined.agent())
                        .isEqualTo("seven")));
        assertThat(home.resolve("yarn/shared/image-one/java/release")).exists();
        assertThat(shim.held()).as("started by an earlier process").isEmpty();

        process.destroy();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(head.head().getRMContext().getInactiveRMNodes()).isEmpty();
        assertThat(head.head().getRMContext().getRMNodes().get(place).getState())
                .as("the next process is waited for")
                .isEqualTo(NodeState.RUNNING);
    }
}
