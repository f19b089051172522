package io.offerplane.operator.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.offerplane.crd.v1alpha1.pool.AgentPoolSpec;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ShimSettingsTest {

    private static ShimSettings of(String yaml) {
        AgentPoolSpec pool = Serialization.unmarshal(yaml, AgentPoolSpec.class);
        return ShimSettings.of(pool, pool.localContainers(), Map.of());
    }

    private static Map<String, String> environment(ShimSettings settings) {
        return new TreeMap<>(
                settings.environment().stream().collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue)));
    }

    @Test
    void aPoolWithoutRulesLeavesTheShimAsItIs() {
        assertThat(of("{}")).isEqualTo(of("containers: {}\nfetch: {}\nimages: {}"));
        assertThat(of("{}").environment()).isEmpty();
        assertThat(of("{}").volumes()).isEmpty();
    }

    @Test
    void rulesAreTheShimsVariables() {
        assertThat(environment(of("""
                        containers:
                          capabilities: [NET_ADMIN, CAP_SYS_NICE]
                          seccompUnconfined: true
                          shareIpc: false
                          cpuCeiling: true
                          pidsLimit: 0
                          diskQuota: Enforce
                          diskWatchSeconds: 5
                          sandboxKeepSeconds: 3600
                        fetch:
                          cacheSize: 512Mi
                          maxSize: "1e9"
                          parallel: 8
                          stallSeconds: 10
                          s3: {endpoint: "https://minio.storage:9000", region: eu-west-1}
                          hdfs:
                            user: spark
                            nameNodes:
                              - {name: prod, addresses: ["http://one:9870", "http://two:9870"]}
                              - {name: "test:8020", addresses: ["https://test:9871"]}
                        images: {registry: "registry:5000", insecureRegistries: ["registry:5000", other]}
                        """)))
                .isEqualTo(new TreeMap<>(Map.ofEntries(
                        Map.entry("OFFERPLANE_CAPABILITIES", "NET_ADMIN,CAP_SYS_NICE"),
                        Map.entry("OFFERPLANE_SECCOMP_UNCONFINED", "true"),
                        Map.entry("OFFERPLANE_CGROUPS_ENABLE_CFS", "true"),
                        Map.entry("OFFERPLANE_PIDS_LIMIT", "0"),
                        Map.entry("OFFERPLANE_ENFORCE_CONTAINER_DISK_QUOTA", "true"),
                        Map.entry("OFFERPLANE_CONTAINER_DISK_WATCH_INTERVAL_SECONDS", "5"),
                        Map.entry("OFFERPLANE_SANDBOX_KEEP_SECONDS", "3600"),
                        Map.entry("OFFERPLANE_FETCH_CACHE_BYTES", "536870912"),
                        Map.entry("OFFERPLANE_FETCH_MAX_BYTES", "1000000000"),
                        Map.entry("OFFERPLANE_FETCH_PARALLEL", "8"),
                        Map.entry("OFFERPLANE_FETCH_STALL_SECONDS", "10"),
                        Map.entry("OFFERPLANE_FETCH_S3_ENDPOINT", "https://minio.storage:9000"),
                        Map.entry("OFFERPLANE_FETCH_S3_REGION", "eu-west-1"),
                        Map.entry("OFFERPLANE_IMAGES_REGISTRY", "registry:5000"),
                        Map.entry("OFFERPLANE_IMAGES_INSECURE_REGISTRIES", "registry:5000,other"),
                        Map.entry("OFFERPLANE_FETCH_HDFS_USER", "spark"),
                        Map.entry(
                                "OFFERPLANE_FETCH_HDFS_NAMENODES",
                                "prod=http://one:9870,http://two:9870;test:8020=https://test:9871"))));
    }

    @Test
    void foldersAreMountedOnceAtTheirOwnPathsAndShowWhatIsMountedThereLater() {
        ShimSettings settings = of("""
                containers: {volumeFolders: [/srv/data, /mnt]}
                fetch: {folders: [/mnt, /srv/data]}
                """);
        assertThat(environment(settings))
                .containsEntry("OFFERPLANE_VOLUME_FOLDERS", "/srv/data:/mnt")
                .containsEntry("OFFERPLANE_FETCH_FOLDERS", "/mnt:/srv/data");
        assertThat(settings.mounts()).extracting(VolumeMount::getMountPath).containsExactly("/mnt", "/srv/data");
        assertThat(settings.mounts())
                .extracting(VolumeMount::getMountPropagation)
                .containsOnly("HostToContainer");
        assertThat(settings.volumes())
                .extracting(volume -> volume.getHostPath().getPath())
                .containsExactly("/mnt", "/srv/data");
    }

    @Test
    void secretsAndProfilesComeByReferenceAndTheirAbsenceKeepsNoNodeAway() {
        ShimSettings settings = of("""
                containers: {seccompProfiles: profiles}
                fetch:
                  s3: {credentials: {name: store, key: credentials}}
                  hdfs: {token: {name: hadoop, key: delegation}}
                images: {pullSecret: registries}
                """);
        Map<String, String> files =
                settings.mounts().stream().collect(Collectors.toMap(VolumeMount::getName, VolumeMount::getMountPath));
        assertThat(environment(settings))
                .containsEntry("OFFERPLANE_SECCOMP_PROFILES", files.get("seccomp-profiles"))
                .containsEntry("OFFERPLANE_FETCH_S3_CREDENTIALS_FILE", files.get("s3-credentials") + "/value")
                .containsEntry("OFFERPLANE_FETCH_HDFS_TOKEN_FILE", files.get("hdfs-token") + "/value")
                .containsEntry("OFFERPLANE_IMAGES_CREDENTIALS_FILE", files.get("image-credentials") + "/value");
        assertThat(settings.mounts()).allMatch(VolumeMount::getReadOnly);
        Map<String, Volume> volumes =
                settings.volumes().stream().collect(Collectors.toMap(Volume::getName, volume -> volume));
        assertThat(volumes.get("seccomp-profiles").getConfigMap().getOptional()).isTrue();
        assertThat(volumes.get("s3-credentials").getSecret().getOptional()).isTrue();
        assertThat(volumes.get("image-credentials")
                        .getSecret()
                        .getItems()
                        .getFirst()
                        .getKey())
                .isEqualTo(".dockerconfigjson");
        assertThat(volumes.get("hdfs-token").getSecret().getItems().getFirst().getKey())
                .isEqualTo("delegation");
    }

    @Test
    void programsOfTheNodeAreHeardOnlyWhereThePoolSaysSo() {
        assertThat(of("localContainers: {users: [\"65532\"], folders: [/srv/yarn]}"))
                .isEqualTo(of("{}"));
        ShimSettings settings = of("""
                containers: {volumeFolders: [/srv/data]}
                localContainers: {enabled: true, users: [root, "65532"], folders: [/srv/yarn, /srv/data]}
                """);
        assertThat(environment(settings))
                .containsEntry("OFFERPLANE_LOCAL_SOCKET", "/run/offerplane/containers.sock")
                .containsEntry("OFFERPLANE_LOCAL_USERS", "root,65532")
                .containsEntry("OFFERPLANE_LOCAL_FOLDERS", "/srv/yarn:/srv/data")
                .containsEntry("OFFERPLANE_VOLUME_FOLDERS", "/srv/data");
        assertThat(settings.mounts())
                .extracting(VolumeMount::getMountPath)
                .containsExactlyInAnyOrder("/run/offerplane", "/srv/data", "/srv/yarn");
    }
}
