package io.offerplane.operator;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.offerplane.operator.framework.FrameworkSecrets;
import io.offerplane.operator.kubernetes.ReleaseOwner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator's process.
 *
 * <p>Exit codes: 0 after SIGTERM; 69 when the API server can't be reached at the start; 70 when the engine broke; 78 when the
 * configuration can't be used. Losing the lead is no reason to exit: the process stands by.
 */
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    static final int UNAVAILABLE = 69;
    static final int ENGINE_BROKEN = 70;
    static final int BAD_CONFIGURATION = 78;

    private Main() {}

    public static void main(String[] arguments) {
        Map<String, String> environment = System.getenv();
        OperatorConfig config;
        try {
            config = readConfig(environment);
        } catch (InvalidSetting | IOException wrong) {
            LOG.atError().log("The configuration can't be used: {}", wrong.getMessage());
            System.exit(BAD_CONFIGURATION);
            return;
        }
        Optional<String> ownerConfigMap = Optional.ofNullable(environment.get("OFFERPLANE_OWNER_CONFIGMAP"));
        KubernetesClient client = new KubernetesClientBuilder()
                .withConfig(KubernetesSurroundings.patientConfig())
                .build();
        List<OwnerReference> owners;
        try {
            owners = ReleaseOwner.of(client, config.pod().namespace(), ownerConfigMap);
        } catch (KubernetesClientException failed) {
            LOG.atError().log("The API server can't be reached, or doesn't let us in: {}", failed.getMessage());
            System.exit(UNAVAILABLE);
            return;
        }
        AtomicLong connectionNumbers = new AtomicLong();
        FrameworkSecrets secrets = FrameworkSecrets.open(client);
        // Not exit: the shutdown hook would wait for the very parts that may be broken.
        Runnable onEngineBroken = () -> Runtime.getRuntime().halt(ENGINE_BROKEN);
        OfferplaneOperator operator = OfferplaneOperator.start(
                config,
                KubernetesSurroundings.of(
                        client,
                        config,
                        owners,
                        ControllersOfTerm.of(client, config, ownerConfigMap, secrets, connectionNumbers),
                        secrets::secretOf,
                        connectionNumbers,
                        onEngineBroken));
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(() -> {
                    operator.close();
                    client.close();
                }));
    }

    private static OperatorConfig readConfig(Map<String, String> environment) throws IOException {
        String file = environment.get("OFFERPLANE_CONFIG");
        String yaml = file == null ? "" : Files.readString(Path.of(file));
        return OperatorConfig.read(yaml, environment);
    }
}
