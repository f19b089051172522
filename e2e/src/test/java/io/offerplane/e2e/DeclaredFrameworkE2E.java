package io.offerplane.e2e;

import static io.offerplane.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.offerplane.e2e.client.MasterState;
import io.offerplane.e2e.client.PymesosScheduler;
import io.offerplane.e2e.install.OfferplaneInstallation;
import java.time.Duration;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** What a {@code Framework} object says holds on the Mesos wire, for a client that knows nothing of it. */
@OfferplaneOnCluster
@Order(45)
final class DeclaredFrameworkE2E {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final OfferplaneInstallation offerplane;

    DeclaredFrameworkE2E(OfferplaneInstallation offerplane) {
        this.offerplane = offerplane;
    }

    @Test
    void aClientIsHeldToTheQueuesAndTheFailoverTimeoutOfItsObject() {
        offerplane.apply("""
                apiVersion: offerplane.io/v1alpha1
                kind: Framework
                metadata: {name: bounded, namespace: offerplane}
                spec:
                  match: {name: bounded}
                  queues: [{path: root.granted}]
                  failoverTimeoutSeconds: 5
                """);
        try {
            eventually("the operator knows the object", SOON, () -> assertThat(refusal("other"))
                    .startsWith("Not authorized to register framework")
                    .contains("{ other }", "granted", "spec.queues"));

            try (PymesosScheduler granted = PymesosScheduler.framework(offerplane.master(), "bounded")
                    .tasks(1, 0.1, 32, "sleep 1000")
                    .with("--role", "granted", "--failover-timeout", "3600", "--stay")
                    .start()) {
                String id = granted.awaitSubscribed();
                granted.awaitTasks(1, "TASK_RUNNING", SOON);

                JsonNode framework = framework(id);
                assertThat(framework.path("failover_timeout").asDouble()).isEqualTo(5.0);
                eventually("the declared object speaks for it", SOON, () -> assertThat(offerplane
                                .object("frameworks.offerplane.io", "bounded")
                                .at("/status/frameworkId")
                                .asText())
                        .isEqualTo(id));
            }
        } finally {
            offerplane.delete("frameworks.offerplane.io", "bounded");
        }
    }

    private String refusal(String role) {
        try (PymesosScheduler refused = PymesosScheduler.framework(offerplane.master(), "bounded")
                .tasks(1, 0.1, 32, "true")
                .with("--role", role)
                .start()) {
            return refused.await(
                            "it is refused or subscribed", SOON, entry -> entry.is("error") || entry.is("subscribed"))
                    .text("/message");
        }
    }

    private JsonNode framework(String id) {
        for (JsonNode framework : MasterState.of(offerplane.master()).json().path("frameworks")) {
            if (framework.path("id").asText().equals(id)) {
                return framework;
            }
        }
        throw new AssertionError("the master doesn't list framework " + id);
    }
}
