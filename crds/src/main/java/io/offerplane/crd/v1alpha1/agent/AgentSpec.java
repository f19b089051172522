package io.offerplane.crd.v1alpha1.agent;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** Which node it is; and a user's wish to empty it. */
@JsonClassDescription("Which node it is, and a user's wish to empty it.")
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record AgentSpec(
        @Required
        @Size(max = 253)
        @ValidationRule(
                value = "self == oldSelf",
                message = "nodeName can't be changed: each node has an Agent of its own, made by the operator")
        @JsonPropertyDescription("The Kubernetes node. Set by the operator.")
        String nodeName,

        @Required @Size(max = 63) @JsonPropertyDescription("The AgentPool that selects the node. Set by the operator.")
        String pool,

        @Default("None")
        @JsonPropertyDescription(
                "None offers the node's resources. StopOffers makes no new offers and takes back those that are out; tasks stay until they end.")
        @Nullable
        Drain drain) {

    /** Whether the agent is to be emptied. */
    public enum Drain {
        @JsonProperty("None")
        NONE,
        @JsonProperty("StopOffers")
        STOP_OFFERS
    }
}
