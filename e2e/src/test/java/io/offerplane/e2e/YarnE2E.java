package io.offerplane.e2e;

import static io.offerplane.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.offerplane.e2e.client.HadoopClients;
import io.offerplane.e2e.cluster.CommandLine;
import io.offerplane.e2e.install.OfferplaneInstallation;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Distributedshell and MapReduce 3.4.2 and PySpark 3.5, unmodified, from a pod that has nothing but the generated configuration. */
@OfferplaneOnCluster
@Tag("burn-in")
@Order(40)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class YarnE2E {
    private static final Duration SOON = Duration.ofMinutes(2);

    private final OfferplaneInstallation offerplane;
    private final HadoopClients hadoop;

    YarnE2E(OfferplaneInstallation offerplane) {
        this.offerplane = offerplane;
        this.hadoop = new HadoopClients(offerplane);
    }

    @BeforeAll
    void installWithYarn() {
        offerplane.installYarn(HadoopClients.FILE_SYSTEM);
        hadoop.start();
        eventually("both nodes are YARN's", Duration.ofMinutes(3), () -> {
            String nodes = hadoop.yarn("node", "-list", "-states", "RUNNING").output();
            assertThat(nodes).contains("Total Nodes:" + OfferplaneOnCluster.NODES);
        });
    }

    @AfterAll
    void withoutYarnAgain() {
        hadoop.stop();
        offerplane.helmUpgrade();
        offerplane.awaitAgents(OfferplaneOnCluster.NODES);
    }

    /** What is left when all has ended is as it was before anything began. */
    @AfterEach
    void everythingIsFreeAgain() {
        eventually("nothing is held", SOON, () -> {
            for (JsonNode pool : offerplane.list("agentpools.offerplane.io")) {
                assertThat(pool.at("/status/resources/claimed/cpu").isMissingNode())
                        .isFalse();
                assertThat(pool.at("/status/resources/allocated")).isEmpty();
            }
        });
    }

    @Test
    void distributedShellRunsItsCommandInEachContainer() {
        String word = "w" + System.nanoTime();
        CommandLine.Outcome outcome = hadoop.distributedShell(
                        "-shell_command",
                        "echo said by " + word + " in $CONTAINER_ID",
                        "-num_containers",
                        "2",
                        "-container_memory",
                        "64",
                        "-master_memory",
                        "256",
                        "-container_vcores",
                        "1")
                .run();
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        StringBuilder said = new StringBuilder();
        for (String node : offerplane.nodes().keySet()) {
            said.append(offerplane
                    .onNode(node, "cat /var/lib/offerplane-yarn/logs/application_*/*/stdout")
                    .output());
            said.append('\n');
        }
        assertThat(said.toString().lines().filter(line -> line.startsWith("said by " + word + " in container_")))
                .hasSize(2);
    }

    @Test
    void piIsComputedByMapsAndAReduce() {
        CommandLine.Outcome outcome = hadoop.mapReduceExample("pi", "2", "100").run();
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("Estimated value of Pi is 3.12");
    }

    @Test
    void wordcountShufflesBetweenNodes() {
        hadoop.fileSystem("-rm", "-r", "-f", "/words", "/counts").output();
        hadoop.fileSystem("-mkdir", "-p", "/words").output();
        for (int i = 1; i <= 3; i++) {
            hadoop.writeFile("/words/part" + i, "offer plane offer\n".repeat(i));
        }
        CommandLine.Outcome outcome =
                hadoop.mapReduceExample("wordcount", "/words", "/counts").run();
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(hadoop.fileSystem("-cat", "/counts/part-r-00000").output()).isEqualTo("offer\t12\nplane\t6");
    }

    @Test
    void pySparkComputesPiWithItsDriverBesideTheUser() {
        CommandLine.Outcome outcome = hadoop.pySparkExample("client", "pi", "4").run();
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("Pi is roughly 3.1");
    }

    @Test
    void pySparkComputesPiWithItsDriverOnTheCluster() {
        CommandLine.Outcome outcome =
                hadoop.pySparkExample("cluster", "pi", "4").run();
        assertThat(outcome.exitCode()).as(outcome.err()).isZero();
        assertThat(outcome.err()).contains("final status: SUCCEEDED");
    }
}
