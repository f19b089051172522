package io.offerplane.e2e;

import static io.offerplane.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.offerplane.e2e.client.JournalEntry;
import io.offerplane.e2e.client.PymesosScheduler;
import io.offerplane.e2e.cluster.TestCluster.Power;
import io.offerplane.e2e.install.OfferplaneInstallation;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A node that loses its power is given up after its timeout, and is welcome when it comes back; also the leader's own. */
@OfferplaneOnCluster
@Order(90)
final class NodeLossE2E {
    private static final Duration LONG = Duration.ofMinutes(4);

    private final OfferplaneInstallation offerplane;

    NodeLossE2E(OfferplaneInstallation offerplane) {
        this.offerplane = offerplane;
    }

    @Test
    void aNodeWithoutPowerBecomesUnreachableAndReturns() {
        Power.Switchable switches = switches();
        String lost = otherThan(leadersNode());
        try (PymesosScheduler framework = resident("aware", otherThan(lost)).start()) {
            Set<String> onLost = sixTasks(framework, lost);

            try (PowerCut cut = new PowerCut(switches, lost)) {
                awaitUnreachable(lost);
                assertThat(framework.awaitTasks(onLost.size(), "TASK_UNREACHABLE", LONG))
                        .isEqualTo(onLost);
                assertThat(framework.tasksIn("TASK_RUNNING"))
                        .as("tasks on the other node run on")
                        .hasSize(6 - onLost.size());

                cut.end();
                awaitReturn(framework, lost, onLost);
            }
        }
    }

    /**
     * As with a new Mesos master, which doesn't know what ran on an agent that never came to it: who asks is told so. (pymesos
     * asks without the agent's id; with it, the answer is TASK_UNREACHABLE.)
     */
    @Test
    void whenTheLeadersNodeIsLostWhoAsksForItsTasksIsToldAndHearsOfTheirEndLater() {
        Power.Switchable switches = switches();
        String lost = leadersNode();
        String left = otherThan(lost);
        try (PymesosScheduler before = resident("orphan", left).start()) {
            String id = before.awaitSubscribed();
            Set<String> onLost = sixTasks(before, lost);

            try (PowerCut cut = new PowerCut(switches, lost)) {
                // Its next connect may go to the lost node, and wait for the kernel's two minutes: a new process takes
                // its place.
                before.crash();
                eventually("the other node's operator leads", LONG, () -> assertThat(leadersNode())
                        .isEqualTo(left));
                try (PymesosScheduler after = resident("orphan", left)
                        .with("--framework-id", id, "--per-offer", "0")
                        .start()) {
                    assertThat(after.awaitSubscribed()).isEqualTo(id);
                    awaitUnreachable(lost);
                    after.reconcile(onLost.toArray(String[]::new));
                    assertThat(after.awaitTasks(onLost.size(), "TASK_UNKNOWN", LONG))
                            .isEqualTo(onLost);
                    after.reconcile();
                    assertThat(after.awaitTasks(6 - onLost.size(), "TASK_RUNNING", LONG))
                            .as("tasks on the other node run on")
                            .doesNotContainAnyElementsOf(onLost);

                    cut.end();
                    awaitReturn(after, lost, onLost);
                }
            }
        }
    }

    /** A node without power until the end, or sooner. */
    private static final class PowerCut implements AutoCloseable {
        private final Power.Switchable switches;
        private final String node;
        private boolean ended;

        PowerCut(Power.Switchable switches, String node) {
            this.switches = switches;
            this.node = node;
            switches.kill(node);
        }

        void end() {
            if (!ended) {
                ended = true;
                switches.start(node);
            }
        }

        @Override
        public void close() {
            end();
        }
    }

    private Power.Switchable switches() {
        Power power = offerplane.cluster().power();
        assumeTrue(power instanceof Power.Switchable, "this cluster's nodes cannot be switched off");
        return (Power.Switchable) power;
    }

    private String leadersNode() {
        return eventually("there is a leader", LONG, offerplane::leaderPod, pod -> true)
                .at("/spec/nodeName")
                .asText();
    }

    private String otherThan(String node) {
        return offerplane.nodes().keySet().stream()
                .filter(other -> !other.equals(node))
                .findFirst()
                .orElseThrow();
    }

    private String agentId(String node) {
        return offerplane.agents().get(node).at("/status/agentId").asText();
    }

    /** @param way the node by whose address it reaches the master */
    private PymesosScheduler.Options resident(String name, String way) {
        return PymesosScheduler.framework(offerplane.masterBy(way), name)
                .tasks(6, 0.1, 32, "sleep 1000")
                .with("--stay", "--per-offer", "3", "--failover-timeout", "300")
                .with("--capability", "PARTITION_AWARE");
    }

    /** @return which of the six run on the node */
    private Set<String> sixTasks(PymesosScheduler framework, String node) {
        framework.awaitTasks(6, "TASK_RUNNING", LONG);
        String agent = agentId(node);
        Set<String> onNode = framework.updates().stream()
                .filter(update -> update.text("/status/agent_id/value").equals(agent))
                .map(JournalEntry::taskId)
                .collect(Collectors.toSet());
        assertThat(onNode).isNotEmpty();
        return onNode;
    }

    private void awaitUnreachable(String node) {
        eventually("the agent is Unreachable", LONG, () -> assertThat(
                        offerplane.agents().get(node).at("/status/phase").asText())
                .isEqualTo("Unreachable"));
    }

    private void awaitReturn(PymesosScheduler framework, String node, Set<String> onLost) {
        offerplane.awaitAgents(OfferplaneOnCluster.NODES);
        eventually("its tasks are known to have ended", LONG, () -> assertThat(framework.latestStates())
                .allSatisfy((task, state) -> assertThat(PymesosScheduler.isTerminal(state))
                        .as("%s of %s", state, task)
                        .isEqualTo(onLost.contains(task))));
        double back = System.currentTimeMillis() / 1000.0;
        String agent = agentId(node);
        framework.await(
                "the node is offered again",
                LONG,
                entry -> entry.is("offer") && entry.agentId().equals(agent) && entry.at() > back);
    }
}
