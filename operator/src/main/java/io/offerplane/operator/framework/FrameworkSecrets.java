package io.offerplane.operator.framework;

import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.offerplane.crd.v1alpha1.framework.Framework;
import io.offerplane.crd.v1alpha1.framework.FrameworkSpec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The secrets that Framework objects refer to, by principal; read again every few seconds, on every replica. Only Secrets that are
 * referred to are read, each by its name. Thread-safe; answers don't block. No secret is ever logged.
 */
public final class FrameworkSecrets implements FrameworkCredentials, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FrameworkSecrets.class);
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final String SECRET_KEY = "secret";

    private final KubernetesClient client;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("framework-secrets").daemon(true).factory());
    /** By namespace and name of the Secret. */
    private final Map<String, String> faults = new ConcurrentHashMap<>();

    private volatile Map<String, String> byPrincipal = Map.of();

    private FrameworkSecrets(KubernetesClient client) {
        this.client = client;
    }

    /** Starts to read. Knows nobody until the first reading is through. */
    public static FrameworkSecrets open(KubernetesClient client) {
        FrameworkSecrets secrets = new FrameworkSecrets(client);
        var _ = secrets.clock.scheduleWithFixedDelay(secrets::read, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        return secrets;
    }

    /** The principal's secret; empty when no Framework object gives it one, or the Secret can't be read. */
    public Optional<String> secretOf(String principal) {
        return Optional.ofNullable(byPrincipal.get(principal));
    }

    @Override
    public Optional<String> faultOf(Framework object) {
        FrameworkSpec.SecretReference reference = object.getSpec().credentialsSecretRef();
        return reference == null
                ? Optional.empty()
                : Optional.ofNullable(faults.get(object.getMetadata().getNamespace() + "/" + reference.name()))
                        .map(fault ->
                                "Secret " + object.getMetadata().getNamespace() + "/" + reference.name() + " " + fault);
    }

    private void read() {
        try {
            // From the server's own cache: a few seconds more or less don't matter here.
            List<Framework> objects = client.resources(Framework.class)
                    .inAnyNamespace()
                    .list(new ListOptionsBuilder().withResourceVersion("0").build())
                    .getItems();
            // The oldest object of a principal counts.
            objects.sort(Comparator.<Framework, String>comparing(object ->
                            Objects.requireNonNullElse(object.getMetadata().getCreationTimestamp(), "9999"))
                    .thenComparing(object -> object.getMetadata().getNamespace() + "/"
                            + object.getMetadata().getName()));
            Map<String, String> found = new HashMap<>();
            Set<String> referred = new HashSet<>();
            for (Framework object : objects) {
                FrameworkSpec spec = object.getSpec();
                String principal = spec.match().principal();
                FrameworkSpec.SecretReference reference = spec.credentialsSecretRef();
                if (principal != null && reference != null && !found.containsKey(principal)) {
                    referred.add(object.getMetadata().getNamespace() + "/" + reference.name());
                    read(object.getMetadata().getNamespace(), reference.name())
                            .ifPresent(secret -> found.put(principal, secret));
                }
            }
            byPrincipal = Map.copyOf(found);
            faults.keySet().retainAll(referred);
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).log("Framework objects can't be read; principals keep the secrets that they had");
        }
    }

    private Optional<String> read(String namespace, String name) {
        String which = namespace + "/" + name;
        try {
            Secret secret =
                    client.secrets().inNamespace(namespace).withName(name).get();
            String encoded = secret == null || secret.getData() == null
                    ? null
                    : secret.getData().get(SECRET_KEY);
            if (encoded == null) {
                complain(which, "is not there, or has no key " + SECRET_KEY + ": make it, or add the key");
                return Optional.empty();
            }
            faults.remove(which);
            return Optional.of(new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8));
        } catch (KubernetesClientException e) {
            complain(which, "can't be read (" + e.getCode() + "): is its namespace in rbac.secretNamespaces?");
            return Optional.empty();
        }
    }

    private void complain(String which, String why) {
        if (!why.equals(faults.put(which, why))) {
            LOG.atWarn().addKeyValue("secret", which).log("The Secret {} that a Framework refers to {}", which, why);
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
