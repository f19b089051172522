package io.offerplane.crd.v1alpha1.pool;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.offerplane.crd.schema.Entries;
import io.offerplane.crd.schema.ListSet;
import io.offerplane.crd.v1alpha1.common.Copies;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the images of tasks ({@code ContainerInfo}) come from. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ImageRules(
        @Default("docker.io")
        @Size(max = 253)
        @Pattern(ImageRules.REGISTRY)
        @JsonPropertyDescription("The registry of images whose name has none, as host or host:port.")
        @Nullable
        String registry,

        @Entries(max = 32, maxLength = 253, pattern = ImageRules.REGISTRY)
        @ListSet
        @JsonPropertyDescription(
                "Registries that are asked without TLS, or whose certificate nobody vouches for, as host or host:port. None by default.")
        List<String> insecureRegistries,

        @Size(max = 253)
        @Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
        @JsonPropertyDescription(
                "A Secret of type kubernetes.io/dockerconfigjson in the operator's namespace. All tasks of the pool pull with it, but those that bring credentials of their own.")
        @Nullable
        String pullSecret) {

    static final String REGISTRY = "^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$";

    public ImageRules {
        insecureRegistries = Copies.of(insecureRegistries);
    }
}
