package io.offerplane.operator.pool;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.offerplane.crd.v1alpha1.pool.AgentPoolSpec;
import io.offerplane.crd.v1alpha1.pool.LocalRules;
import io.offerplane.crd.v1alpha1.pool.YarnRules;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * YARN's node side in the shim's pod: a container of its own user without any privilege, which has the shim start what it runs. Its credentials are good for
 * YARN's head only: the token is issued for another audience than the shim's.
 */
final class YarnNodeSidecar {
    /** The node's user for it and for YARN's containers; no distribution gives this number to anybody. */
    static final long USER = 61_080;

    /** Of the node, for all that is YARN's; the same path everywhere, as the shim mounts from it. */
    static final String FOLDER = "/var/lib/offerplane-yarn";

    /** That its tokens are issued for. */
    static final String AUDIENCE = "offerplane-yarn-node";

    private static final String NAME = "yarn-node";
    private static final String LINK_FOLDER = "/var/run/secrets/offerplane-link";
    private static final String TOKEN_FOLDER = "/var/run/secrets/offerplane-token";
    private static final String CONFIGURATION_FOLDER = "/etc/hadoop";
    private static final int PORT = 8041;
    private static final int HEALTH_PORT = 8042;
    private static final long TOKEN_SECONDS = 3600;
    private static final BigDecimal BYTES_PER_MEBIBYTE = BigDecimal.valueOf(1 << 20);

    private final YarnNodeTemplate template;
    private final AgentPoolSpec pool;
    private final String linkSecret;

    private YarnNodeSidecar(YarnNodeTemplate template, AgentPoolSpec pool, String linkSecret) {
        this.template = template;
        this.pool = pool;
        this.linkSecret = linkSecret;
    }

    /** The sidecar, or null where there is no YARN or the pool wants none. */
    static @Nullable YarnNodeSidecar of(ShimTemplate template, AgentPoolSpec pool) {
        YarnRules rules = pool.yarn();
        return template.yarnNode()
                .filter(any -> rules == null || !Boolean.FALSE.equals(rules.enabled()))
                .map(common -> new YarnNodeSidecar(common, pool, template.linkSecret()))
                .orElse(null);
    }

    /** The pool's rules for local containers, with what this one needs: itself heard, its folder mounted; nobody else unless the pool has it so. */
    LocalRules localRules() {
        LocalRules rules = pool.localContainers();
        SequencedSet<String> users = new LinkedHashSet<>();
        SequencedSet<String> folders = new LinkedHashSet<>();
        if (rules != null && Boolean.TRUE.equals(rules.enabled())) {
            users.addAll(rules.users());
            folders.addAll(rules.folders());
        }
        users.add(Long.toString(USER));
        folders.add(FOLDER);
        folders.addAll(open());
        return new LocalRules(true, List.copyOf(users), List.copyOf(folders));
    }

    /** Folders that are open to applications. */
    private List<String> open() {
        YarnRules rules = pool.yarn();
        return rules == null ? List.of() : rules.folders();
    }

    /** As the shim has them, which made the volumes. */
    private List<VolumeMount> mounts(List<VolumeMount> shims) {
        List<VolumeMount> all = new ArrayList<>(List.of(
                mount("yarn", FOLDER, false),
                mount("yarn-tmp", "/tmp", false),
                mount("yarn-conf", CONFIGURATION_FOLDER, true),
                mount("yarn-link", LINK_FOLDER, true),
                mount("yarn-token", TOKEN_FOLDER, true),
                mount(ShimSettings.LOCAL_VOLUME, ShimSettings.LOCAL_FOLDER, true)));
        shims.stream().filter(mount -> open().contains(mount.getMountPath())).forEach(all::add);
        return all;
    }

    /** @param shims the mounts of the shim beside it */
    Container container(List<VolumeMount> shims) {
        YarnRules rules = pool.yarn();
        Map<String, Quantity> requests = rules == null ? Map.of() : rules.requests();
        Map<String, Quantity> limits = rules == null ? Map.of() : rules.limits();
        return new ContainerBuilder()
                .withName(NAME)
                .withImage(template.image())
                .withImagePullPolicy(template.pullPolicy())
                .withSecurityContext(restricted())
                .withEnv(environment())
                .addNewPort()
                .withName("yarn")
                .withContainerPort(PORT)
                .withHostPort(PORT)
                .withProtocol("TCP")
                .endPort()
                .addNewPort()
                .withName("yarn-health")
                .withContainerPort(HEALTH_PORT)
                .withHostPort(HEALTH_PORT)
                .withProtocol("TCP")
                .endPort()
                .withNewResources()
                .withRequests(requests.isEmpty() ? null : requests)
                .withLimits(limits.isEmpty() ? null : limits)
                .endResources()
                .withNewLivenessProbe()
                .withNewHttpGet()
                .withPath("/healthz/live")
                .withNewPort("yarn-health")
                .endHttpGet()
                .withInitialDelaySeconds(30)
                .withPeriodSeconds(20)
                .withTimeoutSeconds(5)
                .withFailureThreshold(6)
                .endLivenessProbe()
                .withVolumeMounts(mounts(shims))
                .build();
    }

