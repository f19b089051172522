package io.offerplane.crd.v1alpha1.queue;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * Where the queue stands in the tree and how much it weighs against its siblings.
 *
 * @param mesosRole only where the role can't be told from the path
 */
@JsonClassDescription("Where the queue stands in the tree, and how much it weighs against its siblings.")
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
        String weight) {}
