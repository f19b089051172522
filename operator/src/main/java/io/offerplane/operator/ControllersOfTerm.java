package io.offerplane.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Optional;

/** Makes the controllers of a term from the operator's configuration. */
final class ControllersOfTerm {
    private ControllersOfTerm() {}

    static LeaderTerm.ControllersFactory of(
            KubernetesClient client, OperatorConfig config, Optional<String> ownerConfigMap) {
        return (engine, termId) -> {
            throw new IllegalStateException(
                    "this build has no controllers for " + config.pod().namespace() + " on " + client.getMasterUrl()
                            + ownerConfigMap.map(name -> ", owned by " + name).orElse(""));
        };
    }
}
