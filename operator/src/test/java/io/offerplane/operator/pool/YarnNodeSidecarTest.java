package io.offerplane.operator.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.offerplane.crd.v1alpha1.pool.AgentPool;
import io.offerplane.crd.v1alpha1.pool.AgentPoolSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class YarnNodeSidecarTest {
    private static final YarnNodeTemplate YARN = new YarnNodeTemplate(
            "example/yarn-node:1",
            "IfNotPresent",
            "offerplane-yarn-head.offerplane.svc:5052",
            250,
            "offerplane-yarn-node");

    private static PodSpec pod(Optional<YarnNodeTemplate> yarn, String pool) {
        AgentPool made = new AgentPool();
        made.setMetadata(new ObjectMetaBuilder().withName("a").build());
        made.setSpec(Serialization.unmarshal(pool, AgentPoolSpec.class));
        ShimTemplate template = new ShimTemplate(
                "offerplane",
                "test",
                "1",
                "example/shim:1",
                "IfNotPresent",
                "offerplane-shim",
                "link:7070",
                "offerplane-link-shim",
                "offerplane-link",
                yarn,
                List.of(),
                List.of());
        return ShimDaemonSet.of(template, made).getSpec().getTemplate().getSpec();
    }

    private static PodSpec pod(String pool) {
        return pod(Optional.of(YARN), pool);
    }

    private static Container container(PodSpec pod, String name) {
        return pod.getContainers().stream()
                .filter(container -> container.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, String> environment(PodSpec pod, String container) {
        Map<String, String> variables = new TreeMap<>();
        for (EnvVar variable : container(pod, container).getEnv()) {
            variables.put(
                    variable.getName(),
                    variable.getValue() != null
                            ? variable.getValue()
                            : variable.getValueFrom().getFieldRef().getFieldPath());
        }
        return variables;
    }

    @Test
    void withoutYarnOrByThePoolsWishTheShimIsAlone() {
        for (PodSpec pod : List.of(pod(Optional.empty(), "{}"), pod("yarn: {enabled: false}"))) {
            assertThat(pod.getContainers()).extracting(Container::getName).containsExactly("shim");
            assertThat(environment(pod, "shim")).doesNotContainKey("OFFERPLANE_LOCAL_SOCKET");
            assertThat(pod.getVolumes()).extracting(Volume::getName).noneMatch(name -> name.startsWith("yarn"));
        }
    }

    @Test
    void theShimHearsItAndMountsItsFolderAndNobodyElses() {
        Map<String, String> shim = environment(pod("{}"), "shim");
        assertThat(shim)
                .containsEntry("OFFERPLANE_LOCAL_SOCKET", "/run/offerplane/containers.sock")
                .containsEntry("OFFERPLANE_LOCAL_USERS", "61080")
                .containsEntry("OFFERPLANE_LOCAL_FOLDERS", "/var/lib/offerplane-yarn")
                .containsEntry("OFFERPLANE_LOCAL_HOMES", "61080=/var/lib/offerplane-yarn");
        assertThat(container(pod("{}"), "shim").getVolumeMounts())
                .extracting(VolumeMount::getMountPath)
                .contains("/var/lib/offerplane-yarn", "/run/offerplane");
    }

    @Test
    void othersThatThePoolLetsInStayIn() {
        PodSpec pod = pod("localContainers: {enabled: true, users: [root], folders: [/srv/data]}");
        assertThat(environment(pod, "shim"))
                .containsEntry("OFFERPLANE_LOCAL_USERS", "root,61080")
                .containsEntry("OFFERPLANE_LOCAL_FOLDERS", "/srv/data:/var/lib/offerplane-yarn");
    }

    @Test
    void itHasNoPrivilegeAndCredentialsForTheHeadOnly() {
        PodSpec pod = pod("{}");
        Container sidecar = container(pod, "yarn-node");
        SecurityContext security = sidecar.getSecurityContext();
        assertThat(security.getRunAsUser()).isEqualTo(61_080);
        assertThat(security.getRunAsNonRoot()).isTrue();
        assertThat(security.getPrivileged()).isNull();
        assertThat(security.getAllowPrivilegeEscalation()).isFalse();
        assertThat(security.getReadOnlyRootFilesystem()).isTrue();
        assertThat(security.getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(security.getCapabilities().getAdd()).isEmpty();
        assertThat(sidecar.getVolumeMounts())
                .filteredOn(mount -> !Boolean.TRUE.equals(mount.getReadOnly()))
                .extracting(VolumeMount::getMountPath)
                .containsExactlyInAnyOrder("/var/lib/offerplane-yarn", "/tmp");
        Volume token = pod.getVolumes().stream()
                .filter(volume -> volume.getName().equals("yarn-token"))
                .findFirst()
                .orElseThrow();
        assertThat(token.getProjected()
                        .getSources()
                        .getFirst()
                        .getServiceAccountToken()
                        .getAudience())
                .isEqualTo("offerplane-yarn-node");
        assertThat(pod.getVolumes()).extracting(Volume::getName).doesNotHaveDuplicates();
    }

    @Test
    void itIsToldWhereTheHeadIsAndWhichNodeItIs() {
        assertThat(environment(pod("hostname: InternalAddress"), "yarn-node"))
                .containsEntry("OFFERPLANE_HEAD_ADDRESS", "offerplane-yarn-head.offerplane.svc:5052")
                .containsEntry("OFFERPLANE_NODE_IP", "status.hostIP")
                .containsEntry("OFFERPLANE_HOSTNAME", "status.hostIP")
                .doesNotContainKeys("OFFERPLANE_YARN_MEMORY_MIB", "OFFERPLANE_YARN_VCORES");
        assertThat(environment(pod("{}"), "yarn-node")).containsEntry("OFFERPLANE_HOSTNAME", "spec.nodeName");
    }

    @Test
    void foldersThatAreOpenToApplicationsAreMountedInBoth() {
        PodSpec pod = pod("yarn: {folders: [/srv/shared]}");
        assertThat(environment(pod, "yarn-node")).containsEntry("OFFERPLANE_YARN_FOLDERS", "/srv/shared");
        assertThat(environment(pod, "shim"))
                .containsEntry("OFFERPLANE_LOCAL_FOLDERS", "/var/lib/offerplane-yarn:/srv/shared");
        for (String container : List.of("yarn-node", "shim")) {
            assertThat(container(pod, container).getVolumeMounts())
                    .filteredOn(mount -> mount.getMountPath().equals("/srv/shared"))
                    .singleElement()
                    .satisfies(mount -> assertThat(mount.getReadOnly()).isNull());
        }
    }

    @Test
    void itsTotalsAreTheMostThatThePoolClaimsInVcoresOfTheClustersSize() {
        assertThat(environment(pod("claim: {max: {cpu: 3500m, memory: 6Gi}}"), "yarn-node"))
                .containsEntry("OFFERPLANE_YARN_VCORES", "14")
                .containsEntry("OFFERPLANE_YARN_MEMORY_MIB", "6144");
    }

    @Test
    void itsOwnResourcesAreThePools() {
        Container sidecar = container(pod("yarn: {requests: {memory: 300Mi}, limits: {memory: 400Mi}}"), "yarn-node");
        assertThat(sidecar.getResources().getRequests()).containsEntry("memory", new Quantity("300Mi"));
        assertThat(sidecar.getResources().getLimits()).containsEntry("memory", new Quantity("400Mi"));
    }
}
