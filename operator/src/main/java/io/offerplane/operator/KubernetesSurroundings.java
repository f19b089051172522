package io.offerplane.operator;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.offerplane.operator.kubernetes.CredentialsSecret;
import io.offerplane.operator.kubernetes.KubernetesLease;
import io.offerplane.operator.kubernetes.KubernetesSecretStore;
import io.offerplane.operator.kubernetes.LeaderLabel;
import io.offerplane.operator.kubernetes.TokenReviewIdentity;
import io.offerplane.operator.kubernetes.WarmUp;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** The world outside of the process when that is Kubernetes. */
final class KubernetesSurroundings {
    private KubernetesSurroundings() {}

    static OfferplaneOperator.Surroundings of(
            KubernetesClient client,
            OperatorConfig config,
            List<OwnerReference> owners,
            LeaderTerm.ControllersFactory controllers,
            PrincipalSecrets declared,
            AtomicLong connectionNumbers,
            Runnable onEngineBroken) {
        OperatorConfig.Pod pod = config.pod();
        Map<String, String> labels = labels(config);
        LeaderLabel label = new LeaderLabel(client, pod.namespace(), pod.name());
        return new OfferplaneOperator.Surroundings(
                new KubernetesLease(
                        electionClient(config.election()),
                        pod.namespace(),
                        config.election().leaseName(),
                        labels,
                        owners),
                new KubernetesSecretStore(client, pod.namespace(), labels, owners),
                callersOf(client, config, config.link().shimServiceAccount()),
                callersOf(client, config, config.yarn().headServiceAccount()),
                controllers,
                new LeaderTerm.Mark() {
                    @Override
                    public void put() {
                        label.put();
                    }

                    @Override
                    public void remove() {
                        label.remove();
                    }
                },
                principals(client, config, declared, labels, owners),
                connectionNumbers,
                () -> WarmUp.run(client, pod.namespace()),
                onEngineBroken);
    }

    private static TokenReviewIdentity callersOf(KubernetesClient client, OperatorConfig config, String account) {
        return new TokenReviewIdentity(
                client, config.link().audience(), config.pod().namespace(), account);
    }

    private static Map<String, String> labels(OperatorConfig config) {
        return Map.of(
                "app.kubernetes.io/name",
                "offerplane",
                "app.kubernetes.io/instance",
                config.agents().instance(),
                "app.kubernetes.io/part-of",
                "offerplane",
                "app.kubernetes.io/managed-by",
                "offerplane-operator");
    }

    /** What a Framework object refers to, else what the Secret for those without one says. */
    private static PrincipalSecrets principals(
            KubernetesClient client,
            OperatorConfig config,
            PrincipalSecrets declared,
            Map<String, String> labels,
            List<OwnerReference> owners) {
        if (config.mesos().authenticationMode() == OperatorConfig.AuthenticationMode.None) {
            return PrincipalSecrets.NONE;
        }
        CredentialsSecret undeclared = CredentialsSecret.follow(
                client, config.pod().namespace(), config.mesos().credentialsSecret(), labels, owners);
        return principal -> declared.secretOf(principal).or(() -> undeclared.secretOf(principal));
    }

    /** For everything but the election: a big list on a busy node may take its time. */
    static Config patientConfig() {
        return new ConfigBuilder(Config.autoConfigure(null))
                .withRequestTimeout(60_000)
                .withConnectionTimeout(10_000)
                .build();
    }

    /**
     * A client of its own, so that renewals never wait behind other requests. A request that hangs must be given up while there is
     * still time to stand down before others may lead.
     */
    private static KubernetesClient electionClient(OperatorConfig.Election election) {
        Duration slack = election.leaseDuration().minus(election.renewDeadline());
        int timeout = Math.toIntExact(Math.max(200, slack.toMillis() * 2 / 3));
        Config config = new ConfigBuilder(Config.autoConfigure(null))
                .withRequestTimeout(timeout)
                .withConnectionTimeout(timeout)
                .withRequestRetryBackoffLimit(0)
                .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }
}
