package io.offerplane.e2e;

import static io.offerplane.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.offerplane.e2e.install.OfferplaneInstallation;
import java.time.Duration;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A {@code Task} object is all that a user without a framework needs. */
@OfferplaneOnCluster
@Order(40)
final class TaskObjectE2E {
    private static final Duration SOON = Duration.ofSeconds(90);

    private final OfferplaneInstallation offerplane;

    TaskObjectE2E(OfferplaneInstallation offerplane) {
        this.offerplane = offerplane;
    }

    @Test
    void runsToItsEndAndSaysHowItEnded() {
        try {
            offerplane.apply("""
                    apiVersion: offerplane.io/v1alpha1
                    kind: Task
                    metadata: {name: hello, namespace: offerplane}
                    spec:
                      command: {shell: "echo hello; sleep 1"}
                      instances: 2
                      resources: {cpu: 50m, memory: 32Mi}
                    """);

            eventually("both instances finished, and the Task is complete", SOON, () -> {
                JsonNode status =
                        offerplane.object("tasks.offerplane.io", "hello").path("status");
                assertThat(status.path("phase").asText()).isEqualTo("Finished");
                assertThat(status.at("/counts/finished").asInt()).isEqualTo(2);
                assertThat(status.at("/instances/0/state").asText()).isEqualTo("TASK_FINISHED");
                assertThat(status.at("/instances/0/exitCode").asInt(-1)).isZero();
                assertThat(condition(status, "Complete")).isEqualTo("True");
            });
        } finally {
            offerplane.delete("tasks.offerplane.io", "hello");
        }
    }

    @Test
    void saysTheExitCodeOfACommandThatFails() {
        try {
            offerplane.apply("""
                    apiVersion: offerplane.io/v1alpha1
                    kind: Task
                    metadata: {name: failing, namespace: offerplane}
                    spec:
                      command: {shell: exit 7}
                      restart: {policy: Never}
                      resources: {cpu: 50m, memory: 32Mi}
                    """);

            eventually("it has failed for good", SOON, () -> {
                JsonNode status =
                        offerplane.object("tasks.offerplane.io", "failing").path("status");
                assertThat(status.path("phase").asText()).isEqualTo("Failed");
                assertThat(status.at("/instances/0/exitCode").asInt()).isEqualTo(7);
                assertThat(condition(status, "Failed")).isEqualTo("True");
            });
        } finally {
            offerplane.delete("tasks.offerplane.io", "failing");
        }
    }

    @Test
    void deletingItEndsItsInstances() {
        offerplane.apply("""
                apiVersion: offerplane.io/v1alpha1
                kind: Task
                metadata: {name: endless, namespace: offerplane}
                spec:
                  command: {shell: sleep 100000}
                  kill: {graceSeconds: 1}
                  resources: {cpu: 50m, memory: 32Mi}
                """);
        String node = eventually(
                        "it runs",
                        SOON,
                        () -> offerplane
                                .object("tasks.offerplane.io", "endless")
                                .path("status"),
                        status -> status.path("phase").asText().equals("Running"))
                .at("/instances/0/node")
                .asText();

        offerplane.delete("tasks.offerplane.io", "endless");

        eventually("its process is gone from " + node, SOON, () -> assertThat(offerplane
                        .onNode(node, "pgrep -f '[s]leep 100000' || true")
                        .output())
                .isEmpty());
    }

    private static String condition(JsonNode status, String type) {
        for (JsonNode condition : status.path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition.path("status").asText();
            }
        }
        return "absent";
    }
}
