package io.offerplane.shim;

import io.offerplane.protocol.settings.Variables;
import io.offerplane.shim.executor.ExecutorNode;
import io.offerplane.shim.fetch.FetchSettings;
import io.offerplane.shim.image.ImageSettings;
import io.offerplane.shim.isolator.ContainerPolicy;
import io.offerplane.shim.link.LinkSettings;
import io.offerplane.shim.local.LocalSettings;
import io.offerplane.shim.oversubscription.OversubscriptionSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The shim's settings, from environment variables that the operator's DaemonSet sets.
 *
 * @param link how to reach the leader
 * @param nodeName of the Kubernetes Node
 * @param nodeIp address that frameworks reach the node by
 * @param hostname name that offers carry
 * @param workDir on the host's disk, the same path inside and outside the shim's container
 * @param cgroupRoot the host's control groups
 * @param httpPort of Mesos' agent endpoints; 0 chooses a free one
 * @param defaultRootfs tar, or folder of the host, of tasks without an image
 * @param conmon program
 * @param crun program
 * @param rotateBytes size at which a task's stdout and stderr are rotated; 0 means never
 * @param keptFiles rotated files kept of each
 * @param hardCpu whether a task's cpus are also a ceiling, as with Mesos' --cgroups_enable_cfs
 * @param pidsLimit processes and threads of one task; absent means no limit
 * @param seccomp whether tasks' system calls are filtered
 * @param fetch what the fetcher may do
 * @param images where images come from
 * @param keepSandboxes how long a sandbox stays after its task's end on an empty disk
 * @param containers what tasks may ask of their containers
 * @param executorTimeouts how long custom executors may be silent
 * @param warmSlots containers that are kept ready ahead of tasks; 0 means none
 * @param local who may have containers started beside the leader
 * @param oversubscription how much of what lies idle is lent
 * @param apiCredentials file with names and secrets of those who may run programs in containers through the agent's API; absent: nobody
 */
public record ShimConfig(
        LinkSettings link,
        String nodeName,
        String nodeIp,
        String hostname,
        Path workDir,
        Path cgroupRoot,
        int httpPort,
        Path defaultRootfs,
        Path conmon,
        Path crun,
        long rotateBytes,
        int keptFiles,
        boolean hardCpu,
        OptionalLong pidsLimit,
        boolean seccomp,
        FetchSettings fetch,
        ImageSettings images,
        Duration keepSandboxes,
        ContainerPolicy containers,
        ExecutorNode.Timeouts executorTimeouts,
        int warmSlots,
        LocalSettings local,
        OversubscriptionSettings oversubscription,
        Optional<Path> apiCredentials) {

    private static final Duration REPORT_INTERVAL = Duration.ofSeconds(15);

    /**
     * Reads the settings.
     *
     * @throws IllegalArgumentException naming the variable that is missing or wrong, and what it should hold
     */
    public static ShimConfig of(Map<String, String> environment) {
        Variables variables = new Variables(environment, "OFFERPLANE_");
        LinkSettings link = link(variables);
        String nodeName = variables.required("NODE_NAME", "the Node's name (fieldRef spec.nodeName)");
        String nodeIp = variables.required("NODE_IP", "the node's address (fieldRef status.hostIP)");
        long pidsLimit = variables.number("PIDS_LIMIT", 16_384L, 0, 4_194_304);
        Path workDir = variables.path("WORK_DIR", "/var/lib/offerplane");
        return new ShimConfig(
                link,
                nodeName,
                nodeIp,
                variables.text("HOSTNAME", nodeName),
                workDir,
                variables.path("CGROUP_ROOT", "/sys/fs/cgroup"),
                variables.number("HTTP_PORT", 5051, 0, 65_535),
                variables.path("DEFAULT_ROOTFS", "/opt/offerplane/default-rootfs.tar"),
                variables.path("CONMON", "/usr/bin/conmon"),
                variables.path("CRUN", "/usr/bin/crun"),
                variables.number("LOG_ROTATE_BYTES", 10L << 20, 0, 1L << 40),
                variables.number("LOG_KEPT_FILES", 4, 0, 1000),
                variables.flag("CGROUPS_ENABLE_CFS", false),
                pidsLimit == 0 ? OptionalLong.empty() : OptionalLong.of(pidsLimit),
                variables.flag("SECCOMP", true),
                FetchSettings.of(variables.below("FETCH_"), workDir),
                ImageSettings.of(variables.below("IMAGES_"), workDir),
                Duration.ofSeconds(variables.number("SANDBOX_KEEP_SECONDS", 604_800L, 0, 1L << 40)),
                containers(variables),
                new ExecutorNode.Timeouts(
                        variables.seconds(
                                "EXECUTOR_REGISTRATION_TIMEOUT_SECONDS", ExecutorNode.Timeouts.DEFAULT.registration()),
                        variables.seconds(
                                "EXECUTOR_REREGISTRATION_TIMEOUT_SECONDS",
                                ExecutorNode.Timeouts.DEFAULT.reregistration())),
                variables.number("WARM_SLOTS", 2, 0, 64),
                LocalSettings.of(variables.below("LOCAL_")),
                OversubscriptionSettings.of(variables.below("OVERSUBSCRIPTION_")),
                variables.path("API_CREDENTIALS_FILE"));
    }

    private static LinkSettings link(Variables variables) {
        Variables.Address address = variables.address("LINK_ADDRESS", "the leader's link");
        String folder = "/etc/offerplane/link/";
        return new LinkSettings(
                address.host(),
                address.port(),
                variables.path("LINK_CA", folder + "ca.crt"),
                variables.path("LINK_CERT", folder + "tls.crt"),
                variables.path("LINK_KEY", folder + "tls.key"),
                variables.path("TOKEN_FILE", "/var/run/secrets/offerplane/token"),
                REPORT_INTERVAL);
    }

    private static ContainerPolicy containers(Variables variables) {
        return new ContainerPolicy(
                variables.folders("VOLUME_FOLDERS"),
                capabilities(variables.words("CAPABILITIES")),
                variables.path("SECCOMP_PROFILES"),
                variables.flag("SECCOMP_UNCONFINED", false),
                variables.flag("SHARE_IPC", false),
                variables.flag("ENFORCE_CONTAINER_DISK_QUOTA", false),
                variables.seconds(
                        "CONTAINER_DISK_WATCH_INTERVAL_SECONDS", ContainerPolicy.NOTHING.diskWatchInterval()));
    }

    private static Set<String> capabilities(List<String> names) {
        return names.stream().map(c -> c.startsWith("CAP_") ? c : "CAP_" + c).collect(Collectors.toUnmodifiableSet());
    }
}
