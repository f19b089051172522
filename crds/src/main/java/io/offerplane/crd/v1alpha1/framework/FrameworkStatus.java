package io.offerplane.crd.v1alpha1.framework;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;
import io.offerplane.crd.schema.Entries;
import io.offerplane.crd.schema.ListMap;
import io.offerplane.crd.schema.ListSet;
import io.offerplane.crd.v1alpha1.common.Condition;
import io.offerplane.crd.v1alpha1.common.Copies;
import io.offerplane.crd.v1alpha1.common.Waiting;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the client. The facts that a new leader needs are here too: id, deadline, removed ids and the client's own
 * description.
 */
@JsonClassDescription("What is known of the client.")
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record FrameworkStatus(
        @Min(0) @JsonPropertyDescription("The generation of the spec that this status speaks of.") @Nullable
        Long observedGeneration,

        @Size(max = 255) @JsonPropertyDescription("The id that the client runs under.") @Nullable
        String frameworkId,

        @JsonPropertyDescription("The client as it described itself when it subscribed.") @Nullable
        Client client,

        @JsonPropertyDescription("When it came and went.") @Nullable
        Times times,

        @Min(0) @JsonPropertyDescription("How many times another instance of the client took over.") @Nullable
        Integer failovers,

        @JsonPropertyDescription("Its tasks by state.") @Nullable
        TaskCounts tasks,

        @Entries(max = 16, maxLength = 32) @JsonPropertyDescription("What its tasks hold.")
        Map<String, Quantity> allocated,

        @JsonPropertyDescription("Its offers.") @Nullable OfferCounts offers,

        @JsonPropertyDescription("Why it gets no offers; left out when it does, or wants none.") @Nullable
        Waiting waiting,

        @Entries(max = 32, maxLength = 255)
        @ListSet
        @JsonPropertyDescription(
                "Ids that were torn down or timed out, newest last. A client that subscribes with one is refused.")
        List<String> removedIds,

        @JsonPropertyDescription("Short texts for columns. Machines must not read them.") @Nullable
        Display display,

        @Entries(max = 16)
        @ListMap("type")
        @JsonPropertyDescription("Judgements: Ready, Accepted, Connected, Offered, and Stalled while it holds.")
        List<Condition> conditions) {

    public FrameworkStatus {
        allocated = Copies.of(allocated);
        removedIds = Copies.of(removedIds);
        conditions = Copies.of(conditions);
    }

    /** The client's own words. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Client(
            @Size(max = 253) @JsonPropertyDescription("Its name.") @Nullable
            String name,

            @Size(max = 253) @JsonPropertyDescription("The user that its tasks run as unless they name one.") @Nullable
            String user,

            @Size(max = 253) @JsonPropertyDescription("Its principal.") @Nullable
            String principal,

            @Entries(max = 64) @JsonPropertyDescription("The roles that it takes offers for.")
            List<String> roles,

            @Entries(max = 16, maxLength = 64) @JsonPropertyDescription("The capabilities that it claims.")
            List<String> capabilitiesClaimed,

            @Min(0) @JsonPropertyDescription("The seconds that its tasks outlive a lost connection.") @Nullable
            Long failoverTimeoutSeconds,

            @JsonPropertyDescription("Whether its tasks outlive the agent's own restart.") @Nullable
            Boolean checkpoint,

            @Size(max = 32768)
            @JsonPropertyDescription(
                    "Its whole description (mesos.v1.FrameworkInfo, base64), so that a new leader knows it before it is back.")
            @Nullable
            String description) {
        public Client {
            roles = Copies.of(roles);
            capabilitiesClaimed = Copies.of(capabilitiesClaimed);
        }
    }

    /** When it came and went. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Times(
            @Size(max = 40) @JsonPropertyDescription("When it first subscribed, in RFC 3339.") @Nullable
            String registeredTime,

            @Size(max = 40) @JsonPropertyDescription("When it last subscribed again, in RFC 3339.") @Nullable
            String reregisteredTime,

            @Size(max = 40)
            @JsonPropertyDescription("When its connection was seen to be lost, in RFC 3339; left out while connected.")
            @Nullable
            String disconnectedTime,

            @Size(max = 40)
            @JsonPropertyDescription("When it is removed with its tasks unless it comes back, in RFC 3339.")
            @Nullable
            String failoverDeadlineTime,

            @Size(max = 40) @JsonPropertyDescription("When it was removed, in RFC 3339.") @Nullable
            String removedTime) {}

    /** Tasks by state. Ended ones are those that the leader still remembers. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record TaskCounts(
            @Min(0) @JsonPropertyDescription("All that hold resources.") @Nullable
            Integer active,

            @Min(0) @JsonPropertyDescription("Accepted or starting, not running yet.") @Nullable
            Integer staging,

            @Min(0) @JsonPropertyDescription("Running.") @Nullable
            Integer running,

            @Min(0) @JsonPropertyDescription("Being killed.") @Nullable
            Integer killing,

            @Min(0) @JsonPropertyDescription("On agents that can't be reached.") @Nullable
            Integer unreachable,

            @Min(0) @JsonPropertyDescription("Ended well.") @Nullable
            Integer finished,

            @Min(0) @JsonPropertyDescription("Ended badly, refused tasks included.") @Nullable
            Integer failed,

            @Min(0) @JsonPropertyDescription("Killed on request.") @Nullable
            Integer killed,

            @Min(0) @JsonPropertyDescription("Lost, dropped or gone.") @Nullable
            Integer lost) {}

    /** Offers since this leader first heard of the client. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record OfferCounts(
            @Min(0) @JsonPropertyDescription("Offers that await its answer now.") @Nullable
            Integer outstanding,

            @Min(0) @JsonPropertyDescription("Offers sent.") @Nullable
            Long sent,

            @Min(0) @JsonPropertyDescription("Offers accepted.") @Nullable
            Long accepted,

            @Min(0) @JsonPropertyDescription("Offers declined.") @Nullable
            Long declined,

            @Min(0) @JsonPropertyDescription("Offers taken back.") @Nullable
            Long rescinded,

            @Entries(max = 64) @ListSet @JsonPropertyDescription("Roles that it wants no offers for at the moment.")
            List<String> suppressedRoles) {
        public OfferCounts {
            suppressedRoles = Copies.of(suppressedRoles);
        }
    }

    /** Short texts for columns. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Display(
            @Size(max = 253) @JsonPropertyDescription("Its queues.") @Nullable
            String queues,

            @Size(max = 32) @JsonPropertyDescription("Cores held.") @Nullable
            String cpu,

            @Size(max = 32) @JsonPropertyDescription("Memory held.") @Nullable
            String memory) {}
}
