package io.offerplane.operator.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.view.EngineView;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class QueueReconcilerTest {
    private static final EngineView TWO_AGENTS =
            new EngineView(Instant.EPOCH, List.of(agent("a"), agent("b")), List.of(), List.of(), List.of(), List.of());

    @Test
    void theRootsShareIsThatOfTheResourceItHoldsMostOf() {
        // Of 8 cpus 2, which is a quarter; of 2,000 MB 1,000, which is half.
        assertThat(QueueReconciler.shareOfAll(TWO_AGENTS, amounts(2, 1000))).isEqualTo(0.5);
    }

    @Test
    void anIdleRootHasNoShare() {
        assertThat(QueueReconciler.shareOfAll(TWO_AGENTS, ResourceQuantities.EMPTY))
                .isZero();
    }

    @Test
    void withoutAgentsThereIsNothingToHaveAShareOf() {
        EngineView empty = new EngineView(Instant.EPOCH, List.of(), List.of(), List.of(), List.of(), List.of());

        assertThat(QueueReconciler.shareOfAll(empty, amounts(2, 1000))).isZero();
    }

    private static ResourceQuantities amounts(int cpus, int megabytes) {
        return ResourceQuantities.of(Map.of("cpus", Quantity.of(cpus), "mem", Quantity.of(megabytes)));
    }

    private static EngineView.AgentView agent(String node) {
        return new EngineView.AgentView(
                new AgentId(node),
                new AgentSpec(node, "10.0.0.1", 5051, node, "default", List.of(), Optional.empty(), "1.0.0"),
                EngineView.AgentView.Phase.CONNECTED,
                false,
                Resources.scalar("cpus", 4).plus(Resources.scalar("mem", 1000)),
                Resources.EMPTY,
                Resources.EMPTY,
                Resources.EMPTY,
                Resources.EMPTY,
                Optional.empty(),
                Optional.empty());
    }
}
