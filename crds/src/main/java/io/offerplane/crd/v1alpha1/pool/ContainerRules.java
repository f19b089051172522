package io.offerplane.crd.v1alpha1.pool;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.offerplane.crd.schema.Entries;
import io.offerplane.crd.schema.ListSet;
import io.offerplane.crd.v1alpha1.common.Copies;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What tasks of a pool may ask of their containers beyond what harms nobody. Everything is off unless it is set: whoever may write an
 * {@link AgentPool} decides what of a node every framework's tasks can reach.
 *
 * @param capabilities with or without {@code CAP_}
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ContainerRules(
        @Entries(max = 32, maxLength = 253, pattern = NodeFolders.PATTERN)
        @ListSet
        @ValidationRule(value = NodeFolders.RULE, message = "containers.volumeFolders " + NodeFolders.MESSAGE)
        @JsonPropertyDescription(
                "Folders of the node that tasks may have volumes of, with all below them. They are made where a node has none. None by default.")
        List<String> volumeFolders,

        @Entries(max = 48, maxLength = 32, pattern = "^(CAP_)?[A-Z][A-Z_]*$")
        @ListSet
        @JsonPropertyDescription(
                "Capabilities that tasks may ask for beside the usual ones of containers, such as NET_ADMIN. None by default.")
        List<String> capabilities,

        @Size(max = 253)
        @Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
        @JsonPropertyDescription(
                "A ConfigMap in the operator's namespace: each key is a seccomp profile in Docker's format that tasks may name. Without it they can't name any.")
        @Nullable
        String seccompProfiles,

        @Default("false")
        @JsonPropertyDescription("Whether tasks may run without a filter of system calls (SeccompInfo.unconfined).")
        @Nullable
        Boolean seccompUnconfined,

        @Default("false")
        @JsonPropertyDescription(
                "Whether tasks may share the agent's IPC namespace and its /dev/shm, and so see each other's (LinuxInfo.ipc_mode).")
        @Nullable
        Boolean shareIpc,

        @Default("false")
        @JsonPropertyDescription(
                "Whether a task's cpus are a ceiling and not only a weight, as with Mesos' --cgroups_enable_cfs. A task's own limits always are.")
        @Nullable
        Boolean cpuCeiling,

        @Default("16384")
        @Min(0)
        @Max(4194304)
        @JsonPropertyDescription("Processes and threads that one task may have; 0 for any number.")
        @Nullable
        Long pidsLimit,

        @Default("Ignore")
        @JsonPropertyDescription(
                "What happens to a task whose sandbox or persistent volume outgrows its disk: Enforce ends it, Ignore doesn't look.")
        @Nullable
        DiskQuota diskQuota,

        @Default("15")
        @Min(1)
        @Max(86400)
        @JsonPropertyDescription(
                "How often sandboxes and volumes are looked at where diskQuota is Enforce, in seconds.")
        @Nullable
        Integer diskWatchSeconds,

        @Default("604800")
        @Min(0)
        @Max(315360000)
        @JsonPropertyDescription(
                "How long a sandbox is kept after its task's end, in seconds, while the disk is empty; less the fuller it is.")
        @Nullable
        Integer sandboxKeepSeconds) {

    public ContainerRules {
        volumeFolders = Copies.of(volumeFolders);
        capabilities = Copies.of(capabilities);
    }

    /** What becomes of a task that has more on the disk than it was given. */
    public enum DiskQuota {
        @JsonProperty("Ignore")
        IGNORE,
        @JsonProperty("Enforce")
        ENFORCE
    }
}
