package io.offerplane.crd.v1alpha1.queue;

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
import io.offerplane.crd.v1alpha1.common.Waiting;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the queue and all below it hold. */
@JsonClassDescription("What the queue and all below it hold.")
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record QueueStatus(
        @Min(0) @JsonPropertyDescription("The generation of the spec that this status speaks of.") @Nullable
        Long observedGeneration,

        @Size(max = 253) @JsonPropertyDescription("The role that Mesos clients know it as.") @Nullable
        String role,

        @JsonPropertyDescription("What it and all below it hold.") @Nullable
        Amounts resources,

        @JsonPropertyDescription("How much of the whole it holds.") @Nullable
        Share share,

        @JsonPropertyDescription("What runs in it and all below it.") @Nullable
        Counts counts,

        @JsonPropertyDescription(
                "Why frameworks in it or below it wait; left out when none has waited for ten seconds.")
        @Nullable
        Waiting waiting,

        @JsonPropertyDescription("Short texts for columns. Machines must not read them.") @Nullable
        Display display,

        @Entries(max = 16)
        @ListMap("type")
        @JsonPropertyDescription("Judgements: Ready, Accepted, and Stalled while it holds.")
        List<Condition> conditions) {

    public QueueStatus {
        conditions = Copies.of(conditions);
    }

    /** Amounts by resource. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Amounts(
            @Entries(max = 16, maxLength = 32) @JsonPropertyDescription("Held by tasks.")
            Map<String, Quantity> allocated,

            @Entries(max = 16, maxLength = 32) @JsonPropertyDescription("In offers that await an answer.")
            Map<String, Quantity> offered) {
        public Amounts {
            allocated = Copies.of(allocated);
            offered = Copies.of(offered);
        }
    }

    /** Shares of the cluster, 0 to 1, as decimals. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Share(
            @Size(max = 16)
            @JsonPropertyDescription("Of the resource that it holds most of, offers included; 0 to 1.")
            @Nullable
            String dominant,

            @Size(max = 16)
            @JsonPropertyDescription("What it may count on while all siblings want theirs; 0 to 1.")
            @Nullable
            String fair) {}

    /** What runs in the queue and all below it. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Counts(
            @Min(0) @JsonPropertyDescription("Frameworks that take offers here.") @Nullable
            Integer frameworks,

            @Min(0) @JsonPropertyDescription("Tasks that hold resources.") @Nullable
            Integer runningTasks) {}

    /** Short texts for columns. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Display(
            @Size(max = 64) @JsonPropertyDescription("Held by tasks.") @Nullable
            String used,

            @Size(max = 64) @JsonPropertyDescription("In offers.") @Nullable
            String offered,

            @Size(max = 64) @JsonPropertyDescription("What it is sure of, once the engine has taken it.") @Nullable
            String guarantee,

            @Size(max = 64)
            @JsonPropertyDescription("What it may have at most, once the engine has taken it.")
            @Nullable
            String limit) {}
}
