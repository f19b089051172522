package io.offerplane.crd.v1alpha1.agent;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.offerplane.crd.schema.Entries;
import io.offerplane.crd.v1alpha1.common.Copies;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Resources of an agent that clients or operators have reserved on the same terms, or made one volume of. Written so that a new
 * leader reads exactly what the old one knew: amounts are decimals in Mesos' units, and an empty text isn't a missing one.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ReservedResources(
        @Entries(max = 16)
        @JsonPropertyDescription("For whom, from the widest to the narrowest: each refines the one before it.")
        List<Reservation> reservations,

        @JsonPropertyDescription("The persistent volume that was made of it; left out when it is none.") @Nullable
        Volume volume,

        @JsonPropertyDescription("Whether several tasks may hold the volume at once.") @Nullable
        Boolean shared,

        @JsonPropertyDescription("Whether it may be taken from a task at any time.") @Nullable
        Boolean revocable,

        @Entries(max = 64) @JsonPropertyDescription("What is reserved.")
        List<Amount> resources) {

    public ReservedResources {
        reservations = Copies.of(reservations);
        resources = Copies.of(resources);
    }

    /** One layer; Mesos' {@code Resource.ReservationInfo}. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Reservation(
            @Required
            @JsonPropertyDescription(
                    "Dynamic ones were made by a client or an operator, who may undo them; Static ones are the pool's.")
            Type type,

            @Required @Size(max = 1024) @JsonPropertyDescription("The role that it is for, as Mesos writes it.")
            String role,

            @Size(max = 1024) @JsonPropertyDescription("Who made it.") @Nullable
            String principal,

            @Entries(max = 64)
            @JsonInclude(JsonInclude.Include.NON_EMPTY)
            @JsonPropertyDescription("Notes of whoever made it.")
            List<Label> labels) {
        public Reservation {
            labels = Copies.of(labels);
        }
    }

    /** How a reservation came to be. */
    public enum Type {
        @JsonProperty("Static")
        STATIC,
        @JsonProperty("Dynamic")
        DYNAMIC
    }

    /** A note on a reservation; keys may repeat, and either part may be empty. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Label(
            @Required @Size(max = 1024) @JsonPropertyDescription("The label's key.")
            String key,

            @Size(max = 1024) @JsonPropertyDescription("The label's value; left out when it has none.") @Nullable
            String value) {}

    /** Disk whose content outlives tasks. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Volume(
            @Required @Size(max = 1024) @JsonPropertyDescription("Unique among the volumes of its role on the agent.")
            String id,

            @Size(max = 1024) @JsonPropertyDescription("Who made it.") @Nullable
            String principal,

            @Required @Size(max = 1024) @JsonPropertyDescription("Where tasks find it.")
            String containerPath,

            @Required
            @Size(max = 20)
            @Pattern("^[0-9]{1,16}(\\.[0-9]{1,3})?$")
            @JsonPropertyDescription("Its size in MiB: a decimal.")
            String size) {}

    /** One resource of a name: a decimal, ranges, or a set. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Amount(
            @Required @Size(max = 253) @JsonPropertyDescription("The resource's name in Mesos, such as cpus or ports.")
            String name,

            @Size(max = 20)
            @Pattern("^[0-9]{1,16}(\\.[0-9]{1,3})?$")
            @JsonPropertyDescription("The amount as a decimal in Mesos' units: cores, and MiB of memory and disk.")
            @Nullable
            String scalar,

            @Entries(max = 1024, maxLength = 41, pattern = "^[0-9]{1,19}-[0-9]{1,19}$")
            @JsonPropertyDescription("The numbers as ranges that include both ends, such as 31000-31005.")
            List<String> ranges,

            @Entries(max = 1024, maxLength = 1024) @JsonPropertyDescription("The members of a set.")
            List<String> items) {
        public Amount {
            ranges = Copies.of(ranges);
            items = Copies.of(items);
        }
    }
}
