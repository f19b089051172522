package io.offerplane.operator.pool;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.KeyToPathBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.offerplane.crd.v1alpha1.pool.AgentPoolSpec;
import io.offerplane.crd.v1alpha1.pool.ContainerRules;
import io.offerplane.crd.v1alpha1.pool.FetchRules;
import io.offerplane.crd.v1alpha1.pool.ImageRules;
import io.offerplane.crd.v1alpha1.pool.LocalRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a pool's rules are to its shims: variables, and the folders and secrets that these name. */
record ShimSettings(List<EnvVar> environment, List<VolumeMount> mounts, List<Volume> volumes) {
    private static final String PROFILES_FOLDER = "/etc/offerplane/seccomp";
    private static final String S3_FOLDER = "/var/run/secrets/offerplane-s3";
    private static final String HDFS_FOLDER = "/var/run/secrets/offerplane-hdfs";
    private static final String IMAGES_FOLDER = "/var/run/secrets/offerplane-images";

    /** Where the socket for local containers stands, and the volume of it. */
    static final String LOCAL_FOLDER = "/run/offerplane";

    static final String LOCAL_VOLUME = "local-containers";
    static final String LOCAL_SOCKET = LOCAL_FOLDER + "/containers.sock";

    /** Of Secrets of type kubernetes.io/dockerconfigjson. */
    private static final String DOCKER_CONFIG_KEY = ".dockerconfigjson";

    private static final String KEY_FILE = "value";

    ShimSettings {
        environment = List.copyOf(environment);
        mounts = List.copyOf(mounts);
        volumes = List.copyOf(volumes);
    }

    /**
     * The settings.
     *
     * @param local the pool's rules for local containers, as they are to be
     * @param homes folders of the node that the shim gives to users, by their numbers
     */
    static ShimSettings of(AgentPoolSpec pool, @Nullable LocalRules local, Map<Long, String> homes) {
        Draft draft = new Draft();
        ContainerRules containers = pool.containers();
        if (containers != null) {
            containers(containers, draft);
        }
        FetchRules fetch = pool.fetch();
        if (fetch != null) {
            fetch(fetch, draft);
        }
        ImageRules images = pool.images();
        if (images != null) {
            images(images, draft);
        }
        if (local != null && Boolean.TRUE.equals(local.enabled())) {
            local(local, draft);
            draft.variable(
                    "LOCAL_HOMES",
                    homes.entrySet().stream()
                            .map(home -> home.getKey() + "=" + home.getValue())
                            .sorted()
                            .collect(Collectors.joining(",")));
        }
        draft.addFolders();
        return new ShimSettings(draft.environment, draft.mounts, draft.volumes);
    }

    private static void containers(ContainerRules rules, Draft draft) {
        draft.folders.addAll(rules.volumeFolders());
        draft.variable("VOLUME_FOLDERS", String.join(":", rules.volumeFolders()));
        draft.variable("CAPABILITIES", String.join(",", rules.capabilities()));
        String profiles = rules.seccompProfiles();
        if (profiles != null) {
            draft.variable("SECCOMP_PROFILES", PROFILES_FOLDER);
            draft.mount("seccomp-profiles", PROFILES_FOLDER);
            draft.volumes.add(new VolumeBuilder()
                    .withName("seccomp-profiles")
                    .withNewConfigMap()
                    .withName(profiles)
                    .withDefaultMode(0444)
                    .withOptional(true)
                    .endConfigMap()
                    .build());
        }
        draft.flag("SECCOMP_UNCONFINED", rules.seccompUnconfined());
        draft.flag("SHARE_IPC", rules.shareIpc());
        draft.flag("CGROUPS_ENABLE_CFS", rules.cpuCeiling());
        draft.number("PIDS_LIMIT", rules.pidsLimit());
        draft.flag("ENFORCE_CONTAINER_DISK_QUOTA", rules.diskQuota() == ContainerRules.DiskQuota.ENFORCE);
        draft.number("CONTAINER_DISK_WATCH_INTERVAL_SECONDS", rules.diskWatchSeconds());
        draft.number("SANDBOX_KEEP_SECONDS", rules.sandboxKeepSeconds());
    }

