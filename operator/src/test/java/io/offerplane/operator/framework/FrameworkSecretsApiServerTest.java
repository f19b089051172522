package io.offerplane.operator.framework;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.offerplane.crd.apiserver.ApiServerExtension;
import io.offerplane.crd.v1alpha1.framework.Framework;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Principals' secrets, read from a real API server. */
@Tag("apiserver")
@ExtendWith(ApiServerExtension.class)
class FrameworkSecretsApiServerTest {
    private final KubernetesClient client;

    FrameworkSecretsApiServerTest(KubernetesClient client) {
        this.client = client;
    }

    @AfterEach
    void clean() {
        client.resources(Framework.class).inNamespace("default").delete();
        client.secrets().inNamespace("default").withName("chronos-principal").delete();
    }

    @Test
    void knowsTheSecretOfAPrincipalForAsLongAsAnObjectRefersToIt() throws Exception {
        client.resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("chronos-principal")
                        .withNamespace("default")
                        .endMetadata()
                        .withStringData(Map.of("secret", "a secret"))
                        .build())
                .create();
        client.resource(client.getKubernetesSerialization().unmarshal("""
                        apiVersion: offerplane.io/v1alpha1
                        kind: Framework
                        metadata: {name: chronos, namespace: default}
                        spec:
                          match: {principal: chronos}
                          credentialsSecretRef: {name: chronos-principal}
                        """, Framework.class))
                .create();
        try (FrameworkSecrets secrets = FrameworkSecrets.open(client)) {
            await(secrets, Optional.of("a secret"));
            assertThat(secrets.secretOf("somebody")).isEmpty();
            client.resources(Framework.class)
                    .inNamespace("default")
                    .withName("chronos")
                    .delete();
            await(secrets, Optional.empty());
        }
    }

    private static void await(FrameworkSecrets secrets, Optional<String> expected) throws InterruptedException {
        Instant limit = Instant.now().plus(Duration.ofSeconds(30));
        while (!secrets.secretOf("chronos").equals(expected) && Instant.now().isBefore(limit)) {
            Thread.sleep(50);
        }
        assertThat(secrets.secretOf("chronos")).isEqualTo(expected);
    }
}
