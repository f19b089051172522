package io.offerplane.operator.pool;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirementBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import io.offerplane.crd.v1alpha1.common.ApiGroup;
import io.offerplane.crd.v1alpha1.pool.AgentPool;
import io.offerplane.crd.v1alpha1.pool.AgentPoolSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The DaemonSet that puts the shim on a pool's nodes. It selects nodes as the pool does, and not by name: a node that comes or goes
 * must not restart every shim.
 */
final class ShimDaemonSet {
    static final String COMPONENT = "agent-shim";

    private static final String CONTAINER = "shim";
    private static final String LINK_FOLDER = "/var/run/secrets/offerplane-link";
    private static final String TOKEN_FOLDER = "/var/run/secrets/offerplane-token";
    private static final String WORK_DIR = "/var/lib/offerplane";
    private static final String CGROUP_ROOT = "/sys/fs/cgroup";
    private static final int HTTP_PORT = 5051;
    private static final long TOKEN_SECONDS = 3600;

    private ShimDaemonSet() {}

    static String nameFor(String pool) {
        return "offerplane-shim-" + pool;
    }

    static DaemonSet of(ShimTemplate template, AgentPool pool) {
        String name = pool.getMetadata().getName();
        AgentPoolSpec spec = pool.getSpec();
        Map<String, String> selector = new TreeMap<>(Map.of(
                "app.kubernetes.io/name",
                "offerplane",
                "app.kubernetes.io/instance",
                template.instance(),
                "app.kubernetes.io/component",
                COMPONENT,
                ApiGroup.LABEL_POOL,
                name));
        Map<String, String> labels = new TreeMap<>(selector);
        labels.put("app.kubernetes.io/version", template.version());
        labels.put("app.kubernetes.io/part-of", "offerplane");
        labels.put("app.kubernetes.io/managed-by", "offerplane-operator");
        AgentPoolSpec.@Nullable AgentTemplate agentTemplate = spec.agentTemplate();
        Map<String, Quantity> requests = agentTemplate == null ? Map.of() : agentTemplate.requests();
        Map<String, Quantity> limits = agentTemplate == null ? Map.of() : agentTemplate.limits();
        YarnNodeSidecar yarn = YarnNodeSidecar.of(template, spec);
        ShimSettings settings = yarn == null
                ? ShimSettings.of(spec, spec.localContainers(), Map.of())
                : ShimSettings.of(spec, yarn.localRules(), Map.of(YarnNodeSidecar.USER, YarnNodeSidecar.FOLDER));
        return new DaemonSetBuilder()
                .withNewMetadata()
                .withName(nameFor(name))
                .withNamespace(template.namespace())
                .withLabels(labels)
                .withOwnerReferences(template.owners())
                .endMetadata()
                .withNewSpec()
                .withNewSelector()
                .withMatchLabels(selector)
                .endSelector()
                .withNewUpdateStrategy()
                .withType("RollingUpdate")
                .withNewRollingUpdate()
                .withMaxUnavailable(maxUnavailable(spec))
                .endRollingUpdate()
                .endUpdateStrategy()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .withServiceAccountName(template.serviceAccount())
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withHostNetwork(true)
                .withHostPID(true)
                .withDnsPolicy("ClusterFirstWithHostNet")
                .withPriorityClassName(agentTemplate == null ? null : agentTemplate.priorityClassName())
                .withTerminationGracePeriodSeconds(10L)
                .withTolerations(spec.tolerations())
                .withAffinity(affinity(spec.nodeSelector()))
                .addNewContainer()
                .withName(CONTAINER)
                .withImage(template.image())
                .withImagePullPolicy(template.pullPolicy())
                .withEnv(environment(template, spec))
                .addAllToEnv(settings.environment())
                .addNewPort()
                .withName("http")
                .withContainerPort(HTTP_PORT)
                .withHostPort(HTTP_PORT)
                .withProtocol("TCP")
                .endPort()
                .withNewResources()
                .withRequests(requests.isEmpty() ? null : requests)
                .withLimits(limits.isEmpty() ? null : limits)
                .endResources()
                .withNewSecurityContext()
                // Bidirectional mounts and joining other pods' cgroups ask for it.
                .withPrivileged(true)
                .endSecurityContext()
                .withVolumeMounts(mounts())
                .addAllToVolumeMounts(settings.mounts())
                .endContainer()
                .addAllToContainers(yarn == null ? List.of() : List.of(yarn.container(settings.mounts())))
                .withVolumes(volumes(template))
                .addAllToVolumes(settings.volumes())
                .addAllToVolumes(yarn == null ? List.of() : yarn.volumes())
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    private static IntOrString maxUnavailable(AgentPoolSpec spec) {
        AgentPoolSpec.@Nullable UpdateStrategy strategy = spec.updateStrategy();
        String text = strategy == null || strategy.maxUnavailable() == null ? "10%" : strategy.maxUnavailable();
        return text.endsWith("%") ? new IntOrString(text) : new IntOrString(Integer.parseInt(text));
    }

    private static List<EnvVar> environment(ShimTemplate template, AgentPoolSpec spec) {
        boolean byAddress = spec.hostname() == AgentPoolSpec.HostnameSource.INTERNAL_ADDRESS;
        return List.of(
                variable("OFFERPLANE_LINK_ADDRESS", template.linkAddress()),
                variable("OFFERPLANE_LINK_CA", LINK_FOLDER + "/ca.crt"),
                variable("OFFERPLANE_LINK_CERT", LINK_FOLDER + "/tls.crt"),
                variable("OFFERPLANE_LINK_KEY", LINK_FOLDER + "/tls.key"),
                variable("OFFERPLANE_TOKEN_FILE", TOKEN_FOLDER + "/token"),
                field("OFFERPLANE_NODE_NAME", "spec.nodeName"),
                field("OFFERPLANE_NODE_IP", "status.hostIP"),
                field("OFFERPLANE_HOSTNAME", byAddress ? "status.hostIP" : "spec.nodeName"),
                variable("OFFERPLANE_WORK_DIR", WORK_DIR),
                variable("OFFERPLANE_CGROUP_ROOT", CGROUP_ROOT),
                variable("OFFERPLANE_HTTP_PORT", Integer.toString(HTTP_PORT)));
    }

    static EnvVar variable(String name, String value) {
        return new EnvVarBuilder().withName(name).withValue(value).build();
    }

    /** Of the pod itself. */
    static EnvVar field(String name, String path) {
        return new EnvVarBuilder()
                .withName(name)
                .withNewValueFrom()
                .withNewFieldRef()
                .withFieldPath(path)
                .endFieldRef()
                .endValueFrom()
                .build();
    }

    private static List<VolumeMount> mounts() {
        return List.of(
                new VolumeMountBuilder()
                        .withName("work")
                        .withMountPath(WORK_DIR)
                        .withMountPropagation("Bidirectional")
                        .build(),
                new VolumeMountBuilder()
                        .withName("cgroup")
                        .withMountPath(CGROUP_ROOT)
                        .build(),
                new VolumeMountBuilder()
                        .withName("link")
                        .withMountPath(LINK_FOLDER)
                        .withReadOnly(true)
                        .build(),
                new VolumeMountBuilder()
                        .withName("token")
                        .withMountPath(TOKEN_FOLDER)
                        .withReadOnly(true)
                        .build());
    }

    private static List<Volume> volumes(ShimTemplate template) {
        return List.of(
                new VolumeBuilder()
                        .withName("work")
                        .withNewHostPath()
                        .withPath(WORK_DIR)
                        .withType("DirectoryOrCreate")
                        .endHostPath()
                        .build(),
                new VolumeBuilder()
                        .withName("cgroup")
                        .withNewHostPath()
                        .withPath(CGROUP_ROOT)
                        .withType("Directory")
                        .endHostPath()
                        .build(),
                new VolumeBuilder()
                        .withName("link")
                        .withNewSecret()
                        .withSecretName(template.linkSecret())
                        .withDefaultMode(0400)
                        .endSecret()
                        .build(),
                new VolumeBuilder()
                        .withName("token")
                        .withNewProjected()
                        .withDefaultMode(0400)
                        .addNewSource()
                        .withNewServiceAccountToken()
                        .withPath("token")
                        .withAudience(template.audience())
                        .withExpirationSeconds(TOKEN_SECONDS)
                        .endServiceAccountToken()
                        .endSource()
                        .endProjected()
                        .build());
    }

    /** The pool's selector in the words of node affinity. */
    private static @Nullable Affinity affinity(@Nullable LabelSelector selector) {
        List<NodeSelectorRequirement> rules = new ArrayList<>();
        if (selector != null) {
            new TreeMap<>(Objects.requireNonNullElse(selector.getMatchLabels(), Map.<String, String>of()))
                    .forEach((key, value) -> rules.add(new NodeSelectorRequirementBuilder()
                            .withKey(key)
                            .withOperator("In")
                            .withValues(value)
                            .build()));
            for (LabelSelectorRequirement rule :
                    Objects.requireNonNullElse(selector.getMatchExpressions(), List.<LabelSelectorRequirement>of())) {
                rules.add(new NodeSelectorRequirementBuilder()
                        .withKey(rule.getKey())
                        .withOperator(rule.getOperator())
                        .withValues(rule.getValues())
                        .build());
            }
        }
        if (rules.isEmpty()) {
            return null;
        }
        return new AffinityBuilder()
                .withNewNodeAffinity()
                .withNewRequiredDuringSchedulingIgnoredDuringExecution()
                .addNewNodeSelectorTerm()
                .withMatchExpressions(rules)
                .endNodeSelectorTerm()
                .endRequiredDuringSchedulingIgnoredDuringExecution()
                .endNodeAffinity()
                .build();
    }
}
