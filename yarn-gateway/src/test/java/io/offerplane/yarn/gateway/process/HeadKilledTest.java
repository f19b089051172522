package io.offerplane.yarn.gateway.process;

import static io.offerplane.yarn.gateway.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.yarn.gateway.HeadOnLoopback;
import io.offerplane.yarn.gateway.MountedSecrets;
import io.offerplane.yarn.gateway.UnmanagedMaster;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.yarn.api.records.YarnApplicationState;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.exceptions.ApplicationMasterNotRegisteredException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The head in a process of its own that has no program beside it, as in its image. */
@Timeout(240)
class HeadKilledTest {
    private static final String HOST = "127.0.0.1";

    @TempDir
    private Path folder;

    private final int clientPort = HeadOnLoopback.freePort();
    private final int schedulerPort = HeadOnLoopback.freePort();
    private final int webPort = HeadOnLoopback.freePort();
    private final int probePort = HeadOnLoopback.freePort();
    private MountedSecrets secrets;
    private LeaderOnTls leader;
    private Process process;

    @BeforeEach
    void start() throws Exception {
        secrets = MountedSecrets.in(folder);
        Files.writeString(folder.resolve("token"), LeaderOnTls.TOKEN);
        Path api = Files.createDirectories(folder.resolve("api"));
        Files.copy(secrets.ofHead().resolve("ca.crt"), api.resolve("ca.crt"));
        leader = new LeaderOnTls(1, secrets, 0);
        leader.engine().queue("eng", 1);
        startHead();
    }

    @AfterEach
    void stop() throws Exception {
        process.destroyForcibly().waitFor();
        leader.close();
    }

    private void startHead() throws Exception {
        ProcessBuilder head = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Main.class.getName());
        Map<String, String> environment = head.environment();
        environment.clear();
        environment.putAll(Map.of(
                "PATH", "/nonexistent",
                "OFFERPLANE_SET_AUTHENTICATION", "Simple",
                "OFFERPLANE_SET_HOST", HOST,
                "OFFERPLANE_SET_LINK_ADDRESS", HOST + ":" + leader.port(),
                "OFFERPLANE_SET_LINK_DIRECTORY", secrets.ofHead().toString(),
                "OFFERPLANE_SET_TOKEN_FILE", folder.resolve("token").toString(),
                "OFFERPLANE_SET_API_DIRECTORY", folder.resolve("api").toString(),
                "OFFERPLANE_SET_STATE_DIRECTORY", folder.resolve("state").toString(),
                "OFFERPLANE_SET_HADOOP_DIRECTORY", folder.resolve("hadoop").toString()));
        environment.putAll(Map.of(
                "OFFERPLANE_SET_CLIENT_PORT", Integer.toString(clientPort),
                "OFFERPLANE_SET_SCHEDULER_PORT", Integer.toString(schedulerPort),
                "OFFERPLANE_SET_WEB_PORT", Integer.toString(webPort),
                "OFFERPLANE_SET_PROBE_PORT", Integer.toString(probePort),
                "OFFERPLANE_SET_ADMIN_PORT", "0",
                "OFFERPLANE_SET_NODES_PORT", "0"));
        File log = folder.resolve("head.log").toFile();
        process = head.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest ready = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + probePort + "/healthz/ready"))
                    .build();
            eventually(
                    () -> {
                        assertThat(process.isAlive())
                                .as(() -> "the head has ended: " + read(log.toPath()))
                                .isTrue();
                        return http.sendAsync(ready, HttpResponse.BodyHandlers.discarding())
                                .thenApply(HttpResponse::statusCode)
                                .exceptionally(refused -> 0)
                                .get(10, TimeUnit.SECONDS);
                    },
                    status -> assertThat(status).isEqualTo(200));
        }
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException unreadable) {
            return unreadable.toString();
        }
    }

    @Test
    void applicationGoesOnAfterTheHeadWasKilled() throws Exception {
        YarnConfiguration clients = new YarnConfiguration();
        clients.set(YarnConfiguration.RM_ADDRESS, HOST + ":" + clientPort);
        clients.set(YarnConfiguration.RM_SCHEDULER_ADDRESS, HOST + ":" + schedulerPort);
        clients.setInt(YarnConfiguration.RESOURCEMANAGER_CONNECT_RETRY_INTERVAL_MS, 100);
        clients.setBoolean("hadoop.security.token.service.use_ip", false);
        try (YarnClient client = YarnClient.createYarnClient()) {
            client.init(clients);
            client.start();
            UnmanagedMaster master = new UnmanagedMaster(clients, client, "root.eng");
            master.register();

            process.destroyForcibly().waitFor();
            startHead();

            assertThat(client.getApplicationReport(master.attempt().getApplicationId())
                            .getYarnApplicationState())
                    .isIn(YarnApplicationState.ACCEPTED, YarnApplicationState.RUNNING);
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
            master.close();
            eventually(
                    () -> client.getApplicationReport(master.attempt().getApplicationId()),
                    report -> assertThat(report.getYarnApplicationState()).isEqualTo(YarnApplicationState.FINISHED));
        }
    }
}
