package io.offerplane.crd.v1alpha1.common;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/**
 * One judgement on an object, in the shape that kubectl, Helm and GitOps tools read.
 *
 * @param observedGeneration of the spec that was judged
 * @param lastTransitionTime moves only when {@code status} does
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Condition(
        @Required
        @Size(max = 64)
        @Pattern("^[A-Z][A-Za-z0-9]*$")
        @JsonPropertyDescription("What is judged, such as Ready or Accepted.")
        String type,

        @Required @JsonPropertyDescription("True, False or Unknown.")
        Status status,

        @JsonPropertyDescription("The generation of the spec that was judged.")
        Long observedGeneration,

        @Required @Size(max = 40) @JsonPropertyDescription("When the status last changed, in RFC 3339.")
        String lastTransitionTime,

        @Required
        @Size(max = 64)
        @Pattern("^[A-Z][A-Za-z0-9]*$")
        @JsonPropertyDescription("Why, as one word that scripts may rely on.")
        String reason,

        @Size(max = 512) @JsonPropertyDescription("Why, in one sentence for people.")
        String message) {

    /** Whether what the type claims holds. */
    public enum Status {
        @JsonProperty("True")
        TRUE,
        @JsonProperty("False")
        FALSE,
        @JsonProperty("Unknown")
        UNKNOWN
    }
}
