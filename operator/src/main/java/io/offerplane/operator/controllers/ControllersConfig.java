package io.offerplane.operator.controllers;

import io.fabric8.kubernetes.api.model.OwnerReference;
import io.offerplane.operator.pool.YarnNodeTemplate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the controllers need to know of the installation.
 *
 * @param namespace the operator's own, where shims and claims run
 * @param instance the Helm release, a label on what is created
 * @param version of the operator, which its shims should have too
 * @param reporter this process's name in events, such as its pod's
 * @param bootstrap whether AgentPool {@code default} and Queue {@code root} are made when no such object was ever there
 * @param statusWritesPerSecond of all objects together
 * @param connectionNumbers gives every subscription its number, one source for the whole process
 * @param reconciliations sees each reconciliation
 */
public record ControllersConfig(
        String namespace,
        String instance,
        String version,
        String reporter,
        boolean bootstrap,
        int statusWritesPerSecond,
        Shim shim,
        Frameworks frameworks,
        Owners owners,
        AtomicLong connectionNumbers,
        ReconcileObserver reconciliations) {

    /**
     * What the objects that the controllers make belong to, so that they go when the release goes.
     *
     * @param namespaced owners of what is made in the operator's namespace
     * @param clusterWide owners of Agent objects. Not the pool: deleting that must not end tasks that still run
     */
    public record Owners(List<OwnerReference> namespaced, List<OwnerReference> clusterWide) {
        public Owners {
            namespaced = List.copyOf(namespaced);
            clusterWide = List.copyOf(clusterWide);
        }
    }

    /**
     * What all shims have in common.
     *
     * @param pullPolicy Always, IfNotPresent or Never
     * @param linkAddress host and port of the leader's link
     * @param linkSecret with ca.crt, tls.crt and tls.key
     * @param audience that shims' tokens are issued for
     * @param yarnNode what runs beside them where the cluster has YARN
     */
    public record Shim(
            String image,
            String pullPolicy,
            String serviceAccount,
            String linkAddress,
            String linkSecret,
            String audience,
            Optional<YarnNodeTemplate> yarnNode) {}

    /**
     * Clients without a Framework object.
     *
     * @param namespace where objects are made for them
     * @param principalNamespaces other namespaces for some principals
     * @param createUndeclared whether objects are made for them at all; if not, such clients are refused
     */
    public record Frameworks(String namespace, Map<String, String> principalNamespaces, boolean createUndeclared) {
        public Frameworks {
            principalNamespaces = Map.copyOf(principalNamespaces);
        }
    }
}
