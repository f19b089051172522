package io.offerplane.crd.v1alpha1.common;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** Why an object doesn't get what it asks for, since when. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Waiting(
        @Size(max = 40) @JsonPropertyDescription("Since when, in RFC 3339.") @Nullable
        String sinceTime,

        @Size(max = 64) @JsonPropertyDescription("Why, as one word that scripts may rely on.") @Nullable
        String reason,

        @Size(max = 512) @JsonPropertyDescription("Why, in one sentence with numbers.") @Nullable
        String message) {}
