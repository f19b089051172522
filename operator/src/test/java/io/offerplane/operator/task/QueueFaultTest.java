package io.offerplane.operator.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.utils.Serialization;
import io.offerplane.crd.v1alpha1.queue.Queue;
import java.util.List;
import org.junit.jupiter.api.Test;

class QueueFaultTest {
    private static final List<Queue> QUEUES = List.of(queue("root"), queue("root.eng"));

    private static Queue queue(String path) {
        return Serialization.unmarshal(
                "apiVersion: offerplane.io/v1alpha1\nkind: Queue\nmetadata: {name: q}\nspec: {path: " + path + "}",
                Queue.class);
    }

    @Test
    void aQueueWithAnObjectIsFineAndTheDefaultNeedsNone() {
        assertThat(QueueFault.of("root.eng", QUEUES)).isEmpty();
        assertThat(QueueFault.of("root.default", List.of())).isEmpty();
    }

    @Test
    void theRootHasNoRoleEvenWhereItHasAnObject() {
        assertThat(QueueFault.of("root", QUEUES)).hasValueSatisfying(fault -> {
            assertThat(fault.reason()).isEqualTo("QueueHasNoRole");
            assertThat(fault.message()).contains("make another Task without spec.queue");
        });
    }

    @Test
    void aQueueThatIsNotThereIsNamed() {
        assertThat(QueueFault.of("root.eng.ads", QUEUES)).hasValueSatisfying(fault -> {
            assertThat(fault.reason()).isEqualTo("QueueNotFound");
            assertThat(fault.message())
                    .contains("no Queue with path root.eng.ads")
                    .contains("make one");
        });
    }
}
