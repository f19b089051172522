package io.offerplane.crd.v1alpha1.pool;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
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

/** What the pool's nodes come to. */
@JsonClassDescription("What the pool's nodes come to.")
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record AgentPoolStatus(
        @Min(0) @JsonPropertyDescription("The generation of the spec that this status speaks of.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("The pool's agents by how they are.") @Nullable
        AgentCounts agents,

        @JsonPropertyDescription("Sums over the pool's agents.") @Nullable
        Amounts resources,

        @JsonPropertyDescription("Claim that stands idle or is missing.") @Nullable
        Drift drift,

        @JsonPropertyDescription("Short texts for columns. Machines must not read them.") @Nullable
        Display display,

        @Entries(max = 16)
        @ListMap("type")
        @JsonPropertyDescription(
                "Judgements: Ready, Accepted, AgentsReady, CapacityHonest, Offering, and Stalled while it holds.")
        List<Condition> conditions) {

    public AgentPoolStatus {
        conditions = Copies.of(conditions);
    }

    /** Agents by how they are. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record AgentCounts(
            @Min(0) @JsonPropertyDescription("Nodes that the pool selects and keeps.") @Nullable
            Integer desired,

            @Min(0) @JsonPropertyDescription("With a granted claim and a connected shim.") @Nullable
            Integer ready,

            @Min(0) @JsonPropertyDescription("That take no new tasks.") @Nullable
            Integer draining,

            @Min(0) @JsonPropertyDescription("Silent beyond the timeout.") @Nullable
            Integer unreachable,

            @Min(0) @JsonPropertyDescription("Whose shim isn't of the operator's version.") @Nullable
            Integer outdated) {}

    /** Sums by resource. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Amounts(
            @Entries(max = 16, maxLength = 32) @JsonPropertyDescription("What the nodes have for pods.")
            Map<String, Quantity> capacity,

            @Entries(max = 16, maxLength = 32) @JsonPropertyDescription("What Kubernetes granted the claims.")
            Map<String, Quantity> claimed,

            @Entries(max = 16, maxLength = 32) @JsonPropertyDescription("What is in offers that await an answer.")
            Map<String, Quantity> offered,

            @Entries(max = 16, maxLength = 32) @JsonPropertyDescription("What tasks hold.")
            Map<String, Quantity> allocated) {
        public Amounts {
            capacity = Copies.of(capacity);
            claimed = Copies.of(claimed);
            offered = Copies.of(offered);
            allocated = Copies.of(allocated);
        }
    }

    /**
     * Where what is booked with Kubernetes and what the engine may hand out differ.
     *
     * @param cpu booked and granted apart, summed over the nodes
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Drift(
            @JsonPropertyDescription(
                    "Cores by which what the claims ask for and what they were granted differ, summed over the nodes.")
            @Nullable
            Quantity cpu,

            @JsonPropertyDescription("The same for memory.") @Nullable
            Quantity memory,

            @Size(max = 253) @JsonPropertyDescription("The node that differs most.") @Nullable
            String worstNode) {}

    /** Short texts for columns. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Display(
            @Size(max = 32) @JsonPropertyDescription("Cores held of those claimed.") @Nullable
            String cpu,

            @Size(max = 32) @JsonPropertyDescription("Memory held of that claimed.") @Nullable
            String memory,

            @Size(max = 64) @JsonPropertyDescription("The drift.") @Nullable
            String drift) {}
}
