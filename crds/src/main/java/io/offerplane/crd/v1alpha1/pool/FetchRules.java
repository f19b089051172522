package io.offerplane.crd.v1alpha1.pool;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
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
import io.offerplane.crd.schema.ListMap;
import io.offerplane.crd.schema.ListSet;
import io.offerplane.crd.v1alpha1.common.Copies;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the files of tasks ({@code CommandInfo.uris}) come from, and how much of them a node keeps. */
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record FetchRules(
        @Entries(max = 32, maxLength = 253, pattern = NodeFolders.PATTERN)
        @ListSet
        @ValidationRule(value = NodeFolders.RULE, message = "fetch.folders " + NodeFolders.MESSAGE)
        @JsonPropertyDescription("Folders of the node that file: URIs may read, with all below them. None by default.")
        List<String> folders,

        @Default("2Gi")
        @JsonPropertyDescription("What URIs with cache keep on each node's disk; 0 for nothing.")
        @ValidationRule(
                value = "isQuantity(string(self)) && !quantity(string(self)).isLessThan(quantity('0'))",
                message = "fetch.cacheSize must be a quantity of 0 or more, such as 2Gi")
        @Nullable
        Quantity cacheSize,

        @Default("64Gi")
        @JsonPropertyDescription("What the files of one task may take, packed and unpacked.")
        @ValidationRule(
                value = "isQuantity(string(self)) && quantity(string(self)).isGreaterThan(quantity('0'))",
                message = "fetch.maxSize must be a quantity above 0, such as 64Gi")
        @Nullable
        Quantity maxSize,

        @Default("4") @Min(1) @Max(64) @JsonPropertyDescription("Downloads of one task at one time.") @Nullable
        Integer parallel,

        @Default("60")
        @Min(1)
        @Max(86400)
        @JsonPropertyDescription("A download fails after so many seconds without a byte.")
        @Nullable
        Integer stallSeconds,

        @JsonPropertyDescription("The store of s3://, s3a:// and s3n:// URIs. Left out, AWS with public objects only.")
        @Nullable
        S3 s3,

        @JsonPropertyDescription("The file systems of hdfs:// URIs, read over WebHDFS.") @Nullable
        Hdfs hdfs) {

    public FetchRules {
        folders = Copies.of(folders);
    }

    /** A store of the S3 kind. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record S3(
            @Size(max = 253)
            @Pattern("^https?://[A-Za-z0-9.:\\[\\]_-]+/?$")
            @JsonPropertyDescription(
                    "The store's address, such as https://minio.storage:9000. Left out, AWS in the region.")
            @Nullable
            String endpoint,

            @Default("us-east-1")
            @Size(max = 63)
            @Pattern("^[a-z0-9-]+$")
            @JsonPropertyDescription("The region that requests are signed for.")
            @Nullable
            String region,

            @JsonPropertyDescription(
                    "A key of a Secret in the operator's namespace, in the form of AWS' credentials file. All tasks of the pool read with it.")
            @Nullable
            SecretKey credentials) {}

    /** Hadoop file systems. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Hdfs(
            @Entries(max = 16)
            @ListMap("name")
            @JsonPropertyDescription(
                    "Where the name nodes of a file system answer WebHDFS. One that isn't listed is asked at port 9870 of the URI's host.")
            List<NameNodes> nameNodes,

            @Default("root")
            @Size(max = 63)
            @Pattern("^[A-Za-z0-9_][A-Za-z0-9._@/-]*$")
            @JsonPropertyDescription("Who asks, where Hadoop takes a name for it.")
            @Nullable
            String user,

            @JsonPropertyDescription(
                    "A key of a Secret in the operator's namespace with a delegation token, which takes the user's place.")
            @Nullable
            SecretKey token) {
        public Hdfs {
            nameNodes = Copies.of(nameNodes);
        }
    }

    /** One file system's name nodes. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record NameNodes(
            @Required
            @Size(max = 253)
            @Pattern("^[A-Za-z0-9._:-]+$")
            @JsonPropertyDescription("What hdfs:// URIs call the file system: a name service, or host and port.")
            String name,

            @Required
            @Entries(max = 8, min = 1, pattern = "^https?://[A-Za-z0-9.:\\[\\]_-]+$")
            @JsonPropertyDescription("http://host:port or https://host:port of each.")
            List<String> addresses) {
        public NameNodes {
            addresses = Copies.of(addresses);
        }
    }

    /** One key of a Secret. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record SecretKey(
            @Required
            @Size(max = 253)
            @Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
            @JsonPropertyDescription("The Secret's name.")
            String name,

            @Required @Size(max = 253) @Pattern("^[-._a-zA-Z0-9]+$") @JsonPropertyDescription("The key in it.")
            String key) {}
}
