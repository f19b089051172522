package io.offerplane.crd.v1alpha1.pool;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Toleration;
import io.offerplane.crd.schema.Entries;
import io.offerplane.crd.schema.ListMap;
import io.offerplane.crd.v1alpha1.common.Copies;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which nodes, how much of each, and what frameworks are told of them. */
@JsonClassDescription("Which nodes, how much of each, and what frameworks are told of them.")
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record AgentPoolSpec(
        @Default("{}")
        @JsonPropertyDescription(
                "The nodes, by their labels. Empty selects every node. A node that two pools select stays with the older pool.")
        @Nullable
        LabelSelector nodeSelector,

        @Entries(max = 32)
        @JsonPropertyDescription(
                "Taints that the claim and the agent shim tolerate. A node with a NoSchedule or NoExecute taint that isn't tolerated isn't offered.")
        List<Toleration> tolerations,

        @Default("{}") @JsonPropertyDescription("How much of each node is claimed.") @Nullable
        ClaimSettings claim,

        @Entries(max = 16, min = 1, maxLength = 11, pattern = "^[0-9]{1,5}(-[0-9]{1,5})?$")
        @Default("[\"31000-32000\"]")
        @ValidationRule(
                value =
                        "self.all(r, r.split('-').all(p, int(p) >= 1 && int(p) <= 65535) && int(r.split('-')[0]) <= int(r.split('-')[r.split('-').size() - 1]))",
                message = "ports must be ranges of 1 to 65535 with the lower port first, such as \"31000-32000\"")
        @JsonPropertyDescription("The node's ports that are offered, as ranges.")
        List<String> ports,

        @Entries(max = 64)
        @ListMap("name")
        @JsonPropertyDescription("What frameworks are told of each node, beside its resources.")
        List<NodeAttribute> attributes,

        @Default("{}") @JsonPropertyDescription("Which labels of a node say where it stands.") @Nullable
        FaultDomainLabels faultDomain,

        @Default("NodeName")
        @JsonPropertyDescription(
                "What frameworks reach a node by: its name, or its internal address where names don't resolve.")
        @Nullable
        HostnameSource hostname,

        @Default("{}") @JsonPropertyDescription("What happens when a node is to be emptied.") @Nullable
        Maintenance maintenance,

        @Default("{}") @JsonPropertyDescription("How the agent shim's pods are made.") @Nullable
        AgentTemplate agentTemplate,

        @Default("{}") @JsonPropertyDescription("What tasks may ask of their containers.") @Nullable
        ContainerRules containers,

        @Default("{}") @JsonPropertyDescription("Where tasks' files come from.") @Nullable
        FetchRules fetch,

        @Default("{}") @JsonPropertyDescription("Where tasks' images come from.") @Nullable
        ImageRules images,

        @Default("{}")
        @JsonPropertyDescription("Whether programs of the nodes, such as YARN's, may have containers started.")
        @Nullable
        LocalRules localContainers,

        @Default("{}")
        @JsonPropertyDescription("Whether nodes run containers of YARN's, where the chart has YARN.")
        @Nullable
        YarnRules yarn,

        @Default("{}") @JsonPropertyDescription("How the agent shim's pods are replaced.") @Nullable
        UpdateStrategy updateStrategy) {

    public AgentPoolSpec {
        tolerations = Copies.of(tolerations);
        ports = Copies.of(ports);
        attributes = Copies.of(attributes);
    }

    /** What frameworks reach a node by. */
    public enum HostnameSource {
        @JsonProperty("NodeName")
        NODE_NAME,
        @JsonProperty("InternalAddress")
        INTERNAL_ADDRESS
    }

    /**
     * Bounds of the claim on each node. Within them it takes what other pods leave.
     *
     * @param keepFree of each node for pods yet to come
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @ValidationRule(
            value =
                    "!has(self.max) || !has(self.min) || self.min.all(r, !(r in self.max) || quantity(string(self.min[r])).compareTo(quantity(string(self.max[r]))) <= 0)",
            message = "claim.min must not be above claim.max for any resource")
    public record ClaimSettings(
            @Entries(max = 2, maxLength = 32)
            @Default("{\"cpu\": \"100m\", \"memory\": \"128Mi\"}")
            @ValidationRule(
                    value = "self.all(r, r in ['cpu', 'memory'])",
                    message = "claim.min takes cpu and memory only")
            @ValidationRule(
                    value =
                            "self.all(r, isQuantity(string(self[r])) && quantity(string(self[r])).isGreaterThan(quantity('0')))",
                    message = "claim.min amounts must be quantities above 0")
            @JsonPropertyDescription(
                    "The least that is claimed of a node, even when other pods wait. A node with less room isn't offered.")
            Map<String, Quantity> min,

            @Entries(max = 2, maxLength = 32)
            @ValidationRule(
                    value = "self.all(r, r in ['cpu', 'memory'])",
                    message = "claim.max takes cpu and memory only")
            @ValidationRule(
                    value =
                            "self.all(r, isQuantity(string(self[r])) && quantity(string(self[r])).isGreaterThan(quantity('0')))",
                    message = "claim.max amounts must be quantities above 0")
            @JsonPropertyDescription("The most that is claimed of a node. Left out, all that other pods leave.")
            Map<String, Quantity> max,

            @Entries(max = 2, maxLength = 32)
            @Default("{\"cpu\": \"250m\", \"memory\": \"384Mi\"}")
            @ValidationRule(
                    value = "self.all(r, r in ['cpu', 'memory'])",
                    message = "claim.keepFree takes cpu and memory only")
            @ValidationRule(
                    value =
                            "self.all(r, isQuantity(string(self[r])) && !quantity(string(self[r])).isLessThan(quantity('0')))",
                    message = "claim.keepFree amounts must be quantities of 0 or more")
            @JsonPropertyDescription(
                    "What is left unclaimed on each node for pods yet to come. The default is what an operator's pod requests, so that a rolling upgrade needn't wait for claim to be given back.")
            Map<String, Quantity> keepFree,

            @Default("10Gi")
            @JsonPropertyDescription(
                    "Disk that is offered on each node, at most what its file system has (ephemeral-storage).")
            @Nullable
            Quantity disk,

            @Default("WhenPodsWait")
            @JsonPropertyDescription(
                    "WhenPodsWait gives idle claim back when pods can't be scheduled for want of cpu or memory; Never keeps it. Running tasks never lose any.")
            @Nullable
            GiveBack giveBack) {
        public ClaimSettings {
            min = Copies.of(min);
            max = Copies.of(max);
            keepFree = Copies.of(keepFree);
        }
    }

    /** When idle claim goes back to Kubernetes. */
    public enum GiveBack {
        @JsonProperty("WhenPodsWait")
        WHEN_PODS_WAIT,
        @JsonProperty("Never")
        NEVER
    }

    /** A fact about each node that frameworks choose by. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @ValidationRule(
            value = "has(self.fromLabel) != has(self.value)",
            message = "an attribute needs exactly one of fromLabel and value")
    public record NodeAttribute(
            @Required @Size(min = 1, max = 253) @JsonPropertyDescription("The attribute's name.")
            String name,

            @Size(max = 317)
            @JsonPropertyDescription(
                    "The node label whose value it takes. Nodes without the label don't have the attribute.")
            @Nullable
            String fromLabel,

            @Size(max = 253) @JsonPropertyDescription("The same value on every node.") @Nullable
            String value,

            @Default("Text")
            @JsonPropertyDescription("How the value is read: Text as it is, Scalar as a number.")
            @Nullable
            ValueType type) {}

    /** How an attribute's value is read. */
    public enum ValueType {
        @JsonProperty("Text")
        TEXT,
        @JsonProperty("Scalar")
        SCALAR
    }

    /** The labels that say where a node stands; a node that lacks one has no fault domain. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record FaultDomainLabels(
            @Default("topology.kubernetes.io/region")
            @Size(max = 317)
            @JsonPropertyDescription("Label with the region.")
            @Nullable
            String regionLabel,

            @Default("topology.kubernetes.io/zone")
            @Size(max = 317)
            @JsonPropertyDescription("Label with the zone.")
            @Nullable
            String zoneLabel) {}

    /** What happens when a node is to be emptied. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Maintenance(
            @Default("StopOffers")
            @JsonPropertyDescription(
                    "What kubectl cordon does: StopOffers takes back the node's offers, makes no new ones and asks frameworks to leave; tasks stay until they do. Ignore goes on offering.")
            @Nullable
            OnCordon onCordon) {}

    /** What a cordon does. */
    public enum OnCordon {
        @JsonProperty("StopOffers")
        STOP_OFFERS,
        @JsonProperty("Ignore")
        IGNORE
    }

    /** How the shim's pods are made. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record AgentTemplate(
            @Size(max = 253) @JsonPropertyDescription("Priority class of the shim and the claim.") @Nullable
            String priorityClassName,

            @Entries(max = 2, maxLength = 32)
            @Default("{\"cpu\": \"50m\", \"memory\": \"128Mi\"}")
            @JsonPropertyDescription("What the shim itself requests of each node.")
            Map<String, Quantity> requests,

            @Entries(max = 2, maxLength = 32)
            @JsonPropertyDescription("What the shim itself may use at most. Left out, no limit.")
            Map<String, Quantity> limits) {
        public AgentTemplate {
            requests = Copies.of(requests);
            limits = Copies.of(limits);
        }
    }

    /** How the shim's pods are replaced; tasks run on meanwhile. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record UpdateStrategy(
            @Default("10%")
            @Size(max = 8)
            @Pattern("^([1-9][0-9]{0,3}|[1-9][0-9]?%|100%)$")
            @JsonPropertyDescription("How many shims may be replaced at once: a number, or a share such as 10%.")
            @Nullable
            String maxUnavailable) {}
}
