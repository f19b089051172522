package io.offerplane.engine;

import static io.offerplane.engine.TestCluster.resources;
import static io.offerplane.engine.TestCluster.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.offer.Offer;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskState;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A task from its offer to the list of the completed. */
class TaskLifeTest {
    private final TestCluster cluster = new TestCluster();

    @Test
    void runsFromOfferToAcknowledgedEnd() {
        cluster.framework("f", "*").agent("s", "cpus:4;mem:1024").tick();
        Offer offer = cluster.offers("f").getFirst();
        assertThat(offer.resources()).isEqualTo(resources("cpus:4;mem:1024"));

        cluster.launch(offer, task("t", "s", "cpus:1;mem:128"));
        assertThat(cluster.agentView("s").allocated()).isEqualTo(resources("cpus:1;mem:128"));
        assertThat(cluster.take(Effect.LaunchTask.class)).hasSize(1);

        UUID running = cluster.update("s", "f", "t", TaskState.RUNNING);
        assertThat(cluster.updates()).extracting(StatusUpdate::state).containsExactly(TaskState.RUNNING);
        cluster.acknowledge("s", "f", "t", running);
        assertThat(cluster.take(Effect.AcknowledgeUpdate.class)).hasSize(1);

        UUID finished = cluster.update("s", "f", "t", TaskState.FINISHED);
        assertThat(cluster.agentView("s").allocated()).isEqualTo(Resources.EMPTY);
        assertThat(cluster.frameworkView("f").tasks()).hasSize(1);
        cluster.acknowledge("s", "f", "t", finished);
        assertThat(cluster.frameworkView("f").tasks()).isEmpty();
        assertThat(cluster.frameworkView("f").completedTasks()).hasSize(1);
    }

    @Test
    void freesResourcesOnTheLatestStateThoughTheFrameworkHearsStatesInOrder() {
        cluster.framework("f", "*").agent("s", "cpus:4;mem:1024").tick();
        cluster.launch(cluster.offers("f").getFirst(), task("t", "s", "cpus:1;mem:128"));

        cluster.update("s", "f", "t", TaskState.RUNNING, TaskState.FINISHED);

        assertThat(cluster.agentView("s").allocated()).isEqualTo(Resources.EMPTY);
        assertThat(cluster.updates()).extracting(StatusUpdate::state).containsExactly(TaskState.RUNNING);
    }
}
