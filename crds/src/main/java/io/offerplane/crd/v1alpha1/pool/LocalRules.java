package io.offerplane.crd.v1alpha1.pool;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.ValidationRule;
import io.offerplane.crd.schema.Entries;
import io.offerplane.crd.schema.ListSet;
import io.offerplane.crd.v1alpha1.common.Copies;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether programs on a pool's nodes, such as YARN's node side, may have containers started in the claim. Whoever may can run programs as any user of
 * a container's root filesystem, so it is off unless it is turned on.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record LocalRules(
        @Default("false")
        @JsonPropertyDescription(
                "Whether they are heard, at the socket /run/offerplane/containers.sock of each node. Turning it off ends the containers that they have started.")
        @Nullable
        Boolean enabled,

        @Entries(max = 16, min = 1, maxLength = 9, pattern = "^(root|[1-9][0-9]*)$")
        @ListSet
        @Default("[\"root\"]")
        @JsonPropertyDescription("The users whose processes are heard: root, or numbers of others.")
        List<String> users,

        @Entries(max = 32, maxLength = 253, pattern = NodeFolders.PATTERN)
        @ListSet
        @ValidationRule(value = NodeFolders.RULE, message = "localContainers.folders " + NodeFolders.MESSAGE)
        @JsonPropertyDescription(
                "Folders of the node that volumes of such containers may come from, beside those of containers.volumeFolders, with all below them. They are made where a node has none.")
        List<String> folders) {

    public LocalRules {
        users = Copies.of(users);
        folders = Copies.of(folders);
    }
}
