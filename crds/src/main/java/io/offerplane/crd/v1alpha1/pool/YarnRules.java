package io.offerplane.crd.v1alpha1.pool;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;
import io.offerplane.crd.schema.Entries;
import io.offerplane.crd.schema.ListSet;
import io.offerplane.crd.v1alpha1.common.Copies;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Whether a pool's nodes run containers of YARN's. They do where the chart has YARN, unless the pool says otherwise. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record YarnRules(
        @Default("true")
        @JsonPropertyDescription(
                "Whether YARN's node side runs beside each agent shim. It does only where YARN is enabled in the chart. With it, programs of user 61080 may have containers started, as localContainers says of others, and folders below /var/lib/offerplane-yarn are mounted in them.")
        @Nullable
        Boolean enabled,

        @Entries(max = 32, maxLength = 253, pattern = NodeFolders.PATTERN)
        @ListSet
        @ValidationRule(value = NodeFolders.RULE, message = "yarn.folders " + NodeFolders.MESSAGE)
        @JsonPropertyDescription(
                "Folders of the node that all applications may read and write, at the same path in each container: those of a file system that all nodes share. Only from there are files of the scheme file fetched for containers.")
        List<String> folders,

        @Entries(max = 2, maxLength = 32)
        @Default("{\"cpu\": \"100m\", \"memory\": \"320Mi\"}")
        @JsonPropertyDescription("What YARN's node side itself requests of each node.")
        Map<String, Quantity> requests,

        @Entries(max = 2, maxLength = 32)
        @JsonPropertyDescription("What YARN's node side itself may use at most. Left out, no limit.")
        Map<String, Quantity> limits) {

    public YarnRules {
        folders = Copies.of(folders);
        requests = Copies.of(requests);
        limits = Copies.of(limits);
    }
}