    private List<EnvVar> environment() {
        boolean byAddress = pool.hostname() == AgentPoolSpec.HostnameSource.INTERNAL_ADDRESS;
        List<EnvVar> all = new ArrayList<>(List.of(
                ShimDaemonSet.variable("OFFERPLANE_HEAD_ADDRESS", template.headAddress()),
                ShimDaemonSet.variable("OFFERPLANE_LINK_CA", LINK_FOLDER + "/ca.crt"),
                ShimDaemonSet.variable("OFFERPLANE_LINK_CERT", LINK_FOLDER + "/tls.crt"),
                ShimDaemonSet.variable("OFFERPLANE_LINK_KEY", LINK_FOLDER + "/tls.key"),
                ShimDaemonSet.variable("OFFERPLANE_TOKEN_FILE", TOKEN_FOLDER + "/token"),
                ShimDaemonSet.field("OFFERPLANE_NODE_IP", "status.hostIP"),
                ShimDaemonSet.field("OFFERPLANE_HOSTNAME", byAddress ? "status.hostIP" : "spec.nodeName"),
                ShimDaemonSet.variable("OFFERPLANE_LOCAL_SOCKET", ShimSettings.LOCAL_SOCKET),
                ShimDaemonSet.variable("OFFERPLANE_YARN_PORT", Integer.toString(PORT)),
                ShimDaemonSet.variable("OFFERPLANE_YARN_HEALTH_PORT", Integer.toString(HEALTH_PORT)),
                ShimDaemonSet.variable(
                        "OFFERPLANE_YARN_MILLICORES_PER_VCORE", Integer.toString(template.millicoresPerVcore())),
                ShimDaemonSet.variable("OFFERPLANE_YARN_CONF_DIR", CONFIGURATION_FOLDER),
                ShimDaemonSet.variable("OFFERPLANE_YARN_DIR", FOLDER)));
        if (!open().isEmpty()) {
            all.add(ShimDaemonSet.variable("OFFERPLANE_YARN_FOLDERS", String.join(":", open())));
        }
        Map<String, Quantity> most =
                pool.claim() == null ? Map.of() : pool.claim().max();
        Quantity memory = most.get("memory");
        if (memory != null) {
            all.add(ShimDaemonSet.variable(
                    "OFFERPLANE_YARN_MEMORY_MIB",
                    Quantity.getAmountInBytes(memory)
                            .divide(BYTES_PER_MEBIBYTE, 0, RoundingMode.DOWN)
                            .max(BigDecimal.ONE)
                            .toPlainString()));
        }
        Quantity cpu = most.get("cpu");
        if (cpu != null) {
            all.add(ShimDaemonSet.variable(
                    "OFFERPLANE_YARN_VCORES",
                    cpu.getNumericalAmount()
                            .movePointRight(3)
                            .divide(BigDecimal.valueOf(template.millicoresPerVcore()), 0, RoundingMode.DOWN)
                            .max(BigDecimal.ONE)
                            .toPlainString()));
        }
        return all;
    }

    /** Its own copies, readable by its user; the shim's are root's alone. */
    List<Volume> volumes() {
        return List.of(
                new VolumeBuilder()
                        .withName("yarn")
                        .withNewHostPath()
                        .withPath(FOLDER)
                        .withType("DirectoryOrCreate")
                        .endHostPath()
                        .build(),
                new VolumeBuilder()
                        .withName("yarn-tmp")
                        .withNewEmptyDir()
                        .endEmptyDir()
                        .build(),
                new VolumeBuilder()
                        .withName("yarn-conf")
                        .withNewConfigMap()
                        .withName(template.configMap())
                        .withDefaultMode(0444)
                        .endConfigMap()
                        .build(),
                new VolumeBuilder()
                        .withName("yarn-link")
                        .withNewSecret()
                        .withSecretName(linkSecret)
                        .withDefaultMode(0444)
                        .endSecret()
                        .build(),
                new VolumeBuilder()
                        .withName("yarn-token")
                        .withNewProjected()
                        .withDefaultMode(0444)
                        .addNewSource()
                        .withNewServiceAccountToken()
                        .withPath("token")
                        .withAudience(AUDIENCE)
                        .withExpirationSeconds(TOKEN_SECONDS)
                        .endServiceAccountToken()
                        .endSource()
                        .endProjected()
                        .build());
    }

    private static VolumeMount mount(String volume, String path, boolean readOnly) {
        return new VolumeMountBuilder()
                .withName(volume)
                .withMountPath(path)
                .withReadOnly(readOnly ? true : null)
                .build();
    }

    /** As Pod Security's level "restricted" has it. */
    private static SecurityContext restricted() {
        return new SecurityContextBuilder()
                .withRunAsNonRoot(true)
                .withRunAsUser(USER)
                .withRunAsGroup(USER)
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .build();
    }
}