    private static void fetch(FetchRules rules, Draft draft) {
        draft.folders.addAll(rules.folders());
        draft.variable("FETCH_FOLDERS", String.join(":", rules.folders()));
        draft.number("FETCH_CACHE_BYTES", bytes(rules.cacheSize()));
        draft.number("FETCH_MAX_BYTES", bytes(rules.maxSize()));
        draft.number("FETCH_PARALLEL", rules.parallel());
        draft.number("FETCH_STALL_SECONDS", rules.stallSeconds());
        FetchRules.S3 s3 = rules.s3();
        if (s3 != null) {
            draft.variable("FETCH_S3_ENDPOINT", s3.endpoint());
            draft.variable("FETCH_S3_REGION", s3.region());
            draft.secret("FETCH_S3_CREDENTIALS_FILE", "s3-credentials", S3_FOLDER, s3.credentials());
        }
        FetchRules.Hdfs hdfs = rules.hdfs();
        if (hdfs != null) {
            draft.variable(
                    "FETCH_HDFS_NAMENODES",
                    hdfs.nameNodes().stream()
                            .map(n -> n.name() + "=" + String.join(",", n.addresses()))
                            .collect(Collectors.joining(";")));
            draft.variable("FETCH_HDFS_USER", hdfs.user());
            draft.secret("FETCH_HDFS_TOKEN_FILE", "hdfs-token", HDFS_FOLDER, hdfs.token());
        }
    }

    private static void images(ImageRules rules, Draft draft) {
        draft.variable("IMAGES_REGISTRY", rules.registry());
        draft.variable("IMAGES_INSECURE_REGISTRIES", String.join(",", rules.insecureRegistries()));
        String pullSecret = rules.pullSecret();
        if (pullSecret != null) {
            draft.secret(
                    "IMAGES_CREDENTIALS_FILE",
                    "image-credentials",
                    IMAGES_FOLDER,
                    new FetchRules.SecretKey(pullSecret, DOCKER_CONFIG_KEY));
        }
    }

    /** The folder, not the socket: that is made anew by each shim, and a mount would keep the old one. */
    private static void local(LocalRules rules, Draft draft) {
        draft.folders.addAll(rules.folders());
        draft.variable("LOCAL_SOCKET", LOCAL_SOCKET);
        draft.variable("LOCAL_USERS", String.join(",", rules.users()));
        draft.variable("LOCAL_FOLDERS", String.join(":", rules.folders()));
        draft.mounts.add(new VolumeMountBuilder()
                .withName(LOCAL_VOLUME)
                .withMountPath(LOCAL_FOLDER)
                .build());
        draft.volumes.add(new VolumeBuilder()
                .withName(LOCAL_VOLUME)
                .withNewHostPath()
                .withPath(LOCAL_FOLDER)
                .withType("DirectoryOrCreate")
                .endHostPath()
                .build());
    }

    private static @Nullable Long bytes(@Nullable Quantity quantity) {
        return quantity == null ? null : Quantity.getAmountInBytes(quantity).longValue();
    }

    /** What has been gathered so far. */
    private static final class Draft {
        private final List<EnvVar> environment = new ArrayList<>();
        private final List<VolumeMount> mounts = new ArrayList<>();
        private final List<Volume> volumes = new ArrayList<>();
        /** Sorted, as a pod's template mustn't change with the order of a list; each once, as a mount's path must be. */
        private final TreeSet<String> folders = new TreeSet<>();

        private void variable(String name, @Nullable String value) {
            if (value != null && !value.isEmpty()) {
                environment.add(new EnvVarBuilder()
                        .withName("OFFERPLANE_" + name)
                        .withValue(value)
                        .build());
            }
        }

        private void flag(String name, @Nullable Boolean value) {
            if (Boolean.TRUE.equals(value)) {
                variable(name, "true");
            }
        }

        private void number(String name, @Nullable Number value) {
            if (value != null) {
                variable(name, value.toString());
            }
        }

        private void mount(String volume, String folder) {
            mounts.add(new VolumeMountBuilder()
                    .withName(volume)
                    .withMountPath(folder)
                    .withReadOnly(true)
                    .build());
        }

        /** A Secret that isn't there harms the tasks that need it, and not the node: it may come later. */
        private void secret(String variable, String volume, String folder, FetchRules.@Nullable SecretKey key) {
            if (key == null) {
                return;
            }
            variable(variable, folder + "/" + KEY_FILE);
            mount(volume, folder);
            volumes.add(new VolumeBuilder()
                    .withName(volume)
                    .withNewSecret()
                    .withSecretName(key.name())
                    .withItems(new KeyToPathBuilder()
                            .withKey(key.key())
                            .withPath(KEY_FILE)
                            .build())
                    .withDefaultMode(0400)
                    .withOptional(true)
                    .endSecret()
                    .build());
        }

        /** A disk that is mounted on the node later has to show in the shim, and so in tasks. */
        private void addFolders() {
            int number = 0;
            for (String folder : folders) {
                String name = "node-" + number++;
                mounts.add(new VolumeMountBuilder()
                        .withName(name)
                        .withMountPath(folder)
                        .withMountPropagation("HostToContainer")
                        .build());
                volumes.add(new VolumeBuilder()
                        .withName(name)
                        .withNewHostPath()
                        .withPath(folder)
                        .withType("DirectoryOrCreate")
                        .endHostPath()
                        .build());
            }
        }
    }
}
