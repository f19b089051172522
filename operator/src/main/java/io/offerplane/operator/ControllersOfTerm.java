package io.offerplane.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.offerplane.operator.controllers.Controllers;
import io.offerplane.operator.controllers.ControllersConfig;
import io.offerplane.operator.controllers.ReconcileObserver;
import io.offerplane.operator.framework.FrameworkCredentials;
import io.offerplane.operator.kubernetes.ReleaseOwner;
import io.offerplane.operator.link.LinkCertificates;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Makes the controllers of a term from the operator's configuration. */
final class ControllersOfTerm {
    private ControllersOfTerm() {}

    static LeaderTerm.ControllersFactory of(
            KubernetesClient client,
            OperatorConfig config,
            Optional<String> ownerConfigMap,
            FrameworkCredentials credentials,
            AtomicLong connectionNumbers) {
        return (engine, termId, reconciliations) -> {
            ControllersConfig.Owners owners = new ControllersConfig.Owners(
                    ReleaseOwner.of(client, config.pod().namespace(), ownerConfigMap),
                    ReleaseOwner.ofCluster(client, ownerConfigMap));
            return Controllers.start(
                    client, engine, settings(config, owners, connectionNumbers, reconciliations), credentials);
        };
    }

    static ControllersConfig settings(
            OperatorConfig config,
            ControllersConfig.Owners owners,
            AtomicLong connectionNumbers,
            ReconcileObserver reconciliations) {
        OperatorConfig.Agents agents = config.agents();
        OperatorConfig.Frameworks frameworks = config.frameworks();
        return new ControllersConfig(
                config.pod().namespace(),
                agents.instance(),
                Version.ofThisBuild(),
                config.pod().name(),
                config.bootstrap(),
                frameworks.statusWritesPerSecond(),
                new ControllersConfig.Shim(
                        agents.shimImage(),
                        agents.imagePullPolicy(),
                        config.link().shimServiceAccount(),
                        agents.linkAddress(),
                        LinkCertificates.SHIM_SECRET,
                        config.link().audience(),
                        config.yarn().node()),
                new ControllersConfig.Frameworks(
                        frameworks.namespace(), frameworks.principalNamespaces(), frameworks.createUndeclared()),
                owners,
                connectionNumbers,
                reconciliations);
    }
}
