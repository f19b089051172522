package io.offerplane.e2e;

import static io.offerplane.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Quantity;
import io.offerplane.e2e.client.PymesosScheduler;
import io.offerplane.e2e.install.OfferplaneInstallation;
import java.math.BigDecimal;
import java.time.Duration;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Claims grow and shrink in place, and idle claim goes back to pods that wait for room. */
@OfferplaneOnCluster
@Order(70)
final class ClaimResizeE2E {
    private static final Duration SOON = Duration.ofMinutes(2);

    private final OfferplaneInstallation offerplane;

    ClaimResizeE2E(OfferplaneInstallation offerplane) {
        this.offerplane = offerplane;
    }

    @Test
    void followsThePoolsMaximumInPlace() {
        String node = offerplane.nodes().keySet().iterator().next();
        JsonNode before = offerplane.claimPod(node);
        BigDecimal full = requestedCpu(before);
        try {
            patchPool("{\"spec\": {\"claim\": {\"max\": {\"cpu\": \"600m\"}}}}");
            eventually("the claim shrank to 0.6 cores", SOON, () -> {
                JsonNode claim = offerplane.claimPod(node);
                assertThat(requestedCpu(claim)).isEqualByComparingTo("0.6");
                assertThat(actuatedCpu(claim)).isEqualByComparingTo("0.6");
                assertThat(grantedCpu(node)).isEqualByComparingTo("0.6");
            });
        } finally {
            patchPool("{\"spec\": {\"claim\": {\"max\": null}}}");
        }
        eventually("the claim grew back", SOON, () -> {
            assertThat(requestedCpu(offerplane.claimPod(node))).isEqualByComparingTo(full);
            assertThat(grantedCpu(node)).isEqualByComparingTo(full);
        });

        JsonNode after = offerplane.claimPod(node);
        assertThat(after.at("/metadata/uid").asText())
                .as("it is the same pod")
                .isEqualTo(before.at("/metadata/uid").asText());
        assertThat(after.at("/status/containerStatuses/0/restartCount").asInt())
                .as("its container was not restarted")
                .isEqualTo(before.at("/status/containerStatuses/0/restartCount").asInt());
    }

    @Test
    void givesIdleClaimBackToAPodThatWaitsButTakesNothingFromTasks() {
        String node = offerplane.nodes().keySet().iterator().next();
        String agentId = offerplane.agents().get(node).at("/status/agentId").asText();
        BigDecimal full = requestedCpu(offerplane.claimPod(node));
        try (PymesosScheduler framework = PymesosScheduler.framework(offerplane.master(), "resident")
                .tasks(6, 0.1, 32, "sleep 1000")
                .with("--stay", "--per-offer", "3")
                .start()) {
            framework.awaitTasks(6, "TASK_RUNNING", SOON);
            BigDecimal held = BigDecimal.valueOf(framework.updates().stream()
                            .filter(update -> update.state().equals("TASK_RUNNING") && !update.repeated())
                            .filter(update ->
                                    update.text("/status/agent_id/value").equals(agentId))
                            .count())
                    .multiply(new BigDecimal("0.1"));
            offerplane.apply(waitingPod(node));
            try {
                eventually("the pod that waited has its place", SOON, () -> assertThat(offerplane
                                .object("pod", "waiting")
                                .at("/status/phase")
                                .asText())
                        .isEqualTo("Running"));
                assertThat(requestedCpu(offerplane.claimPod(node)))
                        .as("the claim gave way, but holds what tasks hold")
                        .isLessThan(full)
                        .isGreaterThanOrEqualTo(held);
                assertThat(framework.tasksIn("TASK_RUNNING")).hasSize(6);
            } finally {
                offerplane.delete("pod", "waiting");
            }
            // Other pods may have come or grown meanwhile: a tenth of a core is not the claim's to have.
            eventually("the claim takes the room again", SOON, () -> assertThat(requestedCpu(offerplane.claimPod(node)))
                    .isGreaterThanOrEqualTo(full.subtract(new BigDecimal("0.1"))));
            assertThat(framework.tasksIn("TASK_RUNNING")).hasSize(6);
        }
    }

    private String waitingPod(String node) {
        return """
                apiVersion: v1
                kind: Pod
                metadata: {name: waiting, namespace: offerplane}
                spec:
                  nodeSelector: {kubernetes.io/hostname: %s}
                  terminationGracePeriodSeconds: 0
                  containers:
                    - name: sleeper
                      image: docker.io/offerplane/agent-shim:dev
                      command: [sleep, infinity]
                      resources: {requests: {cpu: 700m, memory: 32Mi}}
                """.formatted(offerplane
                .nodes()
                .get(node)
                .at("/metadata/labels/kubernetes.io~1hostname")
                .asText());
    }

    private void patchPool(String patch) {
        offerplane.kubectl("patch", "agentpools.offerplane.io", "default", "--type=merge", "--patch", patch);
    }

    private static BigDecimal requestedCpu(JsonNode claimPod) {
        return cpu(claimPod.at("/spec/containers/0/resources/requests/cpu"));
    }

    /** What the kubelet has done, as the pod's status says. */
    private static BigDecimal actuatedCpu(JsonNode claimPod) {
        return cpu(claimPod.at("/status/containerStatuses/0/resources/requests/cpu"));
    }

    private BigDecimal grantedCpu(String node) {
        return cpu(offerplane.agents().get(node).at("/status/claim/granted/cpu"));
    }

    private static BigDecimal cpu(JsonNode quantity) {
        return Quantity.getAmountInBytes(new Quantity(quantity.asText()));
    }
}
