package io.offerplane.operator.pool;

import io.fabric8.kubernetes.api.model.OwnerReference;
import java.util.List;
import java.util.Optional;

/**
 * What all shims have in common.
 *
 * @param linkAddress host and port of the leader's link
 * @param linkSecret with ca.crt, tls.crt and tls.key
 * @param audience that tokens are issued for
 * @param yarnNode what runs beside the shim where the cluster has YARN
 * @param owners of DaemonSets
 * @param agentOwners of Agent objects
 */
public record ShimTemplate(
        String namespace,
        String instance,
        String version,
        String image,
        String pullPolicy,
        String serviceAccount,
        String linkAddress,
        String linkSecret,
        String audience,
        Optional<YarnNodeTemplate> yarnNode,
        List<OwnerReference> owners,
        List<OwnerReference> agentOwners) {
    public ShimTemplate {
        owners = List.copyOf(owners);
        agentOwners = List.copyOf(agentOwners);
    }
}
