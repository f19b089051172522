package io.offerplane.crd.v1alpha1.pool;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import org.jspecify.annotations.Nullable;

/**
 * Whether a pool's nodes lend what tasks were given and don't use, as revocable resources, and when they take it back. Off unless it is
 * turned on.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record OversubscriptionRules(
        @Default("false")
        @JsonPropertyDescription(
                "Whether what tasks hold and don't use is offered to frameworks with REVOCABLE_RESOURCES. Turning it off ends the tasks that run on it.")
        @Nullable
        Boolean enabled,

        @Default("50")
        @Min(0)
        @Max(100)
        @JsonPropertyDescription(
                "How much of the idle cpu is lent, in percent. The rest is the cushion for when tasks want more.")
        @Nullable
        Integer cpuPercentOfIdle,

        @Default("0")
        @Min(0)
        @Max(100)
        @JsonPropertyDescription(
                "How much of the idle memory is lent, in percent. Memory comes back only by ending tasks, so by default none is.")
        @Nullable
        Integer memoryPercentOfIdle,

        @Default("300")
        @Min(1)
        @Max(86400)
        @JsonPropertyDescription(
                "How long a task's highest use counts, and how long a task is watched before its idle part is lent, in seconds.")
        @Nullable
        Integer windowSeconds,

        @Default("{}") @JsonPropertyDescription("Above which revocable tasks are ended, the latest first.") @Nullable
        StopAt stopAt) {

    /** What is pressure; 100 is never exceeded. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record StopAt(
            @Default("95") @Min(1) @Max(100) @JsonPropertyDescription("Use of the claim's cpu, in percent.") @Nullable
            Integer cpuUsePercent,

            @Default("90")
            @Min(1)
            @Max(100)
            @JsonPropertyDescription("Use of the claim's memory, less page cache that can be dropped, in percent.")
            @Nullable
            Integer memoryUsePercent,

            @Default("60")
            @Min(1)
            @Max(100)
            @JsonPropertyDescription(
                    "Part of the time in which processes of the node wait for cpu, in percent, where its kernel has pressure stall information.")
            @Nullable
            Integer cpuPressurePercent,

            @Default("10")
            @Min(1)
            @Max(100)
            @JsonPropertyDescription("Part of the time in which they wait for memory, in percent.")
            @Nullable
            Integer memoryPressurePercent) {}
}
