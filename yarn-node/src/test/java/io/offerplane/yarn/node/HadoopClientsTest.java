package io.offerplane.yarn.node;

import static io.offerplane.yarn.gateway.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.yarn.node.HadoopClients.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.server.resourcemanager.rmapp.RMApp;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Distributedshell and MapReduce 3.4.2, unmodified, on an Offerplane head and two nodes. */
class HadoopClientsTest {
    private static final long MEMORY = 2048;

    @TempDir
    static Path home;

    private static NodesOnLoopback cluster;
    private static HadoopClients clients;

    @BeforeAll
    static void start() throws Exception {
        cluster = new NodesOnLoopback(home, 2, MEMORY);
        clients = new HadoopClients(cluster.configuration(), home);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void distributedShellRunsItsCommandInEachContainer() throws Exception {
        Outcome outcome = clients.distributedShell(
                "-shell_command",
                "echo said by $CONTAINER_ID",
                "-num_containers",
                "2",
                "-container_memory",
                "256",
                "-master_memory",
                "256",
                "-container_vcores",
                "1");
        assertThat(outcome.exitStatus()).as(outcome.output()).isZero();
        assertThat(stdouts("said by container_")).hasSize(2);
        succeededAndEverythingIsFreeAgain();
    }

    @Test
    void anApplicationGoesOnWhileTheProcessesOfItsNodesAreReplaced() throws Exception {
        Path go = home.resolve("go");
        // Not on the common pool, which tells of processes' ends.
        CompletableFuture<Outcome> client = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                client.complete(clients.distributedShell(
                        "-shell_command",
                        "(echo seen; while [ ! -e " + go + " ]; do sleep 0.1; done; echo went on)",
                        "-num_containers",
                        "2",
                        "-container_memory",
                        "256",
                        "-master_memory",
                        "256"));
            } catch (Exception | AssertionError e) {
                client.completeExceptionally(e);
            }
        });
        try {
            eventually(() -> stdouts("seen"), seen -> assertThat(seen).hasSize(2));
            cluster.replace(0, MEMORY);
            cluster.replace(1, MEMORY);
        } finally {
            Files.createFile(go);
        }
        Outcome outcome = client.get(5, TimeUnit.MINUTES);
        assertThat(outcome.exitStatus()).as(outcome.output()).isZero();
        assertThat(stdouts("went on")).hasSize(2);
        succeededAndEverythingIsFreeAgain();
    }

    @Test
    void piIsComputedByMapsAndAReduce() throws Exception {
        Outcome outcome = clients.mapReduceExample("pi", "2", "100");
        assertThat(outcome.exitStatus()).as(outcome.output()).isZero();
        assertThat(outcome.output()).contains("Estimated value of Pi is 3.12");
        succeededAndEverythingIsFreeAgain();
    }

    @Test
    void wordcountShufflesBetweenNodes() throws Exception {
        Path in = Files.createDirectories(home.resolve("in"));
        for (int i = 0; i < 3; i++) {
            Files.writeString(in.resolve("part" + i), "offer plane offer\n".repeat(i + 1));
        }
        Path out = home.resolve("out");
        Outcome outcome = clients.mapReduceExample(
                "wordcount", in.toUri().toString(), out.toUri().toString());
        assertThat(outcome.exitStatus()).as(outcome.output()).isZero();
        assertThat(Files.readString(out.resolve("part-r-00000"))).isEqualTo("offer\t12\nplane\t6\n");
        succeededAndEverythingIsFreeAgain();
    }

    // Stdouts of containers that have this in them, by the container's directory.
    private static List<Path> stdouts(String text) throws IOException {
        List<Path> found = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            try (Stream<Path> all = Files.walk(cluster.logs(i))) {
                all.filter(path -> path.endsWith("stdout"))
                        .filter(path -> contains(path, text))
                        .forEach(found::add);
            }
        }
        return found;
    }

    private static boolean contains(Path path, String text) {
        try {
            return Files.readString(path).contains(text);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void succeededAndEverythingIsFreeAgain() throws Exception {
        assertThat(cluster.head().head().getRMContext().getRMApps().values())
                .extracting(RMApp::getFinalApplicationStatus)
                .containsOnly(FinalApplicationStatus.SUCCEEDED);
        eventually(() -> cluster.books().held(), held -> assertThat(held).isEmpty());
        for (int i = 0; i < 2; i++) {
            Path users = cluster.local(i)
                    .resolve("usercache")
                    .resolve(System.getProperty("user.name"))
                    .resolve("appcache");
            eventually(() -> Files.isDirectory(users) ? entries(users) : List.<Path>of(), left -> assertThat(left)
                    .isEmpty());
        }
    }

    private static List<Path> entries(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.toList();
        }
    }
}
