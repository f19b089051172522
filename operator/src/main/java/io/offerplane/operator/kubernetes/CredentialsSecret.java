package io.offerplane.operator.kubernetes;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may call Mesos' API, from one Secret of the operator's namespace: each key is a principal, its value the secret. What Mesos
 * reads from {@code --credentials}. A change counts within ten seconds; while Kubernetes can't be asked, what was read last holds.
 *
 * <p>Where the Secret is missing it is made, with the one principal {@value #SMOKE_TEST} and a random secret, so that the
 * installation can be tested without being open to everyone.
 */
public final class CredentialsSecret implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CredentialsSecret.class);
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final int CONFLICT = 409;

    public static final String SMOKE_TEST = "smoke-test";

    private final KubernetesClient client;
    private final String namespace;
    private final String name;
    private final Map<String, String> labels;
    private final List<OwnerReference> owners;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("credentials").daemon().factory());
    private volatile Map<String, String> secrets = Map.of();

    private CredentialsSecret(
            KubernetesClient client,
            String namespace,
            String name,
            Map<String, String> labels,
            List<OwnerReference> owners) {
        this.client = client;
        this.namespace = namespace;
        this.name = name;
        this.labels = Map.copyOf(labels);
        this.owners = List.copyOf(owners);
    }

    /** Reads the Secret, makes it where it is missing, and follows it from then on. Blocks for the first reading. */
    public static CredentialsSecret follow(
            KubernetesClient client,
            String namespace,
            String name,
            Map<String, String> labels,
            List<OwnerReference> owners) {
        CredentialsSecret followed = new CredentialsSecret(client, namespace, name, labels, owners);
        followed.refresh();
        var _ = followed.timer.scheduleWithFixedDelay(
                followed::refresh, INTERVAL.toSeconds(), INTERVAL.toSeconds(), TimeUnit.SECONDS);
        return followed;
    }

    /** Empty for a principal that the Secret doesn't name. Doesn't block. */
    public Optional<String> secretOf(String principal) {
        return Optional.ofNullable(secrets.get(principal));
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    private void refresh() {
        try {
            Secret secret =
                    client.secrets().inNamespace(namespace).withName(name).get();
            secrets = read(secret == null ? create() : secret);
        } catch (KubernetesClientException failed) {
            if (failed.getCode() != CONFLICT) {
                LOG.atWarn()
                        .addKeyValue("secret", name)
                        .addKeyValue("why", failed.getMessage())
                        .log("The credentials of Mesos clients can't be read; what was read last holds");
            }
        }
    }

    private Secret create() {
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        Secret made = client.secrets()
                .inNamespace(namespace)
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace(namespace)
                        .withLabels(labels)
                        .withOwnerReferences(owners)
                        .endMetadata()
                        .withType("Opaque")
                        .withStringData(Map.of(
                                SMOKE_TEST,
                                Base64.getUrlEncoder().withoutPadding().encodeToString(random)))
                        .build())
                .create();
        LOG.atInfo()
                .addKeyValue("secret", name)
                .log("There were no credentials of Mesos clients: a Secret with those of the smoke test was made");
        return made;
    }

    static Map<String, String> read(Secret secret) {
        Map<String, String> read = new TreeMap<>();
        if (secret.getData() != null) {
            secret.getData()
                    .forEach((principal, value) -> read.put(
                            principal, new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8).strip()));
        }
        return Map.copyOf(read);
    }
}
