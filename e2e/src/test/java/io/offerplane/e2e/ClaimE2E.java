package io.offerplane.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.Quantity;
import io.offerplane.e2e.client.JournalEntry;
import io.offerplane.e2e.client.PymesosScheduler;
import io.offerplane.e2e.install.OfferplaneInstallation;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A node's share is booked with Kubernetes before it is offered, and what is offered is what was booked. */
@OfferplaneOnCluster
@Order(10)
final class ClaimE2E {
    private static final BigDecimal MEGABYTE = BigDecimal.valueOf(1L << 20);

    private final OfferplaneInstallation offerplane;

    ClaimE2E(OfferplaneInstallation offerplane) {
        this.offerplane = offerplane;
    }

    @Test
    void everyNodeHasAClaimThatKubernetesAdmittedAsGuaranteed() {
        for (String node : offerplane.nodes().keySet()) {
            JsonNode claim = offerplane.claimPod(node);

            assertThat(claim.at("/spec/nodeName").asText()).isEqualTo(node);
            assertThat(claim.at("/status/phase").asText()).isEqualTo("Running");
            assertThat(claim.at("/status/qosClass").asText()).isEqualTo("Guaranteed");
            assertThat(claim.at("/spec/schedulerName").asText())
                    .as("kube-scheduler placed it, so it counts with everybody else's pods")
                    .isEqualTo("default-scheduler");
            assertThat(claim.at("/metadata/ownerReferences/0/kind").asText()).isEqualTo("Agent");
        }
    }

    @Test
    void offersNameExactlyWhatTheClaimsWereGrantedOnTheRealNodes() {
        try (PymesosScheduler framework = PymesosScheduler.framework(offerplane.master(), "capacity")
                .tasks(1, 10_000, 32, "never fits")
                .with("--stay")
                .start()) {
            Map<String, JsonNode> agents = offerplane.agents();
            Map<String, JsonNode> nodes = offerplane.nodes();
            agents.forEach((node, agent) -> {
                String agentId = agent.at("/status/agentId").asText();
                JournalEntry offer = framework.await(
                        "an offer of " + node,
                        Duration.ofSeconds(60),
                        entry -> entry.is("offer") && entry.agentId().equals(agentId));
                JsonNode granted = agent.at("/status/claim/granted");
                JsonNode requests = offerplane.claimPod(node).at("/spec/containers/0/resources/requests");

                assertThat(offer.text("/hostname"))
                        .isEqualTo(agent.at("/status/hostname").asText());
                assertThat(offer.text("/domain/fault_domain/zone/name"))
                        .isEqualTo(nodes.get(node)
                                .at("/metadata/labels")
                                .path("topology.kubernetes.io/zone")
                                .asText());
                assertThat(BigDecimal.valueOf(offer.scalar("cpus")))
                        .as("cpus of %s", node)
                        .isCloseTo(amount(granted, "cpu"), within(new BigDecimal("0.001")));
                // Mesos counts whole megabytes: never more than granted, and less than one of them short.
                assertThat(BigDecimal.valueOf(offer.scalar("mem")).multiply(MEGABYTE))
                        .as("mem of %s", node)
                        .isLessThanOrEqualTo(amount(granted, "memory"))
                        .isGreaterThan(amount(granted, "memory").subtract(MEGABYTE));
                assertThat(amount(granted, "cpu")).isEqualByComparingTo(amount(requests, "cpu"));
                assertThat(amount(granted, "memory")).isEqualByComparingTo(amount(requests, "memory"));
                assertThat(amount(granted, "cpu"))
                        .as("no more than the node has")
                        .isLessThanOrEqualTo(amount(nodes.get(node).at("/status/allocatable"), "cpu"));
                assertThat(amount(granted, "memory"))
                        .isLessThanOrEqualTo(amount(nodes.get(node).at("/status/allocatable"), "memory"));
            });
            assertThat(agents).hasSize(OfferplaneOnCluster.NODES);
        }
    }

    @Test
    void describeNodeShowsTheClaimAsRequested() {
        for (String node : offerplane.nodes().keySet()) {
            JsonNode claim = offerplane.claimPod(node);
            String description = offerplane.kubectl("describe", "node", node);

            assertThat(description.lines())
                    .filteredOn(line -> line.contains(claim.at("/metadata/name").asText()))
                    .singleElement()
                    .asString()
                    .contains(claim.at("/spec/containers/0/resources/requests/cpu")
                            .asText());
        }
    }

    @Test
    void kubectlGetReadsWellForAllFiveKinds() {
        Map<String, List<String>> columns = new LinkedHashMap<>();
        columns.put("agentpools.offerplane.io", List.of("NAME", "AGENTS", "READY", "CPU", "MEMORY", "OFFERING", "AGE"));
        columns.put("agents.offerplane.io", List.of("NAME", "POOL", "PHASE", "CPU", "MEMORY", "TASKS", "READY", "AGE"));
        columns.put("queues.offerplane.io", List.of("NAME", "PATH", "WEIGHT", "USED", "SHARE", "READY", "AGE"));
        columns.put("frameworks.offerplane.io", List.of("NAME", "PROTOCOL", "QUEUES", "CONNECTED", "TASKS", "AGE"));
        columns.put("tasks.offerplane.io", List.of("NAME", "QUEUE", "PHASE", "RUNNING", "INSTANCES", "NODE", "AGE"));
        offerplane.apply("""
                apiVersion: offerplane.io/v1alpha1
                kind: Task
                metadata: {name: columns, namespace: offerplane}
                spec: {command: {shell: sleep 600}, resources: {cpu: 50m, memory: 32Mi}}
                """);
        try (PymesosScheduler framework = PymesosScheduler.framework(offerplane.master(), "columns")
                .tasks(1, 0.1, 32, "sleep 1000")
                .with("--stay")
                .start()) {
            framework.awaitTasks(1, "TASK_RUNNING", Duration.ofSeconds(60));
            columns.forEach(
                    (kind, expected) -> Eventually.eventually(kind + " reads well", Duration.ofSeconds(60), () -> {
                        List<String> lines = offerplane
                                .cluster()
                                .kubectl("get", kind, "--namespace", OfferplaneInstallation.NAMESPACE)
                                .output()
                                .lines()
                                .toList();
                        assertThat(List.of(lines.getFirst().split("\\s{2,}")))
                                .as("columns of %s", kind)
                                .containsSubsequence(expected);
                        assertThat(lines).as("objects of %s", kind).hasSizeGreaterThan(1);
                        assertThat(lines.get(1)).doesNotContain("<none>").doesNotContain("<invalid>");
                        assertThat(lines.getFirst().length())
                                .as("fits a terminal")
                                .isLessThanOrEqualTo(140);
                    }));
        } finally {
            offerplane.delete("tasks.offerplane.io", "columns");
        }
    }

    private static BigDecimal amount(JsonNode amounts, String resource) {
        return Quantity.getAmountInBytes(new Quantity(amounts.path(resource).asText()));
    }
}
