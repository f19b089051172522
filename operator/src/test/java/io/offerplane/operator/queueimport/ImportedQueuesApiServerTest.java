package io.offerplane.operator.queueimport;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.offerplane.crd.apiserver.ApiServerExtension;
import io.offerplane.crd.v1alpha1.queue.Queue;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What comes out is taken by the API server, with all the rules that queues have there. */
@Tag("apiserver")
@ExtendWith(ApiServerExtension.class)
class ImportedQueuesApiServerTest {
    private final KubernetesClient client;

    ImportedQueuesApiServerTest(KubernetesClient client) {
        this.client = client;
    }

    @AfterEach
    void remove() {
        client.resources(Queue.class).delete();
    }

    @Test
    void importedQueuesAreTakenByTheApiServer() throws UnusableFile {
        for (String file : List.of(ImportQueuesTest.CAPACITY, ImportQueuesTest.FAIR)) {
            String yaml = QueueManifest.of(ImportQueues.read(
                    file.getBytes(StandardCharsets.UTF_8), HadoopAmounts.parseTotal("cpu=100,memory=400Gi")));
            List<HasMetadata> taken = client.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                    .create();
            assertThat(taken).hasSizeGreaterThanOrEqualTo(3).allMatch(object -> object.getKind()
                    .equals("Queue"));
            client.resources(Queue.class).delete();
        }
    }
}
