package io.offerplane.shim;

import io.offerplane.shim.executor.ExecutorNode;
import io.offerplane.shim.fetch.FetchSettings;
import io.offerplane.shim.isolator.ContainerPolicy;
import io.offerplane.shim.link.LinkSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
 * @param keepSandboxes how long a sandbox stays after its task's end on an empty disk
 * @param containers what tasks may ask of their containers
 * @param executorTimeouts how long custom executors may be silent
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
        Duration keepSandboxes,
        ContainerPolicy containers,
        ExecutorNode.Timeouts executorTimeouts) {

    private static final String PREFIX = "OFFERPLANE_";
    private static final Duration REPORT_INTERVAL = Duration.ofSeconds(15);

    /**
     * Reads the settings.
     *
     * @throws IllegalArgumentException naming the variable that is missing or wrong, and what it should hold
     */
    public static ShimConfig of(Map<String, String> environment) {
        String address = required(environment, "LINK_ADDRESS", "host:port of the leader's link");
        int colon = address.lastIndexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException(PREFIX + "LINK_ADDRESS is '" + address + "'; expected host:port");
        }
        String nodeName = required(environment, "NODE_NAME", "the Node's name (fieldRef spec.nodeName)");
        String nodeIp = required(environment, "NODE_IP", "the node's address (fieldRef status.hostIP)");
        Path secrets = Path.of("/etc/offerplane/link");
        LinkSettings link = new LinkSettings(
                address.substring(0, colon),
                number(PREFIX + "LINK_ADDRESS (its port)", address.substring(colon + 1), 1, 65535),
                path(environment, "LINK_CA", secrets.resolve("ca.crt").toString()),
                path(environment, "LINK_CERT", secrets.resolve("tls.crt").toString()),
                path(environment, "LINK_KEY", secrets.resolve("tls.key").toString()),
                path(environment, "TOKEN_FILE", "/var/run/secrets/offerplane/token"),
                REPORT_INTERVAL);
        String pids = environment.getOrDefault(PREFIX + "PIDS_LIMIT", "16384");
        long pidsLimit = longNumber(PREFIX + "PIDS_LIMIT", pids, 0, 4_194_304);
        Path workDir = path(environment, "WORK_DIR", "/var/lib/offerplane");
        return new ShimConfig(
                link,
                nodeName,
                nodeIp,
                environment.getOrDefault(PREFIX + "HOSTNAME", nodeName),
                workDir,
                path(environment, "CGROUP_ROOT", "/sys/fs/cgroup"),
                number(PREFIX + "HTTP_PORT", environment.getOrDefault(PREFIX + "HTTP_PORT", "5051"), 0, 65535),
                path(environment, "DEFAULT_ROOTFS", "/opt/offerplane/default-rootfs.tar"),
                path(environment, "CONMON", "/usr/bin/conmon"),
                path(environment, "CRUN", "/usr/bin/crun"),
                longNumber(
                        PREFIX + "LOG_ROTATE_BYTES",
                        environment.getOrDefault(PREFIX + "LOG_ROTATE_BYTES", "10485760"),
                        0,
                        1L << 40),
                number(PREFIX + "LOG_KEPT_FILES", environment.getOrDefault(PREFIX + "LOG_KEPT_FILES", "4"), 0, 1000),
                flag(environment, "CGROUPS_ENABLE_CFS", false),
                pidsLimit == 0 ? OptionalLong.empty() : OptionalLong.of(pidsLimit),
                flag(environment, "SECCOMP", true),
                FetchSettings.of(environment, workDir),
                Duration.ofSeconds(longNumber(
                        PREFIX + "SANDBOX_KEEP_SECONDS",
                        environment.getOrDefault(PREFIX + "SANDBOX_KEEP_SECONDS", "604800"),
                        0,
                        1L << 40)),
                containers(environment),
                new ExecutorNode.Timeouts(
                        seconds(
                                environment,
                                "EXECUTOR_REGISTRATION_TIMEOUT_SECONDS",
                                ExecutorNode.Timeouts.DEFAULT.registration()),
                        seconds(
                                environment,
                                "EXECUTOR_REREGISTRATION_TIMEOUT_SECONDS",
                                ExecutorNode.Timeouts.DEFAULT.reregistration())));
    }

    private static ContainerPolicy containers(Map<String, String> environment) {
        return new ContainerPolicy(
                folders(environment, "VOLUME_FOLDERS"),
                capabilities(environment.getOrDefault(PREFIX + "CAPABILITIES", "")),
                folders(environment, "SECCOMP_PROFILES").stream().findFirst(),
                flag(environment, "SECCOMP_UNCONFINED", false),
                flag(environment, "SHARE_IPC", false),
                flag(environment, "ENFORCE_CONTAINER_DISK_QUOTA", false),
                seconds(
                        environment,
                        "CONTAINER_DISK_WATCH_INTERVAL_SECONDS",
                        ContainerPolicy.NOTHING.diskWatchInterval()));
    }

    private static Set<String> capabilities(String text) {
        return Stream.of(text.split(","))
                .map(String::strip)
                .filter(c -> !c.isEmpty())
                .map(c -> c.startsWith("CAP_") ? c : "CAP_" + c)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static List<Path> folders(Map<String, String> environment, String name) {
        return Stream.of(environment.getOrDefault(PREFIX + name, "").split(":"))
                .filter(f -> !f.isBlank())
                .map(Path::of)
                .toList();
    }

    private static Duration seconds(Map<String, String> environment, String name, Duration otherwise) {
        String text = environment.getOrDefault(PREFIX + name, Long.toString(otherwise.toSeconds()));
        return Duration.ofSeconds(longNumber(PREFIX + name, text, 1, 86_400));
    }

    private static String required(Map<String, String> environment, String name, String what) {
        String value = environment.get(PREFIX + name);
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException(PREFIX + name + " is not set; it is " + what);
        }
        return value;
    }

    private static Path path(Map<String, String> environment, String name, String otherwise) {
        Path path = Path.of(environment.getOrDefault(PREFIX + name, otherwise));
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException(PREFIX + name + " is '" + path + "'; expected an absolute path");
        }
        return path;
    }

    private static boolean flag(Map<String, String> environment, String name, boolean otherwise) {
        String value = environment.getOrDefault(PREFIX + name, Boolean.toString(otherwise));
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw new IllegalArgumentException(PREFIX + name + " is '" + value + "'; expected true or false");
        };
    }

    private static int number(String name, String text, int least, int most) {
        return (int) longNumber(name, text, least, most);
    }

    private static long longNumber(String name, String text, long least, long most) {
        try {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(
                    name + " is '" + text + "'; expected a number from " + least + " to " + most, notANumber);
        }
        throw new IllegalArgumentException(name + " is " + text + "; expected a number from " + least + " to " + most);
    }
}
