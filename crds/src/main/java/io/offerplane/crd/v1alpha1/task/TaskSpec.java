package io.offerplane.crd.v1alpha1.task;

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
import io.fabric8.kubernetes.model.annotation.SpecReplicas;
import io.offerplane.crd.schema.Entries;
import io.offerplane.crd.schema.ListMap;
import io.offerplane.crd.schema.ListSet;
import io.offerplane.crd.v1alpha1.common.Copies;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is run, how often, with what, and what happens when it ends. */
@JsonClassDescription("What is run, how often, with what, and what happens when it ends.")
@JsonIgnoreProperties(ignoreUnknown = true)
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value =
                "!has(self.restart) || !has(self.restart.policy) || self.restart.policy != 'Always' || !has(self.ttlAfterFinishedSeconds)",
        fieldPath = ".ttlAfterFinishedSeconds",
        message = "a task with restart.policy Always never finishes: leave ttlAfterFinishedSeconds out")
public record TaskSpec(
        @Default("root.default")
        @Size(max = 253)
        @Pattern("^root(\\.[A-Za-z0-9_][A-Za-z0-9_-]*)*$")
        @ValidationRule(value = "self == oldSelf", message = "queue can't be changed: make another Task there")
        @ValidationRule(
                value = "self != 'root'",
                message =
                        "the root queue has no role, so nothing can run in it: leave queue out for root.default, or name a queue below root")
        @JsonPropertyDescription("The queue whose share pays for it. root.default stands for Mesos' role *.")
        @Nullable
        String queue,

        @Default("1")
        @Min(0)
        @Max(1000)
        @SpecReplicas
        @JsonPropertyDescription("How many copies run at once.")
        @Nullable
        Integer instances,

        @Required
        @JsonPropertyDescription("What is run. A change takes effect when an instance is started the next time.")
        CommandSettings command,

        @Size(max = 64)
        @Pattern("^[A-Za-z_][A-Za-z0-9_-]*$")
        @JsonPropertyDescription("The user that it runs as. Left out, the built-in framework's, root.")
        @Nullable
        String user,

        @Entries(max = 128) @ListMap("name") @JsonPropertyDescription("Its environment.")
        List<EnvironmentVariable> env,

        @Entries(max = 32)
        @ListMap("uri")
        @JsonPropertyDescription("Files that are fetched into its sandbox before it starts.")
        List<Artifact> artifacts,

        @Default("{\"cpu\": \"100m\", \"memory\": \"64Mi\"}")
        @Entries(max = 16, maxLength = 32)
        @ValidationRule(value = "'cpu' in self && 'memory' in self", message = "resources needs both cpu and memory")
        @ValidationRule(
                value =
                        "self.all(r, isQuantity(string(self[r])) && quantity(string(self[r])).isGreaterThan(quantity('0')))",
                message = "resources must be quantities above 0, such as cpu: 500m")
        @JsonPropertyDescription(
                "What each instance gets, and is held to: cpu, memory, ephemeral-storage, nvidia.com/gpu.")
        Map<String, Quantity> resources,

        @Entries(max = 16) @ListMap("name") @JsonPropertyDescription("Ports of the node that each instance gets.")
        List<Port> ports,

        @Default("{}") @JsonPropertyDescription("Where instances may run.") @Nullable
        Placement placement,

        @Default("{}") @JsonPropertyDescription("How an instance is ended.") @Nullable
        KillSettings kill,

        @Default("{}") @JsonPropertyDescription("What happens when an instance ends.") @Nullable
        RestartSettings restart,

        @Min(1)
        @Max(31536000)
        @JsonPropertyDescription("After how many seconds from its start an instance is killed, as failed.")
        @Nullable
        Long deadlineSeconds,

        @Min(0)
        @Max(31536000)
        @JsonPropertyDescription("How many seconds after its end the object is deleted. Left out, never.")
        @Nullable
        Long ttlAfterFinishedSeconds,

        @Default("Running")
        @ValidationRule(
                value = "oldSelf != 'Killed' || self == 'Killed'",
                message = "desired: Killed is for good: make another Task to run it again")
        @JsonPropertyDescription(
                "Running runs it; Held starts nothing new and lets running instances be; Killed ends all instances for good.")
        @Nullable
        Desired desired) {

    public TaskSpec {
        env = Copies.of(env);
        artifacts = Copies.of(artifacts);
        resources = Copies.of(resources);
        ports = Copies.of(ports);
    }

    /** What a user wants of the task. */
    public enum Desired {
        @JsonProperty("Running")
        RUNNING,
        @JsonProperty("Held")
        HELD,
        @JsonProperty("Killed")
        KILLED
    }

    /** Exactly one of both. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @ValidationRule(
            value = "has(self.shell) != has(self.argv)",
            message = "command needs exactly one of shell and argv")
    public record CommandSettings(
            @Size(min = 1, max = 32768) @JsonPropertyDescription("A line for /bin/sh -c.") @Nullable
            String shell,

            @Entries(max = 256, min = 1, maxLength = 4096)
            @JsonPropertyDescription("A program and its arguments, without a shell.")
            List<String> argv) {
        public CommandSettings {
            argv = Copies.of(argv);
        }
    }

    /** One variable. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record EnvironmentVariable(
            @Required
            @Size(min = 1, max = 253)
            @Pattern("^[A-Za-z_][A-Za-z0-9_.-]*$")
            @JsonPropertyDescription("Its name.")
            String name,

            @Required
            @Size(max = 4096)
            @JsonPropertyDescription("Its value, as it is. Not for secrets: whoever may read the Task may read it.")
            String value) {}

    /** A file that is fetched before the start. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Artifact(
            @Required @Size(min = 1, max = 2048) @JsonPropertyDescription("From where: http, https, ftp or file.")
            String uri,

            @Default("true") @JsonPropertyDescription("Whether an archive is unpacked.") @Nullable
            Boolean extract,

            @Default("false")
            @JsonPropertyDescription("Whether the file is made executable, in which case it isn't unpacked.")
            @Nullable
            Boolean executable,

            @Size(max = 253)
            @JsonPropertyDescription("Its name in the sandbox, where it differs from the URI's last part.")
            @Nullable
            String outputFile) {}

    /** A port of the node. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Port(
            @Required
            @Size(min = 1, max = 63)
            @Pattern("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")
            @JsonPropertyDescription(
                    "Its name. The instance finds the number in the environment as PORT_<NAME>, and the first also as PORT0.")
            String name,

            @Default("0")
            @Min(0)
            @Max(65535)
            @JsonPropertyDescription("Its number; 0 takes any of those that are offered.")
            @Nullable
            Integer number) {}

    /** Where instances may run. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record Placement(
            @Entries(max = 16)
            @ListMap({"name", "operator"})
            @JsonPropertyDescription("What a node's attributes must say.")
            List<AttributeRule> attributes,

            @Default("None") @JsonPropertyDescription("Hostname puts at most one instance on each node.") @Nullable
            SpreadBy spreadBy,

            @Entries(max = 32, maxLength = 63)
            @ListSet
            @JsonPropertyDescription("The pools whose nodes it may run on; empty for all.")
            List<String> pools) {
        public Placement {
            attributes = Copies.of(attributes);
            pools = Copies.of(pools);
        }
    }

    /** How instances keep apart. */
    public enum SpreadBy {
        @JsonProperty("None")
        NONE,
        @JsonProperty("Hostname")
        HOSTNAME
    }

    /** A rule on one attribute. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @ValidationRule(
            value =
                    "self.operator in ['In', 'NotIn'] ? (has(self.values) && self.values.size() > 0) : !has(self.values)",
            message = "In and NotIn need values; Exists and DoesNotExist take none")
    public record AttributeRule(
            @Required @Size(min = 1, max = 253) @JsonPropertyDescription("The attribute's name.")
            String name,

            @Required @JsonPropertyDescription("In, NotIn, Exists or DoesNotExist.")
            Operator operator,

            @Entries(max = 64) @ListSet @JsonPropertyDescription("The values for In and NotIn, compared as text.")
            List<String> values) {
        public AttributeRule {
            values = Copies.of(values);
        }
    }

    /** How an attribute is compared. */
    public enum Operator {
        @JsonProperty("In")
        IN,
        @JsonProperty("NotIn")
        NOT_IN,
        @JsonProperty("Exists")
        EXISTS,
        @JsonProperty("DoesNotExist")
        DOES_NOT_EXIST
    }

    /** How an instance is ended. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    public record KillSettings(
            @Default("3")
            @Min(0)
            @Max(86400)
            @JsonPropertyDescription("The seconds between SIGTERM and SIGKILL.")
            @Nullable
            Long graceSeconds) {}

    /** What happens when an instance ends. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @ValidationRule(
            value =
                    "!has(self.backoffSeconds) || !has(self.backoffMaxSeconds) || self.backoffSeconds <= self.backoffMaxSeconds",
            message = "restart.backoffSeconds must not be above restart.backoffMaxSeconds")
    public record RestartSettings(
            @Default("OnFailure")
            @JsonPropertyDescription(
                    "OnFailure starts an instance again when it failed or was lost; Always also when it finished; Never not at all.")
            @Nullable
            RestartPolicy policy,

            @Default("1")
            @Min(0)
            @Max(86400)
            @JsonPropertyDescription("The seconds before the first restart; doubled with each that follows.")
            @Nullable
            Long backoffSeconds,

            @Default("300")
            @Min(0)
            @Max(86400)
            @JsonPropertyDescription("The longest that a restart is put off, in seconds.")
            @Nullable
            Long backoffMaxSeconds,

            @Default("5")
            @Min(0)
            @Max(1000000)
            @JsonPropertyDescription(
                    "How many times an instance is started again; lost instances don't count. 0 for without end.")
            @Nullable
            Integer maxRestarts) {}

    /** When an instance is started again. */
    public enum RestartPolicy {
        @JsonProperty("Never")
        NEVER,
        @JsonProperty("OnFailure")
        ON_FAILURE,
        @JsonProperty("Always")
        ALWAYS
    }
}
