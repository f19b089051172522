package io.offerplane.crd.v1alpha1.queue;

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
import io.fabric8.kubernetes.api.model.Quantity;
import io.offerplane.crd.schema.Entries;
import io.offerplane.crd.v1alpha1.common.Copies;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the queue stands in the tree, how much it weighs against its siblings, what it is sure of and what it may have at most.
 *
 * @param mesosRole only where the role can't be told from the path
 * @param guarantees by resource, with all queues below; within those of the parent
 * @param reclaimGraceSeconds null to leave it to the queue above
 * @param ordering null for fair order
 * @param users null where users are not told apart
 * @param limits by resource, with all queues below; 0 allows none, and a resource without one is not limited
 */
@JsonClassDescription(
        "Where the queue stands in the tree, how much it weighs against its siblings, what it is sure of and what it may have at most.")
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "has(self.mesosRole) == has(oldSelf.mesosRole)",
        fieldPath = ".mesosRole",
        message =
                "mesosRole can't be added or removed later: make another Queue, move the frameworks there, then delete this one")
@ValidationRule(
        value = "self.path != 'root' || !has(self.mesosRole)",
        fieldPath = ".mesosRole",
        message = "the root queue has no role of its own: leave mesosRole out")
@ValidationRule(
        value = "self.path != 'root' || (!has(self.guarantees) && !has(self.limits))",
        message =
                "the root queue is the whole cluster: leave guarantees and limits out, and set them on the queues below it")
@ValidationRule(
        value =
                "!has(self.guarantees) || !has(self.limits) || self.guarantees.all(r, !(r in self.limits) || quantity(string(self.guarantees[r])).compareTo(quantity(string(self.limits[r]))) <= 0)",
        fieldPath = ".guarantees",
        message = "guarantees must not be above limits for any resource: lower the guarantee or raise the limit")
public record QueueSpec(
        @Required
        @Size(max = 253)
        @Pattern("^root(\\.[A-Za-z0-9_][A-Za-z0-9_-]*)*$")
        @ValidationRule(
                value = "self == oldSelf",
                message = "path can't be changed: make another Queue, move the frameworks there, then delete this one")
        @JsonPropertyDescription(
                "Where it stands in the tree, such as root.team-a.batch. Its parent must have a Queue object too.")
        String path,

        @Size(min = 1, max = 253)
        @Pattern("^([^/\\s*.-][^/\\s]*)(/[^/\\s*.-][^/\\s]*)*$")
        @ValidationRule(
                value = "self == oldSelf",
                message =
                        "mesosRole can't be changed: make another Queue, move the frameworks there, then delete this one")
        @JsonPropertyDescription(
                "The Mesos role, where it differs from the path without root and with slashes for dots, such as for a role with a dot in it.")
        @Nullable
        String mesosRole,

        @Default("1")
        @Size(max = 16)
        @Pattern("^[0-9]{1,9}(\\.[0-9]{1,3})?$")
        @ValidationRule(
                value = "self.matches('[1-9]')",
                message = "weight must be above 0, such as \"2\" for twice a sibling's share")
        @JsonPropertyDescription(
                "Share against its siblings: with endless demand, a queue of weight 2 holds twice as much as one of weight 1. Above 0, at most three decimals.")
        @Nullable
        String weight,

        @Entries(max = 16, maxLength = 32)
        @ValidationRule(
                value =
                        "self.all(r, isQuantity(string(self[r])) && quantity(string(self[r])).isGreaterThan(quantity('0')) && quantity(string(self[r])).isLessThan(quantity(r in ['memory', 'ephemeral-storage'] ? '1E' : '1T')))",
                message =
                        "guarantees must be quantities above 0 and below 1T (memory and ephemeral-storage: below 1E), such as cpu: 40 and memory: 160Gi")
        @ValidationRule(
                value = "self.all(r, r != '' && r.size() <= 63 && !(r in ['cpus', 'mem', 'disk', 'gpus', 'ports']))",
                message =
                        "guarantees takes Kubernetes' names of at most 63 characters: cpu, memory, ephemeral-storage, nvidia.com/gpu, or a resource of your own; ports can't be counted")
        @JsonPropertyDescription(
                "What it is sure of with all below it, by resource: as long as it holds less, others aren't offered what it lacks. Those of a queue's children must fit within its own. More than the cluster has is accepted, and comes as agents do.")
        Map<String, Quantity> guarantees,

        @Entries(max = 16, maxLength = 32)
        @ValidationRule(
                value =
                        "self.all(r, isQuantity(string(self[r])) && !quantity(string(self[r])).isLessThan(quantity('0')) && quantity(string(self[r])).isLessThan(quantity(r in ['memory', 'ephemeral-storage'] ? '1E' : '1T')))",
                message =
                        "limits must be quantities of 0 or more and below 1T (memory and ephemeral-storage: below 1E), such as cpu: 40 and memory: 160Gi")
        @ValidationRule(
                value = "self.all(r, r != '' && r.size() <= 63 && !(r in ['cpus', 'mem', 'disk', 'gpus', 'ports']))",
                message =
                        "limits takes Kubernetes' names of at most 63 characters: cpu, memory, ephemeral-storage, nvidia.com/gpu, or a resource of your own; ports can't be counted")
        @JsonPropertyDescription(
                "What it may have at most with all below it, by resource; reservations count, used or not. A lowered limit takes offers back, and leaves tasks.")
        Map<String, Quantity> limits,

        @Min(0)
        @Max(86400)
        @JsonPropertyDescription(
                "Lets tasks here be ended when a queue elsewhere wants more, has less than it is guaranteed, and this one and those above it keep what they are guaranteed: how many seconds tasks are left after they were told. Without it the queue above decides; without any, only offers are taken back.")
        @Nullable
        Integer reclaimGraceSeconds,

        @Default("Fair")
        @JsonPropertyDescription(
                "In which order frameworks of this queue itself choose: Fair lets the one that holds least choose first, Fifo the one that came first.")
        @Nullable
        Ordering ordering,

        @JsonPropertyDescription(
                "What the users of frameworks in this queue itself may have of what it has: its guarantees, else its limits, else all there is. Without it users are not told apart.")
        @Nullable
        Users users) {
    public QueueSpec {
        guarantees = Copies.of(guarantees);
        limits = Copies.of(limits);
    }

    /** In which order frameworks of a queue choose. */
    public enum Ordering {
        @JsonProperty("Fair")
        FAIR,
        @JsonProperty("Fifo")
        FIFO
    }

    /**
     * What users may have of a queue.
     *
     * @param minimumPercent null for 100, which is no such rule
     * @param limitPercent null for no limit
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Users(
            @Default("100")
            @Min(1)
            @Max(100)
            @JsonPropertyDescription(
                    "What each user is sure of while several want something, in percent of what the queue has. With 25 and two users each has half, with five or more each a quarter as they come. 100 for no such rule.")
            @Nullable
            Integer minimumPercent,

            @Min(1)
            @Max(100000)
            @JsonPropertyDescription(
                    "The most that one user ever holds, in percent of what the queue is guaranteed, or may have where it is guaranteed nothing.")
            @Nullable
            Integer limitPercent) {}
}
