package io.offerplane.crd.v1alpha1.framework;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.offerplane.crd.schema.Entries;
import io.offerplane.crd.schema.ListMap;
import io.offerplane.crd.schema.ListSet;
import io.offerplane.crd.v1alpha1.common.Copies;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which client the object speaks for, and what that client may do.
 *
 * @param credentialsSecretRef never the secret itself
 * @param queues where the client may ask for offers, each with all below it; empty for anywhere
 * @param capabilities the most that the client may claim; empty for no bound
 */
@JsonClassDescription("Which client the object speaks for, and what that client may do.")
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "!has(self.credentialsSecretRef) || has(self.match.principal)",
        fieldPath = ".match.principal",
        message = "credentials belong to a principal: set match.principal too")
public record FrameworkSpec(
        @Default("Mesos")
        @JsonPropertyDescription("What the client speaks. Can't be changed: another protocol is another framework.")
        @ValidationRule(
                value = "self == oldSelf",
                message = "protocol can't be changed: make another Framework for the other protocol")
        @Nullable
        Protocol protocol,

        @Required
        @JsonPropertyDescription(
                "Which client this object speaks for. Its bounds hold for every client that fits, from the client's next subscription or update.")
        Match match,

        @JsonPropertyDescription(
                "A Secret of the same namespace with the client's secret under the key secret. Clients that say the principal must know it.")
        @Nullable
        SecretReference credentialsSecretRef,

        @Entries(max = 64)
        @ListMap("path")
        @JsonPropertyDescription(
                "The queues that the client may take offers from, each with all below it; a client that asks for another role is refused. Leave it out to allow every queue.")
        List<QueueReference> queues,

        @Entries(max = 16)
        @ListSet
        @JsonPropertyDescription(
                "The capabilities that the client may claim; others are left out of its subscription, but a client that claims MultiRole against this is refused. Leave it out to allow all.")
        List<Capability> capabilities,

        @Min(0)
        @Max(31536000)
        @JsonPropertyDescription(
                "The longest that tasks outlive a lost connection, in whole seconds. A longer time that the client asks for is cut to this, a shorter one stands.")
        @Nullable
        Long failoverTimeoutSeconds,

        @Default("{}") @JsonPropertyDescription("How its offers are watched.") @Nullable
        OfferSettings offers,

        @Default("Release")
        @JsonPropertyDescription(
                "What deleting this object does to the client. Release lets a connected client go on under the defaults for undeclared ones; Teardown ends it with all its tasks.")
        @Nullable
        OnDelete onDelete) {

    public FrameworkSpec {
        queues = Copies.of(queues);
        capabilities = Copies.of(capabilities);
    }

    /** What the client speaks. */
    public enum Protocol {
        @JsonProperty("Mesos")
        MESOS
    }

    /** What deleting the object does to the client. */
    public enum OnDelete {
        @JsonProperty("Release")
        RELEASE,
        @JsonProperty("Teardown")
        TEARDOWN
    }

    /** What a client may say that it understands: Mesos' framework capabilities. */
    public enum Capability {
        @JsonProperty("RevocableResources")
        REVOCABLE_RESOURCES,
        @JsonProperty("TaskKillingState")
        TASK_KILLING_STATE,
        @JsonProperty("GpuResources")
        GPU_RESOURCES,
        @JsonProperty("SharedResources")
        SHARED_RESOURCES,
        @JsonProperty("PartitionAware")
        PARTITION_AWARE,
        @JsonProperty("MultiRole")
        MULTI_ROLE,
        @JsonProperty("ReservationRefinement")
        RESERVATION_REFINEMENT,
        @JsonProperty("RegionAware")
        REGION_AWARE
    }

    /** Both must fit where both are given. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @ValidationRule(
            value = "has(self.principal) || has(self.name)",
            message = "match needs principal, name or both, as the client's subscription has them")
    public record Match(
            @Size(min = 1, max = 253)
            @JsonPropertyDescription("The principal that the client subscribes with.")
            @Nullable
            String principal,

            @Size(min = 1, max = 253)
            @JsonPropertyDescription("The name that the client gives itself (FrameworkInfo.name).")
            @Nullable
            String name) {}

    /** A Secret by its name. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record SecretReference(
            @Required @Size(min = 1, max = 253) @JsonPropertyDescription("The Secret's name.")
            String name) {}

    /** One queue by its path. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record QueueReference(
            @Required
            @Size(max = 253)
            @Pattern("^root(\\.[A-Za-z0-9_][A-Za-z0-9_-]*)*$")
            @JsonPropertyDescription("Path of the queue, such as root.team-a.services.")
            String path) {}

    /** How offers are watched. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record OfferSettings(
            @Default("120")
            @Min(1)
            @Max(86400)
            @JsonPropertyDescription(
                    "After how many seconds without an offer, while it asks for some, the condition Offered turns False.")
            @Nullable
            Long starvationAfterSeconds) {}
}
