package io.offerplane.crd.v1alpha1.agent;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;
import io.offerplane.crd.schema.Entries;
import io.offerplane.crd.schema.ListMap;
import io.offerplane.crd.v1alpha1.common.Condition;
import io.offerplane.crd.v1alpha1.common.Copies;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a new leader must know of the agent, and what people want to see of it. */
@JsonClassDescription("What is known of the agent.")
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record AgentStatus(
        @Min(0) @JsonPropertyDescription("The generation of the spec that this status speaks of.") @Nullable
        Long observedGeneration,

        @Size(max = 255)
        @JsonPropertyDescription(
                "The id that frameworks know the agent by. Given once, kept as long as the node lives.")
        @Nullable
        String agentId,

        @JsonPropertyDescription(
                "Active takes tasks; Unreachable has been silent beyond the timeout; Draining takes no new tasks; Pending has no granted claim or no shim yet; Gone has lost its node.")
        @Nullable
        Phase phase,

        @Size(max = 253) @JsonPropertyDescription("What frameworks reach the node by.") @Nullable
        String hostname,

        @Size(max = 64) @JsonPropertyDescription("The node's address.") @Nullable
        String address,

        @Size(max = 64) @JsonPropertyDescription("Version of the shim that registered last.") @Nullable
        String version,

        @JsonPropertyDescription("The pod that books the node's share with Kubernetes.") @Nullable
        Claim claim,

        @Entries(max = 16, maxLength = 32) @JsonPropertyDescription("Held by tasks.")
        Map<String, Quantity> allocated,

        @Min(0) @JsonPropertyDescription("Tasks that hold resources here.") @Nullable
        Integer tasks,

        @Entries(max = 256)
        @JsonPropertyDescription(
                "What clients and operators have reserved here, and the volumes they made, also where the claim has become too small for them.")
        List<ReservedResources> reserved,

        @JsonPropertyDescription(
                "Whether an operator of Mesos' API wants no offers of it: DEACTIVATE_AGENT or DRAIN_AGENT.")
        @Nullable
        Boolean deactivated,

        @JsonPropertyDescription("How it is being emptied, or has been: Mesos' DRAIN_AGENT.") @Nullable
        Drain drain,

        @JsonPropertyDescription("Short texts for columns. Machines must not read them.") @Nullable
        Display display,

        @Entries(max = 16)
        @ListMap("type")
        @JsonPropertyDescription("Judgements: Ready, ClaimGranted, and Stalled while it holds.")
        List<Condition> conditions) {

    public AgentStatus {
        allocated = Copies.of(allocated);
        reserved = Copies.of(reserved);
        conditions = Copies.of(conditions);
    }

    /** Where the agent is in its life. */
    public enum Phase {
        @JsonProperty("Pending")
        PENDING,
        @JsonProperty("Active")
        ACTIVE,
        @JsonProperty("Unreachable")
        UNREACHABLE,
        @JsonProperty("Draining")
        DRAINING,
        @JsonProperty("Gone")
        GONE
    }

    /** How the agent is being emptied. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Drain(
            @JsonPropertyDescription("Draining until nothing is left, then Drained.") @Nullable
            DrainState state,

            @Min(0)
            @JsonPropertyDescription(
                    "The most milliseconds that a task is given to end; left out for its own kill policy.")
            @Nullable
            Long maxGraceMillis,

            @JsonPropertyDescription("Whether the agent is removed for good once it is empty.") @Nullable
            Boolean markGone) {}

    /** How far a drain is. */
    public enum DrainState {
        @JsonProperty("Draining")
        DRAINING,
        @JsonProperty("Drained")
        DRAINED
    }

    /** The pod that books the node's share. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Claim(
            @Size(max = 63) @JsonPropertyDescription("Namespace of the pod.") @Nullable
            String namespace,

            @Size(max = 253) @JsonPropertyDescription("Name of the pod.") @Nullable
            String podName,

            @Size(max = 64) @JsonPropertyDescription("UID of the pod, which names its cgroup.") @Nullable
            String podUid,

            @Entries(max = 16, maxLength = 32) @JsonPropertyDescription("What the claim asks Kubernetes for.")
            Map<String, Quantity> requested,

            @Entries(max = 16, maxLength = 32) @JsonPropertyDescription("What Kubernetes has granted it.")
            Map<String, Quantity> granted,

            @Size(max = 64)
            @JsonPropertyDescription(
                    "A resize under way: InProgress, Deferred or Infeasible; left out when there is none.")
            @Nullable
            String resize) {
        public Claim {
            requested = Copies.of(requested);
            granted = Copies.of(granted);
        }
    }

    /** Short texts for columns. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Display(
            @Size(max = 32) @JsonPropertyDescription("Cores held of those granted.") @Nullable
            String cpu,

            @Size(max = 32) @JsonPropertyDescription("Memory held of that granted.") @Nullable
            String memory) {}
}
