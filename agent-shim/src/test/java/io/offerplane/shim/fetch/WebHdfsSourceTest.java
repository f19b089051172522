package io.offerplane.shim.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a namenode that sends to a datanode, as Hadoop's do. */
@Timeout(60)
class WebHdfsSourceTest {

    private static final String TOKEN = "HAAEcm9vdARyb290AIoBs3cret";

    @TempDir
    private Path folder;

    private FileServer namenode;
    private FileServer datanode;

    @BeforeEach
    void startCluster() throws IOException {
        namenode = new FileServer();
        datanode = new FileServer();
        namenode.redirect("/webhdfs/v1/jobs/a%20b.tgz", datanode.url("/webhdfs/v1/jobs/a%20b.tgz?op=OPEN&offset=0"));
        datanode.file("/webhdfs/v1/jobs/a%20b.tgz", "content");
    }

    @AfterEach
    void stopCluster() {
        namenode.close();
        datanode.close();
    }

    private static String read(HdfsSettings settings, String uri) throws IOException {
        WebHdfsSource source = new WebHdfsSource(settings, new HttpSource(Duration.ofSeconds(10)));
        FetchItem item = FetchItem.of(CommandInfo.URI.newBuilder().setValue(uri).build());
        try (Content content = source.open(item)) {
            return new String(content.stream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private HdfsSettings settings(String... namenodes) {
        List<URI> servers = java.util.Arrays.stream(namenodes).map(URI::create).toList();
        return new HdfsSettings(Map.of("ha", servers), "root", Optional.empty());
    }

    private static HttpHandler exception(int status, String name) {
        byte[] body = ("{\"RemoteException\":{\"exception\":\"" + name + "\",\"message\":\"of the server\"}}")
                .getBytes(StandardCharsets.UTF_8);
        return exchange -> FileServer.send(exchange, status, body);
    }

    @Test
    void aFileComesFromTheDatanodeThatTheNamenodeSays() throws IOException {
        assertThat(read(settings(namenode.url("")), "hdfs://ha/jobs/a b.tgz")).isEqualTo("content");
        assertThat(namenode.requests()).containsExactly("/webhdfs/v1/jobs/a%20b.tgz?op=OPEN&user.name=root");
    }

    @Test
    void theSchemesOfTheHttpApiNameTheirServerThemselves() throws IOException {
        HdfsSettings none = new HdfsSettings(Map.of(), "", Optional.empty());
        assertThat(read(none, "webhdfs://" + namenode.address() + "/jobs/a b.tgz"))
                .isEqualTo("content");
        assertThat(namenode.requests()).containsExactly("/webhdfs/v1/jobs/a%20b.tgz?op=OPEN");
    }

    @Test
    void theActiveNamenodeIsFoundAmongThoseThatStandByOrAreGone() throws IOException {
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        try (FileServer standby = new FileServer()) {
            standby.on("/webhdfs/v1/jobs/a%20b.tgz", exception(403, "StandbyException"));
            HdfsSettings settings = settings("http://127.0.0.1:" + closed, standby.url(""), namenode.url(""));
            assertThat(read(settings, "hdfs://ha/jobs/a b.tgz")).isEqualTo("content");
            assertThat(standby.requests()).hasSize(1);
            assertThatThrownBy(() -> read(settings("http://127.0.0.1:" + closed), "hdfs://ha/jobs/a b.tgz"))
                    .hasMessageContaining("the namenode http://127.0.0.1:" + closed + " can't be reached");
        }
    }

    @Test
    void whatTheFileSystemRefusesIsSaidInItsWord() {
        namenode.on("/webhdfs/v1/absent", exception(404, "FileNotFoundException"));
        assertThatThrownBy(() -> read(settings(namenode.url(""), namenode.url("")), "hdfs://ha/absent"))
                .hasMessage("the file system answered 404 FileNotFoundException");
        assertThat(namenode.requests()).hasSize(1);
    }

    @Test
    void aTokenProvesWhoAsksAndIsInNoMessage() throws IOException {
        Path token = Files.writeString(folder.resolve("token"), TOKEN + "\n");
        HdfsSettings settings =
                new HdfsSettings(Map.of("ha", List.of(URI.create(namenode.url("")))), "root", Optional.of(token));
        assertThat(read(settings, "hdfs://ha/jobs/a b.tgz")).isEqualTo("content");
        assertThat(namenode.requests()).containsExactly("/webhdfs/v1/jobs/a%20b.tgz?op=OPEN&delegation=" + TOKEN);
        namenode.redirect("/webhdfs/v1/loop", "ftp://datanode/loop?delegation=" + TOKEN);
        assertThatThrownBy(() -> read(settings, "hdfs://ha/loop"))
                .hasMessageContaining("neither http nor https")
                .hasMessageNotContaining(TOKEN);
    }
}
