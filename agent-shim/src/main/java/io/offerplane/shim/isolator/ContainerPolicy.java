package io.offerplane.shim.isolator;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a node lets containers ask for beyond what harms nobody.
 *
 * @param volumeFolders folders of the host that volumes may come from
 * @param capabilities allowed beside the usual ones; kernel's names, such as CAP_NET_ADMIN
 * @param seccompProfiles folder with profiles that tasks may name
 * @param seccompUnconfined whether tasks may do without a filter of system calls
 * @param shareIpc whether tasks may share the agent's IPC namespace
 * @param enforceDiskQuota whether tasks end that use more disk than they have, as with Mesos' --enforce_container_disk_quota
 * @param diskWatchInterval between two looks at a sandbox; Mesos' --container_disk_watch_interval
 */
public record ContainerPolicy(
        List<Path> volumeFolders,
        Set<String> capabilities,
        Optional<Path> seccompProfiles,
        boolean seccompUnconfined,
        boolean shareIpc,
        boolean enforceDiskQuota,
        Duration diskWatchInterval) {

    /** Nothing. */
    public static final ContainerPolicy NOTHING =
            new ContainerPolicy(List.of(), Set.of(), Optional.empty(), false, false, false, Duration.ofSeconds(15));

    public ContainerPolicy {
        volumeFolders = List.copyOf(volumeFolders);
        capabilities = Set.copyOf(capabilities);
    }

    /** The same with more folders that volumes may come from. */
    public ContainerPolicy withFolders(List<Path> more) {
        return new ContainerPolicy(
                Stream.concat(volumeFolders.stream(), more.stream()).toList(),
                capabilities,
                seccompProfiles,
                seccompUnconfined,
                shareIpc,
                enforceDiskQuota,
                diskWatchInterval);
    }
}
